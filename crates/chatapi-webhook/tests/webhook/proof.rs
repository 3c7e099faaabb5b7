//! What is only a hint is read again from the vendor.

use async_trait::async_trait;
use chatapi_sandbox::{ClockMode, VirtualClock};
use chatapi_types::chat_api::{self, Ack, Message, WebhookEvents};
use chatapi_types::wamm::{self, MessageState};
use chatapi_types::{Delivery, InstanceId};
use chatapi_webhook::{
    Content, Events, Happening, Hint, Hook, MemoryInbox, Original, Receiver, Source, SourceError,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::stream::drained;
use crate::{message, posted, secret};

/// The vendor has message 1, which came in, message 5 of ours, which was delivered, and a delivered
/// wamm message 9 of ours.
#[derive(Clone, Debug, Default)]
struct Vendor {
    asleep: Arc<AtomicBool>,
}

#[async_trait]
impl Source for Vendor {
    async fn message(
        &self,
        line: &InstanceId,
        hint: &Hint,
    ) -> Result<Option<Original>, SourceError> {
        if self.asleep.swap(false, Ordering::Relaxed) {
            return Err(SourceError::unavailable("no answer", "timed out"));
        }
        let id = hint.message.clone().unwrap();
        if line.as_str() == "w" {
            let ours =
                wamm::Message::new("9", true, "79000000002", "ours", MessageState::Delivered);
            return Ok((id.as_str() == "9").then(|| ours.into()));
        }
        if id == message(5).id {
            let mut ours = message(5);
            ours.from_me = true;
            ours.ack = Some(Ack::Delivered);
            return Ok(Some(ours.into()));
        }
        Ok((id == message(1).id).then(|| message(1).into()))
    }

    async fn between(&self, _: &InstanceId, _: u64, _: u64) -> Result<Vec<Message>, SourceError> {
        Ok(Vec::new())
    }
}

struct World {
    receiver: Receiver,
    events: Events,
    clock: VirtualClock,
    vendor: Vendor,
}

fn world() -> World {
    let clock = VirtualClock::new(ClockMode::Auto);
    let inbox = MemoryInbox::new();
    let receiver = Receiver::builder(inbox.clone())
        .on_clock(clock.clone())
        .hook(Hook::chat_api("7", secret(1).hash()).fetch_back())
        .hook(Hook::wamm("w", secret(2).hash()).fetch_back())
        .build();
    let vendor = Vendor::default();
    let events = Events::of(inbox).on_clock(clock.clone()).source(vendor.clone());
    World { receiver, events, clock, vendor }
}

#[tokio::test]
async fn what_is_forged_does_not_get_in() {
    let mut world = world();
    // One that exists, with another text, and one that does not exist.
    let mut forged = message(1);
    forged.body = "send money to".into();
    let mut invented = message(2);
    invented.body = "send money to".into();
    let body = WebhookEvents::new("7").messages([forged, invented]).encode();
    assert_eq!(posted(&world.receiver, 1, body).await.status(), 200);
    let events = drained(&mut world.events, &world.clock).await;
    let [real, unproven] = &events[..] else { panic!("{events:?}") };
    let Some(Happening::Message(seen)) = real.happening() else { panic!("{real:?}") };
    assert_eq!(seen.text, message(1).body);
    let Content::Unproven(hint) = &unproven.content else { panic!("{unproven:?}") };
    assert_eq!(hint.message, Some(message(2).id));
    assert!(unproven.happening().is_none());
}

#[tokio::test]
async fn a_state_is_shown_if_the_vendor_says_as_much() {
    let mut world = world();
    for (id, state) in [(9, "sent"), (9, "delivered"), (9, "viewed"), (8, "delivered")] {
        let body =
            format!(r#"{{"tip":"msg_state","msg_data":{{"msg_id":{id},"state":"{state}"}}}}"#);
        assert_eq!(posted(&world.receiver, 2, body).await.status(), 200);
    }
    // That an incoming message was read by its recipient is nonsense.
    let ack = chat_api::AckEvent::new(message(1).id, 1, "79000000001@c.us", Ack::Viewed);
    let ack = WebhookEvents::new("7").acks([ack]).encode();
    assert_eq!(posted(&world.receiver, 1, ack).await.status(), 200);
    let seen: Vec<_> = drained(&mut world.events, &world.clock)
        .await
        .iter()
        .map(|event| match event.happening() {
            Some(Happening::Delivery { delivery, .. }) => delivery.to_string(),
            _ => event.content.sort().to_owned(),
        })
        .collect();
    assert_eq!(seen, ["sent", "delivered", "unproven", "unproven", "unproven"]);
}

#[tokio::test]
async fn what_is_true_of_a_state_brings_nothing_forged_along() {
    let mut world = world();
    let ack = r#"{"tip":"msg_state","msg_data":{"msg_id":9,"phone":"79000000666","state":"sent"}}"#;
    assert_eq!(posted(&world.receiver, 2, ack).await.status(), 200);
    // Message 5 is ours and was delivered.
    let ack = chat_api::AckEvent::new(message(5).id, 666, "79000000666@c.us", Ack::Delivered);
    let ack = WebhookEvents::new("7").acks([ack]).encode();
    assert_eq!(posted(&world.receiver, 1, ack).await.status(), 200);
    let events = drained(&mut world.events, &world.clock).await;
    let [wamm, chat_api] = &events[..] else { panic!("{events:?}") };
    let Content::Wamm(state) = &wamm.content else { panic!("{wamm:?}") };
    assert_eq!(state.phone().map(wamm::Address::as_str), Some("79000000002"));
    let Content::ChatApi(ack) = &chat_api.content else { panic!("{chat_api:?}") };
    let chat_api::Event::Ack(ack) = &**ack else { panic!("{chat_api:?}") };
    assert_eq!((ack.chat_id.clone(), ack.queue_number), (Some(message(5).chat_id), None));
    assert_eq!(ack.status, Ack::Delivered);
}

#[tokio::test]
async fn a_vendor_that_does_not_answer_is_asked_again() {
    let mut world = world();
    world.vendor.asleep.store(true, Ordering::Relaxed);
    let text = r#"{"tip":"msg","msg_data":{"msg_id":9,"from_me":1,"phone":"79000000002","tip_msg":"textMessage","msg_text":"forged","state":"viewed"}}"#;
    assert_eq!(posted(&world.receiver, 2, text).await.status(), 200);
    let events = drained(&mut world.events, &world.clock).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].attempt, 2);
    let Some(Happening::Message(seen)) = events[0].happening() else { panic!("{events:?}") };
    assert_eq!((&*seen.text, seen.delivery), ("ours", Delivery::Delivered));
}

#[tokio::test]
async fn without_a_source_nothing_is_proven() {
    let World { receiver, clock, .. } = world();
    let inbox = MemoryInbox::new();
    let strict = Receiver::builder(inbox.clone())
        .hook(Hook::chat_api("7", secret(1).hash()).fetch_back())
        .build();
    drop(receiver);
    assert_eq!(posted(&strict, 1, crate::messages([1])).await.status(), 200);
    let events = drained(&mut Events::of(inbox).on_clock(clock.clone()), &clock).await;
    assert!(matches!(events[0].content, Content::Unproven(_)));
}
