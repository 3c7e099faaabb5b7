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

#[cfg(test)]
mod tests {
    use chatapi_types::UnixMillis;

    use super::super::Ledger;
    use crate::record::LineName;

    #[test]
    fn a_line_is_written_when_it_is_new_or_its_group_another() {
        let mut ledger = Ledger::default();
        let mut is_written = |group: Option<&str>| {
            ledger.add_line("shop".into(), group.map(Into::into), UnixMillis::from_millis(1));
            ledger.take_touched().0.lines.contains(&LineName::from("shop"))
        };
        assert!(is_written(Some("all")));
        assert!(!is_written(Some("all")));
        assert!(is_written(None));
        assert!(!is_written(None));
    }
}
