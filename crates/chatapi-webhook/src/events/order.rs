//! Messages in the order of their numbers, and what to do about holes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use bytes::Bytes;
use chatapi_transport::Moment;
use chatapi_types::{InstanceId, UnixMillis, chat_api};

use crate::key::Key;
use crate::lines::{LINES, going};
use crate::{Content, Gap, GapCause, Leased, Origin, Record, Source, Vendor, payload};

/// How long a message waits for those before it, unless
/// [`Events::reorder_within`](super::Events::reorder_within) says otherwise.
const WAIT: Duration = Duration::from_secs(5);

/// Where the lines stand.
pub(super) struct Order {
    wait: Option<Duration>,
    /// How many lines are remembered.
    limit: usize,
    lines: HashMap<InstanceId, Line>,
    /// Grows with every event.
    heard: u64,
}

#[derive(Default)]
struct Line {
    /// When something was last heard of it.
    heard: u64,
    /// The greatest number up to which everything was given out or given up.
    passed: Option<u64>,
    /// What came too early, by number.
    held: BTreeMap<u64, Leased>,
    /// Numbers beyond `passed` that are not waited for: first and last of each stretch.
    skipped: BTreeMap<u64, u64>,
    /// When the first of `held` began to wait.
    since: Option<Moment>,
    /// The last number for which the vendor was asked.
    asked: Option<u64>,
}

/// Numbers of a line that are missing.
pub(super) struct Hole {
    line: InstanceId,
    vendor: Vendor,
    first: u64,
    last: u64,
}

impl Order {
    pub(super) fn new() -> Self {
        Self { wait: Some(WAIT), limit: LINES, lines: HashMap::new(), heard: 0 }
    }

    /// With `None` nothing waits, and it does not matter where a line stands. What is held back then
    /// comes again when its lease has run out.
    pub(super) fn within(&mut self, wait: Option<Duration>) {
        self.wait = wait;
        if wait.is_none() {
            self.lines.clear();
        }
    }

