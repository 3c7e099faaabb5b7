use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chatapi_client::{LinkProbe, LinkState};
use chatapi_outbox::checks::Checks;
use chatapi_outbox::store::Tables;
use chatapi_outbox::{Message, State};
use chatapi_sandbox::MagicRecipient;
use chatapi_transport::Clock;
use chatapi_types::{Messenger, Phone};

use crate::bench::{Bench, MINUTE};

/// Links that answer as their path says, and how often each was asked.
#[derive(Debug, Default)]
struct Links(Mutex<HashMap<String, usize>>);

impl Links {
    fn asked(&self, url: &str) -> usize {
        self.0.lock().unwrap().get(url).copied().unwrap_or(0)
    }
}

#[async_trait]
impl LinkProbe for Links {
    async fn probe(&self, url: &str) -> LinkState {
        *self.0.lock().unwrap().entry(url.to_owned()).or_default() += 1;
        match url.rsplit('/').next() {
            Some("dead.pdf") => LinkState::Dead("404 Not Found".to_owned()),
            Some("slow.pdf") => LinkState::Unknown,
            _ => LinkState::Alive,
        }
    }
}

fn phone(digits: &str) -> Phone {
    digits.parse().unwrap()
}

fn file(to: &Phone, name: &str) -> Message {
    Message::file_at(to, name, format!("https://files.example/{name}"), None)
}

#[tokio::test]
async fn a_file_to_nobody_ends_before_it_is_sent_and_a_text_is_not_asked_about() {
    let bench = Bench::new();
    let running = bench.dispatcher("one").await;
    let nobody = phone(MagicRecipient::NoAccount.address());
    let anna = phone("79000000001");
    let lost = bench.put(file(&nobody, "a.pdf")).await;
    let fine = bench.put(file(&anna, "a.pdf")).await;
    let hasty = bench.put(file(&nobody, "b.pdf").unchecked()).await;
    bench.settle(2 * MINUTE).await;
    let story = bench.story(lost).await;
    assert!(story.contains("failed: 999…01 has no account with the messenger"), "{story}");
    assert!(bench.record(lost).await.attempts.is_empty());
    let story = bench.story(fine).await;
    assert!(story.contains("ready: checked"), "{story}");
    assert!(bench.state(fine).await.is_settled(), "{story}");
    assert_eq!(bench.record(hasty).await.attempts.len(), 1, "as its sender wanted");
    running.stop().await;
}

#[tokio::test]
async fn answers_are_remembered_and_questions_are_paced() {
    let bench = Bench::new();
    let running = bench.dispatcher("one").await;
    let phones: Vec<Phone> = (1..=6).map(|n| phone(&format!("7900000000{n}"))).collect();
    for round in 0..2 {
        for to in &phones {
            bench.put(file(to, &format!("{round}.pdf"))).await;
        }
    }
    bench.settle(10 * MINUTE).await;
    let asked = bench.calls("checkPhone");
    assert_eq!(asked.len(), 6, "one question for each number");
    for pair in asked.windows(2) {
        assert!(pair[1].since(pair[0]) >= Duration::from_secs(2), "{asked:?}");
    }
    assert!(bench.all().await.iter().all(|record| record.state.is_settled()));
    running.stop().await;
}

#[tokio::test]
async fn a_number_that_got_an_account_is_asked_for_again() {
    let bench = Bench::new();
    let checks = Checks::new().believing(24 * 60 * MINUTE, 5 * MINUTE);
    let running = bench.dispatcher_with("one", |dispatcher| dispatcher.checks(checks)).await;
    let later = phone(MagicRecipient::AccountLater.address());
    let early = bench.put(file(&later, "a.pdf")).await;
    bench.settle(2 * MINUTE).await;
    assert_eq!(bench.state(early).await, State::Failed);
    bench.clock.sleep(10 * MINUTE).await;
    let late = bench.put(file(&later, "b.pdf")).await;
    bench.settle(2 * MINUTE).await;
    assert_ne!(bench.state(late).await, State::Failed);
    assert_eq!(bench.calls("checkPhone").len(), 2);
    running.stop().await;
}

#[tokio::test]
async fn what_cannot_be_checked_leaves_all_the_same_and_says_so() {
    let bench = Bench::new();
    let checks = Checks::new().tries(3);
    let running = bench.dispatcher_with("one", |dispatcher| dispatcher.checks(checks)).await;
    let unchecked = phone(MagicRecipient::Unchecked.address());
    let id = bench.put(file(&unchecked, "a.pdf")).await;
    bench.settle(5 * MINUTE).await;
    let story = bench.story(id).await;
    assert!(story.contains("ready: leaves unchecked: 3 tries"), "{story}");
    assert!(bench.state(id).await.is_settled(), "{story}");
    assert_eq!(bench.calls("checkPhone").len(), 3);
    running.stop().await;
}

