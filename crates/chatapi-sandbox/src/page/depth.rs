//! How deep queues were, read from the journal.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chatapi_types::{Delivery, UnixMillis};

use crate::world::{Entry, Happening, Subject};

/// How many values a plot has.
pub(crate) const STEPS: usize = 48;

/// The depth of a queue over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Depth {
    /// The largest depth in each step, the latest last.
    pub(crate) steps: Vec<usize>,
    /// How much time they cover.
    pub(crate) window: Duration,
}

impl Depth {
    pub(crate) fn peak(&self) -> usize {
        self.steps.iter().copied().max().unwrap_or_default()
    }
}

/// What the journal tells of queues: by how much each grew or shrank, and when, oldest first.
#[derive(Default)]
pub(crate) struct Changes(HashMap<Subject, Vec<(UnixMillis, isize)>>);

impl Changes {
    pub(crate) fn of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Self {
        let mut changes: HashMap<Subject, Vec<_>> = HashMap::new();
        // Messages that were queued, and how many leave under a second id that never was.
        let (mut queued, mut doubles) = (HashSet::new(), HashMap::<&Subject, usize>::new());
        for entry in entries {
            let change = match &entry.event {
                Happening::Queued { message, .. } => {
                    queued.insert((&entry.subject, message));
                    1
                }
                Happening::Fault { effect, .. } if effect == "vendorDuplicate" => {
                    *doubles.entry(&entry.subject).or_default() += 1;
                    continue;
                }
                Happening::Went { state: Delivery::Sent, message }
                    if !queued.contains(&(&entry.subject, message))
                        && let Some(left @ 1..) = doubles.get_mut(&entry.subject) =>
                {
                    *left -= 1;
                    continue;
                }
                Happening::Went { state: Delivery::Sent | Delivery::Failed(_), .. }
                | Happening::Lapsed { .. } => -1,
                Happening::Fault { effect, .. } if effect == "messageDropped" => -1,
                Happening::Cleared(count) => -isize::try_from(*count).unwrap_or(isize::MAX),
                _ => continue,
            };
            changes.entry(entry.subject.clone()).or_default().push((entry.at, change));
        }
        Self(changes)
    }

    /// The depth of a queue that is `queued` deep now.
    pub(crate) fn depth(&self, subject: &Subject, queued: usize, now: UnixMillis) -> Depth {
        let changes = self.0.get(subject).map_or(&[][..], Vec::as_slice);
        let (shortest, longest) = (Duration::from_secs(120), Duration::from_secs(3_600));
        let first = changes.first().map_or(now, |(at, _)| *at);
        let window = now.since(first).clamp(shortest, longest);
        let step = window.as_millis().div_ceil(STEPS as u128).max(1);
        let mut steps = vec![None; STEPS];
        let mut depth = isize::try_from(queued).unwrap_or(isize::MAX);
        let mut later = STEPS; // the steps from here on are known
        for (at, change) in changes.iter().rev() {
            let ago = usize::try_from(now.since(*at).as_millis() / step).unwrap_or(usize::MAX);
            let Some(place) = (STEPS - 1).checked_sub(ago) else {
                break;
            };
            // From the change to the next one the queue was that deep …
            for step in &mut steps[place..later] {
                *step = (*step).max(Some(depth));
            }
            later = place + 1;
            depth = depth.saturating_sub(*change).max(0);
            // … and before it this deep.
            steps[place] = steps[place].max(Some(depth));
        }
        for step in &mut steps[..later] {
            *step = (*step).max(Some(depth));
        }
        let steps = steps.into_iter().flatten().map(|step| usize::try_from(step).unwrap_or(0));
        Depth { steps: steps.collect(), window }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at: i64, event: Happening) -> Entry {
        let at = UnixMillis::from_millis(at);
        Entry { number: 1, at, subject: Subject::Instance("1".into()), event }
    }

    #[test]
    fn a_queue_that_grew_and_was_cleared_shows_its_peak_and_ends_empty() {
        let queued = || Happening::Queued { message: "m".into(), chat: "c".into() };
        let entries = [
            entry(0, queued()),
            entry(30_000, queued()),
            entry(60_000, queued()),
            entry(90_000, Happening::Cleared(3)),
        ];
        let now = UnixMillis::from_millis(120_000);
        let depth = Changes::of(entries.iter()).depth(&Subject::Instance("1".into()), 0, now);
        assert_eq!((depth.steps.len(), depth.peak()), (STEPS, 3));
        assert_eq!((depth.steps[STEPS / 4 - 2], depth.steps[STEPS - 1]), (1, 0));
        let still = Changes::of(entries[..3].iter()).depth(&Subject::Instance("1".into()), 3, now);
        assert_eq!(still.steps[STEPS - 1], 3);
    }

    #[test]
    fn faults_that_drop_and_double_messages_leave_no_trace_in_the_depth() {
        let queued = |id: &str| Happening::Queued { message: id.into(), chat: "c".into() };
        let sent = |id: &str| Happening::Went { message: id.into(), state: Delivery::Sent };
        let fault = |effect: &'static str| Happening::Fault {
            id: crate::fault::FaultId::new(1),
            effect: effect.into(),
        };
        let entries = [
            entry(0, queued("a")),
            entry(0, fault("vendorDuplicate")),
            entry(1_000, queued("b")),
            entry(1_000, fault("messageDropped")),
            entry(2_000, queued("c")),
            entry(60_000, sent("second")),
            entry(60_000, sent("a")),
            entry(90_000, Happening::Lapsed { message: "c".into() }),
        ];
        let now = UnixMillis::from_millis(120_000);
        let depth = Changes::of(entries.iter()).depth(&Subject::Instance("1".into()), 0, now);
        assert_eq!((depth.steps[0], depth.peak(), depth.steps[STEPS - 1]), (2, 2, 0));
        assert_eq!(depth.steps[STEPS * 5 / 8], 1);
    }

    #[test]
    fn without_a_journal_the_line_is_flat() {
        let now = UnixMillis::from_millis(0);
        let depth = Changes::default().depth(&Subject::Sandbox, 7, now);
        assert_eq!(depth.steps, vec![7; STEPS]);
    }
}
