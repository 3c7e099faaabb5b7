use std::time::Duration;

use chatapi_client::chat_api::Client;
use chatapi_outbox::store::{Edited, Filter, Period, Review, StoreError, StoreFault, Tables, What};
use chatapi_outbox::{
    Cleared, EnqueueError, LineName, Message, NotDelivered, Obstacle, OnDoubt, Route, State, Wipe,
};
use chatapi_sandbox::fault::{Effect, When};
use chatapi_transport::Clock;
use chatapi_types::{ChatId, Delivery};

use crate::bench::{Bench, MINUTE, anna};

#[tokio::test]
async fn the_same_key_is_the_same_message_and_other_content_is_a_conflict() {
    let bench = Bench::new();
    let outbox = bench.outbox();
    let first = outbox.enqueue(Message::text(anna(), "one"), "k").await.unwrap();
    let again = outbox.enqueue(Message::text(anna(), "one"), "k").await.unwrap();
    assert!(first.is_new && !again.is_new);
    assert_eq!(first.id, again.id);
    let other = outbox.enqueue(Message::text(anna(), "two"), "k").await.unwrap_err();
    assert!(matches!(other, EnqueueError::Refused(_)), "{other}");
    let elsewhere = Message::text(anna(), "two").namespace("other");
    assert!(outbox.enqueue(elsewhere, "k").await.unwrap().is_new);
}

