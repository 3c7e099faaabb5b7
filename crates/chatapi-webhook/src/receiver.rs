//! The pipeline: authenticate, read, tell apart, store, answer.

mod builder;
mod counters;
mod numbers;
mod storing;

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use chatapi_transport::Clock;
use chatapi_types::InstanceId;
use http::header::{ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};

use crate::hook::Hooks;
use crate::payload::{self, Apart};
use crate::{AllowList, Hook, Inbox, SecretHash, Vendor};

pub use builder::Builder;
pub use counters::Counts;
use counters::{Counters, Refusal};
use numbers::Numbers;

/// How many bytes a body may have unless [`Builder::bodies_at_most`] says otherwise.
pub(crate) const BODY: usize = 1024 * 1024;

/// Takes what vendors post and puts it into an [`Inbox`], and only then says that it has it.
///
/// It is a function from request to answer and needs no server of its own kind:
/// [`answer`](Self::answer) takes a whole request; [`admit`](Self::admit) judges the head, so that
/// nobody's body is read who does not know a secret. The features `tower`, `axum` and `server` wrap
/// it for servers. Cheap to clone; clones are the same receiver.
#[derive(Clone)]
pub struct Receiver {
    shared: Arc<Shared>,
}

struct Shared {
    inbox: Arc<dyn Inbox>,
    clock: Arc<dyn Clock>,
    prefix: Box<str>,
    body_limit: usize,
    stored_within: Duration,
    repeated_within: Duration,
    allow: Option<AllowList>,
    hooks: RwLock<Hooks>,
    numbers: Numbers,
    counters: Counters,
}

impl Receiver {
    /// A receiver that stores into that inbox.
    pub fn builder(inbox: impl Inbox + 'static) -> Builder {
        Builder::new(inbox)
    }

    /// Adds a hook, in the place of one of the same vendor and line.
    pub fn add(&self, hook: Hook) {
        self.change(|hooks| hooks.add(hook));
    }

    /// Removes a hook; false when there is none of that vendor and line.
    pub fn remove(&self, vendor: Vendor, line: &InstanceId) -> bool {
        self.change(|hooks| hooks.remove(vendor, line))
    }

    /// Makes `secret` the secret of a line; the one before it stays good until
    /// [`retire`](Self::retire), the one before that no longer. False when there is no such line.
    ///
    /// To change a secret: rotate, tell the vendor the new address, see events come
    /// ([`Counts::by_previous_secret`] stands still), retire.
    pub fn rotate(&self, vendor: Vendor, line: &InstanceId, secret: SecretHash) -> bool {
        self.change(|hooks| hooks.rotate(vendor, line, secret))
    }

    /// Makes the secret before the present one worthless. False when there is no such line.
    pub fn retire(&self, vendor: Vendor, line: &InstanceId) -> bool {
        self.change(|hooks| hooks.retire(vendor, line))
    }

    fn change<T>(&self, how: impl FnOnce(&mut Hooks) -> T) -> T {
        how(&mut self.shared.hooks.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// What has come so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counters.read()
    }

    /// The path under which secrets stand, `/hooks` unless given.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.shared.prefix
    }