    pub(super) const fn lines_at_most(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// How many lines are remembered now.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Forgets the lines of which nothing was heard for longest, of those that hold nothing back,
    /// until there are no more than are to be remembered. Of those that hold something back there are
    /// only so many as heard something within the last few seconds.
    pub(super) fn forget(&mut self) {
        let idle = self.lines.iter().filter(|(_, line)| line.held.is_empty());
        let idle = idle.map(|(name, line)| (line.heard, name));
        for name in going(self.lines.len(), self.limit, idle) {
            self.lines.remove(&name);
        }
    }

    /// The lines among these events of which is not known where they stand, where that matters.
    pub(super) fn unknown(&self, leased: &[Leased]) -> BTreeSet<InstanceId> {
        if self.wait.is_none() {
            return BTreeSet::new();
        }
        let numbered = leased.iter().filter(|leased| leased.record.number.is_some());
        let lines = numbered.map(|leased| &leased.record.line);
        lines.filter(|line| !self.lines.contains_key(line)).cloned().collect()
    }

    pub(super) fn begin(&mut self, line: InstanceId, mark: Option<u64>) {
        self.lines.insert(line, Line { passed: mark, ..Line::default() });
    }

    /// What of these events can be given out, and in what order.
    pub(super) fn sort(&mut self, mut leased: Vec<Leased>, now: Moment) -> Vec<Leased> {
        if self.wait.is_none() {
            return leased;
        }
        in_order_of_numbers(&mut leased);
        let mut ready = Vec::with_capacity(leased.len());
        for leased in leased {
            let line = self.lines.get_mut(&leased.record.line);
            match (leased.record.number, line) {
                (Some(number), Some(line)) => {
                    self.heard += 1;
                    line.heard = self.heard;
                    line.take(number, leased, now, &mut ready);
                }
                _ => ready.push(leased),
            }
        }
        ready
    }

    pub(super) fn is_overdue(&self, now: Moment) -> bool {
        self.until_overdue(now) == Some(Duration::ZERO)
    }

    /// How long until something has waited long enough; `None` when nothing waits.
    pub(super) fn until_overdue(&self, now: Moment) -> Option<Duration> {
        let wait = self.wait?;
        let waiting = self.lines.values().filter_map(|line| line.since);
        waiting.map(|since| since.plus(wait).since(now)).min()
    }

    /// The first hole of every line in which something has waited long enough.
    pub(super) fn overdue(&self, now: Moment) -> Vec<Hole> {
        let Some(wait) = self.wait else { return Vec::new() };
        let due = self.lines.iter().filter(|(_, line)| line.is_due(wait, now));
        let holes = due.filter_map(|(name, line)| {
            let leased = line.held.values().next()?;
            let (first, last) = (line.passed?.saturating_add(1), line.end_of_hole()?);
            Some(Hole { line: name.clone(), vendor: leased.record.vendor, first, last })
        });
        holes.collect()
    }

    /// What was missing is in the inbox now, and comes from there; but not these numbers of it.
    /// Gives back what waited only for them.
    pub(super) fn repaired(
        &mut self,
        hole: &Hole,
        known: &[(u64, u64)],
        now: Moment,
    ) -> Vec<Leased> {
        let mut ready = Vec::new();
        if let Some(line) = self.lines.get_mut(&hole.line) {
            line.asked = Some(hole.last);
            line.since = Some(now);
            line.skipped.extend(known.iter().copied());
            line.drain(now, &mut ready);
        }
        ready
    }

    /// What has waited once more after the vendor was asked: going on is better than standing still.
    pub(super) fn give_up(&mut self, now: Moment) -> Vec<Leased> {
        let Some(wait) = self.wait else { return Vec::new() };
        let mut ready = Vec::new();
        for line in self.lines.values_mut() {
            if line.is_due(wait, now) && line.asked.is_some() && line.asked == line.end_of_hole() {
                line.passed = line.asked;
                line.drain(now, &mut ready);
            }
        }
        ready
    }
}

impl Line {
    /// Whether something has waited for that long.
    fn is_due(&self, wait: Duration, now: Moment) -> bool {
        self.since.is_some_and(|since| now.since(since) >= wait)
    }

    fn take(&mut self, number: u64, leased: Leased, now: Moment, ready: &mut Vec<Leased>) {
        let (first, last) = covered(&leased.record);
        if self.passed.is_none_or(|passed| first <= passed.saturating_add(1)) {
            self.passed = self.passed.max(Some(last));
            ready.push(leased);
            self.drain(now, ready);
        } else {
            // The same number once more is another lease on the same event, or another message that
            // claims it: neither is kept back.
            ready.extend(self.held.insert(number, leased));
            self.since.get_or_insert(now);
        }
    }

    /// Gives out what waits no longer.
    fn drain(&mut self, now: Moment, ready: &mut Vec<Leased>) {
        let before = ready.len();
        while let Some(next) = self.passed.map(|passed| passed.saturating_add(1)) {
            if let Some(stretch) = self.skipped.first_entry().filter(|first| *first.key() <= next) {
                self.passed = self.passed.max(Some(stretch.remove()));
            } else if let Some(held) =
                self.held.first_entry().filter(|held| covered(&held.get().record).0 <= next)
            {
                let leased = held.remove();
                self.passed = self.passed.max(Some(covered(&leased.record).1));
                ready.push(leased);
            } else {
                break;
            }
        }
        if self.held.is_empty() {
            self.since = None;
        } else if ready.len() > before {
            // What still waits, waits for other numbers: these have a time of their own.
            self.since = Some(now);
        }
    }

