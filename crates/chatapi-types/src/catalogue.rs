//! All calls of a vendor as one table.

use crate::{Call, Operation};

/// One call of a vendor's catalogue: [`chat_api::CATALOGUE`](crate::chat_api::CATALOGUE).
///
/// The catalogue is made of the [`Call`] declarations themselves, so that what is said about a call
/// (documentation, routes, coverage) cannot differ from what the call does.
///
/// ```
/// use chatapi_types::chat_api::CATALOGUE;
///
/// let aliased = CATALOGUE.iter().find(|entry| entry.operation.is_named("message")).unwrap();
/// assert_eq!((aliased.call, aliased.operation.name), ("SendMessage", "sendMessage"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The name of the Rust type.
    pub call: &'static str,
    /// What the call declares about itself.
    pub operation: Operation,
}

impl Entry {
    /// The entry of `C`, a type named `call`.
    #[must_use]
    pub const fn of<C: Call>(call: &'static str) -> Self {
        Self { call, operation: Operation::of::<C>() }
    }
}

/// `catalogue![ReadStatus, SendMessage]`: the entries of these calls, in this order.
macro_rules! catalogue {
    ($($call:ident),* $(,)?) => {
        &[$($crate::catalogue::Entry::of::<$call>(stringify!($call))),*]
    };
}

pub(crate) use catalogue;
