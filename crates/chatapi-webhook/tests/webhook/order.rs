//! Messages in order, holes mended, gaps told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chatapi_sandbox::{ClockMode, VirtualClock};
use chatapi_transport::Clock as _;
use chatapi_types::{InstanceId, chat_api};
use chatapi_webhook::{
    Content, Event, Events, Gap, GapCause, Hint, MemoryInbox, Origin, Original, Receiver, Source,
    SourceError,
};

use crate::stream::drained;
use crate::{builder, message, messages, posted};

/// A history that holds these numbers, or cannot be asked.
#[derive(Clone, Debug)]
struct History {
    numbers: Option<Vec<u64>>,
    asked: Arc<AtomicUsize>,
}

impl History {
    fn of(numbers: Option<Vec<u64>>) -> Self {
        Self { numbers, asked: Arc::default() }
    }
}

#[async_trait]
impl Source for History {
    async fn message(&self, _: &InstanceId, _: &Hint) -> Result<Option<Original>, SourceError> {
        Err(SourceError::unsupported("not asked here"))
    }

    async fn between(
        &self,
        line: &InstanceId,
        first: u64,
        last: u64,
    ) -> Result<Vec<chat_api::Message>, SourceError> {
        assert_eq!(line.as_str(), "7");
        self.asked.fetch_add(1, Ordering::Relaxed);
        let Some(numbers) = &self.numbers else {
            return Err(SourceError::unavailable("no answer", "timed out"));
        };
        let wanted = numbers.iter().filter(|number| (first..=last).contains(*number));
        Ok(wanted.map(|number| message(*number)).collect())
    }
}

struct World {
    clock: VirtualClock,
    receiver: Receiver,
    events: Events,
}

/// A world in which message 1 has been seen.
async fn world(source: Option<History>) -> World {
    let clock = VirtualClock::new(ClockMode::Auto);
    let inbox = MemoryInbox::new();
    let receiver = builder(inbox.clone()).on_clock(clock.clone()).build();
    let mut events = Events::of(inbox).on_clock(clock.clone());
    if let Some(source) = source {
        events = events.source(source);
    }
    posted(&receiver, 1, messages([1])).await;
    assert_eq!(drained(&mut events, &clock).await.len(), 1);
    World { clock, receiver, events }
}

impl World {
    async fn post(&self, numbers: &[u64]) {
        for number in numbers {
            assert_eq!(posted(&self.receiver, 1, messages([*number])).await.status(), 200);
        }
    }

    async fn rest(&mut self) -> Vec<String> {
        drained(&mut self.events, &self.clock).await.iter().map(told).collect()
    }
}

fn told(event: &Event) -> String {
    match &event.content {
        Content::ChatApi(content) => match &**content {
            chat_api::Event::Message(message) if event.origin == Origin::Reread => {
                format!("{} reread", message.message_number)
            }
            chat_api::Event::Message(message) => message.message_number.to_string(),
            _ => "?".into(),
        },
        Content::Gap(Gap { first, last, cause, .. }) => format!("{first}-{last} {cause:?}"),
        _ => "?".into(),
    }
}

#[tokio::test]
async fn any_permutation_comes_in_order() {
    let mut random = fastrand::Rng::with_seed(3);
    for _ in 0..50 {
        let mut world = world(None).await;
        let mut numbers: Vec<u64> = (2..=30).collect();
        random.shuffle(&mut numbers);
        let (clock, begun) = (world.clock.clone(), world.clock.now());
        // In three parts, a second apart: each waits for those that are still missing.
        let mut seen = Vec::new();
        for part in numbers.chunks(10) {
            world.post(part).await;
            let second = clock.sleep(Duration::from_millis(900));
            let read = async {
                loop {
                    let delivered = world.events.next().await.unwrap();
                    seen.push(told(&delivered));
                    delivered.ack().await.unwrap();
                }
            };
            futures_util::future::select(std::pin::pin!(read), second).await;
        }
        assert!(clock.now().since(begun) < Duration::from_secs(5));
        let expected: Vec<_> = (2..=30).map(|number| number.to_string()).collect();
        assert_eq!(seen, expected, "posted as {numbers:?}");
    }
}

