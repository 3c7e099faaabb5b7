//! What happens at each address.

use std::time::Duration;

use chatapi_transport::{Clock as _, TokioClock};
use http::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::reply::{Refusal, headed, json as reply, of};
use super::routes::ROUTES;
use super::{events as feed, openapi as document};
use crate::command::{ClockAction, Command, WorldAction};
use crate::fault::FaultId;
use crate::server::Body;
use crate::{ClockMode, Expectation, Filter, NewWorld, Scenario, Snapshot, telling};

type Answer = Result<Response<Body>, Refusal>;

fn ok(value: &impl Serialize) -> Answer {
    Ok(reply(StatusCode::OK, value))
}

/// Does what the members say.
fn apply(ask: &Ask, members: Map<String, Value>) -> Answer {
    let command = Command::from_map(members).map_err(Refusal::bad)?;
    ok(&ask.sandbox.apply(command)?)
}

/// The body as a command. What the address says cannot be said again.
fn order(ask: &Ask, said: &[(&str, &str)]) -> Result<Map<String, Value>, Refusal> {
    let mut members = ask.object()?;
    for (name, value) in said {
        if members.insert((*name).to_owned(), Value::from(*value)).is_some() {
            return Err(Refusal::bad(format!("`{name}` is said by the address already")));
        }
    }
    Ok(members)
}

