use std::sync::Arc;
use std::time::Duration;

use chatapi_client::chat_api::Client;
use chatapi_outbox::{Message, Route, State};
use chatapi_sandbox::fault::{Effect, Fault, Scope};
use chatapi_transport::Clock;

use crate::bench::{Bench, MINUTE, anna};

#[tokio::test]
async fn what_a_phone_did_not_take_and_never_will_leaves_through_another() {
    let bench = Bench::new();
    let spare = bench.sandbox.add_instance("67890", "other");
    spare.phone_offline();
    bench.clock.sleep(MINUTE).await;
    let (one, other) = (Client::over(bench.phone.gateway()), Client::over(spare.gateway()));
    let running = bench
        .dispatcher_with("one", |dispatcher| {
            let dispatcher = dispatcher.line_of("all", "shop", Arc::new(one));
            dispatcher.line_of("all", "spare", Arc::new(other))
        })
        .await;
    bench.clock.sleep(Duration::from_secs(1)).await;
    // It was well a second ago, and is not reached ever again.
    let nothing = Fault::new(Effect::Refused {}).at(Scope::instance("12345"));
    bench.sandbox.faults().add(nothing).unwrap();
    let message = |text: &str| {
        Message::text(anna(), text).route(Route::group("all")).order_key("anna").unchecked()
    };
    let first = bench.put(message("hello")).await;
    let second = bench.put(message("and again")).await;
    while bench.record(first).await.attempts.is_empty() || bench.state(first).await != State::Ready
    {
        bench.clock.sleep(Duration::from_millis(10)).await;
    }
    spare.phone_online();
    bench.settle(20 * MINUTE).await;
    let texts: Vec<String> = spare.sent().into_iter().map(|sent| sent.body).collect();
    assert_eq!(texts, ["hello", "and again"], "{}", bench.story(first).await);
    assert!(bench.sent().is_empty());
    assert!(bench.state(second).await.is_settled());
    let attempts = bench.record(first).await.attempts;
    let lines = [attempts.first(), attempts.last()].map(|one| one.unwrap().line.to_string());
    assert_eq!(lines, ["shop", "spare"]);
    running.stop().await;
}
