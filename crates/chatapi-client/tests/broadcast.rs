//! One message to many, on the emulated gateway and on one that loses answers.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chatapi_client::Broadcast;
use chatapi_client::chat_api::Client;
use chatapi_client::line::Content;
use chatapi_sandbox::Sandbox;
use chatapi_transport::{Gateway, Request, Response, Transport, TransportError};
use chatapi_types::chat_api::ChatApi;
use chatapi_types::{Phone, Token};
use futures_util::StreamExt;

fn phones(count: u64) -> Vec<Phone> {
    (1..=count).map(|last| format!("7900000{last:04}").parse().unwrap()).collect()
}

fn client(transport: impl Transport + 'static) -> Client {
    let address = Sandbox::ADDRESS.parse().unwrap();
    Client::over(Gateway::new(address, ChatApi::path("12345"), Token::new("token"), transport))
}

fn hello() -> Content {
    Content::Text("hello".to_owned())
}

#[tokio::test]
async fn everybody_has_a_result_in_order() {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("12345", "token");
    sandbox.no_account("79000000002");
    let client = client(sandbox.clone());
    let broadcast = Broadcast::new(&client, phones(5), hello()).checking_phones().at_once(2);
    let report = broadcast.run().await;
    assert_eq!(report.taken().count(), 4);
    let (nobody, error) = report.not_sent().next().unwrap();
    assert_eq!(nobody.to_string(), "79000000002");
    assert!(error.to_string().contains("has no account"), "{error}");
    let order: Vec<_> = report.sendings.iter().map(|sending| sending.to.to_string()).collect();
    assert_eq!(order, phones(5).iter().map(ToString::to_string).collect::<Vec<_>>());
    sandbox.run_until_idle();
    assert_eq!(instance.sent().len(), 4);
    let table = report.to_string();
    assert!(table.starts_with("4 taken, 1 not sent, 0 in doubt"), "{table}");
    assert!(!table.contains("79000000002"), "phones are masked: {table}");
}

#[tokio::test]
async fn dropping_the_results_sends_no_more() {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("12345", "token");
    let client = client(sandbox.clone());
    let mut results = Broadcast::new(&client, phones(100), hello()).at_once(1).results();
    assert!(results.next().await.unwrap().result.is_ok());
    drop(results);
    sandbox.run_until_idle();
    assert_eq!(instance.sent().len(), 1);
}

/// Takes every second request and loses the answer; counts how many are under way.
#[derive(Debug, Default)]
struct Lossy {
    requests: AtomicUsize,
    under_way: AtomicUsize,
    most: AtomicUsize,
}

#[async_trait::async_trait]
impl Transport for Lossy {
    async fn exchange(&self, _: Request) -> Result<Response, TransportError> {
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        tokio::task::yield_now().await;
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        match number % 2 {
            0 => Ok(Response::json(r#"{"sent":true,"message":"ok","id":"true_1@c.us_3EB0"}"#)),
            _ => Err(TransportError::broken()),
        }
    }
}

#[tokio::test]
async fn lost_answers_are_in_doubt_and_nothing_is_repeated() {
    let lossy = Arc::new(Lossy::default());
    let client = client(Arc::clone(&lossy));
    let report = Broadcast::new(&client, phones(20), hello()).at_once(3).run().await;
    assert_eq!(report.taken().count(), 10);
    assert_eq!(report.in_doubt().count(), 10);
    assert_eq!(report.not_sent().count(), 0);
    assert_eq!(lossy.requests.load(Ordering::SeqCst), 20, "one request for each recipient");
    assert_eq!(lossy.most.load(Ordering::SeqCst), 3, "no more at once than allowed");
}
