//! Every address of the control API, once: the router and the OpenAPI document both read it here.

use http::{Method, Response};
use percent_encoding::percent_decode_str;

use super::ask::Ask;
use super::examples::{self, Examples};
use super::handlers as h;
use super::reply::Refusal;
use crate::server::Body;

/// An address and who answers there.
pub(super) struct Route {
    pub(super) verb: Verb,
    /// Its segments; those in braces stand for any.
    pub(super) path: &'static str,
    /// One line that says what it is for.
    pub(super) summary: &'static str,
    /// What may stand behind the question mark, and what it means.
    pub(super) query: &'static [(&'static str, &'static str)],
    pub(super) input: Input,
    handler: Handler,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Delete,
}

/// What is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Nothing,
    /// An object, by an example.
    Object(&'static str),
    /// An object, by an example for each of its kinds.
    Kinds(Examples),
    /// An object for the action that the address names.
    Action(Examples),
    /// A command, by an example for each.
    Command,
    /// A scenario, as YAML too.
    Scenario,
    /// What `snapshot` gave.
    Snapshot,
}

type Answer = Result<Response<Body>, Refusal>;

#[derive(Clone, Copy)]
enum Handler {
    Now(fn(&Ask) -> Answer),
    Expect,
    Events,
}

impl Verb {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }

    fn is(self, method: &Method) -> bool {
        method.as_str() == self.as_str() || (self == Self::Get && *method == Method::HEAD)
    }
}

impl Route {
    pub(super) async fn answer(&self, ask: Ask) -> Answer {
        match self.handler {
            Handler::Now(handler) => handler(&ask),
            Handler::Expect => h::expect(ask).await,
            Handler::Events => h::events(&ask),
        }
    }
}

const fn get(path: &'static str, summary: &'static str, handler: fn(&Ask) -> Answer) -> Route {
    let handler = Handler::Now(handler);
    Route { verb: Verb::Get, path, summary, query: &[], input: Input::Nothing, handler }
}

const fn delete(path: &'static str, summary: &'static str, handler: fn(&Ask) -> Answer) -> Route {
    Route { verb: Verb::Delete, ..get(path, summary, handler) }
}

const fn post(
    path: &'static str,
    summary: &'static str,
    input: Input,
    handler: fn(&Ask) -> Answer,
) -> Route {
    Route { verb: Verb::Post, input, ..get(path, summary, handler) }
}

const AFTER: (&str, &str) = ("after", "only what is newer than the entry of this number");

const FILTER: &[(&str, &str)] = &[
    ("instance", "of this Chat API instance"),
    ("channel", "of this wamm channel, by its token or api_id"),
    ("chat", "to this chat or phone"),
    ("text", "with exactly this text"),
    ("contains", "with this in it"),
    ("matches", "with a text in which this regular expression is found"),
    ("state", "queued, left, delivered, read or failed"),
];

const EMPTY: Input = Input::Object("{}");

