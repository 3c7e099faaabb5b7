//! An example of everything that can be said to the control API, for the OpenAPI document.

use serde_json::{Map, Value};

/// Names, and bodies in JSON.
pub(super) type Examples = &'static [(&'static str, &'static str)];

/// What is done to the clock.
const CLOCK: Examples =
    &[("advance", r#"{"seconds":60}"#), ("run-until-idle", "{}"), ("clock", r#"{"mode":"x60"}"#)];

/// What is done to the sandbox as a whole.
const WORLD: Examples = &[
    ("add-instance", r#"{"id":"123","token":"secret"}"#),
    ("add-channel", r#"{"token":"secret","messenger":"whatsApp"}"#),
    ("add-account", r#"{"uid":"key"}"#),
    ("no-account", r#"{"phone":"79000000001"}"#),
    ("has-account", r#"{"phone":"79000000001"}"#),
    ("name-contact", r#"{"phone":"79000000001","name":"Ann Lee"}"#),
    ("dead-link", r#"{"url":"http://example.com/gone.jpg"}"#),
    ("add-fault", r#"{"scope":{"method":"sendMessage"},"effect":{"kind":"answerLost"}}"#),
    ("remove-fault", r#"{"id":1}"#),
    ("clear-faults", "{}"),
    ("test-account", "{}"),
    ("paid-account", "{}"),
    ("reset", "{}"),
];

/// What is done to an instance or its phone.
pub(super) const INSTANCE: Examples = &[
    ("wake", "{}"),
    ("scan-qr", "{}"),
    ("expire-qr", "{}"),
    ("new-qr", "{}"),
    ("log-out", "{}"),
    ("offline", "{}"),
    ("poor", "{}"),
    ("silent", "{}"),
    ("online", "{}"),
    ("unplug", "{}"),
    ("plug-in", "{}"),
    ("battery", r#"{"percent":4}"#),
    ("server-offline", "{}"),
    ("block-proxy", "{}"),
    ("server-online", "{}"),
    ("second-session", "{}"),
    ("close-second-session", "{}"),
    ("takeover", "{}"),
    ("unpaid", "{}"),
    ("paid", "{}"),
    ("rotate-token", r#"{"token":"new"}"#),
    ("clear-queue", "{}"),
    ("webhook", r#"{"url":"http://127.0.0.1:9000/hook"}"#),
    ("write", r#"{"chat":"79000000001","text":"hello"}"#),
    ("send", r#"{"chat":"79000000001","message":{"kind":"location","lat":51.5,"lng":-0.1}}"#),
    ("add-group", r#"{"name":"Neighbours","members":["79000000001","79000000002"]}"#),
    ("read", r#"{"chat":"79000000001"}"#),
    ("order", r#"{"chat":"79000000001","products":["1"]}"#),
    ("remove", "{}"),
];

/// What is done to a channel.
pub(super) const CHANNEL: Examples = &[
    ("state", r#"{"state":"blocked"}"#),
    ("restart", "{}"),
    ("unpaid", "{}"),
    ("paid", "{}"),
    ("rotate-token", r#"{"token":"new"}"#),
    ("webhook", r#"{"url":"http://127.0.0.1:9000/hook"}"#),
    ("write", r#"{"chat":"79000000001","text":"hello"}"#),
    ("send", r#"{"chat":"79000000001","message":{"kind":"text","text":"hello"}}"#),
    ("read", r#"{"chat":"79000000001"}"#),
    ("add-contact", r#"{"chat":"79000000001","name":"Ann Lee"}"#),
    ("close-chat", r#"{"chat":"79000000001"}"#),
    ("checks-time-out", "{}"),
    ("checks-answer", "{}"),
    ("remove", "{}"),
];

/// What a contact sends, by its kind.
pub(super) const INBOUND: Examples = &[
    ("text", r#"{"kind":"text","text":"hello"}"#),
    ("image", r#"{"kind":"image","name":"a.png","base64":"iVBORw0KGgo=","caption":"look"}"#),
    ("voice", r#"{"kind":"voice","name":"a.ogg","base64":"T2dnUw=="}"#),
    ("audio", r#"{"kind":"audio","name":"a.mp3","base64":"SUQz"}"#),
    ("video", r#"{"kind":"video","name":"a.mp4","base64":"AAAA"}"#),
    ("document", r#"{"kind":"document","name":"a.txt","base64":"aGVsbG8="}"#),
    ("location", r#"{"kind":"location","lat":51.5,"lng":-0.1,"address":"London"}"#),
    ("vCard", r#"{"kind":"vCard","vcard":"BEGIN:VCARD\nVERSION:3.0\nFN:Ann Lee\nEND:VCARD"}"#),
];

/// Faults, one for each effect.
pub(super) const FAULTS: Examples = &[
    (
        "latency",
        r#"{"when":{"kind":"chance","probability":0.1},"effect":{"kind":"latency","seconds":[1,5]}}"#,
    ),
    ("unauthorized", r#"{"scope":{"instance":"123"},"effect":{"kind":"unauthorized"}}"#),
    (
        "rateLimited",
        r#"{"when":{"kind":"every","n":3},"effect":{"kind":"rateLimited","retryAfter":5}}"#,
    ),
    (
        "serverError",
        r#"{"when":{"kind":"first","n":2},"effect":{"kind":"serverError","status":503,"done":false}}"#,
    ),
    ("html", r#"{"from":60,"until":120,"effect":{"kind":"html","status":502}}"#),
    ("truncated", r#"{"effect":{"kind":"truncated","bytes":10,"cleanly":true}}"#),
    ("wrongTypes", r#"{"effect":{"kind":"wrongTypes"}}"#),
    ("unknownEnum", r#"{"effect":{"kind":"unknownEnum"}}"#),
    ("drip", r#"{"effect":{"kind":"drip","bytes":10,"seconds":0.1}}"#),
    ("huge", r#"{"effect":{"kind":"huge","bytes":50000000}}"#),
    ("refused", r#"{"scope":{"vendor":"chatApi"},"effect":{"kind":"refused"}}"#),
    ("resetBefore", r#"{"times":1,"effect":{"kind":"resetBefore"}}"#),
    ("resetAfter", r#"{"effect":{"kind":"resetAfter","done":true}}"#),
    (
        "answerLost",
        r#"{"scope":{"method":"sendMessage"},"when":{"kind":"nth","n":2},"effect":{"kind":"answerLost"}}"#,
    ),
    ("acceptedLate", r#"{"effect":{"kind":"acceptedLate","after":30,"hold":1}}"#),
    ("staleQueue", r#"{"effect":{"kind":"staleQueue","seconds":30}}"#),
    ("historyLag", r#"{"effect":{"kind":"historyLag","seconds":30}}"#),
    ("vendorDuplicate", r#"{"effect":{"kind":"vendorDuplicate"}}"#),
    ("messageDropped", r#"{"effect":{"kind":"messageDropped"}}"#),
    ("queueCleared", r#"{"effect":{"kind":"queueCleared"}}"#),
    ("webhookDropped", r#"{"effect":{"kind":"webhookDropped"}}"#),
    ("webhookDoubled", r#"{"effect":{"kind":"webhookDoubled"}}"#),
    ("webhookReordered", r#"{"effect":{"kind":"webhookReordered"}}"#),
    ("webhookDelayed", r#"{"effect":{"kind":"webhookDelayed","seconds":30}}"#),
];

/// As OpenAPI has them.
pub(super) fn named(examples: Examples) -> Map<String, Value> {
    let example = |(name, body): &(&str, &str)| {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        ((*name).to_owned(), Value::from_iter([("value", body)]))
    };
    examples.iter().map(example).collect()
}

/// Every command, whole.
pub(super) fn commands() -> Map<String, Value> {
    let mut all = Map::new();
    let targets = [
        (CLOCK, None),
        (WORLD, None),
        (INSTANCE, Some(("instance", "123"))),
        (CHANNEL, Some(("channel", "secret"))),
    ];
    for (examples, target) in targets {
        for (action, body) in examples {
            let mut command: Map<String, Value> = serde_json::from_str(body).unwrap_or_default();
            command.insert("do".to_owned(), Value::from(*action));
            let mut name = (*action).to_owned();
            if let Some((kind, id)) = target {
                command.insert(kind.to_owned(), Value::from(id));
                name = format!("{kind}-{action}");
            }
            all.insert(name, Value::from_iter([("value", Value::Object(command))]));
        }
    }
    all
}
