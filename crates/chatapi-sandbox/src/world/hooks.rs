//! Webhooks on their way: who waits in which line, what is due, what became of it.
//!
//! The world delivers nothing itself. Whoever does takes what is due and reports the outcome.

mod delivery;
mod fate;
mod line;
mod office;
mod target;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use chatapi_transport::Moment;
use chatapi_types::chat_api::WebhookState;
use chatapi_types::{MessageId, UnixMillis};
use serde::{Deserialize, Serialize};

use super::{Key, Subject};

pub use delivery::{HookAttempt, HookDelivery, HookKind, HookOutcome, HookState};
pub use fate::HookFate;
pub use target::Target;

pub(crate) use line::Terms;
pub(crate) use office::HookEvent;

use delivery::{Delivery, Stage};
use line::Line;

/// How many bytes of webhooks are kept; see [`Hooks::make_room`].
const BYTES: usize = 64 * 1024 * 1024;

/// Whose webhooks they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Party {
    Instance(Key),
    Channel(Key),
}

/// What is to be told.
#[derive(Clone)]
pub(crate) struct News {
    pub(crate) party: Party,
    pub(crate) subject: Subject,
    pub(crate) kind: HookKind,
    pub(crate) message: Option<MessageId>,
    pub(crate) body: String,
}

/// A webhook in the hands of somebody who delivers it.
pub(crate) struct Taken {
    pub(crate) id: u64,
    pub(crate) target: String,
    pub(crate) body: String,
    /// Within which time the receiver has to answer.
    pub(crate) within: Duration,
}

/// All webhooks that are remembered, those that wait among them.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Hooks {
    deliveries: BTreeMap<u64, Delivery>,
    /// Those with which nothing happens any more.
    settled: BTreeSet<u64>,
    #[serde(with = "super::saved::pairs")]
    lines: BTreeMap<Party, Line>,
    /// Those that may be taken, and when.
    offered: BTreeSet<(Moment, u64)>,
    #[serde(deserialize_with = "crate::world::saved::count")]
    last_id: u64,
    #[serde(deserialize_with = "crate::world::saved::count")]
    last_turn: u64,
    /// What the next ones meet.
    pub(crate) fates: VecDeque<HookFate>,
    kept: usize,
    #[serde(deserialize_with = "crate::world::saved::count")]
    bytes: usize,
    /// How many were forgotten before they were settled.
    #[serde(deserialize_with = "crate::world::saved::count")]
    overflowed: u64,
}

impl Hooks {
    pub(crate) const fn new(kept: usize) -> Self {
        Self {
            deliveries: BTreeMap::new(),
            settled: BTreeSet::new(),
            lines: BTreeMap::new(),
            offered: BTreeSet::new(),
            last_id: 0,
            last_turn: 0,
            fates: VecDeque::new(),
            kept,
            bytes: 0,
            overflowed: 0,
        }
    }

