use std::sync::Arc;
use std::time::Duration;

use chatapi_client::chat_api::Client;
use chatapi_client::line::{Line as _, Outgoing};
use chatapi_outbox::State;
use chatapi_outbox::machine::Figures;
use chatapi_outbox::store::MemoryStore;
use chatapi_sandbox::{ClockMode, Profile, Sandbox};
use chatapi_transport::Clock;

use crate::bench::{Bench, MINUTE, anna};

/// A phone that is well and whose vendor takes a day for each message, so that whatever is handed
/// over waits there.
fn slow() -> Bench {
    let mut profile = Profile::chat_api_2020();
    let day = Duration::from_secs(86_400);
    profile.chat_api.processing = day..=day;
    let sandbox = Sandbox::builder().profile(profile).clock(ClockMode::Auto).build();
    let phone = sandbox.add_instance("12345", "token");
    let clock = sandbox.clock();
    let store = Arc::new(MemoryStore::new(Arc::new(clock.clone())));
    Bench { sandbox, phone, store, clock }
}

/// How many waited at the vendor at most, all together and of ours.
async fn peak(others: usize, figures: Figures) -> (usize, usize) {
    let bench = slow();
    let client = Client::over(bench.phone.gateway());
    for number in 0..others {
        client.submit(&Outgoing::text(anna(), format!("an offer {number}"))).await.unwrap();
    }
    let running = bench.dispatcher_with("one", |dispatcher| dispatcher.figures(figures)).await;
    for number in 0..25 {
        bench.enqueue(&format!("text {number}")).await;
    }
    let (mut all, mut ours) = (0, 0);
    let until = bench.clock.now().plus(5 * MINUTE);
    while bench.clock.now() < until {
        bench.clock.sleep(Duration::from_millis(500)).await;
        all = all.max(bench.phone.queue_len());
        let records = bench.all().await;
        ours = ours.max(records.iter().filter(|one| one.state == State::AtVendor).count());
    }
    running.stop().await;
    (all, ours)
}

#[tokio::test]
async fn of_ours_no_more_wait_at_the_vendor_than_is_set() {
    let figures = Figures::default();
    assert_eq!(figures.high_water, 20);
    assert_eq!(peak(0, figures).await, (20, 20));
    let mut few = Figures::default();
    few.high_water = 3;
    assert_eq!(peak(10, few).await, (13, 3));
}

#[tokio::test]
async fn with_what_others_send_the_queue_is_filled_up_to_the_margin_and_no_further() {
    let mut figures = Figures::default();
    figures.queue_cap = 50;
    figures.queue_margin = 10;
    assert_eq!(peak(33, figures.clone()).await, (40, 7));
    assert_eq!(peak(40, figures.clone()).await, (40, 0));
    assert_eq!(peak(47, figures).await, (47, 0));
}