    /// How many bytes a body may have.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.shared.body_limit
    }

    #[cfg(feature = "server")]
    pub(crate) fn trusts(&self, peer: IpAddr) -> bool {
        self.shared.allow.as_ref().is_some_and(|allow| allow.trusts(peer))
    }

    /// Judges the head of a request. `peer` is the address of the socket, where that is known.
    ///
    /// The query is not looked at. A wrong secret, a path that does not exist and an address that
    /// may not post get the same answer, byte by byte.
    ///
    /// # Errors
    ///
    /// The answer, for a request that is not to be read: 404, 405 for another method than `POST`,
    /// 413 for a body that announces itself too long, 415 for one that is compressed.
    #[expect(
        clippy::result_large_err,
        reason = "an answer goes out at once, it is not carried far"
    )]
    pub fn admit(&self, peer: Option<IpAddr>, head: &Parts) -> Result<Admission, Response<Bytes>> {
        let (hook, previous) = self.authenticate(peer, head).ok_or_else(|| {
            self.refuse(Refusal::Unauthenticated, None);
            answer(StatusCode::NOT_FOUND)
        })?;
        if head.method != Method::POST {
            self.refuse(Refusal::Method, Some(&hook));
            let mut answer = answer(StatusCode::METHOD_NOT_ALLOWED);
            answer.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            return Err(answer);
        }
        let admission = Admission { receiver: self.clone(), hook, previous };
        // No vendor was ever seen to compress, and what is not unpacked is no bomb.
        let is_plain = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
        if !head.headers.get_all(CONTENT_ENCODING).iter().all(is_plain) {
            self.refuse(Refusal::Compressed, Some(&admission.hook));
            return Err(answer(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let announced = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        if announced.is_some_and(|length| {
            length.trim().parse().map_or(true, |length: usize| length > self.body_limit())
        }) {
            return Err(admission.too_long());
        }
        Ok(admission)
    }

    fn authenticate(&self, peer: Option<IpAddr>, head: &Parts) -> Option<(Hook, bool)> {
        let path = head.uri.path();
        let below = path.strip_prefix(self.prefix()).and_then(|rest| rest.strip_prefix('/'));
        let hooks = self.shared.hooks.read().unwrap_or_else(PoisonError::into_inner);
        // Whatever the path is, it is hashed and compared.
        let opened = hooks.opened_by(below.unwrap_or(path));
        let (hook, previous) = opened.filter(|_| below.is_some())?;
        let may_post = self.shared.allow.as_ref();
        let may_post = may_post.is_none_or(|allow| allow.allows(peer, &head.headers));
        may_post.then(|| (hook.clone(), previous))
    }

    /// Answers a request that was read whole.
    pub async fn answer(&self, peer: Option<IpAddr>, request: Request<Bytes>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        match self.admit(peer, &head) {
            Ok(admission) => admission.accept(body).await,
            Err(answer) => answer,
        }
    }

    fn refuse(&self, why: Refusal, hook: Option<&Hook>) {
        self.shared.counters.refused(why);
        let hook = hook.map(tracing::field::display);
        tracing::debug!(why = why.as_str(), hook, "webhook refused");
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("prefix", &self.shared.prefix)
            .field("inbox", &self.shared.inbox)
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

/// A request whose sender knows a secret, and whose body is still to be read.
#[derive(Debug)]
#[must_use = "give it the body"]
pub struct Admission {
    receiver: Receiver,
    hook: Hook,
    /// Whether it came by the secret that is on its way out.
    previous: bool,
}

impl Admission {
    /// How many bytes of the body are to be read at most.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.receiver.body_limit()
    }

    /// The answer to a body that is longer than that.
    #[must_use]
    pub fn too_long(&self) -> Response<Bytes> {
        self.receiver.refuse(Refusal::TooLong, Some(&self.hook));
        answer(StatusCode::PAYLOAD_TOO_LARGE)
    }

    /// The answer to a body that did not come in time.
    #[must_use]
    pub fn too_slow(&self) -> Response<Bytes> {
        self.receiver.refuse(Refusal::TooSlow, Some(&self.hook));
        answer(StatusCode::REQUEST_TIMEOUT)
    }

    /// The answer to a body that broke off.
    #[must_use]
    pub fn broken_off(&self) -> Response<Bytes> {
        self.receiver.refuse(Refusal::BrokenOff, Some(&self.hook));
        answer(StatusCode::BAD_REQUEST)
    }

    /// Stores what came, then answers 200: exactly that is what Chat API's `guaranteedHooks` waits
    /// for, and wamm within ten seconds (both grade A). What cannot be stored, and what the inbox does
    /// not say [in time](Builder::stored_within) that it has stored, is answered with 503 and
    /// `Retry-After`, and the vendor comes again.
    pub async fn accept(self, body: Bytes) -> Response<Bytes> {
        if body.len() > self.limit() {
            return self.too_long();
        }
        let Self { receiver, hook, previous } = self;
        let Shared { inbox, clock, stored_within, repeated_within, numbers, counters, .. } =
            &*receiver.shared;
        let to = hook.addressee(*repeated_within);
        let Apart { mut events, unknown } = payload::take_apart(&to, &body, clock.unix());
        let count = events.len();
        let stored = async {
            let doubted = numbers.judge(&**inbox, &mut events).await?;
            Ok((doubted, inbox.insert(events).await?))
        };
        let (doubted, inserted) = match storing::within(*stored_within, stored).await {
            Ok(stored) => stored,
            Err(error) => {
                counters.refused(Refusal::NotStored);
                tracing::error!(%hook, %error, full = error.is_full(), "webhook not stored");
                let mut answer = answer(StatusCode::SERVICE_UNAVAILABLE);
                let seconds = error.retry_after().as_secs().max(1);
                answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
                return answer;
            }
        };
        let (stored, repeated) = (inserted.stored(), inserted.repeated());
        counters.accepted(stored, repeated, unknown, doubted, previous);
        tracing::debug!(%hook, events = count, stored, repeated, unknown, "webhook accepted");
        if unknown > 0 {
            tracing::warn!(%hook, unknown, "webhook of a shape that is not known; kept as it came");
        }
        if doubted > 0 {
            tracing::warn!(%hook, doubted, "webhook with a number that is too far ahead; without its place in the order");
        }
        answer(StatusCode::OK)
    }
}

fn answer(status: StatusCode) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = status;
    answer
}
