//! Who gets in, with what, and what they are told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chatapi_transport::{Clock as _, TokioClock};
use chatapi_types::chat_api::Ack;
use chatapi_types::{InstanceId, UnixMillis};
use chatapi_webhook::{
    AllowList, Claim, Content, EventId, Events, Hook, Inbox, InboxCounts, InboxError, Inserted,
    LeaseId, Leased, MemoryInbox, Origin, PathSecret, Receiver, Record, Vendor,
};
use http::{Request, StatusCode};

use crate::{ack, builder, messages, post, posted, secret};

/// Status, headers and body: all that the other side can see.
async fn seen(receiver: &Receiver, path: &str) -> String {
    let answer = receiver.answer(None, post(path, messages([1]))).await;
    format!("{answer:?}")
}

#[tokio::test]
async fn nothing_but_the_secret_opens() {
    let receiver = builder(MemoryInbox::new()).build();
    let unknown = seen(&receiver, "/nowhere").await;
    assert!(unknown.contains("404"), "{unknown}");
    let good = secret(1).expose().to_owned();
    let mut wrong = Vec::new();
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bytes = good.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let flipped: String = bytes
                .iter()
                .map(|byte| match byte {
                    b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(*byte).to_string(),
                    byte => format!("%{byte:02X}"),
                })
                .collect();
            wrong.push(flipped);
        }
        wrong.push(good[..at].to_owned());
        wrong.push(good[at + 1..].to_owned());
        wrong.push(format!("{}%{:02x}{}", &good[..at], good.as_bytes()[at], &good[at + 1..]));
        wrong.push(format!("{}/{}", &good[..at], &good[at..]));
    }
    for more in ["0", "/", "%00", "%20", ".", "/..", ";x", "%", "/x", "\u{301}"] {
        wrong.push(format!("{good}{more}"));
        wrong.push(format!("{more}{good}"));
    }
    wrong.push(secret(2).expose().replace('2', "3"));
    wrong.push(good.replace("01", "%30%31"));
    wrong.push(secret(1).hash().to_string());
    wrong.push(String::new());
    let letters = chatapi_webhook::PathSecret::from_random([0xab; 24]);
    receiver.add(Hook::chat_api("letters", letters.hash()));
    wrong.push(letters.expose().to_uppercase());
    wrong.push(letters.expose().replacen('a', "A", 1));
    let mut tried = 0;
    for wrong in wrong.into_iter().filter(|wrong| *wrong != good) {
        let Ok(uri) = format!("/hooks/{wrong}").parse::<http::Uri>() else { continue };
        assert_eq!(seen(&receiver, uri.path()).await, unknown, "{wrong}");
        tried += 1;
    }
    assert!(tried > 500, "{tried} were tried");
    for odd in ["", "/", "/hooks", "/hook/", "/HOOKS/", "//hooks/", "/hooks//", "/hooks/./"] {
        let path = format!("{odd}{}", if odd.ends_with('/') { &good } else { "" });
        let path = if path.is_empty() { "/".to_owned() } else { path };
        assert_eq!(seen(&receiver, &path).await, unknown, "{path}");
    }
    assert_eq!(receiver.counts().payloads, 0);
    assert!(seen(&receiver, &format!("/hooks/{good}")).await.contains("200"));
}

