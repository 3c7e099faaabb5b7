//! The sandbox's own addresses: the control API under `/_sandbox/`, the page, and the worlds.

mod ask;
mod events;
mod examples;
mod guard;
mod handlers;
mod openapi;
mod reply;
mod routes;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::header::DATE;
use http::{Request, Response, StatusCode, Uri};
use percent_encoding::percent_decode_str;
use tokio::sync::{Semaphore, watch};

use crate::fault::Effect;
use crate::http::{Prefix, date};
#[cfg(feature = "page")]
use crate::server::whole;
use crate::server::{Body, Cutter, travel};
use crate::{Sandbox, Worlds};

use ask::Ask;
use guard::Guard;
use reply::Refusal;

/// How many event streams there can be at once.
const STREAMS: usize = 64;

/// Everything that is served at one door.
#[derive(Clone)]
pub(crate) struct Desk {
    worlds: Worlds,
    guard: Arc<Guard>,
    streams: Arc<Semaphore>,
    stopped: watch::Receiver<bool>,
}

impl Desk {
    /// `exposed`: whether other machines may call it by its number. `public_url`: by what name.
    pub(crate) fn new(
        worlds: Worlds,
        exposed: bool,
        public_url: Option<&str>,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        let guard = Arc::new(Guard::new(exposed, public_url));
        Self { worlds, guard, streams: Arc::new(Semaphore::new(STREAMS)), stopped }
    }

    /// Answers a request: finds its world, and then whether it is for the control API, the page or
    /// the gateway. An error ends the connection without an answer.
    pub(crate) async fn answer(
        &self,
        request: Request<Bytes>,
        cutter: &Cutter,
    ) -> io::Result<Response<Body>> {
        let place = match Place::of(&request) {
            Ok(place) => place,
            Err(refusal) => return Ok(self.refuse(refusal)),
        };
        let (is_control, is_page) = (place.is_control(), place.is_page());
        if is_control || is_page {
            // Before a world is made for somebody who must not be here.
            if let Err(refusal) = self.guard.admits(&request, is_page) {
                return Ok(self.refuse(refusal));
            }
        }
        let sandbox = match self.world(&place, &request) {
            Ok(sandbox) => sandbox,
            Err(refusal) => return Ok(self.refuse(refusal)),
        };
        #[cfg(feature = "page")]
        if is_page && let Some(page) = self.page(&sandbox, &place, &request) {
            return Ok(dated(&sandbox, page.map(whole)));
        }
        if is_control {
            let answer = self.control(sandbox.clone(), place, request).await;
            return Ok(dated(&sandbox, answer));
        }
        let (answer, conduct) = sandbox.converse(place.strip(request));
        travel(answer, conduct, &sandbox.clock(), cutter).await
    }

    /// Looks at the head of a request. Where a fault ends the call before it was read, this is its
    /// doom; anything else that befalls it goes with the request.
    pub(crate) fn foresee<B: hyper::body::Body>(&self, request: &mut Request<B>) -> Option<Doom> {
        let place = Place::of(request).ok().filter(|it| !it.is_control() && !it.is_page())?;
        // A world that is yet to be made for the call is made when the call is whole.
        let sandbox = self.worlds.get(&place.world)?;
        if !sandbox.quietly(|world| world.scene.faults.may_end_early()) {
            return None;
        }
        let mut head = Request::new(Bytes::new());
        *head.method_mut() = request.method().clone();
        *head.uri_mut() = request.uri().clone();
        *head.headers_mut() = request.headers().clone();
        let mut head = place.strip(head);
        let is_whole = request.body().is_end_stream();
        let struck = sandbox.with(|world| world.foresee(&head, is_whole))?;
        let in_body = match struck.end() {
            Some(effect) => matches!(effect, Effect::ResetBefore {}),
            None => {
                request.extensions_mut().insert(struck);
                return None;
            }
        };
        head.extensions_mut().insert(struck);
        Some(Doom { sandbox, head, in_body })
    }

    fn refuse(&self, refusal: Refusal) -> Response<Body> {
        self.dated(refusal.into_response())
    }

    /// An answer from outside all worlds has the date of the main one.
    pub(crate) fn dated(&self, answer: Response<Body>) -> Response<Body> {
        dated(self.worlds.main(), answer)
    }

    /// The world that is asked for, made on first use.
    fn world(&self, place: &Place, request: &Request<Bytes>) -> Result<Sandbox, Refusal> {
        if let Some(sandbox) = self.worlds.get(&place.world) {
            return Ok(sandbox);
        }
        Guard::lets_make_a_world(request)?;
        Ok(self.worlds.open(&place.world)?)
    }

