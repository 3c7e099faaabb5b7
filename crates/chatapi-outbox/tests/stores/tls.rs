//! A PostgreSQL server that is spoken to over TLS, or not at all.

use chatapi_outbox::store::{PostgresStore, StoreFault};

use crate::server::Server;

/// Certificates in the server's folder, and a server that takes nothing but TLS.
fn server() -> Option<(Server, u16)> {
    // Somebody else may take it in between, and then the server does not start, which is seen.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = Server::own(|folder| {
        let write = |name: &str, text: String| {
            use std::os::unix::fs::PermissionsExt as _;
            let file = folder.join(name);
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
            file.display().to_string()
        };
        let ca = |name: &str| {
            let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
            params.distinguished_name.push(rcgen::DnType::CommonName, name);
            params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
            let key = rcgen::KeyPair::generate().unwrap();
            let pem = params.self_signed(&key).unwrap().pem();
            (rcgen::Issuer::new(params, key), pem)
        };
        let (ours, ours_pem) = ca("ours");
        let (_, other_pem) = ca("other");
        write("ours.pem", ours_pem);
        write("other.pem", other_pem);
        let key = rcgen::KeyPair::generate().unwrap();
        let names = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = names.signed_by(&key, &ours).unwrap();
        let certificate = write("server.pem", certificate.pem());
        let key = write("server.key", key.serialize_pem());
        let rules = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
        let rules = write("rules", rules.to_owned());
        format!(
            "-c ssl=on -c ssl_cert_file={certificate} -c ssl_key_file={key} -c hba_file={rules} \
             -c port={port} -c listen_addresses=127.0.0.1"
        )
    })?;
    Some((server, port))
}

async fn open(host: &str, port: u16, mode: &str) -> Result<(), (StoreFault, String)> {
    let url = format!("postgres://outbox@{host}:{port}/postgres?sslmode={mode}");
    match PostgresStore::open(url).await {
        Ok(store) => {
            store.close().await;
            Ok(())
        }
        Err(error) => Err((error.fault(), error.to_string())),
    }
}

#[tokio::test]
#[cfg(feature = "postgres-tls")]
async fn a_certificate_is_trusted_from_the_right_root_and_for_the_right_host_only() {
    let Some((server, port)) = server() else { return };
    let with = |mode: &str, root: &str| {
        format!("{mode}&sslrootcert={}", server.folder().join(root).display())
    };
    open("localhost", port, &with("verify-full", "ours.pem")).await.unwrap();
    for (host, mode, what) in [
        ("localhost", with("verify-full", "other.pem"), "UnknownIssuer"),
        ("localhost", "verify-full".to_owned(), "UnknownIssuer"),
        ("localhost", with("verify-ca", "other.pem"), "UnknownIssuer"),
        ("127.0.0.1", with("verify-full", "ours.pem"), "not valid for name"),
        ("localhost", "disable".to_owned(), "no encryption"),
    ] {
        let (fault, told) = open(host, port, &mode).await.unwrap_err();
        assert_eq!(fault, StoreFault::Unavailable, "{mode}: {told}");
        assert!(told.contains(what), "{mode}: {told}");
    }
    // The other host is good enough where the name is not looked at; and nothing is for "require".
    open("127.0.0.1", port, &with("verify-ca", "ours.pem")).await.unwrap();
    for mode in ["require", "prefer"] {
        open("127.0.0.1", port, mode).await.unwrap();
    }
}

/// A database that takes no TLS is not spoken to without, where TLS was asked for.
#[tokio::test]
async fn who_asks_for_tls_never_gets_a_plain_connection() {
    let Some(plain) = Server::own(|_| String::new()) else { return };
    for mode in ["require", "verify-ca", "verify-full"] {
        let refused = PostgresStore::open(format!("{}?sslmode={mode}", plain.url())).await;
        let refused = refused.unwrap_err();
        let told = refused.to_string();
        if cfg!(feature = "postgres-tls") {
            assert!(told.contains("server does not support TLS"), "{told}");
        } else {
            assert_eq!(refused.fault(), StoreFault::Unfit);
            assert!(told.contains("turn the feature `postgres-tls` on"), "{told}");
        }
    }
}

#[tokio::test]
#[cfg(not(feature = "postgres-tls"))]
async fn a_server_that_takes_only_tls_is_not_reached_without_the_feature() {
    let Some((_server, port)) = server() else { return };
    let (fault, told) = open("localhost", port, "verify-full").await.unwrap_err();
    assert_eq!(fault, StoreFault::Unfit);
    assert!(told.contains("turn the feature `postgres-tls` on"), "{told}");
    let (_, told) = open("localhost", port, "prefer").await.unwrap_err();
    assert!(told.contains("no encryption"), "{told}");
}
