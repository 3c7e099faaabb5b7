//! The journal as it is written: server-sent events.
//!
//! Nothing is kept for a reader: what he has not yet taken is read from the journal when he takes
//! more. A reader who is so slow that the journal has forgotten what he misses is told so (`gap`),
//! and so is one under whom the sandbox was put back to another moment, whether he was connected then
//! or not: what he knows is of another journal.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::str::FromStr;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use chatapi_transport::{Clock as _, TokioClock};
use http_body_util::BodyExt as _;
use hyper::body::Frame;
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::server::Body;
use crate::{ClockMode, Sandbox};

/// How often a silent stream says that it is still there.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How many entries go into one piece.
const PIECE: usize = 200;

/// Where somebody has read up to: the id of an event, `2-17`. Over a plain number, which is one of the
/// present journal's, nobody can tell whether that was another journal.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    /// How often another world had been put in the place of the sandbox's by then.
    world: Option<u64>,
    /// The number of the latest entry.
    number: u64,
}

impl Mark {
    /// After everything that there is.
    pub(super) fn latest(sandbox: &Sandbox) -> Self {
        sandbox.with(|world| Self {
            world: Some(sandbox.replacements()),
            number: world.scene.journal.written(),
        })
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(world) = self.world {
            write!(f, "{world}-")?;
        }
        write!(f, "{}", self.number)
    }
}

impl FromStr for Mark {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.split_once('-') {
            Some((world, number)) => Self { world: Some(world.parse()?), number: number.parse()? },
            None => Self { world: None, number: text.parse()? },
        })
    }
}

/// A reader's place in the journal.
struct Feed {
    sandbox: Sandbox,
    news: watch::Receiver<u64>,
    stopped: watch::Receiver<bool>,
    /// The number of the last entry that was sent.
    last: u64,
    /// How often another world had been put in the place of the sandbox's by then.
    world: u64,
    greeted: bool,
    _permit: OwnedSemaphorePermit,
}

/// A stream of what comes after the mark.
pub(super) fn stream(
    sandbox: Sandbox,
    mark: Mark,
    stopped: watch::Receiver<bool>,
    permit: OwnedSemaphorePermit,
) -> Body {
    let news = sandbox.news();
    let world = mark.world.unwrap_or_else(|| sandbox.with(|_| sandbox.replacements()));
    let last = mark.number;
    let feed = Feed { sandbox, news, stopped, last, world, greeted: false, _permit: permit };
    Events { next: Some(Box::pin(feed.next())) }.boxed_unsync()
}

impl Feed {
    /// The next piece, and who makes the one after it.
    async fn next(mut self) -> Option<(Self, Bytes)> {
        if !self.greeted {
            self.greeted = true;
            // The reader knows at once that it is connected.
            return Some((self, Bytes::from_static(b"retry: 1000\n\n")));
        }
        loop {
            self.news.borrow_and_update();
            if let Some(piece) = self.take() {
                return Some((self, piece));
            }
            let due = self.due();
            tokio::select! {
                changed = self.news.changed() => changed.ok()?,
                () = told_to(&mut self.stopped) => return None,
                () = due => {}
                () = machine(HEARTBEAT) => {
                    return Some((self, Bytes::from_static(b": still here\n\n")));
                }
            }
        }
    }

    /// What was written since.
    fn take(&mut self) -> Option<Bytes> {
        let last = self.last;
        let (written, entries, world) = self.sandbox.with(|world| {
            let journal = &world.scene.journal;
            let after: Vec<_> = journal.after(last).take(PIECE).cloned().collect();
            (journal.written(), after, self.sandbox.replacements())
        });
        let mut piece = String::new();
        if written < last || self.world != world {
            // The sandbox was put back to another moment.
            (self.last, self.world) = (written, world);
            let id = self.mark();
            piece.push_str(&format!("event: gap\nid: {id}\ndata: {{\"reset\":true}}\n\n"));
            return Some(piece.into());
        }
        let first = entries.first().map_or(written + 1, |entry| entry.number);
        if let missed @ 1.. = first.saturating_sub(last + 1) {
            self.last = first - 1;
            let id = self.mark();
            piece.push_str(&format!("event: gap\nid: {id}\ndata: {{\"missed\":{missed}}}\n\n"));
        }
        for entry in entries {
            // Entries are plain data: they can be written.
            let data = serde_json::to_string(&entry).unwrap_or_default();
            self.last = entry.number;
            piece.push_str(&format!("event: entry\nid: {}\ndata: {data}\n\n", self.mark()));
        }
        (!piece.is_empty()).then(|| piece.into())
    }

    const fn mark(&self) -> Mark {
        Mark { world: Some(self.world), number: self.last }
    }

    /// Comes when the world is next due, where time runs by itself.
    fn due(&self) -> impl Future<Output = ()> + Send + use<> {
        let clock = self.sandbox.clock();
        let runs = matches!(clock.mode(), ClockMode::Real | ClockMode::Scaled(_));
        let next = self.sandbox.with(|world| world.next_moment()).filter(|_| runs);
        let next = next.map(|next| clock.moment_of(next));
        async move {
            match next {
                Some(next) => clock.sleep(next.since(clock.now())).await,
                None => std::future::pending().await,
            }
        }
    }
}

async fn told_to(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn machine(duration: Duration) {
    TokioClock::new().sleep(duration).await;
}

type Next = Pin<Box<dyn Future<Output = Option<(Feed, Bytes)>> + Send>>;

/// The body of such an answer. Its reader drives it: no task, no buffer.
struct Events {
    next: Option<Next>,
}

impl hyper::body::Body for Events {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Some(next) = &mut self.next else {
            return Poll::Ready(None);
        };
        match next.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => {
                self.next = None;
                Poll::Ready(None)
            }
            Poll::Ready(Some((feed, piece))) => {
                self.next = Some(Box::pin(feed.next()));
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
        }
    }
}
