//! Whatever is posted is typed or unknown, and is kept; nothing panics.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chatapi_types::chat_api::WebhookEvents;
use chatapi_webhook::{Content, Events, MemoryInbox, Vendor, fuzzing};
use fastrand::Rng;

use crate::{builder, message, posted};

/// What was written as an example, and what the fuzzer found.
fn corpus(target: &str) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!((3..200).contains(&files.len()), "{} files in the corpus", files.len());
    files.sort();
    let is_found =
        |file: &PathBuf| file.file_name().unwrap().to_str().unwrap().starts_with("found_");
    let (found, written): (Vec<_>, Vec<_>) = files.into_iter().partition(is_found);
    let read =
        |files: Vec<PathBuf>| files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    (read(written), read(found))
}

/// Bytes changed, cut, doubled, or words of the vendors' put in.
fn mutated(body: &[u8], random: &mut Rng) -> Vec<u8> {
    let mut body = body.to_vec();
    for _ in 0..random.usize(1..4) {
        let at = random.usize(0..=body.len());
        let end = random.usize(at..=body.len().min(at + 16));
        match random.u8(0..12) {
            0 if at < body.len() => body[at] ^= 1 << random.u8(0..8),
            1 if at < body.len() => body[at] = random.u8(..),
            2 => body.truncate(at),
            3 => drop(body.drain(at..end)),
            4 => {
                let part = body[at..end].to_vec();
                let to = random.usize(0..=body.len());
                body.splice(to..to, part);
            }
            // What is JSON before mostly stays so.
            5..=10 => {
                let letters = body.iter().skip(at).position(u8::is_ascii_alphanumeric);
                if let Some(letter) = letters {
                    body[at + letter] = random.alphanumeric() as u8;
                }
            }
            _ => {
                let words =
                    ["null", "[]", "{", "\"", "1e999", "\\u0000", "-1", "\"ack\":", "[[[[[[[["];
                let word = random.choice(words).unwrap_or_default();
                body.splice(at..end, word.bytes());
            }
        }
    }
    body
}

#[test]
fn ten_thousand_mutated_payloads_are_typed_or_unknown() {
    let mut random = Rng::with_seed(11);
    for (vendor, folder) in [(Vendor::ChatApi, "chat_api"), (Vendor::Wamm, "wamm")] {
        let (corpus, found) = corpus(folder);
        let mut sorts = BTreeMap::new();
        for body in corpus.iter().chain(&found) {
            let _ = fuzzing::target(vendor, body);
        }
        for turn in 0..5_000 {
            let body = mutated(&corpus[turn % corpus.len()], &mut random);
            for sort in fuzzing::target(vendor, &body) {
                *sorts.entry(sort).or_insert(0) += 1;
            }
        }
        // The mutations reach what is understood, and what is not.
        for sort in ["message", "delivery", "unknown"] {
            assert!(sorts.get(sort).is_some_and(|count| *count > 100), "{vendor}: {sorts:?}");
        }
    }
}

#[tokio::test]
async fn thousands_of_mutated_requests_are_taken_whole_or_refused() {
    let mut random = Rng::with_seed(12);
    let (corpus, found) = corpus("request");
    let mut answers = BTreeMap::new();
    for request in corpus.iter().chain(&found) {
        let _ = fuzzing::request(request).await;
    }
    for turn in 0..3_000 {
        let request = mutated(&corpus[turn % corpus.len()], &mut random);
        if let Some(status) = fuzzing::request(&request).await {
            *answers.entry(status.as_u16()).or_insert(0) += 1;
        }
    }
    for status in [200, 400, 404, 405, 413, 415] {
        assert!(answers.get(&status).is_some_and(|count| *count > 10), "{status}: {answers:?}");
    }
}

#[tokio::test]
async fn what_is_not_understood_comes_to_the_letter() {
    let inbox = MemoryInbox::new();
    let receiver = builder(inbox.clone()).build();
    let deep = "[".repeat(100_000);
    let bodies =
        ["", "no JSON", "{\"half\":", &deep, "\u{1F600}", "null", r#"{"status":"offline"}"#];
    for body in bodies {
        assert_eq!(posted(&receiver, 1, body.to_owned()).await.status(), 200, "{body:.20}");
        assert_eq!(posted(&receiver, 2, body.to_owned()).await.status(), 200, "{body:.20}");
    }
    assert_eq!(posted(&receiver, 1, vec![0xff, 0xfe, 0]).await.status(), 200);
    assert_eq!(receiver.counts().unknown, 15);
    let mut events = Events::of(inbox);
    for body in bodies {
        for line in ["7", "w"] {
            let event = events.next().await.unwrap();
            assert_eq!(event.line.as_str(), line);
            let Content::Unknown(raw) = &event.content else { panic!("{event:?}") };
            assert_eq!(raw, body);
            event.ack().await.unwrap();
        }
    }
    let last = events.next().await.unwrap();
    assert!(matches!(&last.content, Content::Unknown(raw) if **raw == [0xff, 0xfe, 0]));
}

/// What stands beside the events goes with each: half a body of it, times half a body of events, is
/// 200 GiB.
#[tokio::test]
async fn a_payload_of_more_events_than_the_vendor_can_mean_stays_whole() {
    let inbox = MemoryInbox::new();
    let receiver = builder(inbox.clone()).build();
    let many = format!(r#"{{"ack":[{}7]}}"#, "7,".repeat(500_000));
    let wide = format!(r#"{{"ack":[{}7],"a":"{}"}}"#, "7,".repeat(9_000), "x".repeat(1_000_000));
    let mut events = Events::of(inbox);
    for body in [many, wide] {
        assert_eq!(posted(&receiver, 1, body.clone()).await.status(), 200);
        let event = events.next().await.unwrap();
        assert!(matches!(&event.content, Content::Unknown(raw) if *raw == body), "{event:?}");
        event.ack().await.unwrap();
    }
    assert_eq!(receiver.counts().events, 2);
}

#[tokio::test]
async fn an_odd_event_beside_others_spoils_none() {
    let inbox = MemoryInbox::new();
    let receiver = builder(inbox.clone()).build();
    let good = String::from_utf8(WebhookEvents::new("7").messages([message(1)]).encode()).unwrap();
    let body = good.replace("[{", r#"[{"id":"odd","new":true},{"#);
    assert_eq!(posted(&receiver, 1, body).await.status(), 200);
    let mut events = Events::of(inbox);
    let odd = events.next().await.unwrap();
    let raw = &br#"{"messages":[{"id":"odd","new":true}],"instanceId":"7"}"#[..];
    assert!(matches!(&odd.content, Content::Unknown(body) if body == raw), "{odd:?}");
    assert_eq!(events.next().await.unwrap().content.sort(), "message");
}
