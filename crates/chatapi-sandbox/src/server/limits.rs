//! What one client may take from the server.

use std::time::Duration;

/// How many bytes of a request are held until its head is complete: room for a target of 64 KiB,
/// which is what wamm's longest texts need (§0, grade D), and for its headers.
pub(super) const HEAD: usize = 128 * 1024;

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How many connections are served at once.
    pub(super) connections: usize,
    /// Time for the head of a request, and for an idle connection.
    pub(super) head_within: Duration,
    /// Time for the body of a request.
    pub(super) body_within: Duration,
    /// Time for which a client may take nothing of an answer.
    pub(super) answer_taken_within: Duration,
    /// Bytes of the body of a request.
    pub(super) body_bytes: usize,
}

impl Limits {
    pub(super) const fn usual() -> Self {
        Self {
            connections: 1_024,
            head_within: Duration::from_secs(10),
            body_within: Duration::from_secs(10),
            answer_taken_within: Duration::from_secs(30),
            body_bytes: 64 * 1024 * 1024,
        }
    }
}
