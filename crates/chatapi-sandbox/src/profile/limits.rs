//! What the sandbox keeps at most.

use serde::{Deserialize, Serialize};

/// What the sandbox keeps at most, so that nothing grows without end under whatever is sent to it.
/// These figures are ours and not the vendors': far above what they are known to bear.
///
/// Beside them stand the vendors' own (`queue_cap`, `history`), the journal
/// ([`Builder::journal`](crate::Builder::journal)) and the journal of requests
/// ([`Builder::exchanges`](crate::Builder::exchanges)). What a test or a person at the controls adds
/// by hand (accounts, users, numbers without an account) is not limited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase", default)]
pub struct Limits {
    /// Instances that `newInstance` makes; one more is refused: 10,000.
    pub instances: usize,
    /// Chats of an instance or a channel: 10,000. For a new one, the one goes that has been silent
    /// for longest; on Chat API pinned ones stay.
    pub chats: usize,
    /// Groups of the world: 10,000; the oldest goes.
    pub groups: usize,
    /// Members of a group; one more is not added: 1,024.
    pub group_members: usize,
    /// Labels of an instance: 1,000; the oldest goes.
    pub labels: usize,
    /// Actions that wait in an instance's queue: 1,000; the oldest fails.
    pub actions: usize,
    /// Orders that contacts have sent to an instance: 1,000; the oldest goes.
    pub orders: usize,
    /// Banned numbers of which an instance remembers that they were told: 10,000; any of them is
    /// told again.
    pub told: usize,
    /// Messages that wait in a channel's line; one more is refused: 10,000.
    pub line: usize,
    /// Bytes of texts and files in the history of an instance or a channel, and as many in its
    /// queue: 64 MiB. From the history the oldest messages go; a message for which the queue has no
    /// room is refused.
    pub content_bytes: usize,
    /// Bytes of files that came as data and are at an address: 64 MiB in all; the oldest go.
    pub file_bytes: usize,
    /// Webhooks that a server has on their way at once, of all instances and channels together: 64.
    /// It has at least one.
    pub hooks: usize,
    /// How many of them can be of one instance or channel: 16, at least one. `parallelHooks` puts no
    /// limit (§3.1 knows none); this one has it that a receiver that is slow with many keeps nobody
    /// else's from their receivers.
    pub hooks_of_each: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            instances: 10_000,
            chats: 10_000,
            groups: 10_000,
            group_members: 1_024,
            labels: 1_000,
            actions: 1_000,
            orders: 1_000,
            told: 10_000,
            line: 10_000,
            content_bytes: 64 * 1024 * 1024,
            file_bytes: 64 * 1024 * 1024,
            hooks: 64,
            hooks_of_each: 16,
        }
    }
}
