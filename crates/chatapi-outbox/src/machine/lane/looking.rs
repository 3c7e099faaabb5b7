//! Looking for one message in the vendor's records.

use chatapi_client::line::{Queue, Sightings};
use chatapi_transport::Moment;
use chatapi_types::{MessageId, UnixMillis};

use super::{Held, Step};
use crate::machine::{Figures, Finding, Likeness, Observation, Resolution, find, resolve};
use crate::record::Record;

/// A look for one message: health, queue, history, health again. The queue comes before the
/// history, because messages move from the one into the other.
#[derive(Clone, Debug)]
pub(super) struct Looking {
    record: Record,
    /// Whether it is in doubt; otherwise it may be lost.
    is_doubt: bool,
    /// Not before, by the store's clock.
    not_before: Option<UnixMillis>,
    stage: Stage,
    began: Option<Moment>,
    seen: Observation,
    claimed: Vec<MessageId>,
    /// When it was first seen to be absent; for a doubt the store knows.
    absent_at: Option<UnixMillis>,
    resolution: Option<Resolution>,
    given_up: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Health,
    Queue,
    History,
    HealthAgain,
    Claimed,
    Decided,
}

impl Looking {
    pub(super) fn for_doubt(record: Record) -> Self {
        let doubt = record.doubt.as_ref();
        let not_before = doubt.map(|doubt| doubt.settled_at);
        Self { not_before, ..Self::new(record, true) }
    }

    pub(super) fn for_lost(record: Record) -> Self {
        Self::new(record, false)
    }

    fn new(record: Record, is_doubt: bool) -> Self {
        let absent_at = record.doubt.as_ref().and_then(|doubt| doubt.absent_at);
        Self {
            record,
            is_doubt,
            not_before: None,
            stage: Stage::Health,
            began: None,
            seen: Observation::new(UnixMillis::from_millis(0)),
            claimed: Vec::new(),
            absent_at,
            resolution: None,
            given_up: false,
        }
    }

    /// Whether this look for a lost message came to an end without it being lost.
    pub(super) const fn is_given_up(&self) -> bool {
        self.given_up
    }

    pub(super) fn next(&self, held: &Held, now: Moment) -> Step {
        if let Some(resolution) = &self.resolution {
            let (grant, id) = (held.grant.clone(), self.record.id);
            return match (self.is_doubt, resolution) {
                (true, resolution) => Step::Resolve(grant, id, resolution.clone()),
                (false, _) => Step::Lost(grant, id),
            };
        }
        if self.stage == Stage::Health
            && let Some(at) = self.not_before.map(|at| held.moment_of(at))
            && now < at
        {
            return Step::Wait(at.min(held.renew_at));
        }
        match self.stage {
            Stage::Health | Stage::HealthAgain | Stage::Decided => Step::AskHealth,
            Stage::Queue => Step::AskQueue,
            Stage::History => {
                Step::AskHistory(self.record.attempt().and_then(|attempt| attempt.before.clone()))
            }
            Stage::Claimed => Step::Claimed(self.candidates()),
        }
    }

    /// The ids of all that could be it.
    fn candidates(&self) -> Vec<MessageId> {
        let history = self.seen.history.as_ref();
        let sightings = history.map(|history| history.items.as_slice()).unwrap_or_default();
        let alike = sightings
            .iter()
            .filter(|seen| seen.ours && self.record.look.likeness(seen) > Likeness::No);
        alike.map(|sighting| sighting.id.clone()).collect()
    }

    pub(super) const fn health(&mut self, well: bool) {
        match self.stage {
            Stage::Health => {
                self.seen.well = well;
                self.stage = Stage::Queue;
            }
            Stage::HealthAgain => {
                self.seen.well &= well;
                self.stage = Stage::Claimed;
            }
            _ => {}
        }
    }

    pub(super) fn queue(&mut self, queue: Option<Queue>) {
        self.seen.queue = queue;
        self.stage = Stage::History;
    }

    pub(super) fn history(&mut self, history: Option<Sightings>) {
        self.seen.history = history;
        self.stage = Stage::HealthAgain;
    }

    pub(super) fn claimed(&mut self, ids: Vec<MessageId>) {
        self.claimed = ids;
        self.stage = Stage::Decided;
    }

    pub(super) fn judge(&mut self, figures: &Figures, held: &Held, now: Moment) {
        if self.stage == Stage::Queue && self.began.is_none() {
            self.began = Some(now);
            self.seen.at = held.store_time(now);
        }
        if self.stage != Stage::Decided {
            return;
        }
        let finding = find(&self.record, &self.seen, |id| self.claimed.contains(id));
        if self.is_doubt {
            if let Some(doubt) = &self.record.doubt {
                let (now, at) = (held.store_time(now), self.seen.at);
                let on_doubt = self.record.on_doubt.unwrap_or(figures.on_doubt);
                self.resolution = Some(resolve(figures, on_doubt, doubt, now, at, finding));
            }
            return;
        }
        let at = self.seen.at;
        match (finding, self.absent_at) {
            (Finding::Absent, Some(first)) if at >= first.plus(figures.between_looks) => {
                self.resolution = Some(Resolution::Resend);
            }
            (Finding::Absent, first) => {
                let first = first.unwrap_or(at);
                self.again(first.plus(figures.between_looks), Some(first));
            }
            _ => self.given_up = true,
        }
    }

    /// To be looked for once more.
    pub(super) fn again(&mut self, at: UnixMillis, absent_at: Option<UnixMillis>) {
        if let Some(doubt) = &mut self.record.doubt {
            doubt.absent_at = absent_at;
        }
        self.absent_at = absent_at;
        self.not_before = Some(at);
        self.stage = Stage::Health;
        self.began = None;
        self.seen = Observation::new(UnixMillis::from_millis(0));
        self.claimed.clear();
        self.resolution = None;
    }
}
