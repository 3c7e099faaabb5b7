//! Against the emulated gateways: what they post, and what they say when asked.

use std::time::Duration;

use async_trait::async_trait;
use chatapi_sandbox::{ChannelHandle, HookOutcome, InstanceHandle, Sandbox};
use chatapi_transport::{Gateway, Request, Response, Transport, TransportError};
use chatapi_types::chat_api::ChatApi;
use chatapi_types::{Delivery, MessageId, Messenger, Phone, Token, chat_api, wamm};
use chatapi_webhook::{
    About, Content, Event, Events, Gateways, Happening, Hint, Hook, MemoryInbox, Receiver, Source,
};

use crate::stream::drained;
use crate::{message, posted, secret};

/// An instance and a channel, whose hooks fetch back.
struct World {
    sandbox: Sandbox,
    instance: InstanceHandle,
    channel: ChannelHandle,
    inbox: MemoryInbox,
    receiver: Receiver,
}

fn world() -> World {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("7", "token");
    let channel = sandbox.add_channel("T", Messenger::WhatsApp);
    let inbox = MemoryInbox::new();
    let receiver = Receiver::builder(inbox.clone())
        .on_clock(sandbox.clock())
        .hook(Hook::chat_api("7", secret(1).hash()).fetch_back())
        .hook(Hook::wamm("w", secret(2).hash()).fetch_back())
        .build();
    World { sandbox, instance, channel, inbox, receiver }
}

impl World {
    fn source(&self) -> Gateways {
        Gateways::new().chat_api("7", self.instance.gateway()).wamm("w", self.channel.gateway())
    }

    fn events(&self, source: Gateways) -> Events {
        Events::of(self.inbox.clone()).on_clock(self.sandbox.clock()).source(source)
    }
}

/// The ids and texts of the messages among these events.
fn seen(events: &[Event]) -> Vec<(MessageId, String)> {
    let seen = events.iter().filter_map(|event| match event.happening() {
        Some(Happening::Message(seen)) => Some((seen.id, seen.text)),
        _ => None,
    });
    seen.collect()
}

/// Posts all that the sandbox has to tell within a day.
async fn post_all(sandbox: &Sandbox, receiver: &Receiver) {
    for _ in 0..24 {
        sandbox.run_until_idle();
        let post = async |request| {
            HookOutcome::Status(receiver.answer(None, request).await.status().as_u16())
        };
        sandbox.webhooks().deliver(post).await;
        sandbox.clock().advance(std::time::Duration::from_secs(3600));
    }
}

#[tokio::test]
async fn what_the_gateways_post_is_proven_by_what_they_say() {
    let world = world();
    let World { sandbox, instance, channel, receiver, .. } = &world;
    instance.change_settings(|settings| settings.ack_notifications_on = Some(true));
    let url = |seed| format!("http://receiver.test/hooks/{}", secret(seed).expose());
    instance.webhook(Some(&url(1)));
    channel.webhook(Some(&url(2)));
    let mut events = world.events(world.source());

    instance.contact_writes("79000000001", "to Chat API");
    channel.contact_writes("79000000001", "to wamm");
    let phone: Phone = "79000000002".parse().unwrap();
    instance.gateway().call(&chat_api::SendMessage::new(&phone, "from Chat API")).await.unwrap();
    channel.gateway().call(&wamm::MsgTo::new(&phone, "from wamm")).await.unwrap();
    post_all(sandbox, receiver).await;

    let mut texts = Vec::new();
    let mut reached = Vec::new();
    for event in drained(&mut events, &sandbox.clock()).await {
        match event.happening() {
            Some(Happening::Message(seen)) => texts.push(seen.text),
            Some(Happening::Delivery { delivery, .. }) => reached.push((event.vendor, delivery)),
            _ => assert!(!matches!(event.content, Content::Unknown(_)), "{event:?}"),
        }
    }
    texts.sort();
    assert_eq!(texts, ["from Chat API", "from wamm", "to Chat API", "to wamm"]);
    assert!(reached.contains(&(chatapi_webhook::Vendor::Wamm, Delivery::Read)), "{reached:?}");
    assert_eq!(receiver.counts().unknown, 0);
}

