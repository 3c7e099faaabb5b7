//! Reads a request that was written out as text back into arguments, as a server does.

use chatapi_types::Args;
use serde_json::{Map, Value};

/// The arguments in a request as [`render::request`](crate::render::request) writes it: from the
/// path (after `skip` segments), the query and the body, without what is the dialect's `own`.
pub(crate) fn args(
    request: &str,
    slots: &'static [&'static str],
    skip: usize,
    own: &[&str],
) -> Args {
    let mut lines = request.splitn(3, '\n');
    let (_, target) = lines.next().unwrap().split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut args = Args::new();
    let segments = path.trim_start_matches('/').split('/').skip(skip);
    for (slot, segment) in slots.iter().zip(segments.filter(|segment| !segment.is_empty())) {
        args.set(*slot, decoded(segment));
    }
    pairs(query, &mut args);
    match (lines.next(), lines.next()) {
        (Some("application/json"), Some(body)) => {
            let members: Map<String, Value> = serde_json::from_str(body).unwrap();
            for (name, value) in members {
                args.set(name, value);
            }
        }
        (Some("application/x-www-form-urlencoded"), Some(body)) => pairs(body, &mut args),
        (None, None) => {}
        other => panic!("an odd body: {other:?}"),
    }
    for name in own {
        args.take(name);
    }
    args
}

fn pairs(text: &str, args: &mut Args) {
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap();
        args.set(decoded(name), decoded(value));
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        if *first == b'%' {
            let (digits, others) = rest.split_at(2);
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap());
            rest = others;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).unwrap()
}
