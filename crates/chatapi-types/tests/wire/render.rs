//! Writes a layout out as text, the way a transport would: for tests only, and independent of the
//! transport that really does it.

use std::fmt::Write as _;

use chatapi_types::{Body, Layout, Member, Part};

/// The request as text: verb, target, content type, body. The secret is `{secret}`.
pub(crate) fn request(layout: &Layout) -> String {
    let path: Vec<_> = layout.path.iter().map(part).collect();
    let mut text = format!("{} /{}", layout.verb.as_str(), path.join("/"));
    if !layout.query.is_empty() {
        let _ = write!(text, "?{}", pairs(&layout.query));
    }
    for (name, value) in &layout.headers {
        let _ = write!(text, "\n{name}: {}", part(value));
    }
    match &layout.body {
        Body::Empty => {}
        Body::Form(form) => {
            let _ = write!(text, "\napplication/x-www-form-urlencoded\n{}", pairs(form));
        }
        Body::Json(members) => {
            let members: Vec<_> = members
                .iter()
                .map(|(name, member)| match member {
                    Member::Value(value) => format!("\"{name}\":{value}"),
                    Member::Secret => format!("\"{name}\":\"{{secret}}\""),
                })
                .collect();
            let _ = write!(text, "\napplication/json\n{{{}}}", members.join(","));
        }
        Body::Raw { content_type, bytes } => {
            let _ = write!(text, "\n{content_type}\n{} B", bytes.len());
        }
    }
    text
}

fn pairs<N: AsRef<str>>(pairs: &[(N, Part)]) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name.as_ref()), part(value)))
        .collect();
    pairs.join("&")
}

fn part(part: &Part) -> String {
    match part {
        Part::Word(text) => encoded(text),
        Part::Arg(text) => encoded(text),
        Part::Secret { prefix } => format!("{prefix}{{secret}}"),
    }
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