    async fn control(
        &self,
        sandbox: Sandbox,
        place: Place,
        request: Request<Bytes>,
    ) -> Response<Body> {
        let outcome = async {
            let (route, params) = routes::find(request.method(), &place.path)?;
            let ask = Ask::new(self.clone(), sandbox, place, route, params, request)?;
            route.answer(ask).await
        };
        outcome.await.unwrap_or_else(Refusal::into_response)
    }

    #[cfg(feature = "page")]
    fn page(
        &self,
        sandbox: &Sandbox,
        place: &Place,
        request: &Request<Bytes>,
    ) -> Option<Response<Bytes>> {
        let prefix = |name: &str| match name {
            Worlds::MAIN => String::new(),
            name => format!("/_world/{name}"),
        };
        let worlds = self.worlds.names();
        let is_only = worlds.len() == 1;
        let authority = guard::authority(request).map(|authority| authority.to_string());
        let scheme = request.uri().scheme_str().unwrap_or("http");
        let page = crate::page::Place {
            world: if is_only { String::new() } else { place.world.clone() },
            prefix: prefix(&place.world),
            worlds: worlds.into_iter().map(|name| (name.clone(), prefix(&name))).collect(),
            origin: format!("{scheme}://{}", authority.as_deref().unwrap_or("127.0.0.1")),
        };
        crate::page::answer(sandbox, &page, request, &place.path)
    }
}

/// A call that ends before it was read.
pub(crate) struct Doom {
    sandbox: Sandbox,
    head: Request<Bytes>,
    /// Whether that is when its body begins to come, and not before.
    pub(crate) in_body: bool,
}

impl Doom {
    /// Ends the connection.
    pub(crate) async fn befall(self, cutter: &Cutter) -> io::Result<Response<Body>> {
        let (answer, conduct) = self.sandbox.converse(self.head);
        travel(answer, conduct, &self.sandbox.clock(), cutter).await
    }
}

/// An answer with the date of the sandbox's world, as the gateways' own have it.
fn dated(sandbox: &Sandbox, mut answer: Response<Body>) -> Response<Body> {
    if let Some(date) = date(sandbox.quietly(|world| world.scene.unix())) {
        answer.headers_mut().insert(DATE, date);
    }
    answer
}

/// The world that a request is for, and where in it.
#[derive(Clone, Debug)]
struct Place {
    world: String,
    /// What its paths begin with; empty where the world is chosen by a header or not at all.
    prefix: String,
    /// The rest, beginning with a slash, still encoded.
    path: String,
}

impl Place {
    /// From `/_world/{name}/…` or the header `X-Sandbox-World`.
    fn of<B>(request: &Request<B>) -> Result<Self, Refusal> {
        let path = request.uri().path();
        let header = match request.headers().get("x-sandbox-world") {
            Some(name) => Some(name.to_str().map_err(|_| {
                Refusal::new(StatusCode::BAD_REQUEST, "X-Sandbox-World is no text")
            })?),
            None => None,
        };
        let Some(rest) = path.strip_prefix("/_world/") else {
            let world = header.unwrap_or(Worlds::MAIN).trim().to_owned();
            return Ok(Self { world, prefix: String::new(), path: path.to_owned() });
        };
        let (name, path) = match rest.find('/') {
            Some(end) => rest.split_at(end),
            None => (rest, "/"),
        };
        let world = percent_decode_str(name).decode_utf8_lossy().into_owned();
        if header.is_some_and(|header| header.trim() != world) {
            let text = "the path names another world than the header X-Sandbox-World";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, text));
        }
        Ok(Self { prefix: format!("/_world/{name}"), path: path.to_owned(), world })
    }

    fn is_control(&self) -> bool {
        self.path == "/_sandbox" || self.path.starts_with("/_sandbox/")
    }

    fn is_page(&self) -> bool {
        cfg!(feature = "page")
            && (matches!(&*self.path, "" | "/") || self.path.starts_with("/_sandbox/page"))
    }

    /// The request as it is within the world.
    fn strip(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        if self.prefix.is_empty() {
            return request;
        }
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let mut parts = request.uri().clone().into_parts();
        // What was part of a path is a path.
        parts.path_and_query = format!("{}{query}", self.path).parse().ok();
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        request.extensions_mut().insert(Prefix(self.prefix.clone()));
        request
    }
}