/// Who forges an event with a chat and a number of his own must not lead the question astray: the
/// true event is a repetition of his.
#[tokio::test]
async fn a_message_is_found_whatever_else_is_made_up_about_it() {
    let world = world();
    let World { sandbox, instance, channel, receiver, .. } = &world;
    let mut events = world.events(world.source());
    for made_up in ["79000000666", "", "\n nobody/../x?y"] {
        let here = instance.contact_writes("79000000001", "to Chat API").unwrap();
        let there = channel.contact_writes("79000000001", "to wamm").unwrap();
        let mut forged = message(666);
        (forged.id, forged.chat_id) = (here.clone(), made_up.into());
        let forged = chat_api::WebhookEvents::new("7").messages([forged]).encode();
        let sent = wamm::MessageState::Received;
        let event = wamm::MessageEvent::new(there.clone(), false, made_up, "forged", sent);
        let event = wamm::WebhookEvent::new(event).encode();
        for (seed, body) in [(1, forged), (2, event)] {
            assert_eq!(posted(receiver, seed, body).await.status(), 200);
        }
        let events = drained(&mut events, &sandbox.clock()).await;
        let expected = [(here, "to Chat API".to_owned()), (there, "to wamm".to_owned())];
        assert_eq!(seen(&events), expected, "{made_up:?}: {events:?}");
    }
}

#[tokio::test]
async fn what_the_gateway_failed_to_post_is_fetched() {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("7", "token");
    instance.webhook(Some(&format!("http://receiver.test/hooks/{}", secret(1).expose())));
    let inbox = MemoryInbox::new();
    let receiver = crate::builder(inbox.clone()).on_clock(sandbox.clock()).build();
    let source = Gateways::new().chat_api("7", instance.gateway());
    let mut events = Events::of(inbox).on_clock(sandbox.clock()).source(source);
    instance.contact_writes("79000000001", "one");
    post_all(&sandbox, &receiver).await;
    assert_eq!(drained(&mut events, &sandbox.clock()).await.len(), 1);
    // Nobody listens to the next two.
    instance.webhook(None);
    instance.contact_writes("79000000001", "two");
    instance.contact_writes("79000000001", "three");
    instance.webhook(Some(&format!("http://receiver.test/hooks/{}", secret(1).expose())));
    instance.contact_writes("79000000001", "four");
    post_all(&sandbox, &receiver).await;
    let events = drained(&mut events, &sandbox.clock()).await;
    let texts = seen(&events).into_iter().map(|(_, text)| text);
    assert_eq!(texts.collect::<Vec<_>>(), ["two", "three", "four"]);
}

#[tokio::test]
async fn a_gateway_whose_listings_are_shorter_is_asked_for_as_many_as_it_gives() {
    let world = world();
    let mut limits = wamm::Limits::default();
    limits.listing = 10;
    let (dialect, sandbox) = (wamm::Wamm::query().limits(limits), &world.sandbox);
    let gateway = Gateway::new(sandbox.wamm_address(), dialect, Token::new("T"), sandbox.clone());
    let mut events = world.events(Gateways::new().wamm("w", gateway));
    for (chat, text) in [("79000000001", "in its chat"), ("79000000666", "among all")] {
        let id = world.channel.contact_writes("79000000001", text).unwrap();
        let state = wamm::MessageState::Received;
        let event = wamm::MessageEvent::new(id.clone(), false, chat, "forged", state);
        let event = wamm::WebhookEvent::new(event).encode();
        assert_eq!(posted(&world.receiver, 2, event).await.status(), 200);
        let events = drained(&mut events, &world.sandbox.clock()).await;
        assert_eq!(seen(&events), [(id, text.to_owned())], "{events:?}");
    }
}

/// Does not answer.
#[derive(Debug)]
struct Silent;

#[async_trait]
impl Transport for Silent {
    async fn exchange(&self, _: Request) -> Result<Response, TransportError> {
        Err(TransportError::timed_out(Duration::from_secs(35)))
    }
}

#[tokio::test]
async fn why_the_vendor_did_not_tell_is_said_without_what_it_was_asked() {
    let world = world();
    let (address, dialect) = (world.sandbox.address(), ChatApi::path("8"));
    let silent = Gateway::new(address, dialect, Token::new("token"), Silent);
    let source = world.source().chat_api("8", silent);
    world.instance.replace_token("another");
    world.channel.replace_token("another");
    let mut hint = Hint::new(About::Message);
    hint.message = Some(message(1).id);
    hint.chat = Some("79000000001@c.us".into());
    for (line, why) in [
        ("7", "messages: the token is not accepted (HTTP 401)"),
        ("8", "messages: no answer within 35 s"),
        ("w", "msg_get_last: the token is not accepted (HTTP 200)"),
    ] {
        let error = source.message(&line.into(), &hint).await.unwrap_err();
        assert!(!error.is_unsupported(), "{error}");
        assert_eq!(error.to_string(), why);
    }
    (hint.about, hint.message) = (About::Delivery, Some("7".into()));
    let error = source.message(&"w".into(), &hint).await.unwrap_err();
    assert_eq!(error.to_string(), "msg_state: the token is not accepted (HTTP 200)");
}
