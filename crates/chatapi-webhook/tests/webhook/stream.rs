//! Each event once, until it is acknowledged.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chatapi_sandbox::{ClockMode, VirtualClock};
use chatapi_transport::Clock as _;
use chatapi_types::Delivery;
use chatapi_types::chat_api::Ack;
use chatapi_webhook::{Events, Happening, Inbox as _, MemoryInbox};
use futures_util::StreamExt as _;
use proptest::prelude::*;

use crate::{TEXT, ack, builder, messages, posted};

/// Everything that comes until nothing comes for five minutes, acknowledged.
pub(crate) async fn drained(
    events: &mut Events,
    clock: &VirtualClock,
) -> Vec<chatapi_webhook::Event> {
    let mut all = Vec::new();
    loop {
        let silence = clock.sleep(Duration::from_secs(300));
        let next = std::pin::pin!(events.next());
        match futures_util::future::select(next, silence).await {
            futures_util::future::Either::Left((delivered, _)) => {
                let delivered = delivered.unwrap();
                all.push(delivered.event().clone());
                assert!(delivered.ack().await.unwrap());
            }
            futures_util::future::Either::Right(_) => return all,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ten_times_everything_in_any_order_is_everything_once(
        count in 1_u64..12,
        seed in any::<u64>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let clock = VirtualClock::new(ClockMode::Auto);
            let inbox = MemoryInbox::new();
            let receiver = builder(inbox.clone()).on_clock(clock.clone()).build();
            let mut payloads = vec![(1, br#"{"new":{"a":1},"instanceId":"7"}"#.to_vec())];
            payloads.push((1, br#"{"chatUpdate":[{"old":null,"new":{"id":"x@c.us","name":"n"}}],"instanceId":"7"}"#.to_vec()));
            payloads.push((1, b"no JSON".to_vec()));
            for number in 1..=count {
                payloads.push((1, messages([number])));
                for status in [Ack::Sent, Ack::Delivered, Ack::Viewed] {
                    payloads.push((1, ack(number, status)));
                }
                for state in ["sent", "delivered"] {
                    let body = format!(r#"{{"tip":"msg_state","msg_data":{{"msg_id":{number},"state":"{state}"}}}}"#);
                    payloads.push((2, body.into_bytes()));
                }
            }
            let expected = payloads.len();
            let mut posts: Vec<_> = payloads.iter().cycle().take(expected * 10).cloned().collect();
            let mut random = fastrand::Rng::with_seed(seed);
            random.shuffle(&mut posts);
            // Some are read before the rest is posted.
            let mut events =
                Events::of(inbox).on_clock(clock.clone()).every(Duration::from_secs(3));
            let half = posts.split_off(posts.len() / 2);
            let mut seen = BTreeMap::new();
            for part in [posts, half] {
                for (seed, body) in part {
                    prop_assert_eq!(posted(&receiver, seed, body).await.status(), 200);
                }
                for event in drained(&mut events, &clock).await {
                    *seen.entry(event.id.clone()).or_insert(0) += 1;
                    if event.content.sort() == "gap" {
                        // Messages of the second half were missing in the first.
                        seen.remove(&event.id);
                    }
                }
            }
            prop_assert_eq!(seen.len(), expected);
            prop_assert!(seen.values().all(|count| *count == 1));
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn an_event_whose_consumer_dies_comes_again() {
    let clock = VirtualClock::new(ClockMode::Auto);
    let inbox = MemoryInbox::new();
    let receiver = builder(inbox.clone()).on_clock(clock.clone()).build();
    posted(&receiver, 1, messages([1])).await;
    posted(
        &receiver,
        2,
        br#"{"tip":"msg_state","msg_data":{"msg_id":5,"state":"viewed"}}"#.to_vec(),
    )
    .await;

    let mut first = Events::of(inbox.clone()).on_clock(clock.clone()).consumer("first");
    let taken = first.next().await.unwrap();
    let id = taken.id.clone();
    assert_eq!(taken.attempt, 1);
    drop((taken, first)); // with what it had leased beside

    let mut second = Events::of(inbox.clone()).on_clock(clock.clone()).consumer("second");
    let before = clock.now();
    let again = second.next().await.unwrap();
    assert_eq!((&again.id, again.attempt), (&id, 2));
    let waited = clock.now().since(before);
    assert!((Duration::from_secs(119)..Duration::from_secs(122)).contains(&waited), "{waited:?}");
    assert!(again.ack().await.unwrap());
    let other = second.next().await.unwrap();
    assert!(matches!(
        other.happening(),
        Some(Happening::Delivery { delivery: Delivery::Read, .. })
    ));
    assert!(other.ack().await.unwrap());
    assert!(drained(&mut second, &clock).await.is_empty());
    assert_eq!(inbox.counts(clock.unix()).await.unwrap().acknowledged, 2);
}

#[tokio::test]
async fn an_event_can_be_given_back_and_held_longer() {
    let clock = VirtualClock::new(ClockMode::Auto);
    let inbox = MemoryInbox::new();
    let receiver = builder(inbox.clone()).on_clock(clock.clone()).build();
    posted(&receiver, 1, messages([1])).await;
    let mut events = Events::of(inbox).on_clock(clock.clone()).lease(Duration::from_secs(10));
    let taken = events.next().await.unwrap();
    assert!(taken.retry_after(Duration::from_secs(300)).await.unwrap());
    let before = clock.now();
    let mut again = events.next().await.unwrap();
    assert!(clock.now().since(before) >= Duration::from_secs(300));
    assert!(again.extend(Duration::from_secs(60)).await.unwrap());
    clock.sleep(Duration::from_secs(50)).await;
    let mut others = events.consumer("other");
    let moment = clock.sleep(Duration::from_secs(5));
    {
        let early = std::pin::pin!(others.next());
        let early = futures_util::future::select(early, moment).await;
        assert!(matches!(early, futures_util::future::Either::Right(_)), "it is still held");
    }
    assert!(again.ack().await.unwrap());
    assert!(drained(&mut others, &clock).await.is_empty());
}

/// A virtual clock that loses its patience with who only ever looks at it.
#[derive(Clone, Debug)]
struct Impatient {
    clock: VirtualClock,
    looks: Arc<AtomicU32>,
}

#[async_trait]
impl chatapi_transport::Clock for Impatient {
    fn now(&self) -> chatapi_transport::Moment {
        self.clock.now()
    }

    fn unix(&self) -> chatapi_types::UnixMillis {
        let looks = self.looks.fetch_add(1, Ordering::Relaxed);
        assert!(looks < 1000, "it turns in a circle");
        self.clock.unix()
    }

    async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }
}

#[tokio::test]
async fn a_lease_of_no_time_is_one_of_a_second() {
    let clock = Impatient { clock: VirtualClock::new(ClockMode::Auto), looks: Arc::default() };
    for lease in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(999)] {
        clock.looks.store(0, Ordering::Relaxed);
        let inbox = MemoryInbox::new();
        let receiver = builder(inbox.clone()).on_clock(clock.clone()).build();
        posted(&receiver, 1, messages([1])).await;
        let mut events = Events::of(inbox).on_clock(clock.clone()).lease(lease);
        let taken = events.next().await.unwrap();
        assert_eq!(taken.until().since(clock.clock.unix()), Duration::from_secs(1));
        assert!(taken.ack().await.unwrap());
    }
}

#[tokio::test]
async fn replay_gives_the_same_events_under_the_same_ids() {
    let clock = VirtualClock::new(ClockMode::Auto);
    let inbox = MemoryInbox::new();
    let receiver = builder(inbox.clone()).on_clock(clock.clone()).build();
    posted(&receiver, 1, messages([1])).await;
    clock.advance(Duration::from_secs(60));
    let since = clock.unix();
    posted(&receiver, 1, messages([2, 3])).await;
    let mut events = Events::of(inbox.clone()).on_clock(clock.clone());
    let first = drained(&mut events, &clock).await;
    assert_eq!(inbox.replay(since, None).await.unwrap(), 2);
    assert_eq!(inbox.replay(since, None).await.unwrap(), 0);
    let again = drained(&mut events, &clock).await;
    assert_eq!(again, first[1..]);
    // Eight days later they are forgotten.
    clock.advance(Duration::from_secs(8 * 24 * 3600));
    assert!(drained(&mut events, &clock).await.is_empty());
    assert_eq!(inbox.replay(since, None).await.unwrap(), 0);
}

#[tokio::test]
async fn events_are_a_stream_in_common_words() {
    let inbox = MemoryInbox::new();
    let receiver = builder(inbox.clone()).build();
    posted(&receiver, 1, messages([5])).await;
    let body = r#"{"tip":"msg","msg_data":{"msg_id":1234567,"qoute_msg_id":null,"from_api":0,"from_me":0,
        "phone_acc":"79000000001","phone":"79000000000","chat_name":"Test","tip_msg":"textMessage",
        "msg_text":"hello","msg_link":null,"date_ins":"2023-05-24 12:35:29","state":"received",
        "senderId":null,"senderName":null}}"#;
    posted(&receiver, 2, body).await;
    let mut events = Events::of(inbox).into_stream();
    let mut texts = Vec::new();
    for _ in 0..2 {
        let event = events.next().await.unwrap().unwrap();
        let Some(Happening::Message(seen)) = event.happening() else { panic!("{event:?}") };
        let shown = format!("{event:?} {:?} {:?}", event.happening(), event.content);
        assert!(!shown.contains(&seen.text) && !shown.contains("7900000"), "{shown}");
        texts.push((event.line.as_str().to_owned(), seen.chat.to_string(), seen.text));
        assert!(!seen.from_me);
        event.ack().await.unwrap();
    }
    assert_eq!(
        texts,
        [
            ("7".into(), "79000000001@c.us".into(), TEXT.into()),
            ("w".into(), "79000000000".into(), "hello".into())
        ]
    );
}
