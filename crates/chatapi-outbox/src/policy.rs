//! What becomes of a message whose fate is unknown.

use serde::{Deserialize, Serialize};

/// What becomes of a message that was tried and whose fate nobody knows.
///
/// Whatever is chosen: when the vendor's own records show the message, it is *found* and not sent
/// again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OnDoubt {
    /// It is never sent again by itself; a person decides.
    Hold,
    /// It is sent again once the vendor's own records have shown, twice, that it is absent;
    /// otherwise a person decides.
    #[default]
    ProveThenResend,
    /// It is sent again as soon as the vendor has had time to show it. It may arrive twice: for
    /// messages where late is worse than twice.
    AtLeastOnce,
}

impl OnDoubt {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Hold, Self::ProveThenResend, Self::AtLeastOnce];

    /// As it stands in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::ProveThenResend => "prove_then_resend",
            Self::AtLeastOnce => "at_least_once",
        }
    }
}
