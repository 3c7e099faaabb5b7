//! Random rules of what goes wrong.

#![expect(unreachable_pub, reason = "shared by the tests")]

use std::fmt;
use std::time::Duration;

use chatapi_sandbox::Fault;
use chatapi_sandbox::fault::{Effect, Scope, Vendor, When};
use proptest::prelude::*;
use proptest::sample::select;

const SECOND: Duration = Duration::from_secs(1);

/// A rule, shown as people write it.
#[derive(Clone)]
pub struct Rule(pub Fault);

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&self.0).unwrap())
    }
}

/// What befalls calls.
pub fn on_calls() -> Vec<Effect> {
    vec![
        Effect::latency(SECOND),
        Effect::Latency { seconds: SECOND / 3..=7 * SECOND },
        Effect::Unauthorized {},
        Effect::RateLimited { retry_after: 5 },
        Effect::ServerError { status: 500, done: false },
        Effect::ServerError { status: 503, done: true },
        Effect::Html { status: 502, done: false },
        Effect::Html { status: 200, done: true },
        Effect::Truncated { bytes: None, cleanly: false },
        Effect::Truncated { bytes: Some(12), cleanly: true },
        Effect::WrongTypes {},
        Effect::UnknownEnum {},
        Effect::Drip { bytes: 3, seconds: SECOND / 7 },
        Effect::Huge { bytes: 2_000 },
        Effect::Refused {},
        Effect::ResetBefore {},
        Effect::ResetAfter { done: true },
        Effect::ResetAfter { done: false },
        Effect::AnswerLost { hold: None },
        Effect::AnswerLost { hold: Some(3 * SECOND) },
        Effect::AcceptedLate { after: 40 * SECOND, hold: None },
        Effect::AcceptedLate { after: SECOND / 9, hold: Some(SECOND) },
    ]
}

/// What befalls messages.
pub fn on_messages() -> Vec<Effect> {
    vec![Effect::VendorDuplicate {}, Effect::MessageDropped {}, Effect::QueueCleared {}]
}

/// What befalls all that is shown.
pub fn on_views() -> Vec<Effect> {
    vec![Effect::StaleQueue { seconds: 20 * SECOND }, Effect::HistoryLag { seconds: 30 * SECOND }]
}

/// What befalls webhooks.
pub fn on_webhooks() -> Vec<Effect> {
    vec![
        Effect::WebhookDropped {},
        Effect::WebhookDoubled {},
        Effect::WebhookReordered {},
        Effect::WebhookDelayed { seconds: 50 * SECOND },
    ]
}

/// Any rule in the world of [`begin`](crate::steps::begin).
pub fn rule() -> impl Strategy<Value = Rule> {
    let places = || vec![Scope::everywhere(), Scope::instance("123"), Scope::channel("T")];
    let methods = vec![
        Scope::instance("123").method("message"),
        Scope::channel("T").method("msg_to"),
        Scope::vendor(Vendor::ChatApi).method("sendFile"),
        Scope::vendor(Vendor::Admin),
    ];
    let called = [places(), methods].concat();
    let where_what = prop_oneof![
        3 => (select(called), select(on_calls())),
        4 => (select(places()), select(on_messages())),
        1 => (select(places()), select(on_views())),
        2 => (select(places()), select(on_webhooks())),
    ];
    let when = prop_oneof![
        2 => Just(When::Always {}),
        1 => (1u64..5).prop_map(|n| When::Nth { n }),
        1 => (1u64..5).prop_map(|n| When::First { n }),
        1 => (1u64..5).prop_map(|n| When::Every { n }),
        2 => (0.01f64..=1.0).prop_map(|probability| When::Chance { probability }),
    ];
    let times = proptest::option::of(1u64..4);
    (where_what, when, times).prop_map(|((scope, effect), when, times)| {
        let fault = Fault::new(effect).at(scope).when(when);
        Rule(times.map_or(fault.clone(), |most| fault.times(most)))
    })
}