#[tokio::test]
async fn a_phone_that_is_not_well_is_not_asked_about_numbers() {
    let bench = Bench::new();
    bench.phone.phone_offline();
    let running = bench.dispatcher("one").await;
    bench.clock.sleep(MINUTE).await;
    let nobody = phone(MagicRecipient::NoAccount.address());
    let id = bench.put(file(&nobody, "a.pdf")).await;
    bench.settle(60 * MINUTE).await;
    assert_eq!(bench.state(id).await, State::Accepted);
    assert_eq!(bench.calls("checkPhone").len(), 0);
    bench.phone.phone_online();
    bench.settle(5 * MINUTE).await;
    assert_eq!(bench.state(id).await, State::Failed);
    running.stop().await;
}

#[tokio::test]
async fn a_dead_link_ends_its_message_and_links_are_not_asked_twice() {
    let bench = Bench::new();
    let links = Arc::new(Links::default());
    let checks = Checks::new().links(links.clone()).tries(3);
    let running = bench.dispatcher_with("one", |dispatcher| dispatcher.checks(checks)).await;
    let (anna, bert) = (phone("79000000001"), phone("79000000002"));
    let dead = bench.put(file(&anna, "dead.pdf")).await;
    let slow = bench.put(file(&anna, "slow.pdf")).await;
    let fine = bench.put(file(&anna, "a.pdf")).await;
    bench.settle(5 * MINUTE).await;
    bench.put(file(&bert, "a.pdf")).await;
    bench.settle(5 * MINUTE).await;
    let story = bench.story(dead).await;
    assert!(story.contains("failed: its link leads nowhere: 404 Not Found"), "{story}");
    let story = bench.story(slow).await;
    assert!(story.contains("leaves unchecked: 3 tries; last: its link could not be"), "{story}");
    assert!(bench.state(slow).await.is_settled() && bench.state(fine).await.is_settled());
    assert_eq!(links.asked("https://files.example/slow.pdf"), 3);
    assert_eq!(links.asked("https://files.example/a.pdf"), 1);
    running.stop().await;
}

#[tokio::test]
async fn a_check_that_takes_long_does_not_cost_a_message_its_place() {
    let bench = Bench::new();
    let links = Arc::new(Links::default());
    let checks = Checks::new().links(links).tries(4);
    let running = bench.dispatcher_with("one", |dispatcher| dispatcher.checks(checks)).await;
    let anna = phone("79000000001");
    let first = bench.put(file(&anna, "slow.pdf").order_key("anna")).await;
    let second = bench.put(Message::text(&anna, "see above").order_key("anna")).await;
    bench.settle(5 * MINUTE).await;
    let left = |record: chatapi_outbox::record::Record| record.attempts[0].intent_at;
    assert!(left(bench.record(first).await) < left(bench.record(second).await));
    running.stop().await;
}

#[tokio::test]
async fn messages_of_other_dispatchers_do_not_hold_ours_up() {
    let bench = Bench::new();
    let running = bench.dispatcher("one").await;
    let anna = phone("79000000001");
    for n in 0..200 {
        bench.put(file(&anna, &format!("{n}.pdf")).through("elsewhere")).await;
    }
    let ours = bench.put(file(&anna, "ours.pdf")).await;
    bench.clock.sleep(MINUTE).await;
    assert!(bench.state(ours).await.is_settled(), "{}", bench.story(ours).await);
    let waiting = bench.store.unchecked(bench.clock.unix(), 1000).await.unwrap();
    assert_eq!(waiting.len(), 200, "they are for others to check");
    running.stop().await;
}

#[tokio::test]
async fn wamm_is_not_asked_because_it_refuses_such_messages_by_itself() {
    let bench = Bench::new();
    let channel = bench.sandbox.add_channel("token", Messenger::WhatsApp);
    let line = chatapi_client::wamm::Client::over(channel.gateway());
    let running =
        bench.dispatcher_with("one", |dispatcher| dispatcher.line("desk", Arc::new(line))).await;
    let nobody = phone(MagicRecipient::NoAccount.address());
    let id = bench.put(file(&nobody, "a.pdf").through("desk")).await;
    bench.settle(2 * MINUTE).await;
    let story = bench.story(id).await;
    assert_eq!(bench.state(id).await, State::Failed, "{story}");
    assert!(story.contains("ready: checked") && story.contains("no WhatsApp"), "{story}");
    let calls = bench.sandbox.exchanges();
    assert!(!calls.iter().any(|call| call.target.text.contains("check_phone")));
    running.stop().await;
}
