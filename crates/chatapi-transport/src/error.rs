//! Why a call failed, whether it may have happened, and what to do.

use std::any::Any;
use std::fmt::{self, Write as _};
use std::time::Duration;

use chatapi_types::{DecodeError, ErrorCode, Verdict};

use crate::transport::{Fate, TransportError};

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// `Display` is one line for the person at 3 a.m.: what failed, whether it may have happened
/// anyway, what to do. It holds no secret, no address and no message text. What lies below is in
/// [`source`](std::error::Error::source). For programs there are three questions:
///
/// - [`may_have_taken_effect`](Self::may_have_taken_effect): may it have been done all the same?
/// - [`is_transient`](Self::is_transient): may the same call succeed a little later?
/// - [`concerns_line`](Self::concerns_line): would every other call fare the same?
///
/// Only when the first is answered *no* can a send be repeated without a thought.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: &'static str,
    vendor: &'static str,
    /// Whether repeating the call is harmless.
    repeatable: bool,
    status: Option<u16>,
    code: Option<Box<dyn ErrorCode>>,
    message: Option<Box<str>>,
    retry_after: Option<Duration>,
    took_effect: bool,
    transient: bool,
    of_line: bool,
    attempts: u32,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The coarse reason of an [`Error`], for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument was refused before anything was sent. Correct it.
    Invalid,
    /// The vendor or the messenger does not offer this. Nothing was sent.
    Unsupported,
    /// No whole answer came. Ask [`Error::may_have_taken_effect`].
    Unreachable,
    /// The token or key is wrong, missing or withdrawn.
    Unauthorized,
    /// The gateway asks for fewer calls. Wait for [`Error::retry_after`].
    RateLimited,
    /// The gateway, or something in front of it, is out of order. It may have been done.
    Unavailable,
    /// The vendor understood and declined. Nothing was done.
    Refused,
    /// The address leads elsewhere: a redirect, or a method that is not served there.
    WrongAddress,
    /// The answer cannot be understood. It may have been done.
    Malformed,
}

impl Error {
    fn new(kind: ErrorKind, operation: &'static str) -> Self {
        Self(Box::new(Inner {
            kind,
            operation,
            vendor: "the gateway",
            repeatable: false,
            status: None,
            code: None,
            message: None,
            retry_after: None,
            took_effect: false,
            transient: false,
            of_line: kind == ErrorKind::Unauthorized,
            attempts: 1,
            source: None,
        }))
    }

    /// An argument of `operation` was refused before anything was sent; `problem` is a
    /// [`BadArg`](chatapi_types::BadArg) or a sentence.
    pub fn invalid(operation: &'static str, problem: impl fmt::Display) -> Self {
        let mut error = Self::new(ErrorKind::Invalid, operation);
        error.0.message = Some(problem.to_string().into());
        error
    }

    /// Neither vendor nor messenger can be asked for `operation`; `reason` is a clause such as
    /// "wamm.chat has no way to show its queue".
    pub fn unsupported(operation: &'static str, reason: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::Unsupported, operation);
        error.0.message = Some(reason.into().into());
        error
    }

    /// No whole answer came.
    pub(crate) fn unreachable(operation: &'static str, error: TransportError) -> Self {
        let unspeakable = error.is_unspeakable();
        let kind = if unspeakable { ErrorKind::Invalid } else { ErrorKind::Unreachable };
        let mut result = Self::new(kind, operation);
        result.0.took_effect = error.fate() != Fate::NotSent;
        result.0.transient = !unspeakable && !error.is_too_long();
        result.0.attempts = error.attempts();
        result.0.message = Some(error.to_string().into());
        result.0.source = std::error::Error::source(&error).is_some().then(|| error.into());
        result
    }

