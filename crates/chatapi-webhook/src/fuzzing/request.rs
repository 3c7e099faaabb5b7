//! Any request, through the whole receiver: head, body, inbox, stream.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chatapi_transport::{Clock, Moment};
use chatapi_types::UnixMillis;
use futures_util::future::{Either, poll_fn, select};
use futures_util::stream;
use http::header::RETRY_AFTER;
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{Full, StreamBody};
use tower_service::Service as _;

use crate::key::STRETCH;
use crate::{
    AllowList, Event, Events, Hook, Inbox as _, InboxError, MemoryInbox, Origin, PathSecret, Peer,
    Receiver, Service, payload,
};

/// Small, so that what is beyond it is soon found.
const BODY: usize = 2048;

/// Sends one request through the receiver, twice, and reads what it stored: the answer's status.
/// `None` for what is no request.
///
/// The input looks like HTTP without the version: method and path, lines of headers, an empty line,
/// the body. The secrets are 24 bytes of 1 (the Chat API instance 7), of 3 (the same, on its way
/// out) and of 2 (the wamm channel `w`, which fetches back). `x-breaks-off` breaks off the body.
///
/// Needs a tokio runtime with time.
///
/// # Panics
///
/// When somebody gets in who may not, when an answer does not say what was done, and when an event
/// that was taken does not come exactly once.
pub async fn request(input: &[u8]) -> Option<StatusCode> {
    let (head, body) = parse(input)?;
    let clock = Passing::default();
    let inbox = MemoryInbox::new().quota(4 * 1024);
    let [now_good, other, before] = [1, 2, 3].map(|seed| PathSecret::from_random([seed; 24]));
    let chat_api = Hook::chat_api("7", now_good.hash()).previous(before.hash());
    let wamm = Hook::wamm("w", other.hash()).fetch_back();
    let hook = [(&now_good, &chat_api), (&before, &chat_api), (&other, &wamm)]
        .into_iter()
        .find(|(secret, _)| head.uri().path() == format!("/hooks/{}", secret.expose()))
        .map(|(_, hook)| hook.clone());
    let mut builder = Receiver::builder(inbox.clone()).on_clock(clock.clone());
    if let Ok(list) = AllowList::new(["127.0.0.1", "203.0.113.0/24"])
        && let Ok(list) = list.behind(["127.0.0.1"])
    {
        builder = builder.allow(list);
    }
    let receiver = builder.bodies_at_most(BODY).hook(chat_api).hook(wamm).build();

    let taken = Arc::<AtomicUsize>::default();
    let answer = send(&receiver, &head, &body, &taken).await;
    let status = answer.status();
    let kept = inbox.counts(clock.unix()).await.ok()?.waiting;
    let counts = receiver.counts();
    let read = taken.swap(0, Ordering::Relaxed);
    assert!(read <= BODY + PIECE, "{read} bytes are read of a body of at most {BODY}");
    let is_vouched_for = !head.headers().contains_key("x-forwarded-for");
    let Some(hook) = hook.filter(|_| is_vouched_for || status != StatusCode::NOT_FOUND) else {
        assert!(status == StatusCode::NOT_FOUND, "a stranger is told {status}");
        assert!(answer.headers().is_empty(), "a stranger is told more");
        assert!(read == 0 && kept == 0, "of a stranger {read} bytes are read, {kept} events kept");
        assert!(counts.unauthenticated == 1, "a stranger is not counted");
        return Some(status);
    };
    let apart = payload::take_apart(&hook.addressee(STRETCH), &body, clock.unix());
    let expected: BTreeSet<_> = apart.events.into_iter().map(|record| record.id).collect();
    let is_plain = head.method() == "POST"
        && ["content-encoding", "content-length", "x-breaks-off"]
            .iter()
            .all(|name| !head.headers().contains_key(*name))
        && body.len() <= BODY;
    match status {
        StatusCode::OK => {
            assert!(counts.payloads == 1, "a payload is not counted");
            assert!(body.len() <= BODY && head.method() == "POST", "taken, against the rules");
            assert!(kept == expected.len() as u64, "{kept} of {} are kept", expected.len());
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            assert!(answer.headers().contains_key(RETRY_AFTER), "nobody says when to come again");
            assert!(kept == 0 && counts.not_stored == 1, "{kept} are kept and said not to be");
        }
        status => {
            assert!(status.is_client_error() && !is_plain, "a plain payload is told {status}");
            assert!(kept == 0 && counts.refused == 1, "{kept} are kept of what was refused");
        }
    }
    // Posted again it is answered alike, and is not new.
    let again = send(&receiver, &head, &body, &taken).await.status();
    assert!(again == status, "told {status}, then {again}");
    let still = inbox.counts(clock.unix()).await.ok()?.waiting;
    assert!(still == kept, "{kept} were kept, then {still}");
    if status == StatusCode::OK {
        let events = drained(&inbox, &clock).await.ok()?;
        let posted = events.iter().filter(|event| event.origin != Origin::Gap);
        let ids: Vec<_> = posted.map(|event| event.id.clone()).collect();
        let once: BTreeSet<_> = ids.iter().cloned().collect();
        assert!(ids.len() == once.len() && once == expected, "not every event comes once");
        in_order(&events);
    }
    Some(status)
}