pub(super) fn health(_: &Ask) -> Answer {
    ok(&json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

pub(super) fn index(ask: &Ask) -> Answer {
    let prefix = &ask.place.prefix;
    let mut addresses = Map::new();
    for route in ROUTES {
        let what = Value::from(route.summary);
        addresses.insert(format!("{} {prefix}{}", route.verb.as_str(), route.path), what);
    }
    ok(&json!({
        "what": "the control API of a sandbox",
        "version": env!("CARGO_PKG_VERSION"),
        "described": format!("{prefix}/_sandbox/openapi.json"),
        "addresses": addresses,
    }))
}

pub(super) fn openapi(ask: &Ask) -> Answer {
    ok(&document::document(&ask.place.prefix))
}

pub(super) fn state(ask: &Ask) -> Answer {
    ok(&ask.sandbox.state())
}

pub(super) fn command(ask: &Ask) -> Answer {
    apply(ask, ask.object()?)
}

pub(super) fn clock(ask: &Ask) -> Answer {
    ok(&ask.sandbox.clock_view())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Move {
    mode: Option<ClockMode>,
    advance: Option<f64>,
    #[serde(default)]
    run_until_idle: bool,
}

pub(super) fn move_clock(ask: &Ask) -> Answer {
    let wanted: Move = ask.read()?;
    // First what can be refused.
    if let Some(seconds) = wanted.advance {
        ask.sandbox.apply(ClockAction::Advance { seconds })?;
    }
    if let Some(mode) = wanted.mode {
        ask.sandbox.apply(ClockAction::Clock { mode })?;
    }
    if wanted.run_until_idle {
        ask.sandbox.apply(ClockAction::RunUntilIdle {})?;
    }
    clock(ask)
}

pub(super) fn instances(ask: &Ask) -> Answer {
    ok(&ask.sandbox.state().instances)
}

pub(super) fn add_instance(ask: &Ask) -> Answer {
    apply(ask, order(ask, &[("do", "add-instance")])?)
}

pub(super) fn instance(ask: &Ask) -> Answer {
    let (id, state) = (ask.param(0), ask.sandbox.state());
    let found = state.instances.into_iter().find(|instance| instance.id.as_str() == id);
    ok(&found.ok_or_else(|| Refusal::missing(format!("there is no instance {id}")))?)
}

pub(super) fn remove_instance(ask: &Ask) -> Answer {
    apply(ask, order(ask, &[("do", "remove"), ("instance", ask.param(0))])?)
}

pub(super) fn act_on_instance(ask: &Ask) -> Answer {
    apply(ask, order(ask, &[("instance", ask.param(0)), ("do", ask.param(1))])?)
}

pub(super) fn contact_of_instance(ask: &Ask) -> Answer {
    contact(ask, "instance")
}

pub(super) fn channels(ask: &Ask) -> Answer {
    ok(&ask.sandbox.state().channels)
}

pub(super) fn add_channel(ask: &Ask) -> Answer {
    apply(ask, order(ask, &[("do", "add-channel")])?)
}

pub(super) fn channel(ask: &Ask) -> Answer {
    let (name, state) = (ask.param(0), ask.sandbox.state());
    let found = state.channels.into_iter();
    let mut found = found.filter(|it| it.token.expose() == name || it.id.as_str() == name);
    ok(&found.next().ok_or_else(|| Refusal::missing("there is no such channel"))?)
}

pub(super) fn remove_channel(ask: &Ask) -> Answer {
    apply(ask, order(ask, &[("do", "remove"), ("channel", ask.param(0))])?)
}

pub(super) fn act_on_channel(ask: &Ask) -> Answer {
    apply(ask, order(ask, &[("channel", ask.param(0)), ("do", ask.param(1))])?)
}

pub(super) fn contact_of_channel(ask: &Ask) -> Answer {
    contact(ask, "channel")
}

/// What a contact does: `send` says in its body what, of which `kind`; the others by their name.
fn contact(ask: &Ask, line: &str) -> Answer {
    let said = [(line, ask.param(0)), ("chat", ask.param(1))];
    let message = match ask.param(2) {
        "send" => order(ask, &[])?,
        kind @ ("call" | "join" | "leave" | "edit") => order(ask, &[("kind", kind)])?,
        action => return apply(ask, order(ask, &[said[0], said[1], ("do", action)])?),
    };
    let mut members = Map::from_iter([
        ("do".to_owned(), Value::from("send")),
        ("message".to_owned(), Value::Object(message)),
    ]);
    members.extend(said.map(|(name, value)| (name.to_owned(), Value::from(value))));
    apply(ask, members)
}

pub(super) fn webhooks(ask: &Ask) -> Answer {
    ok(&ask.sandbox.webhooks().deliveries())
}

pub(super) fn replay(ask: &Ask) -> Answer {
    let id = ask.param(0);
    let new = id.parse().ok().and_then(|id| ask.sandbox.webhooks().replay(id));
    let new = new.ok_or_else(|| Refusal::missing(format!("there is no webhook {id}")))?;
    ok(&json!({ "id": new }))
}

pub(super) fn faults(ask: &Ask) -> Answer {
    ok(&ask.sandbox.faults().list())
}

pub(super) fn add_fault(ask: &Ask) -> Answer {
    apply(ask, order(ask, &[("do", "add-fault")])?)
}

pub(super) fn clear_faults(ask: &Ask) -> Answer {
    ok(&ask.sandbox.apply(WorldAction::ClearFaults {})?)
}

pub(super) fn remove_fault(ask: &Ask) -> Answer {
    let id = ask.param(0);
    let number = id.parse().map_err(|_| Refusal::missing(format!("there is no fault {id}")))?;
    ok(&ask.sandbox.apply(WorldAction::RemoveFault { id: FaultId::new(number) })?)
}

pub(super) fn journal(ask: &Ask) -> Answer {
    ok(&ask.sandbox.journal_after(ask.number("after")?.unwrap_or(0)))
}

pub(super) fn requests(ask: &Ask) -> Answer {
    ok(&ask.sandbox.exchanges())
}

pub(super) fn events(ask: &Ask) -> Answer {
    let header = ask.headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let mark = match (header.and_then(|id| id.trim().parse().ok()), ask.query("after")) {
        (Some(mark), _) => mark,
        (None, Some(after)) => after.parse().map_err(|_| {
            Refusal::bad("`after` must be a whole number, or the id of an event, as in 2-17")
        })?,
        (None, None) => feed::Mark::latest(&ask.sandbox),
    };
    let Ok(permit) = ask.desk.streams.clone().try_acquire_owned() else {
        let text = "there are as many event streams as there can be: close one";
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, text));
    };
    let body = feed::stream(ask.sandbox.clone(), mark, ask.desk.stopped.clone(), permit);
    Ok(headed(StatusCode::OK, "text/event-stream", body))
}

pub(super) fn reset(ask: &Ask) -> Answer {
    apply(ask, order(ask, &[("do", "reset")])?)
}

pub(super) fn snapshot(ask: &Ask) -> Answer {
    let bytes = ask.sandbox.snapshot().to_bytes();
    let bytes = bytes
        .map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(of(StatusCode::OK, "application/json; charset=utf-8", bytes))
}

pub(super) fn restore(ask: &Ask) -> Answer {
    let snapshot = Snapshot::from_bytes(&ask.body);
    let snapshot = snapshot.map_err(|error| Refusal::bad(error.to_string()))?;
    ask.sandbox.restore(&snapshot);
    state(ask)
}

pub(super) fn worlds(ask: &Ask) -> Answer {
    ok(&ask.desk.worlds.names())
}

pub(super) fn create_world(ask: &Ask) -> Answer {
    let mut members = ask.object()?;
    let profile = members.remove("profile");
    let mut new: NewWorld = telling::read(members).map_err(Refusal::bad)?;
    new.profile = profile.map(named_profile).transpose()?;
    let name = new.name.clone();
    ask.desk.worlds.create(new)?;
    let prefix = format!("/_world/{name}");
    Ok(reply(StatusCode::CREATED, &json!({ "name": name, "prefix": prefix })))
}

fn named_profile(data: Value) -> Result<crate::Profile, Refusal> {
    crate::Profile::read(&data).map_err(|error| Refusal::bad(format!("`profile`: {error}")))
}

pub(super) fn delete_world(ask: &Ask) -> Answer {
    ask.desk.worlds.delete(ask.param(0))?;
    ok(&json!({}))
}

pub(super) fn received(ask: &Ask) -> Answer {
    let filter: Filter = telling::read(ask.queries()).map_err(Refusal::bad)?;
    ok(&ask.sandbox.received(&filter)?)
}

/// How long an answer is waited for, in the machine's time, while the world's clock may stand.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) async fn expect(ask: Ask) -> Answer {
    let expectation: Expectation = ask.read()?;
    let mut stopped = ask.desk.stopped.clone();
    let timeout = |text| Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, text));
    tokio::select! {
        met = ask.sandbox.expect(expectation) => match met {
            Ok(messages) => ok(&json!({ "met": true, "messages": messages })),
            Err(unmet) if unmet.is_invalid => Err(Refusal::bad(unmet.to_string())),
            Err(unmet) => {
                let answer = json!({ "met": false, "error": unmet.to_string(), "unmet": unmet });
                Ok(reply(StatusCode::UNPROCESSABLE_ENTITY, &answer))
            }
        },
        () = async { TokioClock::new().sleep(PATIENCE).await } => timeout(
            "waited for 2 minutes: does the clock of the world move? Expect it again to wait longer",
        ),
        _ = stopped.wait_for(|stopped| *stopped) => timeout("the sandbox is being shut down"),
    }
}

pub(super) fn scenarios(ask: &Ask) -> Answer {
    ok(&ask.sandbox.scenarios())
}

pub(super) fn play(ask: &Ask) -> Answer {
    let text = std::str::from_utf8(&ask.body).map_err(|_| Refusal::bad("it is no text"))?;
    let scenario = Scenario::read(text).map_err(|error| Refusal::bad(error.to_string()))?;
    let id = ask.sandbox.play(&scenario)?;
    let found = ask.sandbox.scenarios().into_iter().find(|playing| playing.id == id);
    ok(&found)
}