/// 100,000 guesses; `WEBHOOK_GUESSES=1000000 cargo test -p chatapi-webhook guesses` makes a million,
/// and so does `.ci/run`.
#[tokio::test]
async fn guesses_do_not_open_however_near_they_are() {
    let guesses = std::env::var("WEBHOOK_GUESSES").ok().map(|count| count.parse().unwrap());
    let guesses: u64 = guesses.unwrap_or(100_000);
    let receiver = builder(MemoryInbox::new()).build();
    let mut random = fastrand::Rng::with_seed(7);
    let good: [_; 2] =
        std::array::from_fn(|_| PathSecret::from_random(std::array::from_fn(|_| random.u8(..))));
    // Both are good while one is exchanged for the other.
    for secret in &good {
        assert!(receiver.rotate(Vendor::ChatApi, &"7".into(), secret.hash()));
    }
    let mut hits = 0;
    let admitted = |guess: &str| {
        let request = Request::post(format!("/hooks/{guess}")).body(()).unwrap();
        receiver.admit(None, &request.into_parts().0).is_ok()
    };
    for number in 0..guesses {
        let guess = match number % 2 {
            0 => PathSecret::from_random(std::array::from_fn(|_| random.u8(..))),
            _ => near(&good[random.usize(..good.len())], &mut random),
        };
        let is_good = good.iter().any(|good| good.expose() == guess.expose());
        assert_eq!(admitted(guess.expose()), is_good, "guess {number}");
        hits += u64::from(is_good);
    }
    // Now and then a digit changes into itself.
    assert!(hits < guesses / 100, "{hits} of {guesses} were the secret itself");
    assert_eq!(receiver.counts().unauthenticated, guesses - hits);
    assert!(good.iter().all(|good| admitted(good.expose())));
}

/// A secret with one to three changes.
fn near(secret: &PathSecret, random: &mut fastrand::Rng) -> PathSecret {
    let mut text = secret.expose().as_bytes().to_vec();
    for _ in 0..random.u8(1..=3) {
        let at = random.usize(..text.len());
        match random.u8(..6) {
            0 => text[at] = b"0123456789abcdef"[random.usize(..16)],
            1 => text[at] = random.alphanumeric() as u8,
            2 => text.insert(at, random.alphanumeric() as u8),
            3 => drop(text.remove(at)),
            4 => text.rotate_left(at),
            _ => {
                let other = random.usize(..text.len());
                text.swap(at, other);
            }
        }
    }
    PathSecret::new(String::from_utf8(text).unwrap()).unwrap()
}

#[tokio::test]
async fn two_secrets_are_good_while_they_are_exchanged() {
    let receiver = builder(MemoryInbox::new()).build();
    let line = InstanceId::from("7");
    assert!(receiver.rotate(Vendor::ChatApi, &line, secret(3).hash()));
    assert_eq!(posted(&receiver, 1, messages([1])).await.status(), 200);
    assert_eq!(posted(&receiver, 3, messages([2])).await.status(), 200);
    assert_eq!(receiver.counts().by_previous_secret, 1);
    // Three never are.
    assert!(receiver.rotate(Vendor::ChatApi, &line, secret(4).hash()));
    assert_eq!(posted(&receiver, 1, messages([3])).await.status(), 404);
    assert_eq!(posted(&receiver, 3, messages([4])).await.status(), 200);
    assert!(receiver.retire(Vendor::ChatApi, &line));
    assert_eq!(posted(&receiver, 3, messages([5])).await.status(), 404);
    assert_eq!(posted(&receiver, 4, messages([6])).await.status(), 200);
    assert!(!receiver.rotate(Vendor::Wamm, &line, secret(5).hash()));
    assert!(receiver.remove(Vendor::ChatApi, &line));
    assert_eq!(posted(&receiver, 4, messages([7])).await.status(), 404);
}

#[tokio::test]
async fn an_address_that_may_not_post_sees_what_a_wrong_secret_sees() {
    let allow = AllowList::new(["203.0.113.0/24"]).unwrap().behind(["127.0.0.1"]).unwrap();
    let receiver = builder(MemoryInbox::new()).allow(allow).build();
    let path = format!("/hooks/{}", secret(1).expose());
    let answer = |peer: &'static str, forwarded: &'static str| {
        let mut request = post(&path, messages([1]));
        request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
        receiver.answer(peer.parse().ok(), request)
    };
    assert_eq!(answer("203.0.113.5", "10.0.0.1").await.status(), 200);
    assert_eq!(answer("127.0.0.1", "10.0.0.1, 203.0.113.5").await.status(), 200);
    let wrong = format!("{:?}", receiver.answer(None, post("/hooks/x", messages([1]))).await);
    for (peer, forwarded) in
        [("198.51.100.1", "203.0.113.5"), ("127.0.0.1", "203.0.113.5, 10.0.0.1"), ("?", "x")]
    {
        assert_eq!(format!("{:?}", answer(peer, forwarded).await), wrong, "{peer}");
    }
}

