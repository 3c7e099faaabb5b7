//! No line that is logged holds a phone, the text of a message, a link or a token, down to the level
//! TRACE, whatever becomes of a message.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chatapi_client::chat_api::Client;
use chatapi_client::{LinkProbe, LinkState};
use chatapi_outbox::checks::Checks;
use chatapi_outbox::dispatch::Dispatcher;
use chatapi_outbox::machine::Figures;
use chatapi_outbox::store::{Filter, SqliteStore};
use chatapi_outbox::{LineName, Message, Outbox, Route};
use chatapi_sandbox::fault::{Effect, Fault, Scope, When};
use chatapi_sandbox::{ClockMode, MagicRecipient, Sandbox};
use chatapi_transport::{Clock as _, TokioClock};
use chatapi_types::{Delivery, MessageId, Phone};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use crate::support::Folder;

const SCALE: u32 = 50;
const PHONE: &str = "79991234567";
const TEXT: &str = "cAnArY";
const TOKEN: &str = "tOkEnOfTeSt";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every link is dead.
#[derive(Debug)]
struct Dead;

#[async_trait]
impl LinkProbe for Dead {
    async fn probe(&self, _: &str) -> LinkState {
        LinkState::Dead("404 Not Found".to_owned())
    }
}

#[tokio::test]
async fn nothing_that_is_nobodys_business_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
    let subscriber = subscriber.with_ansi(false).with_writer(move || writer.clone()).finish();
    // Everything but the database's own thread is on this one.
    let _logged = tracing::subscriber::set_default(subscriber);

    let folder = Folder::new();
    let (path, clock) = (folder.path().join("outbox.db"), Arc::new(TokioClock::new()));
    let store = Arc::new(SqliteStore::open(&path, clock.clone()).await.unwrap());
    let outbox = Outbox::new(store.clone(), Route::line("shop"));
    let sandbox = Sandbox::builder().clock(ClockMode::Scaled(f64::from(SCALE))).build();
    let phone = sandbox.add_instance("12345", TOKEN);
    let weather = [
        (Effect::AnswerLost { hold: None }, 2),
        (Effect::Html { status: 502, done: false }, 4),
        (Effect::RateLimited { retry_after: 1 }, 6),
    ];
    for (effect, n) in weather {
        let fault = Fault::new(effect).at(Scope::instance("12345").method("sendMessage"));
        sandbox.faults().add(fault.when(When::Nth { n })).unwrap();
    }
    let anna: Phone = PHONE.parse().unwrap();
    let nobody: Phone = MagicRecipient::NoAccount.address().parse().unwrap();
    let mut shown = Vec::new();
    let text = |number: u32| Message::text(&anna, format!("{TEXT} {number}"));
    for number in 0..5 {
        outbox.enqueue(text(number), number.to_string()).await.unwrap();
    }
    let file = |to: &Phone, host: &str| {
        Message::file_at(
            to,
            "a.pdf",
            format!("https://{host}.example/{TEXT}.pdf"),
            Some(TEXT.to_owned()),
        )
    };
    outbox.enqueue(file(&nobody, "nobody"), "nobody").await.unwrap();
    outbox.enqueue(file(&anna, "dead"), "dead").await.unwrap();
    let empty = outbox.enqueue(Message::text(&anna, " "), "empty").await.unwrap_err();
    let other = outbox.enqueue(text(7), "0").await.unwrap_err();
    shown.push(format!("{empty} {empty:?} {other} {other:?}"));

    let dispatcher = Dispatcher::new(store.clone()).figures(Figures::scaled(SCALE));
    let dispatcher = dispatcher.checks(Checks::new().links(Arc::new(Dead)));
    let client = Arc::new(Client::over(phone.gateway()));
    let running = dispatcher.line("shop", client).start().await.unwrap();
    let settled = async || {
        let until = clock.now().plus(Duration::from_secs(60));
        loop {
            let all = outbox.find(&Filter::all()).await.unwrap();
            if all.iter().all(|record| record.state.is_settled()) {
                return all.len();
            }
            assert!(clock.now() < until, "{all:?}");
            clock.sleep(Duration::from_millis(20)).await;
        }
    };
    assert_eq!(settled().await, 7);
    let unknown = MessageId::new(format!("true_{PHONE}@c.us_UNKNOWN"));
    outbox.ack(&LineName::from("shop"), &unknown, None, &Delivery::Read).await.unwrap();

    let logged = async |told: &str| {
        let until = clock.now().plus(Duration::from_secs(60));
        while !String::from_utf8_lossy(&log.0.lock().unwrap()).contains(told) {
            assert!(clock.now() < until, "nothing was logged of: {told}");
            clock.sleep(Duration::from_millis(5)).await;
        }
    };
    // The database fails in the middle, and then the phone.
    for number in 20..40 {
        outbox.enqueue(text(number), number.to_string()).await.unwrap();
    }
    let mut own = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    for (from, to) in [("outbox_change", "gone"), ("gone", "outbox_change")] {
        let rename = sqlx::AssertSqlSafe(format!("ALTER TABLE {from} RENAME TO {to}"));
        sqlx::raw_sql(rename).execute(&mut own).await.unwrap();
        if to == "gone" {
            let failed = outbox.enqueue(text(9), "9").await.unwrap_err();
            shown.push(format!("{failed} {failed:?}"));
            logged("the store does not answer").await;
        }
    }
    assert_eq!(settled().await, 27);
    phone.phone_offline();
    outbox.enqueue(text(9), "9").await.unwrap();
    logged("the phone does not send").await;
    phone.phone_online();
    assert_eq!(settled().await, 28);
    outbox.forget(format!("{PHONE}@c.us")).await.unwrap();
    running.stop().await;
    store.close().await;
    let closed = outbox.enqueue(text(10), "10").await.unwrap_err();
    shown.push(format!("{closed} {closed:?}"));

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for told in ["the store does not answer", "the phone does not send", "no such table"] {
        assert!(log.contains(told), "nothing was logged of: {told}\n{log}");
    }
    let nobody = MagicRecipient::NoAccount.address();
    let all = log.lines().chain(shown.iter().map(String::as_str));
    for line in all {
        for canary in [PHONE, nobody, TEXT, TOKEN] {
            assert!(!line.contains(canary), "{canary} is in: {line}");
        }
    }
}
