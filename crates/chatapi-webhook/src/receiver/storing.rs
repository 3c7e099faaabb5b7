//! For how long a payload may be on its way into the inbox.

use std::io;
use std::pin::pin;
use std::time::Duration;

use chatapi_transport::{Clock as _, TokioClock};
use futures_util::future::{Either, select};

use crate::InboxError;

/// How long storing may take unless [`Builder::stored_within`](super::Builder::stored_within) says
/// otherwise. Ours: wamm waits for ten seconds (grade A), of which some go by on the way.
pub(super) const WITHIN: Duration = Duration::from_secs(5);

/// What comes of storing, if that comes in time.
pub(super) async fn within<T>(
    limit: Duration,
    stored: impl Future<Output = Result<T, InboxError>>,
) -> Result<T, InboxError> {
    // Stores live in the machine's time, whatever clock the receiver has. What they say at once is
    // heard before anybody looks at the time.
    let clock = TokioClock::new();
    match select(pin!(stored), clock.sleep(limit)).await {
        Either::Left((stored, _)) => stored,
        Either::Right(_) => Err(late(limit)),
    }
}

fn late(limit: Duration) -> InboxError {
    let what = format!(
        "the inbox did not answer within {limit:?}: what came may be stored all the same; it is \
         known when it comes again"
    );
    InboxError::unavailable(what, io::Error::from(io::ErrorKind::TimedOut))
}
