//! What tells an event from its repetition.
//!
//! The vendors repeat themselves (up to 20 and up to 5 times) and give events no id. So the id is
//! made of what the event is about: a message of its id, an acknowledgement of the message's id and
//! the state; anything else of its content, within a time that can be said.

use std::time::Duration;

use chatapi_types::{InstanceId, UnixMillis};
use sha2::{Digest as _, Sha256};

use crate::hex::hex;
use crate::{EventId, Vendor};

/// How long the same content counts as the same event, where nothing else tells, unless
/// [`Builder::repeated_within`](crate::Builder::repeated_within) says otherwise. A guess (grade D): no
/// vendor says how far its attempts are apart.
pub(crate) const STRETCH: Duration = Duration::from_secs(600);

pub(crate) struct Key<'a> {
    pub(crate) vendor: Vendor,
    pub(crate) line: &'a InstanceId,
}

impl Key<'_> {
    pub(crate) fn message(&self, id: &str) -> EventId {
        self.of("message", &[id.as_bytes()])
    }

    pub(crate) fn delivery(&self, id: &str, word: &str) -> EventId {
        self.of("delivery", &[id.as_bytes(), word.as_bytes()])
    }

    pub(crate) fn gap(&self, first: u64, last: u64) -> EventId {
        self.of("gap", &[&first.to_be_bytes(), &last.to_be_bytes()])
    }

    /// The id in this stretch of time, and the one in the stretch before: a repetition just across
    /// the border is one, too.
    pub(crate) fn content(
        &self,
        payload: &[u8],
        now: UnixMillis,
        stretch: Duration,
    ) -> (EventId, EventId) {
        let content = Sha256::digest(without_blanks(payload));
        let stretch = i64::try_from(stretch.as_millis()).unwrap_or(i64::MAX).max(1);
        let stretch = now.as_millis().div_euclid(stretch);
        let id = |stretch: i64| self.of("content", &[content.as_slice(), &stretch.to_be_bytes()]);
        (id(stretch), id(stretch.saturating_sub(1)))
    }

    fn of(&self, sort: &str, parts: &[&[u8]]) -> EventId {
        let mut hash = Sha256::new();
        let head = [self.vendor.as_str(), self.line.as_str(), sort];
        for part in head.iter().map(|text| text.as_bytes()).chain(parts.iter().copied()) {
            // With its length, so that no two lists of parts run together.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        EventId::new(hex(&hash.finalize()[..16]))
    }
}

/// JSON without the blanks that mean nothing. Of what is not JSON, something that only the same
/// bytes give.
fn without_blanks(payload: &[u8]) -> Vec<u8> {
    if serde_json::from_slice::<&serde_json::value::RawValue>(payload).is_err() {
        return [b"raw:", payload].concat();
    }
    let (mut in_text, mut escaped) = (false, false);
    let mut kept = Vec::with_capacity(payload.len());
    for &byte in payload {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else {
            in_text = byte == b'"';
            if matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                continue;
            }
        }
        kept.push(byte);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(line: &InstanceId) -> Key<'_> {
        Key { vendor: Vendor::ChatApi, line }
    }

    #[test]
    fn ids_differ_by_every_part_and_show_none() {
        let (one, other) = (InstanceId::from("1"), InstanceId::from("2"));
        let id = key(&one).message("true_79000000001@c.us_A");
        assert_eq!(id.as_str().len(), 32);
        assert!(id.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(id, key(&one).message("true_79000000001@c.us_A"));
        assert_ne!(id, key(&other).message("true_79000000001@c.us_A"));
        assert_ne!(key(&one).delivery("ab", "c"), key(&one).delivery("a", "bc"));
        let wamm = Key { vendor: Vendor::Wamm, line: &one };
        assert_ne!(wamm.message("7"), key(&one).message("7"));
    }

    #[test]
    fn content_is_the_same_whatever_its_blanks_and_other_after_twenty_minutes() {
        let line = InstanceId::from("1");
        let at = |minutes: i64| UnixMillis::from_millis(minutes * 60_000);
        let content = |payload: &[u8], now| key(&line).content(payload, now, STRETCH);
        let (id, _) = content(br#"{"a": "b \" c", "d":[1, 2]}"#, at(9));
        let (same, _) = content(b"{\"a\":\"b \\\" c\",\n\"d\":[1,2]}", at(0));
        assert_eq!(id, same);
        assert_ne!(id, content(br#"{"a":"b \"c","d":[1,2]}"#, at(9)).0);
        let (later, earlier) = content(br#"{"a":"b \" c","d":[1,2]}"#, at(11));
        assert_ne!(later, id);
        assert_eq!(earlier, id);
        assert_ne!(content(br#"{"a":"b \" c","d":[1,2]}"#, at(20)).1, id);
        // What is not JSON keeps its blanks.
        assert_ne!(content(b"a b", at(0)).0, content(b"ab", at(0)).0);
        assert_ne!(content(b"", at(0)).0, content(b"raw:", at(0)).0);
    }
}
