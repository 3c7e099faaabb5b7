use std::time::Duration;

use chatapi_outbox::machine::Figures;
use chatapi_outbox::record::Record;
use chatapi_outbox::rules::{Cap, Quiet, Rules, Zone};
use chatapi_outbox::store::{Tables, What};
use chatapi_outbox::{Message, State};
use chatapi_transport::Clock;
use chatapi_types::{Phone, UnixMillis};

use crate::bench::{Bench, MINUTE, anna};

const HOUR: Duration = Duration::from_secs(3600);

fn ruled(rules: Rules) -> Figures {
    let mut figures = Figures::default();
    // Days pass here: nobody has to look at his watch every second.
    figures.poll = MINUTE;
    figures.lease = HOUR;
    (figures.health_every, figures.idle_every) = (HOUR, HOUR);
    figures.rules = rules;
    figures
}

/// Lets days pass until everything is settled.
async fn settle(bench: &Bench, days: u32) {
    for _ in 0..days * 24 * 6 {
        if bench.all().await.iter().all(|record| record.state.is_settled()) {
            return;
        }
        bench.clock.sleep(10 * MINUTE).await;
    }
}

fn phone(n: u32) -> Phone {
    format!("7900000{n:04}").parse().unwrap()
}

/// The day and the hour in UTC; the sandbox begins at 12:26 of its day 0.
fn clock_of(at: UnixMillis) -> (i64, i64) {
    let hours = at.as_millis() / 3_600_000;
    (hours / 24 - 18_518, hours % 24)
}

/// How many of these left on each of the first days.
fn by_day(records: &[Record], days: usize) -> Vec<usize> {
    let mut counts = vec![0; days];
    for record in records {
        let day = clock_of(record.attempts[0].intent_at).0;
        counts[usize::try_from(day).unwrap()] += 1;
    }
    counts
}

#[tokio::test]
async fn a_phone_sends_its_share_of_the_day_and_the_rest_on_the_next_ones_in_order() {
    let bench = Bench::new();
    let figures = ruled(Rules::none().daily(Cap::of(10)));
    let running = bench.dispatcher_with("one", |dispatcher| dispatcher.figures(figures)).await;
    let texts: Vec<String> = (0..25).map(|n| format!("text {n}")).collect();
    let mut ids = Vec::new();
    for text in &texts {
        ids.push(bench.enqueue(text).await);
    }
    settle(&bench, 3).await;
    assert_eq!(bench.sent(), texts);
    assert_eq!(by_day(&bench.all().await, 3), [10, 10, 5]);
    let story = bench.story(ids[10]).await;
    assert!(story.contains("shop has sent its 10 messages of the day"), "{story}");
    let history = bench.store.history(ids[10]).await.unwrap();
    let delays = history.iter().filter(|change| change.what == What::Delayed).count();
    assert_eq!(delays, 1, "{story}");
    running.stop().await;
}

#[tokio::test]
async fn a_new_phone_warms_up_and_what_is_tried_twice_counts_once() {
    let bench = Bench::new();
    bench.fault(
        chatapi_sandbox::fault::Effect::RateLimited { retry_after: 1 },
        chatapi_sandbox::fault::When::First { n: 3 },
    );
    let figures = ruled(Rules::none().daily(Cap::growing(2, 8, 3)));
    let running = bench.dispatcher_with("one", |dispatcher| dispatcher.figures(figures)).await;
    for n in 0..20 {
        bench.enqueue(&format!("text {n}")).await;
    }
    settle(&bench, 5).await;
    assert_eq!(by_day(&bench.all().await, 5), [2, 4, 6, 8, 0]);
    running.stop().await;
}

#[tokio::test]
async fn a_new_dispatcher_counts_on_where_the_old_one_was() {
    let bench = Bench::new();
    let rules = Rules::none().daily(Cap::of(6));
    let with = |rules: Rules| {
        move |dispatcher: chatapi_outbox::dispatch::Dispatcher| dispatcher.figures(ruled(rules))
    };
    let first = bench.dispatcher_with("first", with(rules.clone())).await;
    for n in 0..4 {
        bench.enqueue(&format!("text {n}")).await;
    }
    bench.clock.sleep(10 * MINUTE).await;
    first.stop().await;
    let second = bench.dispatcher_with("second", with(rules)).await;
    for n in 4..10 {
        bench.enqueue(&format!("text {n}")).await;
    }
    settle(&bench, 2).await;
    assert_eq!(by_day(&bench.all().await, 2), [6, 4]);
    second.stop().await;
}