    /// Oldest first.
    pub(crate) fn views(
        &self,
        start: UnixMillis,
    ) -> impl DoubleEndedIterator<Item = HookDelivery> + '_ {
        self.deliveries.iter().map(move |(id, delivery)| delivery.view(*id, start))
    }

    pub(crate) fn view(&self, id: u64, start: UnixMillis) -> Option<HookDelivery> {
        self.deliveries.get(&id).map(|delivery| delivery.view(id, start))
    }

    /// How many were forgotten before they were settled, because there was no room.
    pub(crate) const fn overflowed(&self) -> u64 {
        self.overflowed
    }

    /// When the next one may be taken.
    pub(crate) fn next_due(&self) -> Option<Moment> {
        self.offered.first().map(|(at, _)| *at)
    }

    /// Whether anybody listens to the webhooks of a party.
    pub(crate) fn has_receiver(&self, party: Party) -> bool {
        self.lines.get(&party).is_some_and(|line| line.terms.is_some())
    }

    /// What is written down about the webhook of a message, and since when.
    pub(crate) fn note_of(
        &self,
        party: Party,
        message: &MessageId,
    ) -> Option<(WebhookState, UnixMillis)> {
        let note = self.lines.get(&party)?.latest_note(message)?;
        Some((note.state.clone(), note.since))
    }

    pub(crate) fn mark_as_repetition(&mut self, id: u64, of: u64) {
        if let Some(delivery) = self.deliveries.get_mut(&id) {
            delivery.repeats = Some(of);
        }
    }

    fn next_turn(&mut self) -> u64 {
        self.last_turn += 1;
        self.last_turn
    }

    /// Lets a webhook stand in line.
    fn stand(&mut self, id: u64, due: Moment) {
        let turn = self.next_turn();
        let Some(delivery) = self.deliveries.get_mut(&id) else {
            return;
        };
        (delivery.turn, delivery.due, delivery.stage) = (turn, due, Stage::Waiting);
        let party = delivery.party;
        let line = self.lines.entry(party).or_default();
        line.waiting.insert(turn, id);
        // Whoever was to be overtaken has been, and comes next.
        let overtaken = line.overtaken.take_if(|overtaken| *overtaken != id);
        self.offer(party, Some(id));
        if let Some(overtaken) = overtaken {
            self.stand(overtaken, due);
        }
    }

    /// Keeps what a line offers up to date: all that wait in a parallel one, else the first, when
    /// nothing is under way.
    fn offer(&mut self, party: Party, new: Option<u64>) {
        let Some(line) = self.lines.get(&party) else {
            return;
        };
        let id = match line.terms.as_ref().is_some_and(|terms| terms.parallel) {
            true => new,
            false if line.under_way > 0 => None,
            false => line.waiting.values().next().copied(),
        };
        if let Some(id) = id
            && let Some(delivery) = self.deliveries.get_mut(&id)
            && !delivery.is_offered
            && delivery.stage == Stage::Waiting
        {
            delivery.is_offered = true;
            self.offered.insert((delivery.due, id));
        }
    }

    fn withdraw(&mut self, id: u64) {
        if let Some(delivery) = self.deliveries.get_mut(&id)
            && std::mem::take(&mut delivery.is_offered)
            && !self.offered.remove(&(delivery.due, id))
            && let Some(line) = self.lines.get_mut(&delivery.party)
        {
            line.parked.remove(&(delivery.due, id));
        }
    }

    /// Puts the first that is due aside until one of its line comes back.
    fn park(&mut self, party: Party) {
        if let (Some(first), Some(line)) = (self.offered.pop_first(), self.lines.get_mut(&party)) {
            line.parked.insert(first);
        }
    }

    /// All that were put aside are due again.
    fn unpark(&mut self) {
        for line in self.lines.values_mut() {
            self.offered.append(&mut line.parked);
        }
    }

    /// Takes a webhook out of its line.
    fn step_out(&mut self, id: u64) {
        self.withdraw(id);
        let Some(delivery) = self.deliveries.get(&id) else {
            return;
        };
        let Some(line) = self.lines.get_mut(&delivery.party) else {
            return;
        };
        match &delivery.stage {
            Stage::Waiting => {
                line.waiting.remove(&delivery.turn);
            }
            Stage::UnderWay(..) => {
                line.under_way = line.under_way.saturating_sub(1);
                self.offered.extend(line.parked.pop_first());
            }
            _ => {}
        }
        line.overtaken.take_if(|overtaken| *overtaken == id);
    }

    /// Nothing happens to it any more.
    fn settle(&mut self, id: u64, stage: Stage, now: UnixMillis) {
        self.step_out(id);
        let Some(delivery) = self.deliveries.get_mut(&id) else {
            return;
        };
        let state = match stage {
            Stage::Delivered => WebhookState::Sent,
            _ => WebhookState::NotSent,
        };
        delivery.stage = stage;
        self.settled.insert(id);
        let party = delivery.party;
        if let Some(line) = self.lines.get_mut(&party) {
            line.renote(id, state, now);
        }
        self.offer(party, None);
    }

    /// Forgets what there is no room for: the oldest that are settled, and where none is, the oldest
    /// of all that nobody is delivering.
    fn make_room(&mut self, now: UnixMillis) {
        while self.deliveries.len() > self.kept || self.bytes > BYTES {
            let oldest = self.settled.first().copied();
            let under_way = |delivery: &Delivery| matches!(delivery.stage, Stage::UnderWay(..));
            let id = oldest.or_else(|| {
                let mut idle = self.deliveries.iter().filter(|(_, delivery)| !under_way(delivery));
                idle.next().map(|(id, _)| *id)
            });
            let Some(id) = id else {
                return;
            };
            if !self.settled.contains(&id) {
                self.overflowed += 1;
                self.settle(id, Stage::Dropped, now);
            }
            self.settled.remove(&id);
            if let Some(forgotten) = self.deliveries.remove(&id) {
                self.bytes = self.bytes.saturating_sub(forgotten.weight());
            }
        }
    }
}
