//! The page: what people see of the sandbox, and where they lay hands on it.
//!
//! The server writes the HTML. A script of ours sends what buttons and forms say to the control API
//! and, whenever something happens, fetches the live parts again and puts them in place.

mod chat;
mod clock;
mod depth;
mod faults;
mod group;
mod icon;
mod journal;
mod layout;
mod misfortunes;
mod phone;
mod place;
mod queue;
mod requests;
mod scenarios;
pub(crate) mod view;
mod wall;
mod webhooks;
pub(crate) mod words;

use bytes::Bytes;
use chatapi_types::ChatId;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{Method, Request, Response, StatusCode, Uri};

use crate::Sandbox;
use layout::Sheet;

pub(crate) use place::Place;

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");
const ICON: &str = include_str!("page/icon.svg");

/// Nothing but what we serve ourselves: no inline script, no inline style, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; media-src 'self'; connect-src 'self'; form-action 'none'; \
    base-uri 'none'; frame-ancestors 'none'";

/// For files that strangers sent.
const FOREIGN_POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// Answers a request for the page; `None` where it is for somebody else. `path` is the path without
/// the prefix that chose the world.
pub(crate) fn answer<B>(
    sandbox: &Sandbox,
    place: &Place,
    head: &Request<B>,
    path: &str,
) -> Option<Response<Bytes>> {
    let inside = match path {
        "" | "/" => "",
        path => path.strip_prefix("/_sandbox/page")?.trim_matches('/'),
    };
    if head.method() != Method::GET && head.method() != Method::HEAD {
        let text = "The page is read with GET; what it does goes to the control API.";
        return Some(plain(StatusCode::METHOD_NOT_ALLOWED, text));
    }
    let segments: Vec<_> = inside.split('/').collect();
    let query = Query::of(head.uri());
    let sheet = match &*segments {
        [""] => wall::sheet(sandbox, place),
        ["page.css"] => return Some(asset("text/css; charset=utf-8", STYLE)),
        ["page.js"] => return Some(asset("text/javascript; charset=utf-8", SCRIPT)),
        ["icon.svg"] => return Some(asset("image/svg+xml", ICON)),
        ["file", name] => return Some(file(sandbox, name)),
        ["instance", id] => phone::instance(sandbox, place, id, query.chat.as_ref()),
        ["channel", id] => phone::channel(sandbox, place, id, query.chat.as_ref()),
        ["faults"] => faults::sheet(sandbox, place),
        ["scenarios"] => scenarios::sheet(sandbox, place),
        ["webhooks"] => webhooks::sheet(sandbox, place),
        ["requests"] => requests::sheet(sandbox, place),
        ["journal"] => journal::sheet(sandbox, place),
        _ => Sheet::missing("No page has this address."),
    };
    let status = sheet.status;
    let markup = match query.is_part {
        true => layout::live_parts(sandbox, place, sheet),
        false => layout::whole(sandbox, place, sheet),
    };
    Some(respond(status, "text/html; charset=utf-8", markup.into_string(), POLICY))
}

/// What may stand behind the question mark.
#[derive(Default)]
struct Query {
    chat: Option<ChatId>,
    /// Whether only what changes is wanted.
    is_part: bool,
}

impl Query {
    fn of(uri: &Uri) -> Self {
        let mut query = Self::default();
        let pairs = uri.query().unwrap_or_default().as_bytes();
        for (name, value) in form_urlencoded::parse(pairs) {
            match &*name {
                "chat" if !value.is_empty() => query.chat = Some(ChatId::new(value.into_owned())),
                "part" => query.is_part = true,
                _ => {}
            }
        }
        query
    }
}

fn asset(content_type: &'static str, text: &'static str) -> Response<Bytes> {
    respond(StatusCode::OK, content_type, text, POLICY)
}

fn plain(status: StatusCode, text: &'static str) -> Response<Bytes> {
    respond(status, "text/plain; charset=utf-8", text, POLICY)
}

/// A file that somebody sent. Looking at it is no event: it is not written down.
fn file(sandbox: &Sandbox, name: &str) -> Response<Bytes> {
    let found = sandbox.with(|world| world.scene.files.get(name).cloned());
    match found {
        Some(file) => respond(StatusCode::OK, &file.mime, file.bytes, FOREIGN_POLICY),
        None => {
            plain(StatusCode::NOT_FOUND, "No such file: the oldest ones go when room is short.")
        }
    }
}

fn respond(
    status: StatusCode,
    content_type: &str,
    body: impl Into<Bytes>,
    policy: &'static str,
) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        headers.insert(CONTENT_TYPE, content_type);
    }
    let fixed: [(HeaderName, &'static str); 6] = [
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
