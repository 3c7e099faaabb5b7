//! Who is reachable.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the world knows of people and links: everybody has an account and every link works, unless
/// it is noted here.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct People {
    without_account: BTreeSet<String>,
    names: BTreeMap<String, String>,
    dead_links: BTreeSet<String>,
}

impl People {
    pub(crate) fn close_account(&mut self, address: &str) {
        self.without_account.insert(digits_of(address));
    }

    pub(crate) fn open_account(&mut self, address: &str) {
        self.without_account.remove(&digits_of(address));
    }

    /// Whether the messenger knows a number or chat.
    pub(crate) fn has_account(&self, address: &str) -> bool {
        !self.without_account.contains(&digits_of(address))
    }

    pub(crate) fn name(&mut self, address: &str, name: &str) {
        self.names.insert(digits_of(address), name.to_owned());
    }

    /// A contact's name, or its number.
    pub(crate) fn name_of(&self, address: &str) -> String {
        let number = digits_of(address);
        self.names.get(&number).cloned().unwrap_or(number)
    }

    pub(crate) fn break_link(&mut self, url: &str) {
        self.dead_links.insert(url.to_owned());
    }

    /// Whether the file at an address can be had. Hosts under `.invalid`, which the name system
    /// never resolves, are dead without further ado.
    pub(crate) fn link_works(&self, url: &str) -> bool {
        let host = url
            .split_once("://")
            .map_or(url, |(_, rest)| rest)
            .split(['/', ':', '?', '#'])
            .next()
            .unwrap_or_default();
        !host.ends_with(".invalid") && !self.dead_links.contains(url)
    }
}

/// The number in a phone, however it is written, or in a chat id; other addresses as they are, also
/// chat ids that are negative numbers.
pub(crate) fn digits_of(address: &str) -> String {
    let name = address.strip_suffix("@c.us").unwrap_or(address);
    let is_number =
        !name.starts_with('-') && name.chars().all(|c| c.is_ascii_digit() || " +-.()/".contains(c));
    match is_number {
        true => name.chars().filter(char::is_ascii_digit).collect(),
        false => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let mut people = People::default();
        people.close_account("+7 (900) 000-00-01");
        assert!(!people.has_account("79000000001"));
        assert!(!people.has_account("79000000001@c.us"));
        assert!(people.has_account("79000000002"));
        people.open_account("79000000001");
        assert!(people.has_account("79000000001@c.us"));
        assert_eq!(digits_of("@nickname"), "@nickname");
        assert_eq!(digits_of("-100200300"), "-100200300");
        assert_eq!(digits_of("79000000001-1600000000@g.us"), "79000000001-1600000000@g.us");
    }

    #[test]
    fn links_under_invalid_are_dead() {
        let mut people = People::default();
        assert!(people.link_works("https://files.example/a.pdf"));
        assert!(!people.link_works("https://files.invalid/a.pdf"));
        assert!(!people.link_works("http://gone.invalid:81?x"));
        people.break_link("https://files.example/a.pdf");
        assert!(!people.link_works("https://files.example/a.pdf"));
        assert!(people.link_works("https://files.example/b.pdf"));
    }
}
