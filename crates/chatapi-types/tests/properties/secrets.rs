//! A secret never comes through, however it is spelled.

use std::fmt::Write as _;

use chatapi_types::{Secret, Token};
use proptest::prelude::*;

use crate::text;

fn percent(text: &str, plain: &[u8], upper: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            out.push(char::from(byte));
        } else if upper {
            let _ = write!(out, "%{byte:02X}");
        } else {
            let _ = write!(out, "%{byte:02x}");
        }
    }
    out
}

fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

/// As languages that escape everything beyond ASCII, and slashes, write JSON.
fn ascii_json(text: &str) -> String {
    let mut out = String::new();
    for character in json(text).chars() {
        match character {
            '/' => out.push_str("\\/"),
            c if c.is_ascii() => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn spellings(secret: &str) -> Vec<String> {
    let strict = percent(secret, b"-._~", true);
    vec![
        secret.to_owned(),
        json(secret),
        json(&json(secret)),
        json(secret).replace('/', "\\/"),
        ascii_json(secret),
        strict.clone(),
        percent(secret, b"-._~", false),
        percent(secret, b"-._~!$&'()*+,;=:@/?", true),
        // A form: blanks as +, and ~ encoded.
        percent(secret, b"-._* ", true).replace(' ', "+"),
        percent(&strict, b"-._~", true),
        html(secret),
        format!("{secret:?}")[1..].trim_end_matches('"').to_owned(),
    ]
}

proptest! {
    #[test]
    fn no_spelling_comes_through(
        secret in prop_oneof![
            "[a-z0-9]{16}",
            "\\PC{4,24}",
            any::<String>(),
            "[%+&\\\\\"/ ~a2Fu0é]{4,12}",
            "[secrt{}…]{4,8}",
        ].prop_filter("four characters at least", |secret| secret.chars().count() >= 4),
        before in text(),
        after in text(),
        spelling in 0..12_usize,
    ) {
        let echo = spellings(&secret).swap_remove(spelling);
        // Cutting quotes off may have cut the secret.
        let echo = if spelling == 11 && secret.ends_with('"') { json(&secret) } else { echo };
        let clean = Secret::new(secret.clone()).scrub(&format!("{before}{echo}{after}"));
        for spelled in spellings(&secret).into_iter().take(11).chain([echo]) {
            prop_assert!(!clean.contains(&spelled), "{:?} in {:?}", spelled, clean);
        }
    }

    #[test]
    fn what_does_not_spell_it_stays(text in text()) {
        let secret = Secret::new("zq-canary-zq");
        prop_assert_eq!(secret.scrub(&text), text);
    }

    #[test]
    fn debug_shows_nothing(secret in "[a-z0-9]{16}") {
        let token = Token::new(secret.clone());
        let shown = format!("{token:?} {:#?} {:?}", token, Secret::new(secret.clone()));
        prop_assert!(!shown.contains(&secret));
    }
}
