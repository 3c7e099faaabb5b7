//! The sandbox over TLS: the vendors' hosts, and who is trusted.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use chatapi_sandbox::{Sandbox, Server, ServerOptions, Tls};
use chatapi_transport::{Error, ErrorKind, Gateway, ReqwestTransport, Token};
use chatapi_types::chat_api::{AccountStatus, ChatApi, ReadStatus};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::server::{Client, USUAL, borne_with, sandbox};
use crate::wire::member;

async fn serve(tls: Tls) -> (Sandbox, Server) {
    let sandbox = sandbox();
    let server = sandbox.serve_with(ServerOptions::new().tls(tls)).await.unwrap();
    (sandbox, server)
}

/// A client that trusts this authority only.
fn trusting(pem: &str) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

async fn shake(
    server: &Server,
    pem: &str,
    host: &'static str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let socket = TcpStream::connect(server.tls_socket().unwrap()).await.unwrap();
    trusting(pem).connect(ServerName::try_from(host).unwrap(), socket).await
}

async fn ask(server: &Server, host: &'static str, target: &str) -> String {
    let mut stream = shake(server, server.ca_certificate().unwrap(), host).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn the_vendors_names_lead_to_their_gateways_and_not_to_what_controls_them() {
    let (_sandbox, server) = serve(Tls::default()).await;
    for target in ["/", "/_sandbox/", "/_sandbox/state", "/_world/main/_sandbox/state"] {
        let answer = ask(&server, "api.chat-api.com", target).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{target}: {answer}");
    }
}

#[tokio::test]
async fn every_host_of_the_vendors_leads_here() {
    let (sandbox, server) = serve(Tls::default()).await;
    for host in ["api.chat-api.com", "eu143.chat-api.com", "localhost", "127.0.0.1"] {
        let status = ask(&server, host, "/instance123/status?token=token").await;
        assert!(status.ends_with(r#"{"accountStatus":"authenticated"}"#), "{host}: {status}");
    }
    for host in ["wamm.chat", "1mhub.ru", "app.1mhub.ru"] {
        let sent = ask(&server, host, "/api2/msg_to/T/?phone=79000000001&text=hi").await;
        assert!(sent.contains(r#"{"err":0,"msg_id":"#), "{host}: {sent}");
    }
    // There the functions stand at the root, and instances under another host.
    let functions = "us-central1-app-chat-api-com.cloudfunctions.net";
    let created = ask(&server, functions, "/newInstance?uid=uid&type=whatsapp").await;
    let created = created.split("\r\n\r\n").nth(1).unwrap();
    assert_eq!(member(created, "apiUrl"), "https://api.chat-api.com/instance100001/");
    assert!(sandbox.instance("100001").exists());
    // Elsewhere they stand under their path, and replies name the address that was called.
    let created = ask(&server, "localhost", "/admin/newInstance?uid=uid&type=whatsapp").await;
    assert!(created.contains(r#""apiUrl":"https://localhost/instance100002/""#), "{created}");
}

#[tokio::test]
async fn the_authority_is_not_believed_about_anybody_else() {
    let (_, server) = serve(Tls::default()).await;
    let (_, other) = serve(Tls::default()).await;
    let own = server.ca_certificate().unwrap();
    assert!(!own.contains("PRIVATE"), "the key stays here");
    for (pem, host, why) in [
        (own, "example.com", "certificate not valid for name"),
        (own, "notchat-api.com", "certificate not valid for name"),
        (other.ca_certificate().unwrap(), "api.chat-api.com", "BadSignature"),
    ] {
        let error = shake(&server, pem, host).await.unwrap_err().to_string();
        assert!(error.contains(why) || error.contains("UnknownIssuer"), "{host}: {error}");
    }
    // The server lives on.
    assert!(ask(&server, "localhost", "/instance123/status?token=token").await.contains(" 200 "));
}

fn gateway(at: SocketAddr, pem: Option<&str>) -> Gateway<ChatApi> {
    let options = ReqwestTransport::options().direct();
    let options = match pem {
        Some(pem) => options.root_certificate(pem),
        None => options,
    };
    let address = format!("https://{at}").parse().unwrap();
    Gateway::new(address, ChatApi::path("123"), Token::new("token"), options.build().unwrap())
}

/// Nothing was sent, and it may be tried again without a doubt.
fn assert_is_no_connection(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error:?}");
    assert!(!error.may_have_taken_effect(), "{error:?}");
}

#[tokio::test]
async fn our_own_transport_shakes_hands_with_whom_it_trusts_and_with_nobody_else() {
    let (_, server) = serve(Tls::default()).await;
    let (_, expired) = serve(Tls::default().expired()).await;
    let (_, other) = serve(Tls::default()).await;
    let at = server.tls_socket().unwrap();
    let ca = server.ca_certificate();
    let status = gateway(at, ca).call(&ReadStatus::new()).await.unwrap();
    assert_eq!(status.account_status, AccountStatus::Authenticated);

    // No authority of the system's, and none of another sandbox's, vouches for it.
    for pem in [None, other.ca_certificate()] {
        assert_is_no_connection(&gateway(at, pem).call(&ReadStatus::new()).await.unwrap_err());
    }
    let late = gateway(expired.tls_socket().unwrap(), expired.ca_certificate());
    assert_is_no_connection(&late.call(&ReadStatus::new()).await.unwrap_err());
}

#[tokio::test]
async fn our_own_transport_refuses_a_host_that_the_certificate_does_not_name() {
    // On another loopback address than the certificate is for.
    let (_, server) = serve(Tls::default()).await;
    let at = server.tls_socket().unwrap();
    let elsewhere = tokio::net::TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2), 0)).await.unwrap();
    let alias = elsewhere.local_addr().unwrap();
    let relay = tokio::spawn(async move {
        let (mut from, _) = elsewhere.accept().await.unwrap();
        let mut to = TcpStream::connect(at).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
    });
    let gateway = gateway(alias, server.ca_certificate());
    assert_is_no_connection(&gateway.call(&ReadStatus::new()).await.unwrap_err());
    relay.await.unwrap();
}

#[tokio::test]
async fn who_dawdles_over_the_handshake_is_dropped() {
    let (_sandbox, server) = serve(Tls::default()).await;
    let door = server.tls_socket().unwrap();
    // The longest of hellos has begun.
    let hello = &b"\x16\x03\x01\x40\x00\x01"[..];
    for (beginning, every_second) in [(&b""[..], ""), (hello, ""), (hello, "x")] {
        let mut client = Client(TcpStream::connect(door).await.unwrap());
        client.write(beginning).await;
        tokio::time::pause();
        let (seconds, told) = borne_with(client.0, every_second.as_bytes()).await;
        tokio::time::resume();
        assert!(USUAL.contains(&seconds), "{seconds} s");
        assert!(told.len() < 16, "at most an alert: {told}");
    }
    let mut client = Client(TcpStream::connect(door).await.unwrap());
    client.write("GET / HTTP/1.1\r\n\r\n").await;
    assert!(client.rest().await.len() < 16, "at most an alert");
    // After the handshake, heads have their limit too.
    for every_second in ["", "x"] {
        let stream = shake(&server, server.ca_certificate().unwrap(), "localhost").await.unwrap();
        tokio::time::pause();
        let (seconds, told) = borne_with(stream, every_second.as_bytes()).await;
        tokio::time::resume();
        assert!(USUAL.contains(&seconds), "{seconds} s");
        assert!(told.is_empty() || told.starts_with("HTTP/1.1 408"), "{told}");
    }
}

#[tokio::test]
async fn as_a_proxy_it_leads_to_the_vendors_hosts_and_to_nobody_else() {
    let (sandbox, server) = serve(Tls::default()).await;
    let mut client = Client::of(&server).await;
    let host = "api.chat-api.com";
    client.write(format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n")).await;
    let mut opened = Vec::new();
    while !opened.ends_with(b"\r\n\r\n") {
        opened.push(client.0.read_u8().await.unwrap());
    }
    assert!(opened.starts_with(b"HTTP/1.1 200 "));
    let name = ServerName::try_from(host).unwrap();
    let connector = trusting(server.ca_certificate().unwrap());
    let mut stream = connector.connect(name, client.0).await.unwrap();
    let request = "GET /instance123/sendMessage?token=token&phone=79000000001&body=hi HTTP/1.1\r\nHost: api.chat-api.com\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(answer.contains(r#""sent":true"#), "{answer}");
    assert_eq!(sandbox.instance("123").queue_len(), 1);

    for host in ["example.com:443", "127.0.0.1:22", "notwamm.chat:443"] {
        let mut client = Client::of(&server).await;
        client.write(format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
        let refused = client.rest().await;
        assert!(refused.starts_with("HTTP/1.1 403 "), "{host}: {refused}");
    }
    // Without TLS it is no proxy.
    let plain = sandbox.serve().await.unwrap();
    let mut client = Client::of(&plain).await;
    client.write("CONNECT api.chat-api.com:443 HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(client.rest().await.starts_with("HTTP/1.1 405 "));
}
