//! Answers that are JSON and yet wrong.

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_LENGTH;
use serde_json::{Value, json};

/// Changes an answer that is JSON; others stay as they are.
pub(super) fn change(answer: &mut Response<Bytes>, change: impl Fn(Value) -> Value) {
    if let Ok(value) = serde_json::from_slice(answer.body()) {
        *answer.body_mut() = change(value).to_string().into();
        answer.headers_mut().remove(CONTENT_LENGTH);
    }
}

/// Every member of the outer object gets another type; nothing lenient reads it as the old one.
pub(super) fn wrong_types(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, other_type(value))).collect()
        }
        value => json!({ "value": value }),
    }
}

fn other_type(value: Value) -> Value {
    match value {
        Value::Null => json!(false),
        Value::Bool(value) => json!({ "value": value }),
        Value::Number(number) => json!([number]),
        Value::String(text) => json!({ "text": text }),
        Value::Array(items) => json!(items.len()),
        Value::Object(members) => Value::Array(members.into_iter().map(|(_, it)| it).collect()),
    }
}

/// Members whose texts are words of the vendor's.
const WORDS: [&str; 14] = [
    "accountStatus",
    "ack",
    "api_tip",
    "contact_tip",
    "pay_state",
    "result",
    "state",
    "status",
    "substatus",
    "tip",
    "tip_msg",
    "type",
    "user_role",
    "reason",
];

/// The vendor's words become one that nobody knows.
pub(super) fn unknown_words(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| match value {
                Value::String(_) if WORDS.contains(&&*name) => (name, json!("unheardOf")),
                value => (name, unknown_words(value)),
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(unknown_words).collect(),
        value => value,
    }
}
