//! Against the emulated gateways: what they post, and what they say when asked.

use chatapi_sandbox::{HookOutcome, Sandbox};
use chatapi_types::{Delivery, Messenger, Phone, chat_api, wamm};
use chatapi_webhook::{Content, Events, Gateways, Happening, Hook, MemoryInbox, Receiver};

use crate::stream::drained;
use crate::{message, posted, secret};

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
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("7", "token");
    let channel = sandbox.add_channel("T", Messenger::WhatsApp);
    instance.change_settings(|settings| settings.ack_notifications_on = Some(true));
    let url = |seed| format!("http://receiver.test/hooks/{}", secret(seed).expose());
    instance.webhook(Some(&url(1)));
    channel.webhook(Some(&url(2)));

    let inbox = MemoryInbox::new();
    let receiver = Receiver::builder(inbox.clone())
        .on_clock(sandbox.clock())
        .hook(Hook::chat_api("7", secret(1).hash()).fetch_back())
        .hook(Hook::wamm("w", secret(2).hash()).fetch_back())
        .build();
    let source = Gateways::new().chat_api("7", instance.gateway()).wamm("w", channel.gateway());
    let mut events = Events::of(inbox).on_clock(sandbox.clock()).source(source);

    instance.contact_writes("79000000001", "to Chat API");
    channel.contact_writes("79000000001", "to wamm");
    let phone: Phone = "79000000002".parse().unwrap();
    instance.gateway().call(&chat_api::SendMessage::new(&phone, "from Chat API")).await.unwrap();
    channel.gateway().call(&wamm::MsgTo::new(&phone, "from wamm")).await.unwrap();
    post_all(&sandbox, &receiver).await;

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
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("7", "token");
    let channel = sandbox.add_channel("T", Messenger::WhatsApp);
    let inbox = MemoryInbox::new();
    let receiver = Receiver::builder(inbox.clone())
        .on_clock(sandbox.clock())
        .hook(Hook::chat_api("7", secret(1).hash()).fetch_back())
        .hook(Hook::wamm("w", secret(2).hash()).fetch_back())
        .build();
    let source = Gateways::new().chat_api("7", instance.gateway()).wamm("w", channel.gateway());
    let mut events = Events::of(inbox).on_clock(sandbox.clock()).source(source);
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
            assert_eq!(posted(&receiver, seed, body).await.status(), 200);
        }
        let events = drained(&mut events, &sandbox.clock()).await;
        let seen = events.iter().filter_map(|event| match event.happening() {
            Some(Happening::Message(seen)) => Some((seen.id, seen.text)),
            _ => None,
        });
        let expected = [(here, "to Chat API".to_owned()), (there, "to wamm".to_owned())];
        assert_eq!(seen.collect::<Vec<_>>(), expected, "{made_up:?}: {events:?}");
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
    let texts = events.iter().filter_map(|event| match event.happening() {
        Some(Happening::Message(seen)) => Some(seen.text),
        _ => None,
    });
    assert_eq!(texts.collect::<Vec<_>>(), ["two", "three", "four"]);
}
