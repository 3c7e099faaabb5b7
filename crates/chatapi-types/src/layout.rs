//! Where the arguments of a call go, with the secret still left out.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use crate::args::Name;
use crate::call::Verb;

/// One request, laid out: verb, path, query, headers and body. The secret is a placeholder in it,
/// so a layout can be kept, copied and printed; `Debug` shows structure and names, never values.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Layout {
    /// The HTTP verb.
    pub verb: Verb,
    /// Path segments after the base address, unencoded. An empty last one gives a closing slash.
    pub path: Vec<Part>,
    /// Query members in order, unencoded.
    pub query: Vec<(Name, Part)>,
    /// Headers beyond those that the transport sets itself.
    pub headers: Vec<(Name, Part)>,
    /// The body.
    pub body: Body,
}

impl Layout {
    /// An empty layout of a verb and a path.
    #[must_use]
    pub const fn new(verb: Verb, path: Vec<Part>) -> Self {
        Self { verb, path, query: Vec::new(), headers: Vec::new(), body: Body::Empty }
    }

    /// Adds a query member.
    #[must_use]
    pub fn query(mut self, name: impl Into<Name>, part: impl Into<Part>) -> Self {
        self.query.push((name.into(), part.into()));
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<Name>, part: impl Into<Part>) -> Self {
        self.headers.push((name.into(), part.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }
}

/// One piece of a request.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a transport must be able to place every kind")]
pub enum Part {
    /// A word of the vendor's: a method name, an instance. May be shown.
    Word(Cow<'static, str>),
    /// A value of the caller's: a phone, a text. Private, never shown.
    Arg(String),
    /// The secret goes here, after a prefix such as `Bearer `.
    Secret {
        /// What stands before the secret.
        prefix: &'static str,
    },
}

impl Part {
    /// The bare secret.
    pub const SECRET: Self = Self::Secret { prefix: "" };

    /// A word of the vendor's.
    pub fn word(word: impl Into<Cow<'static, str>>) -> Self {
        Self::Word(word.into())
    }

    /// A value of the caller's, as it stands in a query.
    #[must_use]
    pub fn arg(value: &Value) -> Self {
        Self::Arg(crate::args::plain(value))
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Arg(_) => f.write_str("…"),
            Self::Secret { prefix } => write!(f, "{prefix}{{secret}}"),
        }
    }
}

/// The body of a request.
#[derive(Clone, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a transport must be able to place every kind")]
pub enum Body {
    /// None.
    Empty,
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(Name, Part)>),
    /// `application/json`: one object with these members, in this order.
    Json(Vec<(Name, Member)>),
    /// Anything else, as it is.
    Raw {
        /// Its media type.
        content_type: Cow<'static, str>,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn names<T>(f: &mut fmt::Formatter<'_>, kind: &str, of: &[(Name, T)]) -> fmt::Result {
            f.write_str(kind)?;
            f.debug_set().entries(of.iter().map(|(name, _)| name)).finish()
        }
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Form(members) => names(f, "Form", members),
            Self::Json(members) => names(f, "Json", members),
            Self::Raw { content_type, bytes } => write!(f, "{content_type}, {} B", bytes.len()),
        }
    }
}

/// One member of a JSON body.
#[derive(Clone, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a transport must be able to place every kind")]
pub enum Member {
    /// A value of the caller's.
    Value(Value),
    /// The secret, as a JSON string.
    Secret,
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value(_) => "…",
            Self::Secret => "{secret}",
        })
    }
}
