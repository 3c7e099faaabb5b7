//! How the admin functions are spoken to.

use super::{ErrorCode, Limits};
use crate::{Answer, Args, Body, Dialect, Layout, Member, Operation, Part, Verb, chat_api};

/// Where the vendor served its admin functions (grade A).
pub const DEFAULT_ADDRESS: &str = "https://us-central1-app-chat-api-com.cloudfunctions.net";

/// The dialect of the admin functions. The API key travels as the argument `uid`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admin {
    encoding: Encoding,
    limits: Limits,
}

/// How arguments travel. All three are in use (grade B).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// `POST` with a JSON body: keeps the key out of addresses, and with that out of access logs.
    #[default]
    Json,
    /// `POST` with a form body.
    Form,
    /// `GET` with a query, as the help page shows it.
    Query,
}

impl Admin {
    /// Arguments in a JSON body.
    #[must_use]
    pub const fn json() -> Self {
        Self::new(Encoding::Json)
    }

    /// Arguments in a form body.
    #[must_use]
    pub const fn form() -> Self {
        Self::new(Encoding::Form)
    }

    /// Arguments in the query.
    #[must_use]
    pub const fn query() -> Self {
        Self::new(Encoding::Query)
    }

    /// Arguments in this encoding.
    #[must_use]
    pub const fn new(encoding: Encoding) -> Self {
        Self { encoding, limits: Limits::DEFAULT }
    }

    /// Overrides the limits.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How arguments travel.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }
}

impl Dialect for Admin {
    type Limits = Limits;
    type Code = ErrorCode;
    const NAME: &'static str = "Chat API admin";

    fn lay_out(&self, operation: &Operation, args: Args) -> Layout {
        let path = vec![Part::word(operation.name)];
        let key = "uid".into();
        match self.encoding {
            Encoding::Query => {
                let layout = Layout::new(Verb::Get, path).query(key, Part::SECRET);
                args.into_iter()
                    .fold(layout, |layout, (name, value)| layout.query(name, Part::arg(&value)))
            }
            Encoding::Form => {
                let mut form = vec![(key, Part::SECRET)];
                form.extend(args.into_iter().map(|(name, value)| (name, Part::arg(&value))));
                Layout::new(Verb::Post, path).body(Body::Form(form))
            }
            Encoding::Json => {
                let mut members = vec![(key, Member::Secret)];
                members.extend(args.into_iter().map(|(name, value)| (name, Member::Value(value))));
                Layout::new(Verb::Post, path).body(Body::Json(members))
            }
        }
    }

    fn complaint(&self, answer: &Answer<'_>) -> Option<String> {
        chat_api::complaint(answer)
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }
}
