//! The transport that reaches the network, on reqwest. No type of reqwest's leaves this module.

use std::fmt;
use std::time::Duration;

use ::reqwest::{Client, ClientBuilder, redirect, retry};
use bytes::{Bytes, BytesMut};
use url::{Host, Url};

use crate::request::Request;
use crate::response::Response;
use crate::transport::{Transport, TransportError};

/// Whether this build was asked for TLS.
const TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

/// Carries requests over HTTP/1.1 with pooled connections.
///
/// It follows no redirect, sends no `Referer`, asks for no compression and repeats nothing, so that
/// one exchange is one request. Proxies are those of the environment (`HTTPS_PROXY`, `HTTP_PROXY`,
/// `NO_PROXY`), but plain loopback addresses are always reached directly: a sandbox on this machine
/// is not behind anybody's proxy.
///
/// An https address needs one of the features `rustls` (default) and `native-tls`; without them it
/// is refused before anything is sent.
///
/// Cheap to clone; clones share their connections.
///
/// ```
/// use std::time::Duration;
/// use chatapi_transport::ReqwestTransport;
///
/// let transport = ReqwestTransport::new()?;
/// let hasty = ReqwestTransport::options().connect_within(Duration::from_secs(2)).build()?;
/// # Ok::<(), chatapi_transport::SetupError>(())
/// ```
#[derive(Clone)]
pub struct ReqwestTransport {
    client: Client,
    /// For plain http to this machine: without proxies.
    loopback: Client,
}

impl ReqwestTransport {
    /// A transport with the default options.
    ///
    /// # Errors
    ///
    /// See [`ReqwestOptions::build`].
    pub fn new() -> Result<Self, SetupError> {
        Self::options().build()
    }

    /// Options to change before it is built.
    pub fn options() -> ReqwestOptions {
        ReqwestOptions::new()
    }
}

/// Options of a [`ReqwestTransport`].
#[derive(Clone, Debug)]
#[must_use]
pub struct ReqwestOptions {
    connect_within: Duration,
    idle_for: Duration,
    user_agent: String,
    direct: bool,
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    root_certificates: Vec<Vec<u8>>,
}

impl Default for ReqwestOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl ReqwestOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            connect_within: Duration::from_secs(10),
            idle_for: Duration::from_secs(4),
            user_agent: concat!("chatapi/", env!("CARGO_PKG_VERSION")).to_owned(),
            direct: false,
            #[cfg(any(feature = "rustls", feature = "native-tls"))]
            root_certificates: Vec::new(),
        }
    }

    /// How long a connection may take to stand, TLS included: 10 s.
    ///
    /// Keep it shorter than an attempt: a connection that fails by this limit is known not to have
    /// sent anything; an attempt that runs out while still connecting counts as unknown.
    pub const fn connect_within(mut self, timeout: Duration) -> Self {
        self.connect_within = timeout;
        self
    }

    /// How long an unused connection is kept: 4 s.
    ///
    /// Common servers close theirs after 5 s, and a send that meets a closing connection ends in
    /// doubt. Zero opens a connection for every exchange.
    pub const fn idle_for(mut self, duration: Duration) -> Self {
        self.idle_for = duration;
        self
    }

    /// The `User-Agent`: `chatapi/{version}`.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub const fn direct(mut self) -> Self {
        self.direct = true;
        self
    }

    /// Trusts these certificates (PEM, one or several) beside those of the system: for a gateway of
    /// your own with a certificate of your own.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    #[cfg_attr(docsrs, doc(cfg(any(feature = "rustls", feature = "native-tls"))))]
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Builds the transport.
    ///
    /// # Errors
    ///
    /// [`SetupError`] when TLS cannot be set up (the system has no root certificates, or one of
    /// yours is unreadable) or when the user agent cannot stand in a header.
    pub fn build(&self) -> Result<ReqwestTransport, SetupError> {
        let client = self.trusting(self.basics())?.build().map_err(SetupError)?;
        let loopback = without_roots(self.basics()).no_proxy().build();
        Ok(ReqwestTransport { client, loopback: loopback.map_err(SetupError)? })
    }

    fn basics(&self) -> ClientBuilder {
        let builder = Client::builder()
            .user_agent(&self.user_agent)
            .connect_timeout(self.connect_within)
            .pool_idle_timeout(self.idle_for)
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
            .http1_only()
            // Off anyway, unless some other crate of the build has switched them on.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate();
        // Where both are compiled in, whoever asked for the other one must not change this.
        #[cfg(feature = "rustls")]
        let builder = builder.tls_backend_rustls();
        match self.idle_for.is_zero() {
            true => builder.pool_max_idle_per_host(0),
            false => builder,
        }
    }

    fn trusting(&self, builder: ClientBuilder) -> Result<ClientBuilder, SetupError> {
        let builder = match self.direct {
            true => builder.no_proxy(),
            false => builder,
        };
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        let builder = {
            let mut roots = Vec::new();
            for pem in &self.root_certificates {
                let read = ::reqwest::Certificate::from_pem_bundle(pem).map_err(SetupError)?;
                roots.extend(read);
            }
            builder.tls_certs_merge(roots)
        };
        Ok(builder)
    }
}

/// Plain http needs no root certificates, and reading the system's takes a while.
fn without_roots(builder: ClientBuilder) -> ClientBuilder {
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    let builder = builder.tls_certs_only([]);
    builder
}

/// Why a [`ReqwestTransport`] could not be built.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up HTTP: check the user agent and the certificates, yours and the system's")]
pub struct SetupError(#[source] ::reqwest::Error);

#[async_trait::async_trait]
impl Transport for ReqwestTransport {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let exposed = request.exposed()?;
        // The error is dropped: it may quote the address.
        let url = Url::parse(&exposed.target).map_err(|_| TransportError::unspeakable())?;
        let client = match is_plain_loopback(&url) {
            true => &self.loopback,
            false => &self.client,
        };
        let (timeout, limit) = (request.timeout(), request.answer_limit());
        let secure = url.scheme() == "https";
        let classify = |error| classify(error, timeout, secure);

        let mut outgoing = ::reqwest::Request::new(exposed.method, url);
        *outgoing.timeout_mut() = Some(timeout);
        *outgoing.headers_mut() = exposed.headers;
        *outgoing.body_mut() = Some(exposed.body.into());
        let mut answer = client.execute(outgoing).await.map_err(classify)?;

        let too_long = || TransportError::too_long(limit);
        let announced = answer.content_length().unwrap_or(0);
        let announced = usize::try_from(announced).map_err(|_| too_long())?;
        if announced > limit {
            return Err(too_long());
        }
        let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        // What is announced is only a promise: do not set aside much for it.
        let mut body = BytesMut::with_capacity(announced.min(64 * 1024));
        while let Some(chunk) = answer.chunk().await.map_err(classify)? {
            if chunk.len() > limit - body.len() {
                return Err(too_long());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response::new(status, headers, Bytes::from(body)))
    }
}

fn is_plain_loopback(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}

/// What an error of reqwest's means. Nothing else reads one.
fn classify(error: ::reqwest::Error, timeout: Duration, secure: bool) -> TransportError {
    let problem = if error.is_builder() {
        TransportError::unspeakable()
    } else if error.is_connect() && secure && !TLS {
        TransportError::impossible(
            "https needs TLS, which this build was made without (feature rustls or native-tls)",
        )
    } else if error.is_connect() {
        TransportError::no_connection()
    } else if error.is_timeout() {
        TransportError::timed_out(timeout)
    } else {
        TransportError::broken()
    };
    // The address holds the secret.
    problem.because(error.without_url())
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReqwestTransport")
    }
}
