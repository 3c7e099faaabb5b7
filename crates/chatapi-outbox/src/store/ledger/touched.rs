//! What a transaction changed.

use std::collections::BTreeSet;

use chatapi_types::MessageId;

use super::Orphan;
use crate::record::{LineName, OutboxId};

/// What a transaction changed, for a database to keep.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Touched {
    /// Messages that are new or differ.
    pub messages: BTreeSet<OutboxId>,
    /// Messages whose content is new, other or gone.
    pub contents: BTreeSet<OutboxId>,
    /// Lines that are new or differ.
    pub lines: BTreeSet<LineName>,
    /// Acknowledgements to be kept.
    pub orphans: Vec<Orphan>,
    /// Messages whose kept acknowledgements are done with.
    pub adopted: Vec<(LineName, MessageId)>,
}
