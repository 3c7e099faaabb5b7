//! Who may talk to the control API and see the page.
//!
//! It has no password: what protects it is that only this machine can call it. A web page from
//! elsewhere that is open in a browser of this machine could call it too, so whatever a browser sends
//! on behalf of such a page is refused: requests under a strange host name (the name may have been
//! pointed here: DNS rebinding), requests that name another origin, and bodies of the types that
//! forms can send without asking.
//!
//! The vendors' own addresses answer under every name: clients call them by the vendors' names (TLS,
//! `--connect-to`), containers by names like `sandbox:8080`. They have the vendors' tokens. But a page
//! from elsewhere makes no world there, for worlds are few.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderValue, Method, Request, StatusCode};

use super::reply::Refusal;

pub(super) struct Guard {
    exposed: bool,
    public_host: Option<String>,
}

/// The host and port that were called. None where several are named.
pub(super) fn authority<B>(request: &Request<B>) -> Option<Authority> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let (first, second) = (hosts.next(), hosts.next());
    if second.is_some() {
        return None;
    }
    let host = || Authority::try_from(first?.as_bytes()).ok();
    request.uri().authority().cloned().or_else(host)
}

fn forbidden(text: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, text)
}

impl Guard {
    pub(super) fn new(exposed: bool, public_url: Option<&str>) -> Self {
        let host = public_url.and_then(|url| url.parse::<http::Uri>().ok());
        let public_host = host.and_then(|url| url.host().map(str::to_ascii_lowercase));
        Self { exposed, public_host }
    }

    /// Whether a request may come in. A page can also be come to by a link from elsewhere.
    pub(super) fn admits(&self, request: &Request<Bytes>, is_page: bool) -> Result<(), Refusal> {
        let Some(called) = authority(request) else {
            return Err(forbidden("the request does not say, in one Host, what was called"));
        };
        if !self.is_ours(called.host()) {
            return Err(forbidden(
                "the control API and the page are called by 127.0.0.1, localhost, or the host of the \
                 sandbox's public address: name it (`--public-url`, in Rust `public_url`)",
            ));
        }
        let reads = request.method() == Method::GET || request.method() == Method::HEAD;
        let mode = request.headers().get("sec-fetch-mode").map(HeaderValue::as_bytes);
        let is_link = is_page && reads && mode == Some(b"navigate");
        if !is_link && is_of_another_site(request) {
            return Err(forbidden("a page from elsewhere must not do this"));
        }
        if is_of_another_origin(request, &called) {
            return Err(forbidden("a page of another origin must not do this"));
        }
        if request.method() == Method::POST && !is_page && !is_structured(request) {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send it as `Content-Type: application/json` (a scenario also as `application/yaml`)",
            ));
        }
        Ok(())
    }

    /// Whether a request may make the world that it names: by whatever name it comes, but not for a
    /// page from elsewhere.
    pub(super) fn lets_make_a_world(request: &Request<Bytes>) -> Result<(), Refusal> {
        let is_foreign = is_of_another_site(request)
            || authority(request).is_some_and(|called| is_of_another_origin(request, &called));
        match is_foreign {
            false => Ok(()),
            true => Err(forbidden(
                "there is no such world, and a page from elsewhere must not make one",
            )),
        }
    }

    fn is_ours(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let number = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match number {
            // No name leads here that could have been pointed here.
            Ok(ip) => ip.is_loopback() || self.exposed || self.public_host.as_ref() == Some(&host),
            Err(_) => {
                host == "localhost"
                    || host.ends_with(".localhost")
                    || self.public_host.as_ref() == Some(&host)
            }
        }
    }
}

/// Whether a browser says that it asks for a page from elsewhere. Other clients say nothing.
fn is_of_another_site(request: &Request<Bytes>) -> bool {
    let site = request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
    !matches!(site, None | Some(b"same-origin" | b"none"))
}

/// Whether another origin is named than the one that was called.
fn is_of_another_origin(request: &Request<Bytes>, called: &Authority) -> bool {
    request.headers().get(ORIGIN).is_some_and(|origin| {
        let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        !origin.is_some_and(|(scheme, host)| {
            matches!(scheme, "http" | "https") && host.eq_ignore_ascii_case(called.as_str())
        })
    })
}

/// Types that a page from elsewhere cannot send without asking first.
fn is_structured(request: &Request<Bytes>) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind_is(kind, "json") || kind_is(kind, "yaml"))
}

/// Whether a content type is JSON, or YAML, by any of its names.
pub(super) fn kind_is(kind: &str, what: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let Some((family, name)) = essence.split_once('/') else {
        return false;
    };
    let name = name.strip_prefix("x-").unwrap_or(name);
    let is_named = name == what || name.strip_suffix(what).is_some_and(|rest| rest.ends_with('+'));
    is_named && (family == "application" || (family == "text" && what == "yaml"))
}
