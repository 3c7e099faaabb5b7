//! A request as a line for the shell.

use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};

use super::Exchange;
use super::mask::Mask;

pub(super) fn line(exchange: &Exchange, base: &str) -> Option<String> {
    if !exchange.target.is_whole || !exchange.body.is_whole {
        return None;
    }
    let has_body = exchange.body.bytes > 0;
    let mut line = "curl ".to_owned();
    let usual = if has_body { "POST" } else { "GET" };
    if exchange.method == "HEAD" {
        line.push_str("--head ");
    } else if exchange.method != usual {
        line.push_str(&format!("-X {} ", quoted(&exchange.method)));
    }
    let target = &exchange.target.text;
    if target.replace(Mask::MARK, "").contains(['{', '}', '[', ']']) {
        line.push_str("--globoff ");
    }
    if target.contains("/.") {
        line.push_str("--path-as-is ");
    }
    line.push_str(&quoted(&format!("{}{target}", base.trim_end_matches('/'))));
    let header = |name: &str| {
        let found = exchange.headers.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value)
    };
    for name in [CONTENT_TYPE, AUTHORIZATION, COOKIE] {
        match header(name.as_str()) {
            Some(value) => line.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}")))),
            // Or curl would call it a form.
            None if has_body && name == CONTENT_TYPE => line.push_str(" -H 'content-type;'"),
            None => {}
        }
    }
    if has_body {
        line.push_str(&format!(" --data-raw {}", quoted(&exchange.body.text)));
    }
    Some(line)
}

/// A word for a POSIX shell: nothing in it means anything, but for the secret, which is a variable.
fn quoted(text: &str) -> String {
    let text = text.replace('\'', r"'\''").replace(Mask::MARK, r#"'"$SECRET"'"#);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text,
        false => {
            let word = format!("'{text}'");
            // Nothing is quoted after a secret at the end.
            word.strip_suffix("\"''").map_or_else(|| word.clone(), |word| format!("{word}\""))
        }
    }
}
