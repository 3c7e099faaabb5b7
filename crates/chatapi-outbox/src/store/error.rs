//! What a store says when it cannot.

use std::error::Error;
use std::fmt;

use super::Fenced;

/// Why a store did not do what it was asked for.
#[derive(Debug)]
pub struct StoreError {
    fault: StoreFault,
    what: Box<str>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What kind of failure it is: what may be assumed about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreFault {
    /// Another dispatcher drives the phone by now. Nothing was changed.
    Fenced,
    /// Nothing was changed; trying again later may help.
    Unavailable,
    /// It failed at the very end: it may have been done or not. What is asked again under the same
    /// key finds out.
    Unknown,
    /// The database is not fit to be used: its settings would lose messages, it is of a later
    /// version, or somebody else dispatches from it. Nothing was changed.
    Unfit,
}

impl StoreError {
    /// Nothing was changed.
    pub fn unavailable(
        what: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::new(StoreFault::Unavailable, what, Some(source.into()))
    }

    /// It may have been done or not.
    pub fn unknown(
        what: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::new(StoreFault::Unknown, what, Some(source.into()))
    }

    /// The database is not fit to be used.
    pub fn unfit(what: impl Into<String>) -> Self {
        Self::new(StoreFault::Unfit, what, None)
    }

    /// The store did something, and what it gave back is not an answer to that.
    pub(crate) fn confused() -> Self {
        let source = "whether its transaction was committed cannot be told from that";
        Self::unknown("the store gave back other work than it was given", source)
    }

    /// The same, for another of those who shared a transaction.
    #[cfg(feature = "sql")]
    pub(super) fn copy(&self) -> Self {
        let source = self.source.as_ref().map(|source| source.to_string().into());
        Self { fault: self.fault, what: self.what.clone(), source }
    }

    fn new(
        fault: StoreFault,
        what: impl Into<String>,
        source: Option<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { fault, what: what.into().into(), source }
    }

    /// What may be assumed.
    #[must_use]
    pub const fn fault(&self) -> StoreFault {
        self.fault
    }

    /// Whether another dispatcher drives the phone by now.
    #[must_use]
    pub const fn is_fenced(&self) -> bool {
        matches!(self.fault, StoreFault::Fenced)
    }
}

impl From<Fenced> for StoreError {
    fn from(fenced: Fenced) -> Self {
        Self::new(StoreFault::Fenced, fenced.to_string(), None)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(source) = &self.source {
            write!(f, ": {source}")?;
        }
        f.write_str(match self.fault {
            StoreFault::Unavailable => " (nothing was changed; try again)",
            StoreFault::Unknown => " (it may have been done: ask again with the same key)",
            StoreFault::Fenced | StoreFault::Unfit => "",
        })
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // Its own line is in ours, and often that of what lies below it is in its own.
        let cause = self.source.as_deref()?;
        let told = cause.to_string();
        let mut below = cause.source();
        while let Some(error) = below
            && told.contains(&error.to_string())
        {
            below = error.source();
        }
        below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_work_than_was_given_may_have_been_done() {
        let confused = StoreError::confused();
        assert_eq!(confused.fault(), StoreFault::Unknown);
        let told = confused.to_string();
        assert!(told.contains("it may have been done") && !told.contains(":  "), "{told}");
    }
}
