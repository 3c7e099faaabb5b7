//! A gateway and the one thing that can be done with it: a call.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chatapi_types::{
    Args, Call, Dialect, ErrorCode, Operation, Repeat, Reply, Rotates, Secret, Token, Verdict,
};
use tracing::{Instrument, Span, field};

use crate::address::Address;
use crate::clock::{Clock, TokioClock};
use crate::error::{Error, Result};
use crate::request::Request;
use crate::response::Response;
use crate::retry_after::retry_after;
use crate::transport::Transport;

/// A gateway: where it is, how it is spoken to, by what secret, over what transport.
///
/// Cheap to clone; clones share everything, a replaced token included. Clients are built on it, and
/// it is also the door to endpoints that no client knows: any [`Call`] of its dialect can be made.
///
/// ```
/// use chatapi_transport::{Gateway, MockTransport, Response};
/// use chatapi_types::Token;
/// use chatapi_types::chat_api::{ChatApi, CheckPhone};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut transport = MockTransport::new();
/// transport.expect_exchange().returning(|_| Ok(Response::json(r#"{"result":"exists"}"#)));
///
/// let address = "https://api.chat-api.com".parse()?;
/// let gateway = Gateway::new(address, ChatApi::path("12345"), Token::new("…"), transport);
/// let check = gateway.call(&CheckPhone::new("79000000001".parse::<chatapi_types::Phone>()?)).await?;
/// assert!(check.result.is_yes());
/// # Ok(())
/// # }
/// ```
pub struct Gateway<D> {
    shared: Arc<Shared<D>>,
}

struct Shared<D> {
    address: Arc<Address>,
    dialect: D,
    secret: RwLock<Secret>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    timeout: Option<Duration>,
    answer_limit: Option<usize>,
}