#[tokio::test]
async fn who_knows_the_secret_is_told_what_is_wrong() {
    let receiver = builder(MemoryInbox::new()).bodies_at_most(1000).build();
    let path = format!("/hooks/{}", secret(1).expose());
    let status = |request: Request<bytes::Bytes>| {
        let receiver = receiver.clone();
        async move { receiver.answer(None, request).await.status() }
    };
    assert_eq!(status(post(&path, vec![b' '; 1001])).await, StatusCode::PAYLOAD_TOO_LARGE);
    let mut announced = post(&path, "");
    announced.headers_mut().insert("content-length", "1001".parse().unwrap());
    assert_eq!(status(announced).await, StatusCode::PAYLOAD_TOO_LARGE);
    for encoding in ["gzip", "br", "deflate", "identity, gzip", "zstd"] {
        let mut packed = post(&path, messages([1]));
        packed.headers_mut().insert("content-encoding", encoding.parse().unwrap());
        assert_eq!(status(packed).await, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{encoding}");
    }
    let mut plain = post(&path, messages([1]));
    plain.headers_mut().insert("content-encoding", "identity".parse().unwrap());
    assert_eq!(status(plain).await, StatusCode::OK);
    let get = Request::get(&path).body(bytes::Bytes::new()).unwrap();
    let answer = receiver.answer(None, get).await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()["allow"], "POST");
    // What stands behind a question mark is not part of the secret.
    assert_eq!(status(post(&format!("{path}?from=vendor"), messages([2]))).await, StatusCode::OK);
}

#[tokio::test]
async fn a_secret_is_for_its_own_line() {
    let inbox = MemoryInbox::new();
    let receiver = builder(inbox.clone()).build();
    let other = br#"{"messages":[],"ack":[{"id":"a","status":"viewed"}],"instanceId":"8"}"#;
    assert_eq!(posted(&receiver, 1, &other[..]).await.status(), 200);
    receiver.add(Hook::chat_api("all", secret(3).hash()).any_instance());
    assert_eq!(posted(&receiver, 3, &other[..]).await.status(), 200);
    let mut events = Events::of(inbox);
    let foreign = events.next().await.unwrap();
    assert_eq!((foreign.line.as_str(), foreign.origin), ("7", Origin::Foreign));
    assert!(matches!(&foreign.content, Content::Unknown(raw) if raw.ends_with(b"\"8\"}")));
    let own = events.next().await.unwrap();
    assert_eq!(
        (own.line.as_str(), own.origin, own.content.sort()),
        ("8", Origin::Posted, "delivery")
    );
}

/// An inbox that refuses, or stores and then never says so.
#[derive(Debug)]
struct Fickle {
    inner: MemoryInbox,
    refuses: Arc<AtomicBool>,
    hangs: Arc<AtomicBool>,
}