/// All of them.
pub(super) const ROUTES: &[Route] = &[
    get("/_sandbox/", "What is here", h::index),
    get("/_sandbox/health", "Whether it is there", h::health),
    get("/_sandbox/openapi.json", "This document", h::openapi),
    get("/_sandbox/state", "The world at a glance", h::state),
    post("/_sandbox/commands", "Do anything that can be done", Input::Command, h::command),
    get("/_sandbox/clock", "The time in the world", h::clock),
    post(
        "/_sandbox/clock",
        "Move the clock, or change how it moves",
        Input::Object(r#"{"mode":"x60","advance":30,"runUntilIdle":false}"#),
        h::move_clock,
    ),
    get("/_sandbox/instances", "All Chat API instances", h::instances),
    post(
        "/_sandbox/instances",
        "Add an instance: authenticated, its phone online",
        Input::Object(r#"{"id":"123","token":"secret"}"#),
        h::add_instance,
    ),
    get("/_sandbox/instances/{id}", "An instance", h::instance),
    delete("/_sandbox/instances/{id}", "Delete an instance", h::remove_instance),
    post(
        "/_sandbox/instances/{id}/{action}",
        "Do something to an instance or its phone; the body has what the action needs",
        Input::Action(examples::INSTANCE),
        h::act_on_instance,
    ),
    post(
        "/_sandbox/instances/{id}/contacts/{chat}/{action}",
        "Act as a contact of an instance: `send`, `read`, `call`, `join`, `leave`, `edit` …",
        Input::Kinds(examples::INBOUND),
        h::contact_of_instance,
    ),
    get("/_sandbox/channels", "All wamm channels", h::channels),
    post(
        "/_sandbox/channels",
        "Add a channel: authorized",
        Input::Object(r#"{"token":"secret","messenger":"whatsApp"}"#),
        h::add_channel,
    ),
    get("/_sandbox/channels/{token}", "A channel, by its token or api_id", h::channel),
    delete("/_sandbox/channels/{token}", "Delete a channel", h::remove_channel),
    post(
        "/_sandbox/channels/{token}/{action}",
        "Do something to a channel; the body has what the action needs",
        Input::Action(examples::CHANNEL),
        h::act_on_channel,
    ),
    post(
        "/_sandbox/channels/{token}/contacts/{chat}/{action}",
        "Act as a contact of a channel: `send`, `read`, `edit` …",
        Input::Kinds(examples::INBOUND),
        h::contact_of_channel,
    ),
    Route {
        query: &[AFTER],
        ..get("/_sandbox/journal", "Everything that happened, the latest of it", h::journal)
    },
    get(
        "/_sandbox/requests",
        "The latest requests and their answers, without secrets",
        h::requests,
    ),
    Route {
        query: &[(
            "after",
            "only what is newer than the event of this id, or the entry of this number",
        )],
        handler: Handler::Events,
        ..get("/_sandbox/events", "The journal as it is written, as server-sent events", h::events)
    },
    get("/_sandbox/webhooks", "What was told to whom, and what became of it", h::webhooks),
    post("/_sandbox/webhooks/{id}/replay", "Send a webhook again", EMPTY, h::replay),
    Route {
        query: FILTER,
        ..get("/_sandbox/received", "What clients gave the gateway, and how far it is", h::received)
    },
    Route {
        handler: Handler::Expect,
        ..post(
            "/_sandbox/expect",
            "Wait, in the world's time, until something is so; 422 explains why it is not",
            Input::Object(r#"{"match":{"chat":"79000000001"},"count":{"atMost":1},"within":0}"#),
            h::health,
        )
    },
    get("/_sandbox/faults", "The faults in force, and what they have done", h::faults),
    post("/_sandbox/faults", "Put a fault in force", Input::Kinds(examples::FAULTS), h::add_fault),
    delete("/_sandbox/faults", "Take all faults away", h::clear_faults),
    delete("/_sandbox/faults/{id}", "Take a fault away", h::remove_fault),
    get("/_sandbox/scenario", "The scenarios that play, and the latest that did", h::scenarios),
    post("/_sandbox/scenario", "Play a scenario from now on", Input::Scenario, h::play),
    post("/_sandbox/reset", "Put everything back to how it was at the beginning", EMPTY, h::reset),
    get("/_sandbox/snapshot", "The whole world, to be restored. It holds tokens", h::snapshot),
    post("/_sandbox/restore", "Put the world back to a snapshot", Input::Snapshot, h::restore),
    get("/_sandbox/worlds", "All worlds", h::worlds),
    post(
        "/_sandbox/worlds",
        "Make a world of its own seed, clock and figures",
        Input::Object(r#"{"name":"test-1","seed":7,"clock":"frozen"}"#),
        h::create_world,
    ),
    delete("/_sandbox/worlds/{name}", "Delete a world", h::delete_world),
];

/// The route for a request, and what stands in the braces.
pub(super) fn find(method: &Method, path: &str) -> Result<(&'static Route, Vec<String>), Refusal> {
    let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let fits = |route: &&Route| {
        let wanted: Vec<_> = route.path.split('/').filter(|part| !part.is_empty()).collect();
        let same = |(wanted, given): (&&str, &&str)| wanted.starts_with('{') || wanted == given;
        wanted.len() == segments.len() && wanted.iter().zip(&segments).all(same)
    };
    let here: Vec<_> = ROUTES.iter().filter(fits).collect();
    let Some(route) = here.iter().find(|route| route.verb.is(method)) else {
        return Err(match here.is_empty() {
            true => Refusal::missing(
                "nothing is at this address; /_sandbox/ lists what there is, and /_sandbox/openapi.json describes it",
            ),
            false => {
                let verbs: Vec<_> = here.iter().map(|route| route.verb.as_str()).collect();
                Refusal::verb(verbs.join(", "))
            }
        });
    };
    let wanted = route.path.split('/').filter(|part| !part.is_empty());
    let params = wanted.zip(&segments).filter(|(wanted, _)| wanted.starts_with('{'));
    let decode = |given: &str| percent_decode_str(given).decode_utf8_lossy().into_owned();
    Ok((route, params.map(|(_, given)| decode(given)).collect()))
}