/// Messages come in the order of their numbers, as long as none waits so long that it comes again,
/// and no two claim one number: then neither is kept back.
fn in_order(events: &[Event]) {
    let believed = events.iter().filter(|event| event.origin == Origin::Posted);
    let numbers = believed.filter_map(|event| event.content.hint()?.number);
    let numbers: Vec<_> = numbers.filter(|number| *number <= i64::MAX as u64).collect();
    let is_clear = numbers.iter().collect::<BTreeSet<_>>().len() == numbers.len();
    let is_first = events.iter().all(|event| event.attempt == 1);
    assert!(!is_clear || !is_first || numbers.is_sorted(), "out of order");
}

/// Method and path, headers, body.
fn parse(input: &[u8]) -> Option<(Request<()>, Bytes)> {
    let end = input.windows(2).position(|two| two == b"\n\n")?;
    let mut lines = std::str::from_utf8(&input[..end]).ok()?.lines();
    let (method, path) = lines.next()?.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(path);
    for line in lines {
        let (name, value) = line.split_once(": ")?;
        request = request.header(name, value);
    }
    request = request.extension(Peer::new(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    Some((request.body(()).ok()?, Bytes::copy_from_slice(&input[end + 2..])))
}

/// A body comes in pieces of that size.
const PIECE: usize = 61;

async fn send(
    receiver: &Receiver,
    head: &Request<()>,
    body: &Bytes,
    taken: &Arc<AtomicUsize>,
) -> Response<Full<Bytes>> {
    let taken = Arc::clone(taken);
    let breaks_off = head.headers().contains_key("x-breaks-off");
    let mut pieces: Vec<io::Result<_>> =
        body.chunks(PIECE).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    if breaks_off {
        pieces.push(Err(io::ErrorKind::ConnectionReset.into()));
    }
    let frames = stream::iter(pieces.into_iter().map(move |piece| {
        let piece = piece?;
        taken.fetch_add(piece.len(), Ordering::Relaxed);
        Ok::<_, io::Error>(Frame::data(piece))
    }));
    let request = head.clone().map(|()| StreamBody::new(frames));
    match Service::new(receiver.clone()).call(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

/// All events of an inbox, each acknowledged at once.
async fn drained(inbox: &MemoryInbox, clock: &Passing) -> Result<Vec<Event>, InboxError> {
    let mut events = Events::of(inbox.clone()).on_clock(clock.clone());
    let patience = clock.unix().plus(Duration::from_secs(3600));
    let mut all = Vec::new();
    loop {
        let counts = inbox.counts(clock.unix()).await?;
        if counts.waiting + counts.leased == 0 {
            return Ok(all);
        }
        let over = poll_fn(|_| match clock.unix() > patience {
            true => Poll::Ready(()),
            false => Poll::Pending,
        });
        let next = match select(pin!(events.next()), over).await {
            Either::Left((next, _)) => Some(next?),
            Either::Right(_) => None,
        };
        assert!(next.is_some(), "an event does not come within an hour: {counts:?}");
        let Some(delivered) = next else { return Ok(all) };
        all.push(delivered.event().clone());
        assert!(delivered.ack().await?, "what was just given out cannot be acknowledged");
    }
}

/// A clock on which time passes when somebody sleeps.
#[derive(Clone, Debug, Default)]
struct Passing(Arc<AtomicI64>);

#[async_trait]
impl Clock for Passing {
    fn now(&self) -> Moment {
        Moment::after_start(Duration::from_millis(self.0.load(Ordering::Relaxed).unsigned_abs()))
    }

    fn unix(&self) -> UnixMillis {
        UnixMillis::from_millis(1_600_000_000_000 + self.0.load(Ordering::Relaxed))
    }

    async fn sleep(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX).max(1);
        self.0.fetch_add(millis, Ordering::Relaxed);
        let mut polled = false;
        poll_fn(|context| {
            if polled {
                return Poll::Ready(());
            }
            polled = true;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}
