//! Do the links lead anywhere?

use std::fmt;

use async_trait::async_trait;

/// Checks whether a link leads anywhere.
///
/// The library brings none: whoever fetches addresses that strangers wrote must guard against
/// requests to the inside of his own network, and knows best how. Without a probe a diagnosis says
/// "not checked".
#[async_trait]
pub trait LinkProbe: fmt::Debug + Send + Sync {
    /// Checks an http(s) address.
    async fn probe(&self, url: &str) -> LinkState;
}

/// Whether a link leads anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkState {
    /// It does.
    Alive,
    /// It does not; with the reason, such as `404`.
    Dead(String),
    /// It could not be told.
    Unknown,
}

/// The http(s) addresses in a text.
pub(super) fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).filter_map(|word| {
        let at = word.find("https://").or_else(|| word.find("http://"))?;
        let link = word[at..].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'']);
        (link.len() > "https://".len()).then_some(link)
    })
}

/// The host of an http(s) address, without port, user and password: these must not be shown.
pub(super) fn host(link: &str) -> &str {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.find(']') {
        Some(end) if host.starts_with('[') => &host[..=end],
        _ => host.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_in_running_text() {
        let text = "See (https://h.example/a?b=1), or http://x.example. Not ftp://y or https://";
        assert_eq!(
            links(text).collect::<Vec<_>>(),
            ["https://h.example/a?b=1", "http://x.example"]
        );
    }

    #[test]
    fn a_host_is_shown_without_user_password_and_query() {
        for (link, shown) in [
            ("https://h.example/a?b=1", "h.example"),
            ("https://user:secret@h.example:8443/a", "h.example"),
            ("https://user:se@cret@h.example?to=x@y.example", "h.example"),
            ("https://h.example?key=secret", "h.example"),
            ("https://h.example#a@b", "h.example"),
            ("http://user:secret@[::1]:80/a", "[::1]"),
            ("https://user:sec/ret@h.example", "user"),
        ] {
            assert_eq!(host(link), shown, "{link}");
        }
    }
}
