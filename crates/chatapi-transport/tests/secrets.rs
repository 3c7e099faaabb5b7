//! The secret shows nowhere: whatever it is, whatever becomes of the call, and even when the answer
//! repeats it.

#![expect(clippy::unwrap_used, reason = "tests may be blunt, their helpers too")]

use std::error::Error as _;
use std::fmt::Write as _;
use std::io;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use chatapi_transport::conformance::{Nowhere, Server, Step};
use chatapi_transport::{Gateway, ReqwestTransport, Retry, RetryPolicy};
use chatapi_types::admin::{Admin, ListInstances, NewInstance, Platform};
use chatapi_types::chat_api::{ChatApi, SendMessage, ShowMessagesQueue};
use chatapi_types::wamm::{MsgState, MsgTo, Wamm};
use chatapi_types::{Call, Phone, Secret};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use serde_json::json;

/// Letters that no encoding changes, in the middle of every token.
const CANARY: &str = "cAnArY";

/// What `tracing` and `log` heard at the level TRACE, from us, from reqwest, from hyper.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct ToLog;

impl io::Write for ToLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct World {
    runtime: tokio::runtime::Runtime,
    transport: ReqwestTransport,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(|| ToLog)
        .init();
    World {
        runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        transport: ReqwestTransport::new().unwrap(),
    }
});

/// Where the secret stands in the request.
#[derive(Clone, Copy, Debug)]
enum Place {
    Query,
    Path,
    JsonBody,
    FormBody,
}

/// The ways in which vendors and what stands before them write a text of ours.
fn echoes(token: &str) -> Vec<String> {
    let json = json!(token).to_string();
    let json = json.trim_matches('"');
    let mut ascii = String::new();
    for unit in json.encode_utf16() {
        match char::from_u32(u32::from(unit)).filter(char::is_ascii) {
            Some(character) => ascii.push(character),
            None => write!(ascii, "\\u{unit:04x}").unwrap(),
        }
    }
    let strict = utf8_percent_encode(token, NON_ALPHANUMERIC).to_string();
    let mut lower = String::new();
    let mut after = 3;
    for character in strict.chars() {
        after = if character == '%' { 0 } else { after + 1 };
        lower.push(if after < 3 { character.to_ascii_lowercase() } else { character });
    }
    vec![
        token.to_owned(),
        json.to_owned(),
        json.replace('/', "\\/"),
        // PHP's `json_encode`.
        ascii.replace('/', "\\/"),
        utf8_percent_encode(token, percent_encoding::CONTROLS).to_string(),
        url_query_encoded(token),
        strict.replace("%20", "+"),
        strict,
        lower,
        token
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;"),
    ]
}

/// As a browser writes a query.
fn url_query_encoded(token: &str) -> String {
    let mut url = "http://h/".parse::<url::Url>().unwrap();
    url.query_pairs_mut().append_pair("t", token);
    url.query().unwrap()[2..].to_owned()
}

/// What the server makes of the secret.
fn scripts(token: &str, echo: &str) -> Vec<Vec<Step>> {
    let said = format!("Wrong token \"{echo}\" for instance \"1\"");
    let json = |status, body: serde_json::Value| {
        Step::answer(status, "Content-Type: application/json\r\n", body.to_string())
    };
    // The echo as it is, not escaped once more, unless that would make it another text.
    let quoted = format!("\"{echo}\"");
    let read: Result<String, _> = serde_json::from_str(&quoted);
    let quoted = match read {
        Ok(read) if read != echo && read != token => json!(echo).to_string(),
        _ => quoted,
    };
    let raw = |status, body: String| Step::answer(status, "", body);
    let header_safe = echo.replace(|character: char| !(' '..='~').contains(&character), "?");
    let ends = vec![
        json(401, json!({ "error": said })),
        json(200, json!({ "error": said, "err": said })),
        json(200, json!({ "sent": false, "message": said, "err": said })),
        json(400, json!({ "message": said, "err": said })),
        json(200, json!({ "error": { "why": said }, "err": { (&*said): said } })),
        json(200, json!({ "sent": said, "totalMessages": said, "result": said, "msg_id": [said] })),
        json(200, json!({ "msg_data": { "msg_id": { (&*said): said } }, "first100": said })),
        raw(400, said.clone()),
        raw(401, format!("{{\"error\":{quoted},\"err\":{quoted}}}")),
        raw(200, format!("{{\"error\":{quoted},\"err\":{quoted}}}")),
        raw(200, format!("{{\"error\":[{quoted}],\"err\":[{quoted}]}}")),
        raw(200, format!("{{{quoted}:")),
        raw(502, format!("<html>{said}")),
        raw(200, said.clone()),
        Step::answer(302, &format!("Location: /{header_safe}\r\n"), &said),
        Step::answer(429, &format!("Retry-After: {header_safe}\r\n"), &said),
        Step::Write(format!("HTTP/1.1 200 {said}\r\n{said}\r\n\r\n").into()),
        Step::Write(format!("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{said}").into()),
        Step::Stall,
        Step::Reset,
    ];
    let mut scripts: Vec<_> = ends.into_iter().map(|end| vec![Step::Read, end]).collect();
    scripts.push(vec![Step::Reset]);
    scripts
}

