//! What is fuzzed: any body, through parsing, storing and reading back.
//!
//! `cargo +nightly fuzz run chat_api` in this crate's folder (and `wamm`), with cargo-fuzz
//! installed. The same function runs as a test over the corpus and mutations of it, so that CI needs
//! neither.

use bytes::Bytes;
use chatapi_types::{InstanceId, UnixMillis};

use crate::payload::{self, Addressee};
use crate::{Content, Vendor};

/// Takes a body apart as the receiver does and reads each event as the stream does. Gives back what
/// sorts of events these are.
///
/// # Panics
///
/// When something of it is lost, or is another thing the second time: that is what fuzzing is to
/// find.
#[must_use]
pub fn target(vendor: Vendor, body: &[u8]) -> Vec<&'static str> {
    let line = InstanceId::from("100000");
    let to = Addressee { vendor, line: &line, any_line: true, hint: false };
    let body = Bytes::copy_from_slice(body);
    let now = UnixMillis::from_millis(1_600_000_000_000);
    let records = payload::take_apart(&to, &body, now);
    let again = payload::take_apart(&to, &body, now);
    assert!(records == again, "the same body is taken apart in two ways");
    let mut sorts = Vec::new();
    for record in &records {
        assert!(record.id.as_str().len() == 32, "an id has another length");
        let content = payload::read(record);
        sorts.push(content.sort());
        let _ = content.hint();
        if let Content::Unknown(raw) = &content {
            assert!(raw == &record.payload, "what is not understood is not kept to the letter");
        }
        // What is stored is one event: taken apart again it is itself.
        let alone = payload::take_apart(&to, &record.payload, now);
        assert!(alone.len() == 1, "one event became {}", alone.len());
        assert!(alone[0].id == record.id, "an event has another id when it stands alone");
    }
    sorts
}