#[tokio::test]
async fn only_so_many_strangers_a_day_and_acquaintances_as_ever() {
    let bench = Bench::new();
    let figures = ruled(Rules::none().strangers(Cap::of(3)));
    let running = bench.dispatcher_with("one", |dispatcher| dispatcher.figures(figures)).await;
    for n in 0..7 {
        bench.put(Message::text(phone(n), "hello")).await;
    }
    bench.clock.sleep(10 * MINUTE).await;
    let known = bench.put(Message::text(phone(0), "how are you?")).await;
    bench.clock.sleep(10 * MINUTE).await;
    assert!(bench.state(known).await.is_settled(), "{}", bench.story(known).await);
    assert_eq!(bench.sent().len(), 4);
    settle(&bench, 3).await;
    assert_eq!(by_day(&bench.all().await, 3), [4, 3, 1]);
    let waited = bench.all().await.into_iter().find(|one| one.chat == (&phone(5)).into()).unwrap();
    let story = bench.story(waited.id).await;
    assert!(story.contains("shop has written to its 3 new contacts of the day"), "{story}");
    running.stop().await;
}

#[tokio::test]
async fn at_night_only_what_is_urgent_leaves_and_night_is_where_the_recipient_lives() {
    let bench = Bench::new();
    // It is 12:26 in UTC: night in Kamchatka (+12), day in London.
    let rules = Rules::none()
        .quiet(Quiet::between((21, 0), (8, 0)).unwrap().urgent_from(5))
        .zones(|message| (message.label.as_deref() == Some("far")).then(|| Zone::hours(12)));
    let figures = ruled(rules);
    let running = bench.dispatcher_with("one", |dispatcher| dispatcher.figures(figures)).await;
    let far = bench.put(Message::text(phone(1), "sale!").label("far").order_key("far")).await;
    let near = bench.put(Message::text(phone(2), "sale!")).await;
    let code = bench.put(Message::text(phone(3), "1234").label("far").priority(5)).await;
    let after = bench.put(Message::text(phone(4), "more").order_key("far")).await;
    let late = Message::text(phone(5), "now or never").label("far");
    let late = bench.put(late.expires_at(bench.clock.unix().plus(HOUR))).await;
    bench.clock.sleep(10 * MINUTE).await;
    assert!(bench.state(near).await.is_settled() && bench.state(code).await.is_settled());
    assert_eq!(bench.state(far).await, State::Ready, "{}", bench.story(far).await);
    assert_eq!(bench.state(after).await, State::Ready, "it keeps its place");
    settle(&bench, 1).await;
    let left = bench.record(far).await.attempts[0].intent_at;
    assert_eq!(clock_of(left), (0, 20), "eight in the morning there");
    assert!(bench.record(after).await.attempts[0].intent_at > left);
    assert_eq!(bench.state(late).await, State::Expired);
    let story = bench.story(far).await;
    assert!(story.contains("it is quiet hours where the recipient lives"), "{story}");
    running.stop().await;
}

#[tokio::test]
async fn what_one_phone_may_not_send_today_another_of_its_group_does() {
    let bench = Bench::new();
    let other = bench.sandbox.add_instance("777", "token");
    let line = |handle: &chatapi_sandbox::InstanceHandle| {
        std::sync::Arc::new(chatapi_client::chat_api::Client::over(handle.gateway()))
    };
    let running = chatapi_outbox::dispatch::Dispatcher::new(bench.store.clone())
        .clock(std::sync::Arc::new(bench.clock.clone()))
        .line_of("sales", "shop", line(&bench.phone))
        .line_of("sales", "back office", line(&other))
        .figures(ruled(Rules::none().daily(Cap::of(5))))
        .start()
        .await
        .unwrap();
    for n in 0..12 {
        bench.put(Message::text(anna(), format!("text {n}")).any_of("sales")).await;
    }
    bench.clock.sleep(HOUR).await;
    assert_eq!((bench.phone.sent().len(), other.sent().len()), (5, 5));
    settle(&bench, 1).await;
    assert_eq!(bench.phone.sent().len() + other.sent().len(), 12);
    running.stop().await;
}
