//! How a vendor delivers webhooks.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How a vendor delivers webhooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HookFigures {
    /// How often one is tried until the receiver answers 200. Chat API: 20 with `guaranteedHooks`
    /// (§8, grade A), else once (grade D). wamm: 6, which is once and "up to 5 more" (§4, grade A).
    pub attempts: u32,
    /// How long it rests after its first failure, its second, and so on; after the last of these
    /// each time as long as that. Chat API: from 1 s to 2 minutes (grade D). wamm: "growing gaps"
    /// (§4, grade A), from 5 s to 10 minutes (grade D).
    pub gaps: Vec<Duration>,
    /// Within which time the receiver has to answer. Chat API: 30 s (grade D). wamm: 10 s (§4, grade
    /// A). Where a server posts, the machine's time, whatever the clock does: the receiver is a real
    /// program. Where a test is handed the webhook, the world's.
    pub answer_within: Duration,
}

impl HookFigures {
    pub(super) fn of_chat_api() -> Self {
        Self {
            attempts: 20,
            gaps: [1, 2, 5, 10, 20, 30, 60, 120].map(Duration::from_secs).to_vec(),
            answer_within: Duration::from_secs(30),
        }
    }

    pub(super) fn of_wamm() -> Self {
        Self {
            attempts: 6,
            gaps: [5, 15, 60, 180, 600].map(Duration::from_secs).to_vec(),
            answer_within: Duration::from_secs(10),
        }
    }

    /// How long it rests after that many failures.
    pub(crate) fn gap(&self, failures: usize) -> Duration {
        let place = failures.saturating_sub(1).min(self.gaps.len().saturating_sub(1));
        self.gaps.get(place).copied().unwrap_or_default()
    }
}
