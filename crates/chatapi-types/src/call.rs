//! What a call declares about itself.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::dialect::{Dialect, Messenger};
use crate::reply::Reply;

/// One vendor operation as plain data: its arguments are its fields, its endpoint its constants.
///
/// The same declaration serves the client (which lays it out), the sandbox (which reads it back),
/// the traces, the errors and the coverage table, so that they cannot drift apart.
///
/// A call of your own, for an endpoint that this version does not know, is a struct and five lines:
///
/// ```
/// use chatapi_types::chat_api::{ChatApi, Limits};
/// use chatapi_types::{Binary, Call, Grade, Repeat, Verb};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct AvatarOf {
///     phone: String,
/// }
///
/// impl Call for AvatarOf {
///     type Dialect = ChatApi;
///     type Reply = Binary;
///     const NAME: &'static str = "avatar";
///     const VERB: Verb = Verb::Get;
///     const REPEAT: Repeat = Repeat::Safe;
///     const GRADE: Grade = Grade::D;
/// }
/// ```
pub trait Call: Serialize + DeserializeOwned + Send + Sync {
    /// The dialect in which it is said. A gateway only takes calls of its own dialect.
    type Dialect: Dialect;
    /// What the vendor answers.
    type Reply: Reply;
    /// The vendor's name for it: in the path, in errors, in traces.
    const NAME: &'static str;
    /// Other names under which the vendor takes the same call.
    const ALIASES: &'static [&'static str] = &[];
    /// The HTTP verb that this library uses.
    const VERB: Verb;
    /// Whether it may be said again when its fate is unknown.
    const REPEAT: Repeat;
    /// How well the call is documented.
    const GRADE: Grade;
    /// Arguments that may stand in the path, in this order …
    const SLOTS: &'static [&'static str] = &[];
    /// … of which the first `FIXED` always do.
    const FIXED: usize = 0;
    /// The messengers it works on; empty means all that the vendor serves.
    const MESSENGERS: &'static [Messenger] = &[];
    /// How long one attempt may take, where the transport's default is too short.
    const TIMEOUT: Option<Duration> = None;
    /// How many bytes the answer may have, where the transport's default is too small.
    const ANSWER_LIMIT: Option<usize> = None;

    /// Checks the arguments against the vendor's limits, before a byte leaves.
    ///
    /// # Errors
    ///
    /// [`BadArg`] names the argument, the limit and what to do.
    fn check(&self, limits: &<Self::Dialect as Dialect>::Limits) -> Result<(), BadArg> {
        let _ = limits;
        Ok(())
    }
}

/// The constants of a [`Call`] as one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// [`Call::NAME`].
    pub name: &'static str,
    /// [`Call::ALIASES`].
    pub aliases: &'static [&'static str],
    /// [`Call::VERB`].
    pub verb: Verb,
    /// [`Call::REPEAT`].
    pub repeat: Repeat,
    /// [`Call::GRADE`].
    pub grade: Grade,
    /// [`Call::SLOTS`].
    pub slots: &'static [&'static str],
    /// [`Call::FIXED`].
    pub fixed: usize,
    /// [`Call::MESSENGERS`].
    pub messengers: &'static [Messenger],
    /// [`Call::TIMEOUT`].
    pub timeout: Option<Duration>,
    /// [`Call::ANSWER_LIMIT`].
    pub answer_limit: Option<usize>,
}

impl Operation {
    /// The constants of `C`.
    #[must_use]
    pub const fn of<C: Call>() -> Self {
        Self {
            name: C::NAME,
            aliases: C::ALIASES,
            verb: C::VERB,
            repeat: C::REPEAT,
            grade: C::GRADE,
            slots: C::SLOTS,
            fixed: C::FIXED,
            messengers: C::MESSENGERS,
            timeout: C::TIMEOUT,
            answer_limit: C::ANSWER_LIMIT,
        }
    }

    /// Whether `name` is the operation's name or one of its aliases.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

/// An HTTP verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a transport must be able to say every verb")]
pub enum Verb {
    /// `GET`: arguments in path and query.
    Get,
    /// `POST`: arguments in the body.
    Post,
    /// `PUT`.
    Put,
    /// `DELETE`.
    Delete,
}

impl Verb {
    /// The verb as it stands in a request.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// Whether a call may be said twice when nobody knows what became of the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Repeat {
    /// Saying it twice is the same as saying it once: reads, and settings that set a value.
    Safe,
    /// Saying it twice may do it twice: sends, and everything that creates. No layer of this
    /// library ever repeats such a call while its fate is unknown.
    Never,
}

/// How well a fact about the vendor is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Grade {
    /// From the vendor: its documents, its specification, its own samples.
    A,
    /// Two or more independent clients agree.
    B,
    /// One client.
    C,
    /// Our inference. Never a constant: always a profile value or a switch.
    D,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
        })
    }
}

/// An argument that was refused before anything was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {problem}")]
pub struct BadArg {
    field: &'static str,
    problem: Box<str>,
}

impl BadArg {
    /// Refuses `field` because of `problem`, a sentence that says the limit and what to do.
    pub fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { field, problem: problem.into().into() }
    }

    /// The wire name of the argument.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// What is wrong with it.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }
}
