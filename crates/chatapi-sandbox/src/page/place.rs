//! Where on the server a page stands.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Where on the server a page stands: in which world, and behind which prefix.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    /// The world's name; empty where there is only one.
    pub(crate) world: String,
    /// What paths of this world begin with; empty for the usual one.
    pub(crate) prefix: String,
    /// All worlds: name and prefix.
    pub(crate) worlds: Vec<(String, String)>,
    /// Scheme and authority that were called, for lines to copy.
    pub(crate) origin: String,
}

/// What may stand in a segment as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text as a path segment, or as a value behind the question mark.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

impl Place {
    /// The wall.
    pub(crate) fn home(&self) -> String {
        format!("{}/", self.prefix)
    }

    /// Something below the page.
    pub(crate) fn page(&self, rest: &str) -> String {
        format!("{}/_sandbox/page/{rest}", self.prefix)
    }

    /// Something of the control API.
    pub(crate) fn control(&self, rest: &str) -> String {
        format!("{}/_sandbox/{rest}", self.prefix)
    }

    /// The address that clients call.
    pub(crate) fn gateway(&self) -> String {
        format!("{}{}", self.origin, self.prefix)
    }
}
