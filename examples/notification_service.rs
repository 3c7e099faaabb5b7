//! A notification service on SQLite: receipts, reminders and codes go out once, whatever happens
//! to this process or to the gateway's answers.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chatapi::outbox::dispatch::Dispatcher;
use chatapi::outbox::store::SqliteStore;
use chatapi::outbox::{Message, NotDelivered, Outbox, Route, Wipe};
use chatapi::sandbox::fault::{Effect, Fault, Scope, When};
use chatapi::{Clock, Phone, Sandbox, chat_api::Client};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // With a real gateway: Client::connect(address, "12345", token)? and TokioClock.
    let sandbox = Sandbox::new();
    let shop = Client::over(sandbox.add_instance("12345", "token").gateway());
    let clock = Arc::new(sandbox.clock());
    // Every third answer is lost on its way back.
    let lost = Fault::new(Effect::AnswerLost { hold: None }).when(When::Every { n: 3 });
    sandbox.faults().add(lost.at(Scope::instance("12345").method("sendMessage")))?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("outbox.db");
    let store = Arc::new(SqliteStore::open(file, clock.clone()).await?);
    let outbox = Outbox::new(store.clone(), Route::line("shop")).clock(clock.clone());

    // Any part of the application takes messages in. The key is what makes asking twice harmless.
    let anna: Phone = "79000000001".parse()?;
    for order in 1..=5 {
        let receipt = Message::text(&anna, format!("Thank you for order {order}"));
        outbox.enqueue(receipt.label("receipts"), format!("receipt-{order}")).await?;
    }
    let code = Message::text(&anna, "Your code: 4711").label("codes").priority(10);
    let code = code.expires_at(clock.unix().plus(Duration::from_secs(300))).wipe(Wipe::Content);
    let code = code.deliver_within(Duration::from_secs(60), NotDelivered::Tell);
    outbox.enqueue(code, "code-anna-1").await?;

    // One process sends.
    let _only_one = store.dispatcher_lock().await?;
    let dispatcher = Dispatcher::new(store).clock(clock.clone());
    let running = dispatcher.line("shop", Arc::new(shop)).start().await?;

    // The application's own records follow the feed; what is acknowledged does not come again.
    let mut feed = outbox.changes("crm");
    let mut settled = HashSet::new();
    while settled.len() < 6 {
        clock.sleep(Duration::from_secs(1)).await;
        for item in feed.read(100).await? {
            println!("{} {:<9} {}", item.change.id, item.change.to.as_str(), item.change.cause);
            settled.extend(item.change.to.is_settled().then_some(item.change.id));
            feed.acknowledge(item.place).await?;
        }
    }
    running.stop().await;
    assert_eq!(sandbox.instance("12345").sent().len(), 6);
    println!("6 left the phone, each once");
    Ok(())
}
