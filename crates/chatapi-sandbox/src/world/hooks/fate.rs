//! What misfortune does to a webhook.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What the gateway does with a webhook that is about to get in line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum HookFate {
    /// It goes as all do.
    #[default]
    Usual,
    /// It is never delivered: `webhookStatus` says `not sent`.
    Dropped,
    /// It is delivered twice.
    Doubled,
    /// The next webhook of the same sender goes before it; if none comes within this time, it goes
    /// alone.
    Reordered(Duration),
    /// It gets in line only after this time; others go before it.
    Delayed(Duration),
}
