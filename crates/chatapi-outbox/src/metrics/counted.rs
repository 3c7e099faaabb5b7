//! A transaction, and what it did that is counted.

use std::collections::BTreeMap;
use std::time::Duration;

use ::metrics::{counter, histogram};
use chatapi_types::UnixMillis;

use super::{ATTEMPTS, DELAYED, DOUBTS, ENQUEUED, LATE, LEASES, OUTCOMES, TOOK};
use crate::State;
use crate::record::LineName;
use crate::store::{Ledger, What, Work};

/// Work whose changes are counted once they are committed.
pub(super) struct Counted {
    inner: Box<dyn Work>,
    news: Vec<News>,
    taken_over: Vec<LineName>,
}

struct News {
    line: String,
    label: String,
    what: What,
    from: Option<State>,
    to: State,
    since: Duration,
}

impl Counted {
    pub(super) fn new(inner: Box<dyn Work>) -> Self {
        Self { inner, news: Vec::new(), taken_over: Vec::new() }
    }

    /// Counts it, and gives back the work.
    pub(super) fn emit(self) -> Box<dyn Work> {
        self.news.into_iter().for_each(News::emit);
        for line in self.taken_over {
            counter!(LEASES, "line" => line.as_str().to_owned()).increment(1);
        }
        self.inner
    }
}

impl Work for Counted {
    fn run(&mut self, tables: &mut Ledger, now: UnixMillis) {
        let before = tables.changes().len();
        let epochs = |tables: &Ledger| -> BTreeMap<LineName, u64> {
            tables.lines().map(|(name, line)| (name.clone(), line.epoch)).collect()
        };
        let epochs_before = epochs(tables);
        self.inner.run(tables, now);
        // Only the last run counts.
        self.taken_over = epochs(tables)
            .into_iter()
            .filter(|(name, epoch)| epochs_before.get(name).is_some_and(|before| before < epoch))
            .map(|(name, _)| name)
            .collect();
        let changes = tables.changes().get(before..).unwrap_or_default();
        let news = changes.iter().map(|change| {
            let record = tables.message(change.id);
            let line = record.and_then(|record| record.line.as_ref());
            let label = record.and_then(|record| record.label.clone());
            News {
                line: line.map(|line| line.as_str().to_owned()).unwrap_or_default(),
                label: label.unwrap_or_default(),
                what: change.what,
                from: change.from,
                to: change.to,
                since: record.map(|record| change.at.since(record.created_at)).unwrap_or_default(),
            }
        });
        self.news = news.collect();
    }
}

impl News {
    fn emit(self) {
        let Self { line, label, what, from, to, since } = self;
        let labels = [("line", line), ("label", label)];
        let with = |name: &'static str, value: &'static str| {
            let [line, label] = labels.clone();
            [line, label, (name, value.to_owned())]
        };
        match what {
            What::Enqueued => counter!(ENQUEUED, &labels).increment(1),
            What::NotDelivered => counter!(LATE, &labels).increment(1),
            What::Delayed => counter!(DELAYED, &labels).increment(1),
            What::Moved | What::Edited => {}
        }
        if what != What::Moved {
            return;
        }
        if from == Some(State::Sending) {
            counter!(ATTEMPTS, &with("verdict", verdict(to))).increment(1);
        }
        if from == Some(State::InDoubt) {
            counter!(DOUBTS, &with("found", found(to))).increment(1);
        }
        if to.is_settled() || to == State::NeedsReview {
            counter!(OUTCOMES, &with("state", to.as_str())).increment(1);
        }
        if matches!(to, State::Sent | State::Delivered | State::Read) {
            histogram!(TOOK, &with("state", to.as_str())).record(since);
        }
    }
}

/// What an attempt came to, by what became of its message.
const fn verdict(to: State) -> &'static str {
    match to {
        State::Ready | State::Dead => "not_sent",
        State::Failed => "refused",
        State::InDoubt => "unknown",
        _ => "accepted",
    }
}

const fn found(to: State) -> &'static str {
    match to {
        State::Ready => "absent",
        State::NeedsReview => "review",
        _ => "there",
    }
}