impl<D: Dialect> Gateway<D> {
    /// A gateway.
    pub fn new(
        address: Address,
        dialect: D,
        secret: impl Into<Secret>,
        transport: impl Transport + 'static,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                address: Arc::new(address),
                dialect,
                secret: RwLock::new(secret.into()),
                transport: Arc::new(transport),
                clock: Arc::new(TokioClock::new()),
                timeout: None,
                answer_limit: None,
            }),
        }
    }

    /// Takes the time from another clock.
    #[must_use]
    pub fn on_clock(self, clock: impl Clock + 'static) -> Self {
        self.rebuild(|shared| shared.clock = Arc::new(clock))
    }

    /// Gives every attempt this long, whatever the call says.
    #[must_use]
    pub fn attempts_within(self, timeout: Duration) -> Self {
        self.rebuild(|shared| shared.timeout = Some(timeout))
    }

    /// Reads this many bytes of every answer, whatever the call says.
    #[must_use]
    pub fn answers_at_most(self, bytes: usize) -> Self {
        self.rebuild(|shared| shared.answer_limit = Some(bytes))
    }

    fn rebuild(self, change: impl FnOnce(&mut Shared<D>)) -> Self {
        let old = &*self.shared;
        let mut shared = Shared {
            address: Arc::clone(&old.address),
            dialect: old.dialect.clone(),
            secret: RwLock::new(self.secret()),
            transport: Arc::clone(&old.transport),
            clock: Arc::clone(&old.clock),
            timeout: old.timeout,
            answer_limit: old.answer_limit,
        };
        change(&mut shared);
        Self { shared: Arc::new(shared) }
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.shared.address
    }

    /// How it is spoken to.
    #[must_use]
    pub fn dialect(&self) -> &D {
        &self.shared.dialect
    }

    /// The transport, to be shared with another gateway.
    #[must_use]
    pub fn transport(&self) -> &Arc<dyn Transport> {
        &self.shared.transport
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.shared.clock
    }

    fn secret(&self) -> Secret {
        self.shared.secret.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a call: checks its arguments, lays it out, carries it, judges the answer, reads the
    /// reply.
    ///
    /// Dropping the future abandons the call; the gateway may still do it.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind). Before repeating a call that changes anything, ask
    /// [`Error::may_have_taken_effect`].
    pub async fn call<C: Call<Dialect = D>>(&self, call: &C) -> Result<C::Reply> {
        let span = tracing::debug_span!(
            "chatapi.call",
            vendor = D::NAME,
            operation = C::NAME,
            attempts = field::Empty,
            status = field::Empty,
            elapsed_ms = field::Empty,
            outcome = field::Empty,
        );
        let result = match span.is_disabled() {
            true => self.carry(call).await,
            false => self.carry_traced(call, span).await,
        };
        result.map_err(|error| error.by(D::NAME).repeatable(C::REPEAT == Repeat::Safe))
    }

    async fn carry_traced<C: Call<Dialect = D>>(&self, call: &C, span: Span) -> Result<C::Reply> {
        let started = self.shared.clock.now();
        let result = self.carry(call).instrument(span.clone()).await;
        let elapsed = self.shared.clock.now().since(started);
        span.record("elapsed_ms", u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX));
        match &result {
            Ok(_) => span.record("outcome", "done"),
            Err(error) => {
                span.record("attempts", error.attempts());
                span.record("outcome", field::debug(error.kind()))
            }
        };
        span.in_scope(|| tracing::debug!("call ended"));
        result
    }

    async fn carry<C: Call<Dialect = D>>(&self, call: &C) -> Result<C::Reply> {
        let operation = Operation::of::<C>();
        let secret = self.secret();
        let request = self.prepare(call, &operation, &secret)?;
        let exchanged = self.shared.transport.exchange(request).await;
        let response = exchanged.map_err(|error| Error::unreachable(C::NAME, error))?;
        Span::current().record("status", response.status().as_u16());
        Span::current().record("attempts", response.attempts());
        self.judge::<C>(&response, &secret).map_err(|error| {
            let wait = retry_after(response.headers(), self.shared.clock.unix());
            error.after(response.attempts()).waiting(wait).doubting(response.is_in_doubt())
        })
    }

    fn prepare<C: Call<Dialect = D>>(
        &self,
        call: &C,
        operation: &Operation,
        secret: &Secret,
    ) -> Result<Request> {
        let Shared { dialect, timeout, answer_limit, .. } = &*self.shared;
        if let Some(messenger) = dialect.messenger()
            && !C::MESSENGERS.is_empty()
            && !C::MESSENGERS.contains(&messenger)
        {
            let works_on: Vec<_> = C::MESSENGERS.iter().map(ToString::to_string).collect();
            let works_on = works_on.join(", ");
            let reason = format!("it works on {works_on}, and this channel is on {messenger}");
            return Err(Error::unsupported(C::NAME, reason));
        }
        if matches!(secret.expose(), "" | "." | "..") {
            return Err(Error::invalid(C::NAME, "the token or key is empty"));
        }
        call.check(dialect.limits()).map_err(|bad| Error::invalid(C::NAME, bad))?;
        let args = Args::of(call).map_err(|error| Error::invalid(C::NAME, error.to_string()))?;
        let layout = dialect.lay_out(operation, args);
        let mut request =
            Request::new(*operation, Arc::clone(&self.shared.address), layout, secret.clone());
        if let Some(timeout) = timeout {
            request = request.within(*timeout);
        }
        if let Some(limit) = answer_limit {
            request = request.at_most(*limit);
        }
        Ok(request)
    }

    /// HTTP status and envelope first, then the reply itself.
    fn judge<C: Call<Dialect = D>>(
        &self,
        response: &Response,
        secret: &Secret,
    ) -> Result<C::Reply> {
        let answer = response.answer();
        let words = |text: &str| {
            // Vendors echo the token in their errors.
            let text = match secret.scrub(text) {
                empty if empty.trim().is_empty() => "no reason given".to_owned(),
                text => text,
            };
            (D::Code::classify(&text), text)
        };
        let complaint = self.shared.dialect.complaint(&answer).map(|text| words(&text));
        let by_status = Verdict::of_status(answer.status);
        let by_code = complaint.as_ref().map(|(code, _)| code.verdict());
        let understood = complaint.as_ref().is_some_and(|(code, _)| code.is_understood());
        let verdict = match (by_status, by_code) {
            // A 403 need not be about the token: an instance may be unpaid. A 401 is.
            (Some(Verdict::Unauthorized), Some(by_code)) if answer.status == 403 && understood => {
                Some(by_code)
            }
            // A plain 4xx leaves the reason to the vendor's words.
            (Some(Verdict::Refused), Some(by_code)) => Some(by_code),
            (Some(by_status), _) => Some(by_status),
            (None, by_code) => by_code,
        };
        if let Some(verdict) = verdict {
            let error = Error::declined(C::NAME, answer.status, verdict, complaint);
            return Err(match answer.is_html() {
                true => error.remarking("a web page, so from something in front of the gateway"),
                false => error,
            });
        }
        let reply = C::Reply::decode(&answer)
            .map_err(|problem| Error::malformed(C::NAME, answer.status, problem))?;
        if let Some(text) = reply.refusal() {
            let (code, text) = words(text);
            let verdict = code.verdict();
            return Err(Error::declined(C::NAME, answer.status, verdict, Some((code, text))));
        }
        Ok(reply)
    }
}

impl<D: Rotates> Gateway<D> {
    /// Replaces the token: for the calls that begin after this, in all clones.
    pub fn replace_token(&self, token: impl Into<Token>) {
        let mut secret = self.shared.secret.write().unwrap_or_else(PoisonError::into_inner);
        *secret = token.into().into();
    }
}

impl<D> Clone for Gateway<D> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<D: fmt::Debug> fmt::Debug for Gateway<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("address", &self.shared.address)
            .field("dialect", &self.shared.dialect)
            .field("transport", &self.shared.transport)
            .finish_non_exhaustive()
    }
}
