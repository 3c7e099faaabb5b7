//! The decorators, in paused time, around a mock.

#![expect(clippy::unwrap_used, reason = "tests may be blunt, their helpers too")]

mod rate_limit;
mod retry;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chatapi_transport::{
    Address, Clock, MockTransport, Moment, Request, Response, TokioClock, Transport, TransportError,
};
use chatapi_types::chat_api::{SendMessage, ShowMessagesQueue};
use chatapi_types::{Layout, Operation, Part, Token, UnixMillis, Verb};

type End = Result<Response, TransportError>;

fn request(operation: Operation) -> Request {
    let address: Address = "http://127.0.0.1:1".parse().unwrap();
    let layout = Layout::new(Verb::Get, vec![Part::word("m"), Part::SECRET]);
    Request::new(operation, address, layout, Token::new("canary"))
}

/// A request that may be repeated.
fn read() -> Request {
    request(Operation::of::<ShowMessagesQueue>())
}

/// A request that may not.
fn send() -> Request {
    request(Operation::of::<SendMessage>())
}

fn status(status: u16) -> End {
    http_answer(status, None)
}

fn http_answer(status: u16, retry_after: Option<&str>) -> End {
    let mut headers = http::HeaderMap::new();
    if let Some(value) = retry_after {
        headers.insert("retry-after", value.parse().unwrap());
    }
    let status = status.try_into().unwrap();
    Ok(Response::new(status, headers, "{}"))
}

/// A mock that ends its exchanges in these ways, in this order, and is never asked once more.
fn ending(ends: impl Into<VecDeque<End>>) -> MockTransport {
    let ends = ends.into();
    let mut mock = MockTransport::new();
    let times = ends.len();
    let ends = Mutex::new(ends);
    mock.expect_exchange()
        .times(times)
        .returning(move |_| ends.lock().unwrap().pop_front().unwrap());
    mock
}

/// tokio's time, which stands still in these tests, and a calendar that follows it.
#[derive(Clone, Copy, Debug, Default)]
struct Calendar(TokioClock);

/// The date at which [`Calendar`] begins: `Sun, 13 Sep 2020 12:26:40 GMT`.
const BEGINNING: UnixMillis = UnixMillis::from_millis(1_600_000_000_000);

#[async_trait::async_trait]
impl Clock for Calendar {
    fn now(&self) -> Moment {
        self.0.now()
    }

    fn unix(&self) -> UnixMillis {
        BEGINNING.plus(self.now().since_start())
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }
}

/// How an exchange ended and how long it took.
async fn timed(transport: &impl Transport, request: Request) -> (End, Duration) {
    let clock = TokioClock::new();
    let end = transport.exchange(request).await;
    (end, clock.now().since_start())
}

/// When a mock was asked for what.
type Notes = Arc<Mutex<Vec<(Duration, &'static str)>>>;

/// A mock that answers at once and takes notes.
fn noting() -> (MockTransport, Notes) {
    let clock = TokioClock::new();
    let notes = Notes::default();
    let mut mock = MockTransport::new();
    let ours = Arc::clone(&notes);
    mock.expect_exchange().returning(move |request| {
        let at = clock.now().since_start();
        ours.lock().unwrap().push((at, request.operation()));
        Ok(Response::json("{}"))
    });
    (mock, notes)
}
