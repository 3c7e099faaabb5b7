//! Refusals of the admin functions.

use crate::{ErrorCode as Code, Verdict};

/// Refusals of the admin functions. Their texts were never seen (wire document §12), so nothing is
/// read into them; the text itself is kept beside the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// A text that this version does not know.
    Other,
}

impl Code for ErrorCode {
    fn classify(_: &str) -> Self {
        Self::Other
    }

    fn verdict(&self) -> Verdict {
        Verdict::Refused
    }

    fn is_understood(&self) -> bool {
        false
    }

    fn is_transient(&self) -> bool {
        false
    }

    fn advice(&self) -> &'static str {
        "check the API key (uid) and the number of the instance"
    }
}
