//! What the vendor's records say about a message whose fate is unknown.

use chatapi_client::line::{Queue, Sightings};
use chatapi_types::{MessageId, UnixMillis};

use super::{Figures, Likeness};
use crate::OnDoubt;
use crate::record::{Doubt, Record};

/// What was seen at the vendor at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Observation {
    /// When the looking began.
    pub at: UnixMillis,
    /// The history after the place noted before the attempt.
    pub history: Option<Sightings>,
    /// The queue.
    pub queue: Option<Queue>,
    /// Whether the phone was well throughout.
    pub well: bool,
}

impl Observation {
    /// An observation in which nothing could be seen.
    #[must_use]
    pub const fn new(at: UnixMillis) -> Self {
        Self { at, history: None, queue: None, well: false }
    }
}

/// What an observation says about one message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// It stands in the history.
    Found(MessageId),
    /// It waits in the queue, under that number; its id is not known yet.
    Waits(u64),
    /// Several could be it.
    Ambiguous(usize),
    /// All was looked through, and it is not there.
    Absent,
    /// Not everything could be looked through.
    Inconclusive(&'static str),
}

/// What to do about a doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolution {
    /// The vendor has it.
    Adopt {
        /// The vendor's id, where the history showed it.
        id: Option<MessageId>,
        /// The queue's number, where the queue showed it.
        queue_number: Option<u64>,
    },
    /// It is proven absent: it may be sent again.
    Resend,
    /// Only a person can tell.
    Review(String),
    /// Look again, not before then.
    LookAgain {
        /// When.
        at: UnixMillis,
        /// When it was first seen to be absent.
        absent_at: Option<UnixMillis>,
    },
}

/// Looks for a message in what was seen. `claimed` says which ids are known to be other messages of
/// ours.
#[must_use]
pub fn find(record: &Record, seen: &Observation, claimed: impl Fn(&MessageId) -> bool) -> Finding {
    let history = seen.history.as_ref();
    let sightings = history.map(|history| history.items.as_slice()).unwrap_or_default();
    // Its own id, where that is known (of one that may be lost), is beyond doubt.
    let own = sightings.iter().find(|sighting| Some(&sighting.id) == record.vendor_id.as_ref());
    if let Some(own) = own {
        return Finding::Found(own.id.clone());
    }
    let claimed = &claimed;
    let alike = |likeness: Likeness| {
        sightings.iter().filter(move |sighting| {
            sighting.ours && record.look.likeness(sighting) == likeness && !claimed(&sighting.id)
        })
    };
    let mut candidates = alike(Likeness::Yes);
    if let Some(first) = candidates.next() {
        let more = candidates.count();
        return match record.look.is_vague() && more > 0 {
            true => Finding::Ambiguous(more + 1),
            false => Finding::Found(first.id.clone()),
        };
    }
    let queue = seen.queue.as_ref();
    let waiting = queue.map(|queue| queue.items.as_slice()).unwrap_or_default();
    let twin = waiting.iter().find(|waiting| {
        record.look.likeness_in_queue(waiting) == Likeness::Yes
            || Some(waiting.number) == record.queue_number
    });
    if let Some(twin) = twin {
        return Finding::Waits(twin.number);
    }
    if alike(Likeness::Perhaps).next().is_some() {
        return Finding::Inconclusive("the history holds something that could be it");
    }
    let vague = |waiting| record.look.likeness_in_queue(waiting) == Likeness::Perhaps;
    if waiting.iter().any(vague) {
        return Finding::Inconclusive("the queue holds something that could be it");
    }
    match (history, queue) {
        (None, _) => Finding::Inconclusive("the history could not be read"),
        (Some(history), _) if !history.complete => {
            Finding::Inconclusive("the history does not reach back far enough")
        }
        (_, None) => Finding::Inconclusive("the queue could not be read"),
        (_, Some(queue)) if !queue.complete => {
            Finding::Inconclusive("the vendor shows only a part of its queue")
        }
        _ if !seen.well => Finding::Inconclusive("the phone was not well meanwhile"),
        _ => Finding::Absent,
    }
}

/// Decides about a doubt by what was found.
#[must_use]
pub fn resolve(
    figures: &Figures,
    on_doubt: OnDoubt,
    doubt: &Doubt,
    now: UnixMillis,
    at: UnixMillis,
    finding: Finding,
) -> Resolution {
    let again =
        |absent_at| Resolution::LookAgain { at: now.plus(figures.between_looks), absent_at };
    // From when the records can be trusted, which is put off when another dispatcher takes over: one
    // that dies before it could look must not be the reason to ask a person.
    let too_long = now >= doubt.settled_at.plus(figures.longest_doubt);
    match finding {
        Finding::Found(id) => Resolution::Adopt { id: Some(id), queue_number: None },
        Finding::Waits(number) => Resolution::Adopt { id: None, queue_number: Some(number) },
        Finding::Ambiguous(count) => {
            Resolution::Review(format!("{count} messages at the vendor could be this one"))
        }
        // What was seen before the records could be trusted proves nothing.
        _ if at < doubt.settled_at => {
            Resolution::LookAgain { at: doubt.settled_at, absent_at: None }
        }
        _ if on_doubt == OnDoubt::AtLeastOnce => Resolution::Resend,
        Finding::Absent => match doubt.absent_at {
            Some(first) if at >= first.plus(figures.between_looks) => match on_doubt {
                OnDoubt::Hold => Resolution::Review(
                    "the vendor does not have it, and it is to be held".to_owned(),
                ),
                _ => Resolution::Resend,
            },
            Some(first) => Resolution::LookAgain {
                at: first.plus(figures.between_looks),
                absent_at: Some(first),
            },
            None if too_long => Resolution::Review(
                "the vendor's records could not be looked through twice in time".to_owned(),
            ),
            None => again(Some(at)),
        },
        Finding::Inconclusive(reason) if too_long => {
            Resolution::Review(format!("it can be neither found nor ruled out: {reason}"))
        }
        Finding::Inconclusive(_) => again(None),
    }
}

#[cfg(test)]
mod tests;