    /// The gateway said no.
    pub(crate) fn declined<C: ErrorCode>(
        operation: &'static str,
        status: u16,
        verdict: Verdict,
        words: Option<(C, String)>,
    ) -> Self {
        let kind = match verdict {
            Verdict::Unauthorized => ErrorKind::Unauthorized,
            Verdict::RateLimited => ErrorKind::RateLimited,
            Verdict::Unavailable => ErrorKind::Unavailable,
            Verdict::WrongAddress => ErrorKind::WrongAddress,
            Verdict::Malformed => ErrorKind::Malformed,
            // `Verdict` may grow; a no that this version cannot place is still a no.
            _ => ErrorKind::Refused,
        };
        let mut error = Self::new(kind, operation);
        error.0.status = Some(status);
        error.0.took_effect = match kind {
            ErrorKind::Unavailable | ErrorKind::Malformed => true,
            // Programs answer a form with "see over there" after they have done what it says.
            ErrorKind::WrongAddress => matches!(status, 302 | 303),
            _ => false,
        };
        error.0.transient = matches!(kind, ErrorKind::RateLimited | ErrorKind::Unavailable)
            || words.as_ref().is_some_and(|(code, _)| code.is_transient());
        if let Some((code, message)) = words {
            error.0.of_line |= code.concerns_line();
            error.0.code = Some(Box::new(code));
            error.0.message = Some(message.into());
        }
        error
    }

    /// What is wrong, where the vendor said nothing.
    pub(crate) fn remarking(mut self, remark: &str) -> Self {
        self.0.message.get_or_insert_with(|| remark.into());
        self
    }

    /// The answer cannot be understood.
    pub(crate) fn malformed(operation: &'static str, status: u16, problem: DecodeError) -> Self {
        let mut error = Self::new(ErrorKind::Malformed, operation);
        error.0.status = Some(status);
        error.0.took_effect = true;
        error.0.message = Some(problem.to_string().into());
        error
    }

    pub(crate) fn by(mut self, vendor: &'static str) -> Self {
        self.0.vendor = vendor;
        self
    }

    pub(crate) fn repeatable(mut self, repeatable: bool) -> Self {
        self.0.repeatable = repeatable;
        self
    }

    pub(crate) fn waiting(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    pub(crate) fn after(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// An earlier attempt may have been done, whatever the last one was told.
    pub(crate) fn doubting(mut self, in_doubt: bool) -> Self {
        self.0.took_effect |= in_doubt;
        self
    }

    /// The coarse reason.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The vendor's name for the operation.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The HTTP status, where an answer came. Vendors say no with 200, too.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The vendor's error code, if the error is of that vendor: `chat_api::ErrorCode`,
    /// `wamm::ErrorCode`, `admin::ErrorCode`, or your own.
    #[must_use]
    pub fn code<C: ErrorCode>(&self) -> Option<&C> {
        let code: &dyn Any = self.0.code.as_deref()?;
        code.downcast_ref()
    }

    /// The vendor's own words, with any echo of the secret taken out; or, where it said none, what
    /// is wrong.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// How long the gateway asks to wait (`Retry-After`).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How many attempts were made.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the same call may succeed a little later without anybody changing anything.
    ///
    /// Before repeating a send, ask [`may_have_taken_effect`](Self::may_have_taken_effect) too.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.0.transient
    }

    /// Whether it is about the instance or channel and not about this call: its token is wrong, it is
    /// not paid for, not connected … Until somebody does something about that, other sends are
    /// declined for the same reason.
    #[must_use]
    pub fn concerns_line(&self) -> bool {
        self.0.of_line
    }

    /// Whether the call may have been done all the same.
    ///
    /// Ask before repeating a send: a person may read it twice. While this is true, look in the
    /// vendor's records (queue, messages) first; the outbox does that by itself.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.took_effect
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, operation, vendor, status, message, .. } = &*self.0;
        let message = message.as_deref();
        write!(f, "{operation}: ")?;
        match kind {
            ErrorKind::Invalid => write!(f, "not sent: {}", message.unwrap_or("bad argument"))?,
            ErrorKind::Unsupported => {
                write!(f, "not possible: {}", message.unwrap_or("not offered"))?;
            }
            ErrorKind::Unreachable => f.write_str(message.unwrap_or("no answer"))?,
            ErrorKind::Unauthorized => write!(f, "{vendor} does not accept the token or key")?,
            ErrorKind::RateLimited => write!(f, "{vendor} asks for fewer calls")?,
            ErrorKind::Unavailable => write!(f, "{vendor} is out of order")?,
            ErrorKind::Refused => write!(f, "{vendor} declined")?,
            ErrorKind::WrongAddress => f.write_str("the address does not lead to this method")?,
            ErrorKind::Malformed => f.write_str("the answer cannot be understood")?,
        }
        let said = match kind {
            ErrorKind::Invalid | ErrorKind::Unsupported | ErrorKind::Unreachable => None,
            _ => message,
        };
        match (status.filter(|status| !(200..300).contains(status)), said.map(OneLine)) {
            (Some(status), Some(said)) => write!(f, " (HTTP {status}: {said})")?,
            (Some(status), None) => write!(f, " (HTTP {status})")?,
            (None, Some(said)) => write!(f, " ({said})")?,
            (None, None) => {}
        }
        if self.0.attempts > 1 {
            write!(f, " after {} attempts", self.0.attempts)?;
        }
        write!(f, "; {}", Consequence(&self.0))
    }
}