    /// The last number that is missing before the first that waits.
    fn end_of_hole(&self) -> Option<u64> {
        let leased = self.held.values().next()?;
        covered(&leased.record).0.checked_sub(1)
    }
}

/// The numbers that an event accounts for: its own, or those that are missing.
pub(super) fn covered(record: &Record) -> (u64, u64) {
    let number = record.number.unwrap_or(0);
    match record.origin {
        Origin::Gap => match payload::read(record) {
            Content::Gap(gap) => (gap.first, gap.last),
            _ => (number, number),
        },
        _ => (number, number),
    }
}

/// Numbered events of one line change places among themselves, all others stay where they are.
fn in_order_of_numbers(leased: &mut [Leased]) {
    let mut lines: HashMap<InstanceId, Vec<usize>> = HashMap::new();
    for (at, leased) in leased.iter().enumerate() {
        if leased.record.number.is_some() {
            lines.entry(leased.record.line.clone()).or_default().push(at);
        }
    }
    for places in lines.into_values() {
        let mut sorted: Vec<_> = places.iter().map(|at| leased[*at].clone()).collect();
        sorted.sort_by_key(|leased| leased.record.number);
        for (at, event) in places.into_iter().zip(sorted) {
            leased[at] = event;
        }
    }
}

impl Hole {
    /// What the vendor has of it, and a gap for each stretch that it does not have.
    pub(super) async fn repaired(
        &self,
        source: Option<&dyn Source>,
        now: UnixMillis,
    ) -> Vec<Record> {
        let (first, last) = (self.first, self.last);
        let (messages, cause) = match source {
            None => (Vec::new(), GapCause::NoSource),
            Some(source) => match source.between(&self.line, first, last).await {
                Ok(messages) => (messages, GapCause::NotInHistory),
                Err(error) if error.is_unsupported() => (Vec::new(), GapCause::NoSource),
                Err(error) => {
                    tracing::warn!(line = %self.line, %error, "missing messages not read again");
                    (Vec::new(), GapCause::Unreachable)
                }
            },
        };
        let mut found: BTreeMap<u64, chat_api::Message> = BTreeMap::new();
        for message in messages {
            if (first..=last).contains(&message.message_number) {
                found.insert(message.message_number, message);
            }
        }
        tracing::info!(line = %self.line, first, last, found = found.len(), "webhook gap");
        let mut records = Vec::new();
        let mut next = first;
        for (number, message) in found {
            if number > next {
                records.extend(self.gap(next, number - 1, cause, now));
            }
            records.push(self.message(message, now));
            next = number.saturating_add(1);
        }
        if next <= last {
            records.extend(self.gap(next, last, cause, now));
        }
        records
    }

    fn message(&self, message: chat_api::Message, now: UnixMillis) -> Record {
        let id = self.key().message(message.id.as_str());
        let number = message.message_number;
        let payload = chat_api::WebhookEvents::new(&self.line).messages([message]).encode();
        Record::new(id, &self.line, self.vendor, now, payload)
            .origin(Origin::Reread)
            .number(Some(number))
    }

    fn gap(&self, first: u64, last: u64, cause: GapCause, now: UnixMillis) -> Option<Record> {
        let payload = Bytes::from(serde_json::to_vec(&Gap::new(first, last, cause)).ok()?);
        let record =
            Record::new(self.key().gap(first, last), &self.line, self.vendor, now, payload);
        Some(record.origin(Origin::Gap).number(Some(last)))
    }

    const fn key(&self) -> Key<'_> {
        Key { vendor: self.vendor, line: &self.line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LeaseId;

    #[test]
    fn where_nothing_waits_nobody_asks_where_a_line_stands() {
        let now = UnixMillis::from_millis(0);
        let key = Key { vendor: Vendor::ChatApi, line: &"7".into() };
        let record = Record::new(key.message("a"), key.line, key.vendor, now, Bytes::new());
        let leased = [Leased::new(record.number(Some(1)), LeaseId::new(1), now, 1)];
        let mut order = Order::new();
        assert_eq!(order.unknown(&leased).len(), 1);
        order.begin("7".into(), Some(4));
        order.within(None);
        assert!(order.unknown(&leased).is_empty());
        // It may matter again, and then it stands where the inbox says.
        order.within(Some(WAIT));
        assert_eq!(order.unknown(&leased).len(), 1);
    }
}
