//! Who posts.

use std::fmt;

/// Whose webhook it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Vendor {
    /// Chat API, its clones and successors.
    ChatApi,
    /// wamm.chat.
    Wamm,
}

impl Vendor {
    /// A word for it that stays: stores keep it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChatApi => "chat-api",
            Self::Wamm => "wamm",
        }
    }

    /// The vendor of such a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::ChatApi, Self::Wamm].into_iter().find(|vendor| vendor.as_str() == word)
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
