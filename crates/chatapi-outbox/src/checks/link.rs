//! Does a link lead anywhere? Asked through a guard.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ::reqwest::dns::{Addrs, Name, Resolve, Resolving};
use ::reqwest::{Client, Method, StatusCode, Url, header, redirect, retry};
use async_trait::async_trait;
use chatapi_client::{LinkProbe, LinkState};

use super::guard::{Guard, Refused};

/// How many redirects are followed.
const HOPS: usize = 5;

/// Looks names up.
#[async_trait]
pub trait Names: fmt::Debug + Send + Sync {
    /// The addresses of a name.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::NotFound`] when there is no such name; any other kind when that could not be
    /// found out.
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// Asks links with `HEAD`, and with a `GET` for one byte where that says no, without ever reaching
/// into your own network.
///
/// Every name is looked up here, all of its addresses are put to the [`Guard`], and the connection
/// goes to one of exactly these: a name that leads elsewhere a moment later makes no difference.
/// Redirects are followed by hand, up to five, each as carefully. There is no proxy, no cookie, no
/// `Referer`; answers are not read beyond their headers.
///
/// | what comes | what it means |
/// |---|---|
/// | 2xx, and 416 to the `GET` for one byte | alive |
/// | 404, 410, no such host, connection refused, not on the public internet | dead |
/// | 401, 403, 407, 429 and other 4xx | alive: the gateway may be allowed what we are not |
/// | 5xx, no answer in time, anything else | not known |
///
/// ```
/// use std::sync::Arc;
/// use chatapi_outbox::checks::{Checks, Guard, GuardedProbe};
///
/// let checks = Checks::new().links(Arc::new(GuardedProbe::new(Guard::new())?));
/// # let _ = checks;
/// # Ok::<(), chatapi_outbox::checks::ProbeError>(())
/// ```
#[derive(Clone)]
pub struct GuardedProbe {
    client: Client,
    guard: Arc<Guard>,
    within: Duration,
}

impl GuardedProbe {
    /// A probe that asks the machine for the addresses of names.
    ///
    /// # Errors
    ///
    /// [`ProbeError`] when TLS cannot be set up.
    pub fn new(guard: Guard) -> Result<Self, ProbeError> {
        Self::asking(guard, Arc::new(SystemNames))
    }