#[tokio::test]
async fn in_a_batch_each_has_its_answer_and_unsound_ones_take_nothing_with_them() {
    let bench = Bench::new();
    let text = |text: &str| Message::text(anna(), text);
    let batch = [("a", "1"), ("b", ""), ("a", "1"), ("a", "2")];
    let batch = batch.map(|(key, body)| (text(body), key.to_owned()));
    let answers = bench.outbox().enqueue_all(batch).await.unwrap();
    let (first, again) = (answers[0].as_ref().unwrap(), answers[2].as_ref().unwrap());
    assert!(first.is_new && !again.is_new && first.id == again.id);
    assert!(matches!(answers[1], Err(EnqueueError::Message(_))));
    assert!(matches!(answers[3], Err(EnqueueError::Refused(_))));
    assert_eq!(bench.store.find(&Filter::all()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_message_goes_out_in_its_time_or_not_at_all() {
    let bench = Bench::new();
    let outbox = bench.outbox();
    let now = bench.clock.unix();
    let later = Message::text(anna(), "later").not_before(now.plus(10 * MINUTE));
    let later = outbox.enqueue(later, "later").await.unwrap().id;
    bench.phone.phone_offline();
    let soon = Message::text(anna(), "soon").expires_at(now.plus(2 * MINUTE));
    let soon = outbox.enqueue(soon, "soon").await.unwrap().id;
    let running = bench.dispatcher("one").await;
    bench.clock.sleep(5 * MINUTE).await;
    assert_eq!(bench.state(soon).await, State::Expired);
    bench.phone.phone_online();
    bench.clock.sleep(4 * MINUTE).await;
    assert_eq!(bench.state(later).await, State::Accepted);
    bench.settle(10 * MINUTE).await;
    assert_eq!(bench.sent(), ["later"]);
    running.stop().await;
}

#[tokio::test]
async fn what_is_urgent_overtakes_what_waits() {
    let bench = Bench::new();
    let outbox = bench.outbox();
    for (text, priority) in [("a", 0), ("b", 0), ("c", 5)] {
        outbox.enqueue(Message::text(anna(), text).priority(priority), text).await.unwrap();
    }
    let running = bench.dispatcher("one").await;
    bench.settle(10 * MINUTE).await;
    assert_eq!(bench.sent(), ["c", "a", "b"]);
    running.stop().await;
}

#[tokio::test]
async fn what_waits_can_be_taken_back_and_changed_and_what_left_cannot() {
    let bench = Bench::new();
    let outbox = bench.outbox();
    let one = outbox.enqueue(Message::text(anna(), "one"), "1").await.unwrap().id;
    let two = outbox.enqueue(Message::text(anna(), "two"), "2").await.unwrap().id;
    assert!(outbox.cancel(one).await.unwrap());
    assert_eq!(outbox.edit(two, Message::text(anna(), "deux")).await.unwrap(), Edited::Done);
    let running = bench.dispatcher("one").await;
    bench.settle(10 * MINUTE).await;
    assert_eq!(bench.sent(), ["deux"]);
    assert!(!outbox.cancel(two).await.unwrap());
    let edited = outbox.edit(two, Message::text(anna(), "zwei")).await.unwrap();
    assert!(matches!(edited, Edited::TooLate(_)), "{edited:?}");
    // The key still stands for what was enqueued.
    assert!(!outbox.enqueue(Message::text(anna(), "two"), "2").await.unwrap().is_new);
    running.stop().await;
}

#[tokio::test]
async fn a_file_arrives_as_it_was_given() {
    let bench = Bench::new();
    let file = Message::file(anna(), "receipt.txt", "paid".as_bytes(), None).unchecked();
    let id = bench.outbox().enqueue(file, "file").await.unwrap().id;
    let running = bench.dispatcher("one").await;
    bench.settle(10 * MINUTE).await;
    assert!(bench.state(id).await.is_settled(), "{}", bench.story(id).await);
    assert_eq!(bench.phone.sent().len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn acknowledgements_in_any_order_end_in_the_same_state_and_are_counted() {
    let bench = Bench::new();
    let outbox = bench.outbox();
    let message = Message::text(anna(), "hello").label("greetings");
    let id = outbox.enqueue(message, "k").await.unwrap().id;
    let running = bench.dispatcher("one").await;
    bench.settle(10 * MINUTE).await;
    let vendor_id = outbox.message(id).await.unwrap().unwrap().vendor_id.unwrap();
    let shop = LineName::from("shop");
    for ack in [Delivery::Read, Delivery::Sent, Delivery::Delivered, Delivery::Read] {
        outbox.ack(&shop, &vendor_id, None, &ack).await.unwrap();
    }
    assert_eq!(bench.state(id).await, State::Read);
    let counts = outbox.counts(&Period::all()).await.unwrap();
    assert_eq!(counts.len(), 1);
    assert_eq!((counts[0].state, counts[0].messages), (State::Read, 1));
    assert!(counts[0].to_read_ms.is_some());
    running.stop().await;
}

#[tokio::test]
async fn the_feed_tells_everything_once_it_is_acknowledged_and_again_until_then() {
    let bench = Bench::new();
    let outbox = bench.outbox();
    let id = outbox.enqueue(Message::text(anna(), "hello"), "k").await.unwrap().id;
    let running = bench.dispatcher("one").await;
    bench.settle(10 * MINUTE).await;
    running.stop().await;
    let mut feed = outbox.changes("crm");
    let first = feed.read(2).await.unwrap();
    let rest = feed.read(100).await.unwrap();
    assert_eq!(first[0].change.what, What::Enqueued);
    assert!(first.iter().chain(&rest).all(|item| item.change.id == id));
    feed.acknowledge(first[1].place).await.unwrap();
    // As after a crash.
    let again = outbox.changes("crm").read(100).await.unwrap();
    assert_eq!(again, rest);
    assert_eq!(outbox.changes("other").read(100).await.unwrap().len(), first.len() + rest.len());
}

#[tokio::test]
async fn a_message_to_be_held_is_for_a_person_who_decides_and_is_remembered() {
    let bench = Bench::new();
    let outbox = bench.outbox();
    bench.fault(Effect::ResetAfter { done: false }, When::First { n: 1 });
    let message = Message::text(anna(), "hello").on_doubt(OnDoubt::Hold);
    let id = outbox.enqueue(message, "k").await.unwrap().id;
    let running = bench.dispatcher("one").await;
    bench.clock.sleep(10 * MINUTE).await;
    assert_eq!(bench.state(id).await, State::NeedsReview, "{}", bench.story(id).await);
    assert!(outbox.review(id, Review::Resend, "Olga").await.unwrap());
    bench.settle(10 * MINUTE).await;
    assert_eq!(bench.sent(), ["hello"]);
    assert!(bench.story(id).await.contains("Olga: resend"));
    assert!(!outbox.review(id, Review::Resend, "Olga").await.unwrap());
    running.stop().await;
}

#[tokio::test]
async fn a_code_is_wiped_once_it_is_sent() {
    let bench = Bench::new();
    let outbox = bench.outbox();
    let code = Message::text(anna(), "your code is 1234").wipe(Wipe::Content);
    let id = outbox.enqueue(code, "k").await.unwrap().id;
    assert!(bench.store.content(id).await.unwrap().is_some());
    let running = bench.dispatcher("one").await;
    bench.settle(10 * MINUTE).await;
    assert_eq!(bench.sent(), ["your code is 1234"]);
    assert_eq!(bench.store.content(id).await.unwrap(), None);
    let record = outbox.message(id).await.unwrap().unwrap();
    assert!(record.wiped && record.content_hash.is_none());
    assert_eq!(record.chat, ChatId::from("79000000001@c.us"));
    assert_eq!(outbox.forget("79000000001@c.us").await.unwrap(), 1);
    assert_eq!(outbox.message(id).await.unwrap().unwrap().chat, ChatId::from("forgotten"));
    running.stop().await;
}

#[tokio::test]
async fn that_a_message_is_late_is_told_once_and_another_way_is_tried() {
    let bench = Bench::new();
    let outbox = bench.outbox();
    bench.phone.phone_offline();
    let other = chatapi_outbox::Route::line("spare");
    let message = Message::text(anna(), "hello")
        .deliver_within(2 * MINUTE, NotDelivered::Reroute(other.clone()));
    let id = outbox.enqueue(message, "k").await.unwrap().id;
    let running = bench.dispatcher("one").await;
    bench.clock.sleep(10 * MINUTE).await;
    let told = outbox.history(id).await.unwrap();
    let told = told.iter().filter(|change| change.what == What::NotDelivered).count();
    assert_eq!(told, 1);
    assert_eq!(outbox.message(id).await.unwrap().unwrap().route, other);
    running.stop().await;
}

#[tokio::test]
async fn what_we_clear_from_the_vendors_queue_is_sent_again_or_cancelled_as_we_say() {
    for (ours, expected) in [(Cleared::SendAgain, 1), (Cleared::Cancel, 0)] {
        let bench = Bench::new();
        let outbox = bench.outbox();
        let running = bench.dispatcher("one").await;
        bench.clock.sleep(MINUTE).await;
        let id = outbox.enqueue(Message::text(anna(), "hello"), "k").await.unwrap().id;
        // It is handed over, and then the phone dies, so that it stays in the vendor's queue.
        while bench.phone.queue_len() == 0 {
            bench.clock.sleep(Duration::from_millis(10)).await;
        }
        bench.phone.phone_offline();
        let client = Client::over(bench.phone.gateway());
        let looked = outbox.clear_queue(&"shop".into(), &client, ours).await.unwrap();
        assert_eq!((looked, bench.phone.queue_len()), (1, 0));
        bench.phone.phone_online();
        bench.settle(30 * MINUTE).await;
        let story = bench.story(id).await;
        assert!(bench.state(id).await.is_settled(), "{story}");
        assert_eq!(bench.sent().len(), expected, "{story}");
        running.stop().await;
    }
}

#[tokio::test]
async fn a_dry_run_says_what_stands_in_the_way_and_stores_nothing() {
    let bench = Bench::new();
    let outbox = bench.outbox();
    let message = Message::text(anna(), "hello");
    let run = outbox.dry_run(&message, "k").await.unwrap();
    assert_eq!(run.obstacles, [Obstacle::NoPhone]);
    bench.phone.phone_offline();
    let running = bench.dispatcher("one").await;
    outbox.enqueue(message.clone(), "k").await.unwrap();
    bench.clock.sleep(MINUTE).await;
    let run = outbox.dry_run(&Message::text(anna(), "other"), "k").await.unwrap();
    assert!(
        matches!(run.obstacles[..], [Obstacle::Conflict(_), Obstacle::Phone { .. }]),
        "{run:?}"
    );
    let run = outbox.dry_run(&message, "new").await.unwrap();
    assert_eq!((run.ahead, run.known), (1, None));
    assert_eq!(bench.store.find(&Filter::all()).await.unwrap().len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn what_is_old_and_settled_is_purged_with_what_was_seen_of_it() {
    let bench = Bench::new();
    let outbox = bench.outbox();
    let running = bench.dispatcher("one").await;
    bench.enqueue("old").await;
    bench.settle(10 * MINUTE).await;
    bench.phone.phone_offline();
    bench.clock.sleep(10 * MINUTE).await;
    let waiting = bench.enqueue("waiting").await;
    let now = bench.clock.unix();
    assert_eq!(outbox.purge(now.plus(MINUTE)).await.unwrap(), 1);
    let left = bench.store.find(&Filter::all()).await.unwrap();
    assert_eq!(left.iter().map(|record| record.id).collect::<Vec<_>>(), [waiting]);
    // Its key is free again.
    assert!(outbox.enqueue(Message::text(anna(), "new"), "old").await.unwrap().is_new);
    running.stop().await;
}

#[tokio::test]
async fn what_is_old_and_settled_goes_by_itself_once_its_retention_ends() {
    const HOUR: Duration = Duration::from_secs(3600);
    let bench = Bench::new();
    let running = bench.dispatcher_with("one", |dispatcher| dispatcher.retention(HOUR)).await;
    let old = bench.enqueue("old").await;
    bench.settle(10 * MINUTE).await;
    bench.clock.sleep(40 * MINUTE).await;
    let young = bench.enqueue("young").await;
    bench.settle(10 * MINUTE).await;
    assert!(bench.store.message(old).await.unwrap().is_some(), "its time is not over");
    bench.phone.phone_offline();
    let waiting = bench.enqueue("waiting").await;
    bench.clock.sleep(25 * MINUTE).await;
    assert!(bench.store.message(old).await.unwrap().is_none(), "its time is over");
    assert!(bench.store.message(young).await.unwrap().is_some());
    bench.clock.sleep(2 * HOUR).await;
    let left = bench.all().await;
    assert_eq!(left.iter().map(|record| record.id).collect::<Vec<_>>(), [waiting]);
    running.stop().await;
}

#[tokio::test]
async fn more_than_are_deleted_at_once_are_deleted_soon() {
    let bench = Bench::new();
    let outbox = bench.outbox();
    for number in 0..900 {
        let id =
            outbox.enqueue(Message::text(anna(), "old"), format!("{number}")).await.unwrap().id;
        assert!(outbox.cancel(id).await.unwrap());
    }
    bench.clock.sleep(10 * MINUTE).await;
    let running = bench.dispatcher_with("one", |dispatcher| dispatcher.retention(MINUTE)).await;
    bench.clock.sleep(MINUTE / 2).await;
    assert_eq!(bench.all().await, []);
    running.stop().await;
}

#[tokio::test]
async fn a_rule_says_the_way_of_messages_that_say_none() {
    let bench = Bench::new();
    let by_label = |message: &Message| match message.label.as_deref() {
        Some("codes") => Some(Route::group("fast")),
        _ => None,
    };
    let outbox = bench.outbox().rule(by_label);
    let way = async |message: Message, key: &str| {
        let id = outbox.enqueue(message, key).await.unwrap().id;
        bench.record(id).await.route
    };
    let text = || Message::text(anna(), "hello");
    assert_eq!(way(text().label("codes"), "code").await, Route::group("fast"));
    assert_eq!(way(text().label("receipts"), "receipt").await, Route::line("shop"));
    assert_eq!(way(text().label("codes").through("own"), "own").await, Route::line("own"));
    // Whatever a rule says later, the same key with the same content is the same message.
    let later = bench.outbox().rule(|_| Some(Route::line("other")));
    let again = later.enqueue(text().label("codes"), "code").await.unwrap();
    assert!(!again.is_new);
    assert_eq!(bench.record(again.id).await.route, Route::group("fast"));
    // And what would become of one is asked about the way that it would go.
    let running = bench.dispatcher("one").await;
    let run = outbox.dry_run(&text().label("codes"), "new").await.unwrap();
    assert_eq!((run.obstacles, run.ahead), (vec![Obstacle::NoPhone], 1));
    assert_eq!(outbox.dry_run(&text(), "new").await.unwrap().obstacles, []);
    running.stop().await;
}

#[tokio::test]
async fn messages_are_counted_by_the_period_in_which_they_came() {
    let bench = Bench::new();
    let began = bench.clock.unix();
    for (day, count) in [(0, 1), (1, 2), (2, 3)] {
        for number in 0..count {
            let message = Message::text(anna(), "hello").label("greetings");
            bench.outbox().enqueue(message, format!("{day} {number}")).await.unwrap();
        }
        bench.clock.sleep(24 * 60 * MINUTE).await;
    }
    let at = |day: u32| began.plus(day * 24 * 60 * MINUTE);
    let count = async |period: Period| {
        let counts = bench.outbox().counts(&period).await.unwrap();
        counts.iter().map(|count| count.messages).sum::<u64>()
    };
    assert_eq!(count(Period::all()).await, 6);
    assert_eq!(count(Period::all().since(at(1))).await, 5);
    assert_eq!(count(Period::all().until(at(1))).await, 1, "the end is not part of it");
    assert_eq!(count(Period::all().since(at(1)).until(at(2))).await, 2);
}

#[test]
fn a_store_says_what_may_be_assumed_and_nothing_twice() {
    let pipe = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
    let unknown = StoreError::unknown("COMMIT got no answer", sqlx::Error::Io(pipe()));
    assert_eq!(unknown.fault(), StoreFault::Unknown);
    assert!(unknown.to_string().contains("same key"), "{unknown}");
    let unfit = StoreError::unavailable(
        "no connection",
        sqlx::Error::Configuration(Box::new(Below(pipe()))),
    );
    let not_enqueued = EnqueueError::from(StoreError::unknown("COMMIT got no answer", pipe()));
    let errors: [&dyn std::error::Error; 3] = [&unknown, &unfit, &not_enqueued];
    for error in errors {
        let chain = std::iter::successors(Some(error), |error| error.source());
        let told: Vec<String> = chain.map(ToString::to_string).collect();
        assert_eq!(told.join(" / ").matches("broken pipe").count(), 1, "{told:?}");
    }
}

/// An error that leaves its cause to be asked for.
#[derive(Debug)]
struct Below(std::io::Error);

impl std::fmt::Display for Below {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("below it")
    }
}

impl std::error::Error for Below {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
