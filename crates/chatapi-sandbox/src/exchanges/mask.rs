//! Secrets in requests and answers.

use std::borrow::Cow;
use std::sync::LazyLock;

use chatapi_types::Secret;
use percent_encoding::percent_decode_str;
use regex_lite::{Captures, Regex};

/// A secret of fewer characters (in tests they are called `T` or `token`) is found where it stands
/// by its name; looked for everywhere, it would take harmless words out of every text.
const TELLING: usize = 6;

/// Members with the name of a secret, in JSON and in forms, whoever's they are. Made once: a page of
/// requests masks hundreds.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let names = NAMES.join("|");
    // A member of JSON, also where the end is cut off; a pair of a form; a part of a multipart
    // body; a token that is called wrong.
    Regex::new(&format!(
        r#"(?i)(?<before>\\?"(?:{names})\\?"\s*:\s*)(?:\\?"(?:[^"\\]|\\[^"])*(?:\\?"|\\?$)|[^\s,"}}\]]+)|(?<pair>(?:^|[?&\s"])(?:{names})=)[^&\s"\\]+|(?<part>name="?(?:{names})"?[^\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)[^\r\n]+|(?<wrong>Wrong token )\\?"[^"\\]*\\?""#
    ))
    .ok()
});

/// What is kept from being seen in one exchange.
pub(super) struct Mask {
    /// The secrets of the request itself.
    own: Vec<Secret>,
}

/// How secrets are called, by the vendors and by people.
const NAMES: [&str; 9] = [
    "token",
    "uid",
    "api_key",
    "apikey",
    "access_token",
    "apitoken",
    "secret",
    "password",
    "authorization",
];

fn is_secret(name: &str) -> bool {
    let name = percent_decode_str(name).decode_utf8_lossy();
    NAMES.iter().any(|secret| name.trim().eq_ignore_ascii_case(secret))
}

impl Mask {
    /// What stands in a secret's place.
    pub(super) const MARK: &'static str = "{secret}";

    /// The mask for a request, from its target and its body.
    pub(super) fn for_request(target: &str, body: &str) -> Self {
        let mut own = Vec::new();
        let mut take = |value: &str| {
            let value = value.replace('+', " ");
            let value = percent_decode_str(&value).decode_utf8_lossy();
            let value = value.trim();
            if value.chars().count() >= TELLING && own.iter().all(|s: &Secret| s.expose() != value)
            {
                own.push(Secret::new(value));
            }
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if let Some(token) = wamm_token(path) {
            take(&path[token]);
        }
        for (_, value) in secret_pairs(query).chain(secret_pairs(body)) {
            take(value);
        }
        Self { own }
    }

    /// A target without its secrets.
    pub(super) fn target(&self, target: &str) -> String {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let mut clean = match wamm_token(path) {
            Some(token) => {
                let (before, after) = (&path[..token.start], &path[token.end..]);
                format!("{before}{}{}", Self::MARK, self.scrub(after))
            }
            None => self.scrub(path).into_owned(),
        };
        if let Some(query) = query {
            clean.push('?');
            let pair = |pair: &str| match pair.split_once('=') {
                Some((name, value)) if is_secret(name) && !value.is_empty() => {
                    format!("{name}={}", Self::MARK)
                }
                Some((name, value)) => format!("{name}={}", self.scrub(value)),
                None => self.scrub(pair).into_owned(),
            };
            clean.push_str(&query.split('&').map(pair).collect::<Vec<_>>().join("&"));
        }
        clean
    }

    /// A body or a header without its secrets.
    pub(super) fn text(&self, text: &str) -> String {
        let Some(named) = &*NAMED else {
            // Not to be seen rather than to be seen whole. Our expression can be read: it is tested.
            return Self::MARK.to_owned();
        };
        let clean = named.replace_all(text, |found: &Captures<'_>| {
            let kept = |name| found.name(name).map(|kept| kept.as_str());
            if let Some(before) = kept("before") {
                let quote = if before.contains('\\') { "\\\"" } else { "\"" };
                return format!("{before}{quote}{}{quote}", Self::MARK);
            }
            let before = ["pair", "part", "wrong"].into_iter().find_map(kept);
            format!("{}{}", before.unwrap_or_default(), Self::MARK)
        });
        self.scrub(&clean).into_owned()
    }

    fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let scrub = |text: Cow<'a, str>, secret: &Secret| Cow::Owned(secret.scrub(&text));
        self.own.iter().fold(Cow::Borrowed(text), scrub)
    }
}

/// The pairs of a query or a form that hold secrets.
fn secret_pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, value)| is_secret(name) && !value.is_empty())
}

/// Where the token stands in `/api2/{method}/{token}/…`.
fn wamm_token(path: &str) -> Option<std::ops::Range<usize>> {
    let mut at = 0;
    let mut place = 0;
    for segment in path.split('/') {
        if !segment.is_empty() {
            place += 1;
            let is_other = place == 1 && percent_decode_str(segment).ne(*b"api2");
            if is_other {
                return None;
            }
            if place == 3 {
                return Some(at..at + segment.len());
            }
        }
        at += segment.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(target: &str, body: &str) -> (String, String) {
        let mask = Mask::for_request(target, body);
        (mask.target(target), mask.text(body))
    }

    #[test]
    fn secrets_are_found_wherever_they_stand() {
        for (target, body) in [
            ("/instance1/status?token=canary7&x=1", ""),
            ("//instance1//status?a=b&%74oken=can%61ry7", "echo canary7"),
            ("/api2//msg_to/canary7/79000000001/canary7", ""),
            ("/admin/newInstance", r#"{"uid":"canary7","x":"y"}"#),
            ("/admin/newInstance", r#"{"UID" : "canary7"#),
            ("/admin/newInstance", "a=b&uid=canary7"),
            ("/x", r#"{"list":[{"token":"canary7"},{"apiToken": "canary7"}],"n":{"token":1}}"#),
            ("/x", r#"{"body":"{\"token\":\"canary7\"}"}"#),
            ("/x", "--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\ncanary7\r\n--b--"),
            ("/x?token=canary7", r#"{"error":"Wrong token \"canary7\" for instance"}"#),
            ("/x", r#"{"webhookUrl":"https://h.example/?token=canary7&a=b"}"#),
        ] {
            let (target, body) = seen(target, body);
            assert!(!target.contains("canary7") && !target.contains("can%61ry7"), "{target}");
            assert!(!body.contains("canary7"), "{body}");
        }
    }

    #[test]
    fn the_rest_stays() {
        let (target, body) = seen(
            "/instance1/status?token=token&body=my%20token",
            r#"{"token":"token","b":"token"}"#,
        );
        assert_eq!(target, "/instance1/status?token={secret}&body=my%20token");
        assert_eq!(body, r#"{"token":"{secret}","b":"token"}"#);
        assert_eq!(seen("/api2/msg_to/T/7900/To%20T", "").0, "/api2/msg_to/{secret}/7900/To%20T");
        assert_eq!(seen("/api2/", "").0, "/api2/");
        assert_eq!(seen("/files/x?", "").0, "/files/x?");
        let (_, wrong) = seen("/x?token=T", r#"{"error":"Wrong token \"T\" for instance \"1\"."}"#);
        assert_eq!(wrong, r#"{"error":"Wrong token {secret} for instance \"1\"."}"#);
    }
}
