use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::metrics::{
    Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use chatapi_client::chat_api::Client;
use chatapi_outbox::dispatch::Dispatcher;
use chatapi_outbox::metrics::{self as names, Metered};
use chatapi_outbox::store::Tables as _;
use chatapi_outbox::{Message, NotDelivered, Outbox, Route};
use chatapi_sandbox::MagicRecipient;
use chatapi_sandbox::fault::{Effect, When};
use chatapi_transport::Clock;
use chatapi_types::Phone;

use crate::bench::{Bench, MINUTE, anna};

/// A recorder whose values a test reads back: `name{label=value,…}`, labels in their order.
#[derive(Default)]
struct Book {
    numbers: Mutex<BTreeMap<String, Arc<AtomicU64>>>,
    spans: Mutex<BTreeMap<String, Arc<Spans>>>,
    described: Mutex<BTreeMap<String, Option<Unit>>>,
}

#[derive(Default)]
struct Spans(Mutex<Vec<f64>>);

impl HistogramFn for Spans {
    fn record(&self, value: f64) {
        self.0.lock().unwrap().push(value);
    }
}

fn written(key: &Key) -> String {
    let labels = key.labels().map(|label| format!("{}={}", label.key(), label.value()));
    format!("{}{{{}}}", key.name(), labels.collect::<Vec<_>>().join(","))
}

impl Book {
    fn number(&self, key: &Key) -> Arc<AtomicU64> {
        self.numbers.lock().unwrap().entry(written(key)).or_default().clone()
    }

    fn count(&self, name: &str, labels: &str) -> u64 {
        let numbers = self.numbers.lock().unwrap();
        numbers.get(&format!("{name}{{{labels}}}")).map_or(0, |n| n.load(Ordering::SeqCst))
    }

    fn gauge(&self, name: &str, labels: &str) -> Option<f64> {
        let numbers = self.numbers.lock().unwrap();
        let bits = numbers.get(&format!("{name}{{{labels}}}"))?.load(Ordering::SeqCst);
        Some(f64::from_bits(bits))
    }

    fn spans(&self, name: &str, labels: &str) -> Vec<f64> {
        let spans = self.spans.lock().unwrap();
        let spans = spans.get(&format!("{name}{{{labels}}}"));
        spans.map(|spans| spans.0.lock().unwrap().clone()).unwrap_or_default()
    }

    fn keys(&self) -> Vec<String> {
        let numbers = self.numbers.lock().unwrap().keys().cloned().collect::<Vec<_>>();
        let spans = self.spans.lock().unwrap().keys().cloned().collect::<Vec<_>>();
        [numbers, spans].concat()
    }

    fn describe(&self, name: KeyName, unit: Option<Unit>) {
        self.described.lock().unwrap().insert(name.as_str().to_owned(), unit);
    }
}

impl Recorder for Book {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(name, unit);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(name, unit);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(name, unit);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.number(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.number(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let spans = self.spans.lock().unwrap().entry(written(key)).or_default().clone();
        Histogram::from_arc(spans)
    }
}

#[tokio::test]
async fn what_was_done_can_be_read_back() {
    let book = Book::default();
    let _recording = ::metrics::set_default_local_recorder(&book);
    names::describe();
    let bench = Bench::new();
    let clock = Arc::new(bench.clock.clone());
    let store = Arc::new(Metered::new(bench.store.clone()).clock(clock.clone()));
    let outbox = Outbox::new(store.clone(), Route::line("shop")).clock(clock.clone());
    let put = async |message: Message, key: &str| outbox.enqueue(message, key).await.unwrap().id;

    bench.fault(Effect::RateLimited { retry_after: 1 }, When::First { n: 1 });
    let receipt = Message::text(anna(), "receipt").label("receipts");
    let first = put(receipt.clone(), "1").await;
    put(receipt, "1").await; // the same message: it is not counted twice
    let nobody: Phone = MagicRecipient::NoAccount.address().parse().unwrap();
    let file = Message::file_at(&nobody, "a.pdf", "https://files.example/a.pdf", None);
    put(file.label("files"), "2").await;
    let running = Dispatcher::new(store.clone())
        .clock(clock)
        .line("shop", Arc::new(Client::over(bench.phone.gateway())))
        .start()
        .await
        .unwrap();
    bench.settle(5 * MINUTE).await;
    bench.fault(Effect::AnswerLost { hold: None }, When::First { n: 1 });
    put(Message::text(anna(), "code").label("codes"), "3").await;
    bench.clock.sleep(Duration::from_secs(45)).await;
    // One is in doubt now.
    store.sample().await.unwrap();
    let age = book.gauge(names::DOUBT_AGE, "line=shop").unwrap();
    assert!(age > 1.0 && age < 45.0, "{age}");
    let doubts = "line=shop,label=codes,state=in_doubt";
    assert_eq!(book.gauge(names::MESSAGES, doubts), Some(1.0));
    assert!(book.gauge(names::OLDEST, doubts).unwrap() >= age);
    bench.settle(10 * MINUTE).await;

    bench.phone.phone_offline();
    bench.clock.sleep(6 * MINUTE).await;
    let soon = (MINUTE, NotDelivered::Tell);
    put(Message::text(anna(), "late").deliver_within(soon.0, soon.1), "4").await;
    bench.clock.sleep(10 * MINUTE).await;
    store.sample().await.unwrap();

    for (name, labels, count) in [
        (names::ENQUEUED, "line=shop,label=receipts", 1),
        (names::ENQUEUED, "line=shop,label=files", 1),
        (names::ENQUEUED, "line=shop,label=", 1),
        (names::ATTEMPTS, "line=shop,label=receipts,verdict=not_sent", 1),
        (names::ATTEMPTS, "line=shop,label=receipts,verdict=accepted", 1),
        (names::ATTEMPTS, "line=shop,label=codes,verdict=unknown", 1),
        (names::ATTEMPTS, "line=shop,label=files,verdict=accepted", 0),
        (names::OUTCOMES, "line=shop,label=files,state=failed", 1),
        (names::OUTCOMES, "line=shop,label=receipts,state=read", 1),
        (names::DOUBTS, "line=shop,label=codes,found=there", 1),
        (names::LATE, "line=shop,label=", 1),
        (names::LEASES, "line=shop", 1),
    ] {
        assert_eq!(book.count(name, labels), count, "{name} {labels}: {:#?}", book.keys());
    }
    assert_eq!(book.gauge(names::MESSAGES, doubts), Some(0.0), "nothing is in doubt any more");
    assert_eq!(book.gauge(names::DOUBT_AGE, "line=shop"), Some(0.0));
    assert_eq!(book.gauge(names::SENDS, "line=shop"), Some(0.0), "the phone is off");
    let waits = book.gauge(names::OLDEST, "line=shop,label=,state=ready").unwrap();
    assert!((600.0..700.0).contains(&waits), "{waits}");
    let took = book.spans(names::TOOK, "line=shop,label=receipts,state=read");
    let expected = record_took(&bench, first).await;
    assert!(took.len() == 1 && (took[0] - expected).abs() < 1.0, "{took:?} {expected}");
    assert!(book.spans(names::STORE, "operation=transact,result=ok").len() > 20);

    // Nobody's number is in any label, and everything that is counted was described.
    for key in book.keys() {
        assert!(!key.contains("7900") && !key.contains("999000"), "{key}");
        let name = key.split('{').next().unwrap();
        assert!(book.described.lock().unwrap().contains_key(name), "{name}");
    }
    running.stop().await;
}

async fn record_took(bench: &Bench, id: chatapi_outbox::OutboxId) -> f64 {
    let record = bench.record(id).await;
    record.read_at.unwrap().since(record.created_at).as_secs_f64()
}

#[tokio::test]
async fn many_phones_are_made_known_in_one_transaction() {
    let book = Book::default();
    let _recording = ::metrics::set_default_local_recorder(&book);
    let bench = Bench::new();
    let store = Arc::new(Metered::new(bench.store.clone()).clock(Arc::new(bench.clock.clone())));
    let mut dispatcher = Dispatcher::new(store).clock(Arc::new(bench.clock.clone()));
    for number in 0..100 {
        let line = Arc::new(Client::over(bench.phone.gateway()));
        dispatcher = dispatcher.line_of("all", format!("phone {number}"), line);
    }
    // Its tasks have not begun: this runtime has one thread, and it is here.
    let running = dispatcher.start().await.unwrap();
    assert_eq!(book.spans(names::STORE, "operation=transact,result=ok").len(), 1);
    let lines = bench.store.lines().await.unwrap();
    assert_eq!(lines.len(), 100);
    assert!(lines.iter().all(|(_, line)| line.group.as_deref() == Some("all")));
    running.stop().await;
}