#[tokio::test]
async fn a_hole_is_mended_from_the_vendor() {
    let history = History::of(Some((1..=9).collect()));
    let mut world = world(Some(history.clone())).await;
    world.post(&[2, 5, 6]).await;
    let begun = world.clock.now();
    let first = world.events.next().await.unwrap();
    assert_eq!(told(&first), "2");
    first.ack().await.unwrap();
    let second = world.events.next().await.unwrap();
    assert_eq!(told(&second), "3 reread");
    let waited = world.clock.now().since(begun);
    assert!((Duration::from_secs(5)..Duration::from_secs(6)).contains(&waited), "{waited:?}");
    second.ack().await.unwrap();
    assert_eq!(world.rest().await, ["4 reread", "5", "6"]);
    assert_eq!(history.asked.load(Ordering::Relaxed), 1);
    // What was read and is posted late is not new.
    world.post(&[3, 4]).await;
    assert!(world.rest().await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_had_is_a_gap() {
    let mut world = world(None).await;
    world.post(&[4, 6]).await;
    assert_eq!(world.rest().await, ["2-3 NoSource", "4", "5-5 NoSource", "6"]);
    // A gap is told once; what comes late all the same comes.
    world.post(&[3, 7]).await;
    assert_eq!(world.rest().await, ["3", "7"]);
}

#[tokio::test]
async fn a_gap_says_why() {
    let mut world = world(Some(History::of(Some(vec![3, 5])))).await;
    world.post(&[7]).await;
    let seen = world.rest().await;
    let expected =
        ["2-2 NotInHistory", "3 reread", "4-4 NotInHistory", "5 reread", "6-6 NotInHistory", "7"];
    assert_eq!(seen, expected);
    let mut world = self::world(Some(History::of(None))).await;
    world.post(&[3]).await;
    assert_eq!(world.rest().await, ["2-2 Unreachable", "3"]);
    assert_eq!(Gap::new(1, 2, GapCause::Unreachable).first, 1);
}

#[tokio::test]
async fn a_thousand_missing_messages_are_mended_in_order() {
    let mut world = world(Some(History::of(Some((1..=1000).collect())))).await;
    world.post(&[1001, 1002]).await;
    let seen = world.rest().await;
    assert_eq!(seen.len(), 1001);
    assert_eq!((&*seen[0], &*seen[998], &*seen[999]), ("2 reread", "1000 reread", "1001"));
}

#[tokio::test]
async fn without_waiting_messages_come_as_they_were_posted() {
    let World { clock, receiver, events } = world(None).await;
    let mut world = World { clock, receiver, events: events.reorder_within(None) };
    world.post(&[9, 2, 5]).await;
    assert_eq!(world.rest().await, ["9", "2", "5"]);
}

/// A forged number must not make all that follows look whole.
#[tokio::test]
async fn a_number_out_of_nowhere_does_not_hide_what_is_missing() {
    for forged in [100_003, 1 << 40, i64::MAX as u64] {
        let mut world = world(None).await;
        world.post(&[2, forged, 3]).await;
        let mut seen = Vec::new();
        for _ in 0..3 {
            let delivered = world.events.next().await.unwrap();
            seen.push((told(&delivered), delivered.origin));
            delivered.ack().await.unwrap();
        }
        let doubted = (forged.to_string(), Origin::Doubted);
        assert!(seen.contains(&doubted), "it is surfaced: {seen:?}");
        assert_eq!(seen.iter().filter(|(_, origin)| *origin == Origin::Posted).count(), 2);
        assert_eq!(world.receiver.counts().doubted, 1);
        // Neither now nor after a restart is it where the line stands.
        world.post(&[6]).await;
        assert_eq!(world.rest().await, ["4-5 NoSource", "6"]);
    }
}

#[tokio::test]
async fn a_line_that_has_really_moved_on_is_believed_in_the_end() {
    let mut world = world(None).await;
    let far = 5_000_000;
    // Made up one at a time, between real ones: never believed.
    for number in 2..10 {
        world.post(&[far + number, number]).await;
    }
    assert_eq!(world.receiver.counts().doubted, 8);
    assert_eq!(world.rest().await.len(), 16);
    // The same one again and again is one, and two that do not agree are no row.
    world.post(&[far, far, far, 2 * far]).await;
    assert_eq!(world.receiver.counts().doubted, 12);
    world.post(&[far + 20, far + 22, far + 21, far + 25]).await;
    assert_eq!(world.receiver.counts().doubted, 14, "from the third on they are believed");
    let seen = world.rest().await;
    let end = &seen[seen.len() - 4..];
    let (hole, first) = (format!("10-{} NoSource", far + 20), (far + 21).to_string());
    let gap = format!("{}-{} NoSource", far + 22, far + 24);
    assert_eq!(end, [hole, first, gap, (far + 25).to_string()], "{seen:?}");
}

#[tokio::test]
async fn how_far_ahead_is_too_far_can_be_said() {
    let clock = VirtualClock::new(ClockMode::Auto);
    let inbox = MemoryInbox::new();
    let receiver = builder(inbox).on_clock(clock).numbers_ahead_at_most(10).build();
    for (number, doubted) in [(1_000_000, 0), (1_000_010, 0), (1_000_021, 1), (1_000_020, 1)] {
        posted(&receiver, 1, messages([number])).await;
        assert_eq!(receiver.counts().doubted, doubted, "{number}");
    }
}
