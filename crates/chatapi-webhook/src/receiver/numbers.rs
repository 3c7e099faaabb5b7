//! How far ahead a message's number may be. Order and gaps go by these numbers, and whoever knows the
//! secret can make them up: one that is believed, and is far beyond all others, would make every
//! later message look as if nothing were missing before it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chatapi_types::InstanceId;

use crate::lines::going;
use crate::{Inbox, InboxError, Origin, Record};

/// How far a number may be ahead of all before it unless
/// [`Builder::numbers_ahead_at_most`](super::Builder::numbers_ahead_at_most) says otherwise. Ours:
/// more than a phone sends and receives in a month in which no webhook came.
pub(super) const AHEAD: u64 = 100_000;

/// So many messages in a row that agree on where the line stands are believed: then it is there.
const AGREEING: usize = 3;

/// Where the lines stand.
#[derive(Debug)]
pub(super) struct Numbers {
    ahead: u64,
    /// Of so many lines it is remembered. Of the others the inbox is asked.
    limit: usize,
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    by_name: HashMap<InstanceId, Line>,
    /// Grows with every message.
    heard: u64,
}

#[derive(Debug)]
struct Line {
    /// When something was last heard of it.
    heard: u64,
    /// The greatest number that was believed.
    highest: u64,
    /// Those in a row that were not.
    beyond: BTreeSet<u64>,
}

impl Numbers {
    pub(super) fn new(ahead: u64, limit: usize) -> Self {
        Self { ahead, limit, lines: Mutex::default() }
    }

    /// Takes the number away from messages of which it is not believed, and says how many these are.
    pub(super) async fn judge(
        &self,
        inbox: &dyn Inbox,
        events: &mut [Record],
    ) -> Result<usize, InboxError> {
        let mut doubted = 0;
        for event in events {
            let Some(number) = event.number else { continue };
            if self.is_near(&event.line, number) {
                continue;
            }
            // Another machine may have seen what came in between.
            let mark = inbox.mark(&event.line).await?;
            if self.is_believed(&event.line, number, mark) {
                continue;
            }
            doubted += 1;
            event.number = None;
            // A hint is not believed anyway, and is read again.
            if event.origin == Origin::Posted {
                event.origin = Origin::Doubted;
            }
        }
        Ok(doubted)
    }

    fn is_near(&self, line: &InstanceId, number: u64) -> bool {
        self.lines().hear(line).is_some_and(|line| line.takes(number, self.ahead))
    }

    fn is_believed(&self, line: &InstanceId, number: u64, mark: Option<u64>) -> bool {
        let mut lines = self.lines();
        if lines.hear(line).is_none() {
            lines.make_room(self.limit);
        }
        // Where nothing is known, counting begins with what comes first.
        let (highest, heard) = (mark.unwrap_or(number), lines.heard);
        let new = || Line { heard, highest, beyond: BTreeSet::new() };
        let line = lines.by_name.entry(line.clone()).or_insert_with(new);
        line.highest = line.highest.max(mark.unwrap_or(0));
        if line.takes(number, self.ahead) {
            return true;
        }
        line.beyond.retain(|other| other.abs_diff(number) <= self.ahead);
        line.beyond.insert(number);
        let is_there = line.beyond.len() >= AGREEING;
        if is_there {
            line.highest = line.beyond.last().copied().unwrap_or(number);
            line.beyond.clear();
        }
        is_there
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    /// The line, if it is remembered; now something was heard of it.
    fn hear(&mut self, line: &InstanceId) -> Option<&mut Line> {
        self.heard += 1;
        let line = self.by_name.get_mut(line)?;
        line.heard = self.heard;
        Some(line)
    }

    /// For one more than there are.
    fn make_room(&mut self, limit: usize) {
        let heard = self.by_name.iter().map(|(name, line)| (line.heard, name));
        for name in going(self.by_name.len() + 1, limit, heard) {
            self.by_name.remove(&name);
        }
    }
}

impl Line {
    fn takes(&mut self, number: u64, ahead: u64) -> bool {
        let is_near = number <= self.highest.saturating_add(ahead);
        if is_near {
            self.highest = self.highest.max(number);
            self.beyond.clear();
        }
        is_near
    }
}
