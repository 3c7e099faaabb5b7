//! The vendors' host names over TLS, vouched for by a CA of the sandbox's own.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use chatapi_transport::{Clock as _, TokioClock};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// TLS for clients that have their gateway's `https` host built in.
///
/// A certificate authority is made when the server starts; its key never leaves the memory of this
/// process and is gone with it. It can vouch for the vendors' names and for this machine only, by
/// its name constraints, and for 30 days, so that a client that trusts it
/// ([`Server::ca_certificate`](crate::Server::ca_certificate)) trusts nothing else because of it.
///
/// The names are `chat-api.com` and all below it, the vendor's host of admin functions, `wamm.chat`
/// and `1mhub.ru` and all below them, `localhost`, the loopback addresses and the address that is
/// listened on. Under the host of the admin functions these stand at the root, as they do at the
/// vendor's.
#[derive(Clone, Debug)]
#[must_use = "pass it to `ServerOptions::tls`"]
pub struct Tls {
    pub(super) port: u16,
    expired: bool,
}

impl Tls {
    /// On a port of its own; 0 for any that is free.
    pub const fn new(port: u16) -> Self {
        Self { port, expired: false }
    }

    /// With a certificate that ran out yesterday: no client may accept it.
    pub const fn expired(mut self) -> Self {
        self.expired = true;
        self
    }
}

impl Default for Tls {
    fn default() -> Self {
        Self::new(0)
    }
}

/// The hosts that the vendors are known by, without those below them.
const VENDORS: &[&str] = &["chat-api.com", "wamm.chat", "1mhub.ru"];

/// Whether a host is one of the vendors'.
pub(super) fn is_vendor(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let is_of = |vendor: &&str| {
        host.strip_suffix(*vendor).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    crate::http::is_admin_host(&host) || VENDORS.iter().any(is_of)
}

/// What shakes hands, and what clients have to trust.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) acceptor: TlsAcceptor,
    /// PEM.
    pub(super) ca_certificate: Arc<str>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

impl Identity {
    /// Makes a CA and a certificate for all names.
    pub(super) fn make(options: &Tls, listening_on: IpAddr) -> io::Result<Self> {
        let mut addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        if !addresses.contains(&listening_on) && !listening_on.is_unspecified() {
            addresses.push(listening_on);
        }
        Self::issue(options, &addresses).map_err(|error| {
            io::Error::other(format!("the certificates for TLS could not be made: {error}"))
        })
    }

    fn issue(
        options: &Tls,
        addresses: &[IpAddr],
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let admin = crate::http::admin_host();
        let domains = || VENDORS.iter().copied().chain([admin, "localhost"]);

        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, "chatapi sandbox, made at start");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        (params.not_before, params.not_after) = (epoch + until(-1), epoch + until(30));
        let names = domains().map(|name| GeneralSubtree::DnsName(name.to_owned()));
        let alone = |address: &IpAddr| {
            let bits = if address.is_ipv4() { 32 } else { 128 };
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*address, bits))
        };
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: names.chain(addresses.iter().map(alone)).collect(),
            excluded_subtrees: Vec::new(),
        });
        let ca_key = KeyPair::generate()?;
        let ca_certificate = params.self_signed(&ca_key)?.pem();
        let ca = Issuer::new(params, ca_key);

        let below = VENDORS.iter().map(|vendor| format!("*.{vendor}"));
        let names = domains().map(str::to_owned).chain(below);
        let names: Vec<String> = names.chain(addresses.iter().map(IpAddr::to_string)).collect();
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, "chatapi sandbox");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.not_before = epoch + until(-2);
        params.not_after = epoch + until(if options.expired { -1 } else { 30 });
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &ca)?;

        // Named, because a program may have several providers and no default among them.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { acceptor, ca_certificate: ca_certificate.into() })
    }
}

/// From 1970 until that many days from now, on the machine's clock: it is the clients' clocks that
/// judge.
fn until(days: i64) -> Duration {
    let then = TokioClock::new().unix().as_millis().saturating_add(days * DAY);
    Duration::from_millis(u64::try_from(then).unwrap_or(0))
}