/// Everything that can be seen of a call that failed, or of one that did not.
async fn seen<C: Call>(
    dialect: C::Dialect,
    call: C,
    token: &str,
    server: Option<&Server>,
    stalls: bool,
) -> Option<String> {
    let policy = RetryPolicy::new().attempts(2).base(Duration::ZERO);
    let nowhere = Nowhere::new().unwrap();
    let address = server.map_or(nowhere.address(), Server::address).clone();
    let transport = Retry::new(WORLD.transport.clone(), policy);
    let secret = Secret::new(token);
    let gateway = Gateway::new(address, dialect, secret, transport)
        .attempts_within(Duration::from_millis(if stalls { 20 } else { 20_000 }));
    let outcome = gateway.call(&call).await.map(drop);
    let error = outcome.as_ref().err()?;
    let mut seen = format!("{gateway:?} {error:?} {error:#?}");
    let line = error.to_string();
    assert!(!line.contains(char::is_control), "more than one line: {line:?}");
    seen.push_str(&line);
    let mut below = error.source();
    while let Some(error) = below {
        write!(seen, " {error} {error:?} {error:#?}").unwrap();
        below = error.source();
    }
    // The message of a panic.
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        std::panic::set_hook(Box::new(|_| {}));
        outcome.unwrap();
    }));
    let _ = std::panic::take_hook();
    seen.push_str(panicked.unwrap_err().downcast_ref::<String>().unwrap());
    Some(seen)
}

fn token() -> impl Strategy<Value = String> {
    // Anything, and anything that means something somewhere.
    let part = || prop_oneof!["\\PC{0,6}", "[/%&?#+ \"'\\\\<>{}=;:.,~*()!-]{0,8}", "[a-z0-9]{0,8}"];
    (part(), part()).prop_map(|(before, after)| format!("{before}{CANARY}{after}"))
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![Just(Place::Query), Just(Place::Path), Just(Place::JsonBody), Just(Place::FormBody)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_secret_shows_whatever_becomes_of_a_call(
        token in token(),
        place in place(),
        sends in any::<bool>(),
        echo in any::<prop::sample::Index>(),
        script in any::<prop::sample::Index>(),
    ) {
        let World { runtime, .. } = &*WORLD;
        LOG.lock().unwrap().clear();
        let phone: Phone = "79000000001".parse().unwrap();
        let scripts = scripts(&token, echo.get::<String>(&echoes(&token)));
        // One more than there are: nobody listens.
        let script = scripts.get(script.index(scripts.len() + 1)).cloned();
        let stalls = script.iter().flatten().any(|step| matches!(step, Step::Stall));
        let seen = runtime.block_on(async {
            let server = match &script {
                Some(script) => Some(Server::start([script.clone()]).await.unwrap()),
                None => None,
            };
            let server = server.as_ref();
            let whatsapp = Platform::WhatsApp;
            match (place, sends) {
                (Place::Query, true) => {
                    seen(ChatApi::path("1"), SendMessage::new(phone, "hi"), &token, server, stalls).await
                }
                (Place::Query, false) => {
                    seen(ChatApi::query("1"), ShowMessagesQueue::new(), &token, server, stalls).await
                }
                (Place::Path, true) => {
                    seen(Wamm::path(), MsgTo::new(phone, "hi"), &token, server, stalls).await
                }
                (Place::Path, false) => {
                    seen(Wamm::query(), MsgState::new(7), &token, server, stalls).await
                }
                (Place::JsonBody, true) => {
                    seen(Admin::json(), NewInstance::new(whatsapp), &token, server, stalls).await
                }
                (Place::JsonBody, false) => {
                    seen(Admin::json(), ListInstances::new(), &token, server, stalls).await
                }
                (Place::FormBody, true) => {
                    seen(Admin::form(), NewInstance::new(whatsapp), &token, server, stalls).await
                }
                (Place::FormBody, false) => {
                    seen(Admin::query(), ListInstances::new(), &token, server, stalls).await
                }
            }
        });
        let log = String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned();
        prop_assert!(!log.contains(CANARY), "in the log: {log}\nserver: {script:?}");
        if let Some(seen) = seen {
            prop_assert!(!seen.contains(CANARY), "{seen}\nserver: {script:?}");
            // The log is ours and theirs: what is asserted above is asserted of something.
            for heard in ["chatapi.call", "attempt ended", "starting new connection"] {
                prop_assert!(log.contains(heard), "{heard} is missing in the log: {log}");
            }
        }
    }
}
