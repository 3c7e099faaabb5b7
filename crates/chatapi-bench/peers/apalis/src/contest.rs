//! What is the same for every peer in this language: the messages, the sends, the figures.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::sync::Notify;

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How many keys an end-to-end run has, and how many messages it adds in a second.
pub const KEYS: usize = 200;
pub const RATE: usize = 500;
/// How many messages are added at once where they are added many at a time.
pub const BATCH: usize = 500;

/// A message of 200 bytes.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Note {
    pub number: usize,
    pub key: usize,
    pub text: String,
}

impl Note {
    pub fn new(number: usize, key: usize) -> Self {
        Self { number, key, text: format!("{:x<200}", format!("{number} ")) }
    }
}

/// The key of each message, in the same order for everybody.
pub fn keys() -> impl FnMut() -> usize {
    let mut state = 7_u32;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize % KEYS
    }
}

pub fn figure(measure: &str, value: f64) {
    println!("figure\t{measure}\t{value:.2}");
}

pub fn setting(name: &str, value: &str) {
    println!("setting\t{name}\t{value}");
}

/// Hands messages over to the sandbox.
pub struct Sandbox {
    url: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Sandbox {
    pub fn new(url: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { url: url.trim_end_matches('/').to_owned(), client }
    }

    /// Comes back when it was accepted.
    pub async fn send(&self, note: &Note) -> Result<(), BoxError> {
        let instance = 200_001 + note.key;
        let url = format!("{}/instance{instance}/sendMessage?token=token{instance}xyz", self.url);
        let body = format!(r#"{{"phone":{},"body":"{}"}}"#, 79_000_000_000 + note.key, note.text);
        let call = hyper::Request::post(url)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))?;
        let said = self.client.request(call).await?.into_body().collect().await?.to_bytes();
        match said.windows(11).any(|part| part == br#""sent":true"#) {
            true => Ok(()),
            false => Err(format!("not sent: {}", String::from_utf8_lossy(&said)).into()),
        }
    }
}

/// One after the other of each key, for queues that have no order of keys.
#[derive(Default)]
pub struct Serially(Mutex<HashMap<usize, Arc<tokio::sync::Mutex<()>>>>);

impl Serially {
    pub fn of(&self, key: usize) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        locks.entry(key).or_default().clone()
    }
}

/// Notes when messages were due, and when they were accepted.
pub struct Contest {
    count: usize,
    began: Mutex<Option<Instant>>,
    seen: Mutex<(usize, Vec<Duration>)>,
    warm: Notify,
    done: Notify,
}

impl Contest {
    pub fn new(count: usize) -> Self {
        let seen = Mutex::new((KEYS, Vec::with_capacity(count)));
        Self { count, began: Mutex::new(None), seen, warm: Notify::new(), done: Notify::new() }
    }

    pub fn accepted(&self, note: &Note) {
        let began = *self.began.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if note.number < KEYS {
            seen.0 -= 1;
            if seen.0 == 0 {
                self.warm.notify_one();
            }
        } else if let Some(began) = began {
            seen.1.push(began.elapsed().saturating_sub(due(note.number - KEYS)));
            if seen.1.len() == self.count {
                self.done.notify_one();
            }
        }
    }

    /// Adds a message every 1 / RATE seconds, and says how long after that it was accepted. Before
    /// that one message of every key goes through, so that what is made once is made.
    pub async fn run<F>(&self, add: impl Fn(Note) -> F) -> Result<(), BoxError>
    where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        for key in 0..KEYS {
            add(Note::new(key, key)).await?;
        }
        self.warm.notified().await;
        let mut next_key = keys();
        let began = Instant::now();
        *self.began.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(began);
        let mut adding = tokio::task::JoinSet::new();
        for number in 0..self.count {
            tokio::time::sleep_until((began + due(number)).into()).await;
            adding.spawn(add(Note::new(KEYS + number, next_key())));
        }
        while let Some(added) = adding.join_next().await {
            added??;
        }
        self.done.notified().await;
        let took = began.elapsed();
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.1.sort();
        let at = |part: f64| {
            let index = (part * seen.1.len() as f64).ceil() as usize;
            seen.1.get(index - 1).map_or(f64::NAN, |took| took.as_secs_f64() * 1000.0)
        };
        figure("p50 ms", at(0.5));
        figure("p99 ms", at(0.99));
        figure("accepted/s", self.count as f64 / took.as_secs_f64());
        Ok(())
    }
}

fn due(number: usize) -> Duration {
    Duration::from_secs_f64(number as f64 / RATE as f64)
}
