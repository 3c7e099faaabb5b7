//! A vendor whose record shows late what it has posted, or that does not answer.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chatapi_sandbox::{ClockMode, VirtualClock};
use chatapi_transport::Clock as _;
use chatapi_types::chat_api::{self, Ack, Message, WebhookEvents};
use chatapi_types::{Delivery, InstanceId};
use chatapi_webhook::{
    Content, Delivered, Event, Events, Happening, Hint, Hook, Inbox as _, MemoryInbox, Original,
    Receiver, Source, SourceError,
};
use futures_util::future::{Either, select};

use crate::{TEXT, ack, message, messages, posted, secret};

/// Has the messages 1 to 9, which came in, and 15, which is ours: message 1 and that 15 was delivered
/// only from a second on. Answers nothing before another second.
#[derive(Clone, Debug)]
struct Late {
    clock: VirtualClock,
    shows_from: u64,
    answers_from: u64,
    asked: Arc<Mutex<Vec<u64>>>,
}

#[async_trait]
impl Source for Late {
    async fn message(&self, _: &InstanceId, hint: &Hint) -> Result<Option<Original>, SourceError> {
        let now = self.clock.now().since_start().as_secs();
        self.asked.lock().unwrap().push(now);
        if now < self.answers_from {
            return Err(SourceError::unavailable("no answer", "timed out"));
        }
        let id = hint.message.clone().unwrap();
        if id == sent(15).id {
            let mut ours = sent(15);
            let is_late = now < self.shows_from;
            ours.ack = Some(if is_late { Ack::Sent } else { Ack::Delivered });
            return Ok(Some(ours.into()));
        }
        let mut shown = (1..=9).filter(|number| *number > 1 || now >= self.shows_from).map(message);
        Ok(shown.find(|message| message.id == id).map(Into::into))
    }

    async fn between(&self, _: &InstanceId, _: u64, _: u64) -> Result<Vec<Message>, SourceError> {
        Ok(Vec::new())
    }
}

/// A message of ours, as [`ack`] names it.
fn sent(number: u64) -> Message {
    let mut message = message(number);
    message.id = format!("true_79000000001@c.us_{number}").into();
    message.from_me = true;
    message
}

struct World {
    clock: VirtualClock,
    inbox: MemoryInbox,
    receiver: Receiver,
    events: Events,
    source: Late,
}

fn world(shows_from: u64, answers_from: u64) -> World {
    let clock = VirtualClock::new(ClockMode::Auto);
    let inbox = MemoryInbox::new();
    let receiver = Receiver::builder(inbox.clone())
        .on_clock(clock.clone())
        .hook(Hook::chat_api("7", secret(1).hash()).fetch_back())
        .build();
    let source = Late { clock: clock.clone(), shows_from, answers_from, asked: Arc::default() };
    let events = Events::of(inbox.clone()).on_clock(clock.clone()).source(source.clone());
    let events = events.every(Duration::from_secs(1));
    World { clock, inbox, receiver, events, source }
}

impl World {
    async fn post(&self, body: Vec<u8>) {
        assert_eq!(posted(&self.receiver, 1, body).await.status(), 200);
    }

    /// What comes within so many seconds, acknowledged, with the second in which it came.
    async fn within(&mut self, seconds: u64) -> Vec<(u64, Event)> {
        let end = self.clock.now().plus(Duration::from_secs(seconds));
        let mut all = Vec::new();
        loop {
            let over = self.clock.sleep(end.since(self.clock.now()));
            let next = match select(pin!(self.events.next()), over).await {
                Either::Left((next, _)) => next,
                Either::Right(_) => return all,
            };
            let delivered: Delivered = next.unwrap();
            all.push((self.second(), delivered.event().clone()));
            assert!(delivered.ack().await.unwrap());
        }
    }

    fn second(&self) -> u64 {
        self.clock.now().since_start().as_secs()
    }

    fn asked(&self) -> Vec<u64> {
        self.source.asked.lock().unwrap().clone()
    }
}

fn forged(number: u64) -> Vec<u8> {
    let mut forged = message(number);
    forged.body = "send money to".into();
    WebhookEvents::new("7").messages([forged]).encode()
}

fn text(event: &Event) -> String {
    match event.happening() {
        Some(Happening::Message(seen)) => seen.text,
        _ => event.content.sort().to_owned(),
    }
}

#[tokio::test]
async fn who_forges_an_event_before_it_is_posted_does_not_swallow_it() {
    let mut world = world(30, 0);
    world.post(forged(1)).await;
    assert!(world.within(20).await.is_empty());
    // Now the vendor posts it: by its id it is a repetition.
    world.post(messages([1])).await;
    assert_eq!(world.receiver.counts().repeated, 1);
    let seen = world.within(300).await;
    let [(second, event)] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!((*second, &*text(event)), (60, TEXT));
    assert_eq!(world.asked(), [0, 2, 10, 60]);
}

