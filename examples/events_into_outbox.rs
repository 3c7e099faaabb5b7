//! What the gateway posts, into the outbox: "sent" becomes "delivered" and "read" as it happens,
//! and what people answer comes along.

use std::sync::Arc;
use std::time::Duration;

use chatapi::outbox::dispatch::Dispatcher;
use chatapi::outbox::store::MemoryStore;
use chatapi::outbox::{LineName, Message, Outbox, Route, State};
use chatapi::sandbox::HookOutcome;
use chatapi::webhook::{Events, Gateways, Happening, Hook, MemoryInbox, PathSecret, Receiver};
use chatapi::{Clock, Phone, Sandbox, chat_api::Client};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::new();
    let clock = Arc::new(sandbox.clock());
    let instance = sandbox.add_instance("12345", "token");
    let secret = PathSecret::generate()?;
    instance.webhook(Some(&format!("https://example.org/hooks/{}", secret.expose())));
    instance.change_settings(|settings| settings.ack_notifications_on = Some(true));

    // Both in memory here, where an hour passes in no time; an application that must not forget keeps
    // both in one file: `SqliteStore::open(…)`, and its `inbox()`.
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let inbox = MemoryInbox::new();

    let outbox = Outbox::new(store.clone(), Route::line("shop")).clock(clock.clone());
    let shop = Client::over(instance.gateway());
    let dispatcher = Dispatcher::new(store).clock(clock.clone());
    let running = dispatcher.line("shop", Arc::new(shop)).start().await?;
    let receiver = Receiver::builder(inbox.clone())
        .hook(Hook::chat_api("12345", secret.hash()))
        .on_clock(sandbox.clock())
        .build();

    let anna: Phone = "79000000001".parse()?;
    let id = outbox.enqueue(Message::text(&anna, "Your parcel is here"), "parcel-1").await?.id;

    // The instance's number leads to the name by which the outbox knows the phone.
    let line = LineName::from("shop");
    let source = Gateways::new().chat_api("12345", instance.gateway());
    let mut events = Events::of(inbox).on_clock(sandbox.clock()).source(source);
    let post =
        async |request| HookOutcome::Status(receiver.answer(None, request).await.status().into());
    while outbox.message(id).await?.is_none_or(|message| message.state != State::Read) {
        clock.sleep(Duration::from_secs(1)).await;
        for _ in 0..sandbox.webhooks().deliver(post).await {
            let event = events.next().await?;
            if let Some(taken) = outbox.hear(&line, &event).await? {
                println!("an acknowledgement: {taken:?}");
            } else if let Some(Happening::Message(message)) = event.happening() {
                println!("{}: {}", if message.from_me { "we" } else { "they" }, message.text);
            }
            // Only now: whoever dies before this gets the event again.
            event.ack().await?;
        }
    }
    for change in outbox.history(id).await? {
        println!("{:<9} {}", change.to.as_str(), change.cause);
    }
    running.stop().await;
    Ok(())
}
