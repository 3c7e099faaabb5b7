//! Where lines stand is remembered of so many, and found again of the others.

use std::pin::pin;
use std::time::Duration;

use chatapi_sandbox::{ClockMode, VirtualClock};
use chatapi_transport::Clock as _;
use chatapi_types::chat_api::{self, WebhookEvents};
use chatapi_webhook::{Content, Delivered, Events, Hook, MemoryInbox, Receiver};
use futures_util::future::{Either, select};

use crate::{message, posted, secret};

/// How many lines are remembered here.
const LINES: usize = 8;

struct World {
    clock: VirtualClock,
    receiver: Receiver,
    events: Events,
}

fn world() -> World {
    let clock = VirtualClock::new(ClockMode::Auto);
    let inbox = MemoryInbox::new();
    let receiver = Receiver::builder(inbox.clone())
        .on_clock(clock.clone())
        .hook(Hook::chat_api("7", secret(1).hash()).any_instance())
        .lines_remembered(LINES)
        .build();
    let events = Events::of(inbox).on_clock(clock.clone()).lines_remembered(LINES);
    World { clock, receiver, events }
}

impl World {
    async fn post(&self, line: &str, number: u64) {
        let body = WebhookEvents::new(line).messages([message(number)]).encode();
        assert_eq!(posted(&self.receiver, 1, body).await.status(), 200);
    }

    /// What comes next, within 20 milliseconds: nothing has waited for that.
    async fn at_once(&mut self) -> Option<Delivered> {
        self.within(Duration::from_millis(20)).await
    }

    async fn within(&mut self, limit: Duration) -> Option<Delivered> {
        match select(pin!(self.events.next()), self.clock.sleep(limit)).await {
            Either::Left((next, _)) => Some(next.unwrap()),
            Either::Right(_) => None,
        }
    }

    /// Message 1 of so many other lines, each acknowledged.
    async fn others(&mut self, from: usize, count: usize) {
        for other in from..from + count {
            self.post(&format!("other {other}"), 1).await;
            let event = self.at_once().await.unwrap();
            assert_eq!(told(&event), format!("other {other}: 1"));
            assert!(event.ack().await.unwrap());
        }
    }

    /// As `Debug` tells.
    fn remembered(&self) -> usize {
        let shown = format!("{:?}", self.events);
        let count = shown.split("lines_remembered: ").nth(1).unwrap();
        count.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
    }
}

fn told(event: &Delivered) -> String {
    let what = match &event.content {
        Content::ChatApi(content) => match &**content {
            chat_api::Event::Message(message) => message.message_number.to_string(),
            _ => "?".into(),
        },
        Content::Gap(gap) => format!("{}-{} missing", gap.first, gap.last),
        _ => "?".into(),
    };
    format!("{}: {what}", event.line)
}

#[tokio::test]
async fn of_any_number_of_lines_some_are_remembered() {
    let mut world = world();
    for round in 0..50 {
        world.others(round * LINES, LINES).await;
        assert!(world.at_once().await.is_none());
        let remembered = world.remembered();
        assert!((1..=LINES).contains(&remembered), "{remembered} after {round}");
    }
}

#[tokio::test]
async fn a_forgotten_line_stands_where_it_stood() {
    let mut world = world();
    for number in 1..=3 {
        world.post("a", number).await;
        world.at_once().await.unwrap().ack().await.unwrap();
    }
    world.others(0, 4 * LINES).await;
    world.post("a", 4).await;
    let event = world.at_once().await.unwrap();
    assert_eq!(told(&event), "a: 4");
    event.ack().await.unwrap();
    world.others(0x1000, 4 * LINES).await;
    world.post("a", 7).await;
    assert!(world.within(Duration::from_secs(4)).await.is_none());
    for expected in ["a: 5-6 missing", "a: 7"] {
        let event = world.within(Duration::from_secs(2)).await.unwrap();
        assert_eq!(told(&event), expected);
        event.ack().await.unwrap();
    }
}

#[tokio::test]
async fn a_line_that_holds_something_back_is_not_forgotten() {
    let mut world = world();
    world.post("a", 1).await;
    world.at_once().await.unwrap().ack().await.unwrap();
    for number in [4, 3] {
        world.post("a", number).await;
        assert!(world.at_once().await.is_none());
    }
    world.others(0, 4 * LINES).await;
    world.post("a", 2).await;
    for expected in ["a: 2", "a: 3", "a: 4"] {
        let event = world.at_once().await.unwrap();
        assert_eq!((&*told(&event), event.attempt), (expected, 1));
        event.ack().await.unwrap();
    }
}

/// What is lost with a line, and that it is the one unheard of for longest.
#[tokio::test]
async fn what_a_forgotten_line_has_given_out_looks_missing_until_it_is_acknowledged() {
    let mut world = world();
    let mut in_hand = Vec::new();
    for line in ["a", "b"] {
        world.post(line, 1).await;
        world.at_once().await.unwrap().ack().await.unwrap();
        world.post(line, 2).await;
        in_hand.push(world.at_once().await.unwrap());
    }
    for round in 0..LINES {
        world.others(round * LINES, LINES / 2).await;
        world.post("b", round as u64 + 3).await;
        in_hand.push(world.at_once().await.unwrap());
        assert_eq!(told(in_hand.last().unwrap()), format!("b: {}", round + 3));
    }
    world.post("a", 3).await;
    assert!(world.at_once().await.is_none());
    for expected in ["a: 2-2 missing", "a: 3"] {
        let event = world.within(Duration::from_secs(6)).await.unwrap();
        assert_eq!(told(&event), expected);
        event.ack().await.unwrap();
    }
    for event in in_hand {
        assert!(event.ack().await.unwrap());
    }
    assert!(world.within(Duration::from_secs(300)).await.is_none());
}

/// As long as a line is remembered, a number far ahead of it is doubted, though nothing of it was ever
/// acknowledged.
#[tokio::test]
async fn the_receiver_forgets_the_line_unheard_of_for_longest() {
    let world = world();
    let far = 1_000_000;
    for line in ["a", "b"] {
        world.post(line, 1).await;
    }
    for round in 1..=LINES as u64 {
        for other in 0..LINES / 2 {
            world.post(&format!("other {round} {other}"), 1).await;
        }
        world.post("b", far).await;
        assert_eq!(world.receiver.counts().doubted, round);
        world.post("b", round + 1).await;
    }
    world.post("a", far).await;
    assert_eq!(world.receiver.counts().doubted, LINES as u64, "counting began anew");
}
