use std::time::Duration;

use chatapi_outbox::State;
use chatapi_outbox::machine::Figures;
use chatapi_outbox::store::Tables;
use chatapi_sandbox::fault::{Effect, When};
use chatapi_transport::Clock;

use crate::bench::{Bench, MINUTE};

#[tokio::test]
async fn a_dispatcher_that_dies_in_flight_leaves_a_doubt_that_the_next_one_settles() {
    for done in [true, false] {
        let bench = Bench::new();
        let effect = match done {
            true => Effect::AnswerLost { hold: None },
            false => Effect::ResetAfter { done: false },
        };
        bench.fault(effect, When::First { n: 1 });
        // The answer takes its time, so that the process dies before it.
        bench.fault(Effect::latency(Duration::from_secs(20)), When::First { n: 1 });
        let first = bench.dispatcher("first").await;
        let id = bench.enqueue("hello").await;
        bench.clock.sleep(Duration::from_secs(5)).await;
        drop(first);
        let second = bench.dispatcher("second").await;
        bench.settle(20 * MINUTE).await;
        let story = bench.story(id).await;
        assert_eq!(bench.sent(), ["hello"], "{story}");
        assert!(bench.state(id).await.is_settled(), "{story}");
        second.stop().await;
    }
}

#[tokio::test]
async fn one_that_is_asked_to_stop_gives_its_phones_back_at_once() {
    let bench = Bench::new();
    let first = bench.dispatcher("first").await;
    bench.enqueue("one").await;
    bench.settle(MINUTE).await;
    first.stop().await;
    let lines = bench.store.lines().await.unwrap();
    assert_eq!(lines[0].1.lease, None);
    let second = bench.dispatcher("second").await;
    let began = bench.clock.now();
    bench.enqueue("two").await;
    bench.settle(MINUTE).await;
    assert_eq!(bench.sent(), ["one", "two"]);
    assert!(bench.clock.now().since(began) < Duration::from_secs(45));
    second.stop().await;
}

#[tokio::test]
async fn one_that_has_much_to_send_begins_nothing_new_once_it_is_asked_to_stop() {
    let bench = Bench::new();
    bench.fault(Effect::latency(Duration::from_millis(100)), When::Always {});
    for number in 0..20 {
        bench.enqueue(&format!("text {number}")).await;
    }
    let mut figures = Figures::default();
    (figures.interval, figures.jitter) = (Duration::ZERO, 0.0);
    let running = bench.dispatcher_with("first", |dispatcher| dispatcher.figures(figures)).await;
    bench.clock.sleep(Duration::from_millis(450)).await;
    running.stop().await;
    let all = bench.all().await;
    let sent = all.iter().filter(|record| record.at_vendor_since.is_some()).count();
    let ready = all.iter().filter(|record| record.state == State::Ready).count();
    assert!((1..=6).contains(&sent) && sent + ready == 20, "{sent} sent, {ready} ready");
    assert_eq!(bench.store.lines().await.unwrap()[0].1.lease, None);
}

#[tokio::test]
async fn of_two_at_once_only_one_drives_the_phone() {
    let bench = Bench::new();
    let (one, two) = (bench.dispatcher("one").await, bench.dispatcher("two").await);
    let texts: Vec<String> = (0..10).map(|n| format!("text {n}")).collect();
    for text in &texts {
        bench.enqueue(text).await;
    }
    bench.settle(5 * MINUTE).await;
    assert_eq!(bench.sent(), texts);
    let lines = bench.store.lines().await.unwrap();
    assert_eq!(lines[0].1.epoch, 1, "the lease changed hands");
    one.stop().await;
    two.stop().await;
}