/// A stranger's words, fit for a line of ours: whole they are in [`Error::message`].
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 300;
        let mut characters = self.0.trim().chars();
        for character in characters.by_ref().take(LONGEST) {
            f.write_char(if character.is_control() { ' ' } else { character })?;
        }
        f.write_str(if characters.next().is_some() { "…" } else { "" })
    }
}

const LOOK: &str =
    "it may have been done all the same: look in the vendor's records before you repeat it";

/// What became of the call and what to do: the second half of the line.
struct Consequence<'a>(&'a Inner);

impl Consequence<'_> {
    fn advice(&self) -> &'static str {
        match (self.0.kind, &self.0.code) {
            (ErrorKind::Invalid, _) => "correct it and call again",
            (ErrorKind::Unsupported, _) => "use another way",
            (ErrorKind::WrongAddress, _) => "check the base address: scheme, host and path",
            (ErrorKind::RateLimited, _) => "try again in a little while",
            (_, Some(code)) => code.advice(),
            (ErrorKind::Unauthorized, None) => "check the token or key and what it belongs to",
            (ErrorKind::Malformed, None) => "check that the base address leads to the gateway",
            (ErrorKind::Refused, None) => "the same call will most likely fail again",
            (_, None) if self.0.transient => "try again in a little while",
            (_, None) => "allow longer answers or ask for less",
        }
    }
}

impl fmt::Display for Consequence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, took_effect, repeatable, transient, .. } = *self.0;
        let wait = self.0.retry_after.filter(|_| transient);
        match (took_effect, kind) {
            (false, ErrorKind::Invalid | ErrorKind::Unsupported) => {}
            (false, _) => f.write_str("nothing was done, ")?,
            (true, _) if repeatable && transient => {
                f.write_str("repeating it is safe: ")?;
                if wait.is_none() {
                    return f.write_str("try again in a little while");
                }
            }
            (true, _) if repeatable => f.write_str("repeating it is safe, but first ")?,
            (true, ErrorKind::WrongAddress | ErrorKind::Malformed) => {
                write!(f, "{LOOK}, and ")?;
            }
            (true, _) => return f.write_str(LOOK),
        }
        match wait {
            Some(wait) => write!(f, "try again in {} s", wait.as_secs_f64().ceil().max(1.0)),
            None => f.write_str(self.advice()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("operation", &inner.operation)
            .field("status", &inner.status)
            .field("code", &inner.code)
            .field("message", &inner.message)
            .field("retry_after", &inner.retry_after)
            .field("is_transient", &inner.transient)
            .field("concerns_line", &inner.of_line)
            .field("may_have_taken_effect", &inner.took_effect)
            .field("attempts", &inner.attempts)
            .field("source", &inner.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // The transport's own line is already in ours; what lies below it is the source.
        self.0.source.as_deref().and_then(std::error::Error::source)
    }
}