    /// A probe that looks names up in your way.
    ///
    /// # Errors
    ///
    /// [`ProbeError`] when TLS cannot be set up.
    pub fn asking(guard: Guard, names: Arc<dyn Names>) -> Result<Self, ProbeError> {
        let guard = Arc::new(guard);
        let resolver = Guarded { guard: guard.clone(), names };
        let client = Client::builder()
            .user_agent(concat!("chatapi/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(resolver))
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
            .http1_only()
            .tls_backend_rustls()
            // Every request looks its name up anew, and an answer that is not read leaves nothing.
            .pool_max_idle_per_host(0)
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .build()
            .map_err(ProbeError)?;
        Ok(Self { client, guard, within: Duration::from_secs(10) })
    }

    /// How long a link is looked at in all, redirects included: 10 s.
    #[must_use]
    pub const fn within(mut self, time: Duration) -> Self {
        self.within = time;
        self
    }

    async fn look(&self, address: &str) -> LinkState {
        let mut url = match self.guard.look(address) {
            Ok(url) => url,
            Err(refused) => return state_of(refused),
        };
        for _ in 0..=HOPS {
            let (status, location) = match self.ask(&url).await {
                Ok(answer) => answer,
                Err(state) => return state,
            };
            let Some(location) = location.filter(|_| status.is_redirection()) else {
                return judge(status);
            };
            let Some(next) = url.join(&location).ok() else { return LinkState::Unknown };
            url = match self.guard.look(next.as_str()) {
                Ok(url) => url,
                Err(refused) => {
                    tracing::debug!(%refused, "a redirect is not followed");
                    return LinkState::Unknown;
                }
            };
        }
        LinkState::Unknown
    }

    /// `HEAD`; and `GET`, where that meets with a refusal that may be about the method.
    async fn ask(&self, url: &Url) -> Result<(StatusCode, Option<String>), LinkState> {
        let head = self.send(Method::HEAD, url).await?;
        match head.0.as_u16() {
            401 | 403 | 407 | 429 => Ok(head),
            400..=499 | 501 => self.send(Method::GET, url).await,
            _ => Ok(head),
        }
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
    ) -> Result<(StatusCode, Option<String>), LinkState> {
        let mut request = self.client.request(method.clone(), url.clone());
        if method == Method::GET {
            request = request.header(header::RANGE, "bytes=0-0");
        }
        let answer = request.send().await.map_err(|error| state_of_error(&error))?;
        let location = answer.headers().get(header::LOCATION);
        let location = location.and_then(|location| location.to_str().ok()).map(str::to_owned);
        Ok((answer.status(), location))
    }
}

#[async_trait]
impl LinkProbe for GuardedProbe {
    async fn probe(&self, url: &str) -> LinkState {
        let looked = tokio::time::timeout(self.within, self.look(url)).await;
        looked.unwrap_or(LinkState::Unknown)
    }
}

fn judge(status: StatusCode) -> LinkState {
    match status.as_u16() {
        404 | 410 => LinkState::Dead(status.to_string()),
        500.. => LinkState::Unknown,
        _ => LinkState::Alive,
    }
}

fn state_of(refused: Refused) -> LinkState {
    match refused.is_dead() {
        true => LinkState::Dead(refused.to_string()),
        false => {
            tracing::debug!(%refused, "a link is not checked");
            LinkState::Unknown
        }
    }
}

fn state_of_error(error: &(dyn std::error::Error + 'static)) -> LinkState {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            match error.kind() {
                io::ErrorKind::NotFound => return LinkState::Dead("no such host".to_owned()),
                io::ErrorKind::ConnectionRefused => {
                    return LinkState::Dead("the connection was refused".to_owned());
                }
                _ => {}
            }
        }
        cause = error.source();
    }
    LinkState::Unknown
}

/// Gives the client only addresses that the guard permits: whatever it connects to was judged.
struct Guarded {
    guard: Arc<Guard>,
    names: Arc<dyn Names>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, names) = (self.guard.clone(), self.names.clone());
        Box::pin(async move {
            let found = names.addresses(name.as_str()).await?;
            if found.is_empty() {
                return Err(io::Error::from(io::ErrorKind::NotFound).into());
            }
            // One bad address among good ones is no accident.
            if !found.iter().all(|address| guard.permits(*address)) {
                return Err(Refused::Inside.into());
            }
            let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(found) as Addrs)
        })
    }
}

/// The machine's own way to look names up.
#[derive(Debug)]
struct SystemNames;

#[async_trait]
impl Names for SystemNames {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        match tokio::net::lookup_host((name, 0)).await {
            Ok(found) => Ok(found.map(|address| address.ip()).collect()),
            Err(error) if is_no_such_host(&error) => Err(io::ErrorKind::NotFound.into()),
            Err(error) => Err(error),
        }
    }
}

/// The standard library tells it in the system's words only: glibc's, musl's, macOS's, Windows'.
fn is_no_such_host(error: &io::Error) -> bool {
    let said = error.to_string();
    let words = ["not known", "does not resolve", "nodename nor servname", "No such host is known"];
    words.iter().any(|words| said.contains(words))
}

impl fmt::Debug for GuardedProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedProbe")
            .field("guard", &self.guard)
            .field("within", &self.within)
            .finish_non_exhaustive()
    }
}

/// Why a probe could not be built.
#[derive(Debug, thiserror::Error)]
#[error("links cannot be checked: HTTP cannot be set up; look at the system's certificates")]
pub struct ProbeError(#[source] ::reqwest::Error);
