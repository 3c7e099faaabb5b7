//! Raw HTTP, as `curl` would say it.

use bytes::Bytes;
use chatapi_sandbox::Sandbox;
use http::{Request, Response};

pub(crate) const PHONE: &str = "79000000001";

/// A sandbox with the authenticated instance 123, whose token is `token`.
pub(crate) fn with_instance() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.add_instance("123", "token");
    sandbox
}

/// Says a request: the request line without version, headers, an empty line, the body.
pub(crate) fn exchange(sandbox: &Sandbox, text: &str) -> Response<Bytes> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let (verb, target) = lines.next().unwrap().split_once(' ').unwrap();
    let mut request = Request::builder().method(verb).uri(target);
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    let body = Bytes::copy_from_slice(body.as_bytes());
    sandbox.answer(request.body(body).unwrap())
}

/// Says a request; gives back status and body.
pub(crate) fn say(sandbox: &Sandbox, text: &str) -> String {
    let answer = exchange(sandbox, text);
    let body = std::str::from_utf8(answer.body()).unwrap();
    format!("{} {}", answer.status().as_u16(), unchance(body))
}

/// Puts `…` in the place of what is left to chance: sixteen or more hexadecimal digits.
fn unchance(text: &str) -> String {
    let is_hex = |c: char| c.is_ascii_digit() || ('A'..='F').contains(&c);
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_hex) {
        let run = rest[start..].find(|c| !is_hex(c)).unwrap_or(rest.len() - start);
        out.push_str(&rest[..start]);
        match run {
            0..16 => out.push_str(&rest[start..start + run]),
            _ => out.push('…'),
        }
        rest = &rest[start + run..];
    }
    out + rest
}

/// The text of a JSON member `"name":"…"` in an answer.
pub(crate) fn member(answer: &str, name: &str) -> String {
    let (_, rest) = answer.split_once(&format!("\"{name}\":\"")).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// Says a call of instance 123 with a JSON body; see [`say`].
pub(crate) fn call(sandbox: &Sandbox, method: &str, body: &str) -> String {
    say(sandbox, &format!("POST /instance123/{method}?token=token\n\n{body}"))
}

/// Asks instance 123 with a query; see [`say`].
pub(crate) fn ask(sandbox: &Sandbox, method: &str, query: &str) -> String {
    say(sandbox, &format!("GET /instance123/{method}?token=token&{query}"))
}
