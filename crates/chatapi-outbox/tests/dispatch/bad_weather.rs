use std::time::Duration;

use chatapi_outbox::State;
use chatapi_outbox::store::{Filter, Tables};
use chatapi_sandbox::fault::{Effect, When};

use crate::bench::{Bench, MINUTE};

#[tokio::test]
async fn what_is_accepted_arrives_once_and_in_order() {
    let bench = Bench::new();
    let running = bench.dispatcher("one").await;
    let texts: Vec<String> = (0..30).map(|n| format!("text {n}")).collect();
    for text in &texts {
        bench.enqueue(text).await;
    }
    bench.settle(10 * MINUTE).await;
    assert_eq!(bench.sent(), texts);
    let all = bench.store.find(&Filter::all()).await.unwrap();
    assert!(all.iter().all(|record| record.state.is_settled() && record.vendor_id.is_some()));
    running.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_a_doubt_and_no_second_copy() {
    let bench = Bench::new();
    bench.fault(Effect::AnswerLost { hold: None }, When::First { n: 1 });
    let running = bench.dispatcher("one").await;
    let id = bench.enqueue("your code is 1234").await;
    bench.settle(10 * MINUTE).await;
    assert_eq!(bench.sent(), ["your code is 1234"]);
    let story = bench.story(id).await;
    assert!(story.contains("in_doubt") && bench.state(id).await.is_settled(), "{story}");
    running.stop().await;
}

#[tokio::test]
async fn what_never_arrived_is_sent_again_once_that_is_proven() {
    let bench = Bench::new();
    bench.fault(Effect::ResetAfter { done: false }, When::First { n: 1 });
    let running = bench.dispatcher("one").await;
    let id = bench.enqueue("hello").await;
    bench.settle(10 * MINUTE).await;
    assert_eq!(bench.sent(), ["hello"]);
    let story = bench.story(id).await;
    assert!(story.contains("twice seen to be absent"), "{story}");
    running.stop().await;
}

#[tokio::test]
async fn what_the_vendor_accepts_late_is_found_and_not_sent_again() {
    let bench = Bench::new();
    let late = Effect::AcceptedLate { after: Duration::from_secs(55), hold: None };
    bench.fault(late, When::First { n: 1 });
    let running = bench.dispatcher("one").await;
    let id = bench.enqueue("hello").await;
    bench.settle(20 * MINUTE).await;
    assert_eq!(bench.sent(), ["hello"], "{}", bench.story(id).await);
    assert!(bench.state(id).await.is_settled());
    running.stop().await;
}

#[tokio::test]
async fn a_page_in_html_for_an_answer_is_a_doubt_too() {
    let bench = Bench::new();
    bench.fault(Effect::Html { status: 502, done: true }, When::First { n: 1 });
    bench.fault(Effect::Html { status: 502, done: false }, When::Nth { n: 2 });
    let running = bench.dispatcher("one").await;
    bench.enqueue("done").await;
    bench.enqueue("not done").await;
    bench.settle(20 * MINUTE).await;
    assert_eq!(bench.sent(), ["done", "not done"]);
    running.stop().await;
}

#[tokio::test]
async fn what_the_vendor_forgets_is_found_to_be_lost_and_sent_again() {
    let bench = Bench::new();
    bench.fault(Effect::MessageDropped {}, When::First { n: 1 });
    let running = bench.dispatcher("one").await;
    let id = bench.enqueue("hello").await;
    bench.settle(60 * MINUTE).await;
    let story = bench.story(id).await;
    assert_eq!(bench.sent(), ["hello"], "{story}");
    assert!(story.contains("lost_at_vendor"), "{story}");
    running.stop().await;
}

#[tokio::test]
async fn while_a_phone_is_offline_nothing_is_handed_over_and_its_owner_is_told() {
    let bench = Bench::new();
    bench.phone.phone_offline();
    let running = bench.dispatcher("one").await;
    let id = bench.enqueue("hello").await;
    bench.settle(5 * MINUTE).await;
    assert_eq!(bench.state(id).await, State::Ready);
    assert_eq!(bench.phone.queue_len(), 0);
    let lines = bench.store.lines().await.unwrap();
    let health = lines[0].1.health.clone().unwrap();
    assert!(!health.can_send && health.advice.is_some(), "{health:?}");
    bench.phone.phone_online();
    bench.settle(5 * MINUTE).await;
    assert_eq!(bench.sent(), ["hello"]);
    running.stop().await;
}

#[tokio::test]
async fn a_phone_that_recovers_sends_five_messages_in_two_minutes() {
    let bench = Bench::new();
    bench.phone.phone_offline();
    let running = bench.dispatcher("one").await;
    for n in 0..12 {
        bench.enqueue(&format!("text {n}")).await;
    }
    bench.settle(MINUTE).await;
    bench.phone.phone_online();
    bench.settle(10 * MINUTE).await;
    let all = bench.store.find(&Filter::all()).await.unwrap();
    let mut handed: Vec<_> = all.iter().map(|record| record.attempts[0].intent_at).collect();
    handed.sort();
    assert_eq!(handed.len(), 12);
    for window in handed.windows(6) {
        assert!(window[5].since(window[0]) >= 2 * MINUTE, "{handed:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_refused_recipient_ends_and_does_not_hold_the_others_up() {
    let bench = Bench::new();
    bench.fault(Effect::RateLimited { retry_after: 7 }, When::First { n: 2 });
    let running = bench.dispatcher("one").await;
    let first = bench.enqueue("hello").await;
    bench.enqueue("again").await;
    bench.settle(10 * MINUTE).await;
    assert_eq!(bench.sent(), ["hello", "again"]);
    let record = bench.store.message(first).await.unwrap().unwrap();
    assert_eq!(record.attempts.len(), 3);
    running.stop().await;
}
