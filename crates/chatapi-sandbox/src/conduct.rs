//! How an answer travels.

use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use chatapi_transport::{Clock as _, Response, TransportError};
use http::{HeaderValue, StatusCode};

use crate::VirtualClock;

/// How an answer travels: at once and whole, unless a fault has it otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conduct {
    /// How much later it sets out.
    pub(crate) delay: Duration,
    pub(crate) manner: Manner,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Manner {
    #[default]
    Whole,
    /// So many bytes at a time, with a pause before each.
    Drip { bytes: usize, every: Duration },
    /// The connection breaks after so many bytes of the body.
    Cut { after: usize },
    /// With blanks behind it, up to this size.
    Padded { to: u64 },
    /// There is no connection.
    Refused,
    /// The connection is reset instead.
    Reset,
    /// None: the connection is held, and closed after that time where it is given.
    Silent { hold: Option<Duration> },
}

/// How many bytes the plain function pads an answer to at most.
const PADDED: u64 = 64 * 1024 * 1024;

impl Conduct {
    /// The answer as one who cannot travel sees it: at once; cut where it would be cut; 504 in the
    /// place of none.
    pub(crate) fn plain(&self, answer: http::Response<Bytes>) -> http::Response<Bytes> {
        let why = match self.manner {
            Manner::Whole | Manner::Drip { .. } => return answer,
            Manner::Cut { after } => return answer.map(|body| cut(&body, after)),
            Manner::Padded { to } => return answer.map(|body| padded(&body, to.min(PADDED))),
            Manner::Refused => "refused",
            Manner::Reset => "reset",
            Manner::Silent { .. } => "silent",
        };
        let mut none = http::Response::new(Bytes::new());
        *none.status_mut() = StatusCode::GATEWAY_TIMEOUT;
        none.headers_mut().insert("x-sandbox-fault", HeaderValue::from_static(why));
        none
    }

    /// The answer as it is written down: as [`plain`](Self::plain) has it, but not a byte of what is
    /// only padding; to which size it is padded is told beside it.
    pub(crate) fn seen(&self, answer: http::Response<Bytes>) -> (http::Response<Bytes>, usize) {
        match self.manner {
            Manner::Padded { to } => (answer, usize::try_from(to).unwrap_or(usize::MAX)),
            _ => (self.plain(answer), 0),
        }
    }

    /// Lets the answer travel in-process: time passes as on a wire, and what would befall the
    /// connection is an error of the transport.
    pub(crate) async fn travel(
        &self,
        answer: http::Response<Bytes>,
        clock: &VirtualClock,
        timeout: Duration,
        limit: usize,
    ) -> Result<Response, TransportError> {
        let length = answer.body().len();
        let takes = match self.manner {
            Manner::Drip { bytes, every } => {
                let drops = length.div_ceil(bytes.max(1));
                every.saturating_mul(u32::try_from(drops).unwrap_or(u32::MAX))
            }
            Manner::Silent { hold } => hold.unwrap_or(Duration::MAX),
            _ => Duration::ZERO,
        };
        let takes = self.delay.saturating_add(takes);
        if takes > timeout {
            clock.sleep(timeout).await;
            // Whoever is refused never gets as far as to send; all others have sent, and wait.
            return Err(match self.manner {
                Manner::Refused => TransportError::no_connection(),
                _ => TransportError::timed_out(timeout),
            });
        }
        if takes > Duration::ZERO {
            clock.sleep(takes).await;
        }
        let too_long = |length: usize| (length > limit).then(|| TransportError::too_long(limit));
        match self.manner {
            Manner::Refused => Err(TransportError::no_connection()),
            Manner::Reset | Manner::Silent { .. } | Manner::Cut { .. } => {
                Err(TransportError::broken())
            }
            Manner::Padded { to } => {
                let size = usize::try_from(to).unwrap_or(usize::MAX).max(length);
                match too_long(size) {
                    Some(error) => Err(error),
                    None => Ok(answer.map(|body| padded(&body, to)).into()),
                }
            }
            Manner::Whole | Manner::Drip { .. } => match too_long(length) {
                Some(error) => Err(error),
                None => Ok(answer.into()),
            },
        }
    }
}

fn cut(body: &Bytes, after: usize) -> Bytes {
    body.slice(..after.min(body.len()))
}

fn padded(body: &Bytes, to: u64) -> Bytes {
    let missing = usize::try_from(to).unwrap_or(usize::MAX).saturating_sub(body.len());
    let mut whole = BytesMut::from(&**body);
    whole.put_bytes(b' ', missing);
    whole.freeze()
}