#[async_trait]
impl Inbox for Fickle {
    async fn insert(&self, events: Vec<Record>) -> Result<Inserted, InboxError> {
        if self.refuses.load(Ordering::Relaxed) {
            return Err(InboxError::unavailable("the disk is gone", "no such device"));
        }
        let inserted = self.inner.insert(events).await;
        if self.hangs.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        inserted
    }
    async fn lease(&self, claim: &Claim) -> Result<Vec<Leased>, InboxError> {
        self.inner.lease(claim).await
    }
    async fn ack(&self, event: &EventId, lease: LeaseId) -> Result<bool, InboxError> {
        self.inner.ack(event, lease).await
    }
    async fn release(&self, e: &EventId, l: LeaseId, at: UnixMillis) -> Result<bool, InboxError> {
        self.inner.release(e, l, at).await
    }
    async fn extend(&self, e: &EventId, l: LeaseId, at: UnixMillis) -> Result<bool, InboxError> {
        self.inner.extend(e, l, at).await
    }
    async fn mark(&self, line: &InstanceId) -> Result<Option<u64>, InboxError> {
        self.inner.mark(line).await
    }
    async fn replay(&self, s: UnixMillis, line: Option<&InstanceId>) -> Result<u64, InboxError> {
        self.inner.replay(s, line).await
    }
    async fn forget(&self, before: UnixMillis) -> Result<u64, InboxError> {
        self.inner.forget(before).await
    }
    async fn counts(&self, now: UnixMillis) -> Result<InboxCounts, InboxError> {
        self.inner.counts(now).await
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_stored_is_not_taken_and_what_is_stored_is_not_taken_twice() {
    let (refuses, hangs) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(false)));
    let inner = MemoryInbox::new();
    let fickle =
        Fickle { inner: inner.clone(), refuses: Arc::clone(&refuses), hangs: Arc::clone(&hangs) };
    let receiver = builder(fickle).build();
    let refused = posted(&receiver, 1, ack(1, Ack::Sent)).await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "5");
    assert_eq!(receiver.counts().not_stored, 1);
    refuses.store(false, Ordering::Relaxed);
    assert_eq!(posted(&receiver, 1, ack(1, Ack::Sent)).await.status(), 200);

    // Killed between storing and answering: the vendor heard nothing, and comes again.
    hangs.store(true, Ordering::Relaxed);
    let lost = posted(&receiver, 1, ack(2, Ack::Sent));
    assert!(tokio::time::timeout(Duration::from_secs(1), lost).await.is_err());
    hangs.store(false, Ordering::Relaxed);
    assert_eq!(posted(&receiver, 1, ack(2, Ack::Sent)).await.status(), 200);
    assert_eq!(receiver.counts().repeated, 1);

    let mut events = Events::of(inner);
    for _ in 0..2 {
        events.next().await.unwrap().ack().await.unwrap();
    }
    let third = tokio::time::timeout(Duration::from_secs(600), events.next()).await;
    assert!(third.is_err(), "two events happened, three came");
}

#[tokio::test(start_paused = true)]
async fn an_inbox_that_hangs_holds_no_connection() {
    let inner = MemoryInbox::new();
    let hangs = Arc::new(AtomicBool::new(true));
    let hanging =
        || Fickle { inner: inner.clone(), refuses: Arc::default(), hangs: Arc::clone(&hangs) };
    let receiver = builder(hanging()).build();
    let clock = TokioClock::new();
    let (first, second) = futures_util::future::join(
        posted(&receiver, 1, messages([1])),
        posted(&receiver, 1, messages([2])),
    )
    .await;
    assert_eq!(clock.now().since_start().as_secs(), 5);
    for answer in [first, second] {
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["retry-after"]),
            (503, &"5".parse().unwrap())
        );
    }
    assert_eq!((receiver.counts().not_stored, receiver.counts().payloads), (2, 0));

    // They were stored all the same, and come once, however often the vendor comes.
    hangs.store(false, Ordering::Relaxed);
    assert_eq!(posted(&receiver, 1, messages([1, 2])).await.status(), 200);
    assert_eq!((receiver.counts().repeated, receiver.counts().events), (2, 0));
    let mut events = Events::of(inner.clone());
    for _ in 0..2 {
        events.next().await.unwrap().ack().await.unwrap();
    }
    assert!(tokio::time::timeout(Duration::from_secs(600), events.next()).await.is_err());

    // How long can be said.
    hangs.store(true, Ordering::Relaxed);
    let receiver = builder(hanging()).stored_within(Duration::from_millis(300)).build();
    let clock = TokioClock::new();
    assert_eq!(posted(&receiver, 1, messages([3])).await.status(), 503);
    assert_eq!(clock.now().since_start().as_millis(), 300);
}

#[tokio::test]
async fn a_full_inbox_says_when_to_come_again() {
    let inbox = MemoryInbox::new().quota(600);
    let receiver = builder(inbox.clone()).build();
    assert_eq!(posted(&receiver, 1, ack(1, Ack::Sent)).await.status(), 200);
    let full = posted(&receiver, 1, messages([1, 2])).await;
    assert_eq!(
        (full.status().as_u16(), &full.headers()["retry-after"]),
        (503, &"30".parse().unwrap())
    );
    let mut events = Events::of(inbox);
    events.next().await.unwrap().ack().await.unwrap();
    assert_eq!(posted(&receiver, 1, ack(2, Ack::Sent)).await.status(), 200);
}
