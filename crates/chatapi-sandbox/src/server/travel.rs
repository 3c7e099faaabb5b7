//! Answers on their way over a socket.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use chatapi_transport::Clock as _;
use http::Response;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};

use super::connection::pause;
use super::exchange::{Body, whole};
use super::line::Cutter;
use crate::VirtualClock;
use crate::conduct::{Conduct, Manner};

/// How long a connection is held for a caller who never gives up. In the machine's time: on a clock
/// that jumps, he would have no time at all to give up.
const HELD: Duration = Duration::from_secs(600);

/// How long what was sent has to get out before the connection breaks. In the machine's time.
const FLUSH: Duration = Duration::from_millis(20);

/// How many blanks are sent at once.
const BLANKS: &[u8] = &[b' '; 64 * 1024];

/// Lets an answer travel. An error ends the connection without one.
pub(crate) async fn travel(
    answer: Response<Bytes>,
    conduct: Conduct,
    clock: &VirtualClock,
    cutter: &Cutter,
) -> io::Result<Response<Body>> {
    if conduct.delay > Duration::ZERO {
        clock.sleep(conduct.delay).await;
    }
    let slow = |steps| {
        let clock = clock.clone();
        move |rest: Bytes| {
            let left = u64::try_from(rest.len()).unwrap_or(u64::MAX);
            Slow { rest, left, steps, clock, waiting: None }.boxed_unsync()
        }
    };
    Ok(match conduct.manner {
        Manner::Whole => answer.map(whole),
        Manner::Drip { bytes, every } => answer.map(slow(Steps::Drip { bytes, every })),
        Manner::Cut { after } => answer.map(slow(Steps::Cut { after })),
        Manner::Padded { to } => answer.map(|body| {
            let left = to.max(u64::try_from(body.len()).unwrap_or(u64::MAX));
            let clock = clock.clone();
            Slow { rest: body, left, steps: Steps::Pad, clock, waiting: None }.boxed_unsync()
        }),
        Manner::Refused | Manner::Reset => {
            cutter.reset();
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Manner::Silent { hold } => {
            match hold {
                Some(hold) => clock.sleep(hold).await,
                None => pause(HELD).await,
            }
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
    })
}

#[derive(Clone, Copy)]
enum Steps {
    Drip { bytes: usize, every: Duration },
    Cut { after: usize },
    Pad,
}

/// A body that takes its time, breaks off, or goes on and on.
struct Slow {
    rest: Bytes,
    /// How many bytes are still announced.
    left: u64,
    steps: Steps,
    clock: VirtualClock,
    waiting: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Slow {
    fn take(&mut self, bytes: usize) -> Bytes {
        let piece = self.rest.split_to(bytes.min(self.rest.len()));
        self.left = self.left.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        piece
    }

    fn wait(&mut self, context: &mut Context<'_>, until: impl FnOnce(&Self) -> Wait) -> Poll<()> {
        if self.waiting.is_none() {
            self.waiting = Some(until(self));
        }
        if let Some(waiting) = &mut self.waiting {
            ready!(waiting.as_mut().poll(context));
            self.waiting = None;
        }
        Poll::Ready(())
    }
}

type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

impl hyper::body::Body for Slow {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if this.left == 0 {
            return Poll::Ready(None);
        }
        let piece = match this.steps {
            Steps::Drip { bytes, every } => {
                ready!(this.wait(context, |this| {
                    let clock = this.clock.clone();
                    Box::pin(async move { clock.sleep(every).await })
                }));
                this.take(bytes)
            }
            Steps::Cut { after: 0 } => {
                ready!(this.wait(context, |_| Box::pin(pause(FLUSH))));
                return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
            }
            Steps::Cut { after } => {
                this.steps = Steps::Cut { after: 0 };
                this.take(after)
            }
            Steps::Pad if this.rest.is_empty() => {
                let most = usize::try_from(this.left).unwrap_or(usize::MAX).min(BLANKS.len());
                this.left -= u64::try_from(most).unwrap_or(0);
                Bytes::from_static(BLANKS).slice(..most)
            }
            Steps::Pad => this.take(usize::MAX),
        };
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