#[tokio::test]
async fn what_the_record_never_shows_is_unproven_once_and_for_good() {
    let mut world = world(u64::MAX, 0);
    world.post(messages([1])).await;
    let seen = world.within(300).await;
    let [(60, event)] = &seen[..] else { panic!("{seen:?}") };
    assert!(
        matches!(&event.content, Content::Unproven(hint) if hint.message == Some(message(1).id))
    );
    assert_eq!(world.asked(), [0, 2, 10, 60]);
    // Even if it has come true.
    world.source.shows_from = 0;
    world.events =
        Events::of(world.inbox.clone()).on_clock(world.clock.clone()).source(world.source.clone());
    world.post(messages([1])).await;
    assert!(world.within(300).await.is_empty());
    assert_eq!(world.receiver.counts().repeated, 1);
}

#[tokio::test]
async fn a_state_that_is_not_in_the_record_yet_is_shown_when_it_is() {
    let mut world = world(5, 0);
    world.post(ack(15, Ack::Delivered)).await;
    let seen = world.within(300).await;
    let [(10, event)] = &seen[..] else { panic!("{seen:?}") };
    let Some(Happening::Delivery { delivery, .. }) = event.happening() else { panic!("{event:?}") };
    assert_eq!(delivery, Delivery::Delivered);
    // That an incoming message was read by its recipient never becomes true: asked once.
    let nonsense = chat_api::AckEvent::new(message(2).id, 2, "79000000001@c.us", Ack::Viewed);
    world.post(WebhookEvents::new("7").acks([nonsense]).encode()).await;
    let asked = world.asked().len();
    let seen = world.within(300).await;
    assert!(matches!(&seen[..], [(_, event)] if matches!(event.content, Content::Unproven(_))));
    assert_eq!(world.asked().len(), asked + 1);
}

#[tokio::test]
async fn a_vendor_that_does_not_answer_has_not_said_no() {
    // Silent for as long as all questions take together, and longer than the record needs.
    let mut world = world(100, 3600);
    world.post(messages([1])).await;
    let seen = world.within(7200).await;
    let [(second, event)] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!(text(event), TEXT);
    assert!((3600..3900).contains(second), "{second}");

    // Silent at first, which takes nothing from the time that the record has.
    let mut world = self::world(50, 12);
    world.post(messages([1])).await;
    let seen = world.within(300).await;
    assert!(matches!(&seen[..], [(60, event)] if text(event) == TEXT), "{seen:?}");
}

#[tokio::test]
async fn a_vendor_that_never_answers_is_given_up_after_a_time_that_can_be_said() {
    let mut world = world(0, u64::MAX);
    world.events = world.events.every(Duration::from_secs(60)).give_up_after(hours(24));
    world.post(messages([1])).await;
    let seen = world.within(48 * 3600).await;
    let [(second, event)] = &seen[..] else { panic!("{seen:?}") };
    assert!((86_400..87_000).contains(second), "{second}");
    assert!(matches!(event.content, Content::Unproven(_)));
    // A single silence is not the end of an event that has rested for long.
    world.post(messages([2])).await;
    world.clock.advance(hours(30));
    assert!(world.within(3600).await.is_empty());
}

const fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3600)
}

#[tokio::test]
async fn the_time_for_the_record_goes_on_across_restarts() {
    let mut world = world(30, 0);
    world.post(messages([1])).await;
    assert!(world.within(5).await.is_empty());
    let events = Events::of(world.inbox.clone()).on_clock(world.clock.clone());
    world.events = events.consumer("the next").source(world.source.clone());
    let seen = world.within(300).await;
    assert!(matches!(&seen[..], [(60, event)] if text(event) == TEXT), "{seen:?}");
    assert_eq!(world.asked(), [0, 2, 10, 60]);
    assert_eq!(world.inbox.counts(world.clock.unix()).await.unwrap().acknowledged, 1);
}

#[tokio::test]
async fn an_event_that_waits_for_the_record_holds_up_nobody() {
    let mut world = world(30, 0);
    world.post(messages([1, 2, 3])).await;
    let seen = world.within(40).await;
    let numbers = |seen: &[(u64, Event)]| {
        let number = |event: &Event| match &event.content {
            Content::ChatApi(event) => match &**event {
                chat_api::Event::Message(message) => message.message_number,
                _ => 0,
            },
            _ => 0,
        };
        seen.iter().map(|(second, event)| (*second, number(event))).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&seen), [(0, 2), (0, 3)]);
    world.post(messages([4])).await;
    // Neither is a gap told for it.
    assert_eq!(numbers(&world.within(300).await), [(40, 4), (60, 1)]);
    world.post(messages([5])).await;
    assert_eq!(numbers(&world.within(300).await), [(340, 5)]);
}

#[tokio::test]
async fn how_often_a_record_is_read_can_be_said() {
    for (times, asked) in [(&[][..], &[0][..]), (&[7, 3], &[0, 3, 7])] {
        let mut world = world(u64::MAX, 0);
        let times = times.iter().map(|seconds| Duration::from_secs(*seconds));
        world.events = world.events.ask_again_after(times);
        world.post(messages([1])).await;
        let seen = world.within(300).await;
        assert!(matches!(&seen[..], [(_, event)] if matches!(event.content, Content::Unproven(_))));
        assert_eq!(world.asked(), asked);
    }
}
