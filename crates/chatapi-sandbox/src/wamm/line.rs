//! The line in which a channel's messages leave, one after another.

#[cfg(feature = "page")]
mod wait;

use std::collections::VecDeque;

use chatapi_transport::Moment;
use chatapi_types::wamm::{ChannelState, MessageState};
use serde::{Deserialize, Serialize};

use crate::MagicRecipient;
use crate::fault::Effect;
use crate::wamm::{Channel, Event};
use crate::world::{Happening, Progress, Scene, Ticket};

/// Messages that wait. They keep their order; one with a delay holds up those behind it (§5, grade
/// A for the line, D for the order).
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Line {
    waiting: VecDeque<Waiting>,
    /// Before this moment no message leaves.
    free_at: Moment,
    plan: Option<Ticket>,
    /// How many have ever waited at once.
    #[serde(default)]
    peak: usize,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Waiting {
    id: u64,
    ready_at: Moment,
    /// Whether it is to leave under a second id, too.
    twice: bool,
}

impl Channel {
    /// How many messages wait.
    pub(crate) fn line_len(&self) -> usize {
        self.line.waiting.len()
    }

    /// How many have ever waited at once.
    pub(crate) const fn line_peak(&self) -> usize {
        self.line.peak
    }

    /// Takes a message out of the line; gives back whether it was there.
    pub(super) fn leave_line(&mut self, id: u64) -> bool {
        let place = self.line.waiting.iter().position(|waiting| waiting.id == id);
        place.and_then(|place| self.line.waiting.remove(place)).is_some()
    }

    pub(super) fn line_up(&mut self, id: u64, ready_at: Moment) {
        self.line.waiting.push_back(Waiting { id, ready_at, twice: false });
        self.line.peak = self.line.peak.max(self.line.waiting.len());
    }

    /// Keeps the plan for the next departure up to date.
    pub(super) fn plan_departure(&mut self, scene: &mut Scene) {
        // One that is being connected will soon be able to send.
        let waits = self.state == ChannelState::Starting;
        let next = self.line.waiting.front().filter(|_| !waits);
        let next = next.map(|next| next.ready_at.max(self.line.free_at).max(scene.now));
        if self.line.plan.map(Ticket::at) != next {
            self.stop_line(scene);
            self.line.plan = next.map(|at| scene.plan(at, self.event(Event::Departure)));
        }
    }

    pub(super) fn stop_line(&mut self, scene: &mut Scene) {
        if let Some(ticket) = self.line.plan.take() {
            scene.agenda.take_back(ticket);
        }
    }

    /// The first message leaves, or fails.
    pub(super) fn depart(&mut self, scene: &mut Scene) {
        self.line.plan = None;
        let gap = scene.random.within(&scene.profile.wamm.gap);
        self.line.free_at = scene.now.plus(gap);
        let Some(Waiting { id, twice, .. }) = self.line.waiting.pop_front() else {
            return;
        };
        let record = self.messages.get(&id);
        let known = record.is_none_or(|record| scene.has_account(&record.phone));
        let magic = record.and_then(|record| scene.profile.magic(&record.phone));
        let failure = magic.and_then(MagicRecipient::failure);
        let fetched = record.and_then(|record| record.file.as_ref()).is_none_or(|file| {
            magic != Some(MagicRecipient::DeadLink)
                && (file.content.is_some() || scene.people.link_works(&file.link))
        });
        match &self.state {
            ChannelState::Blocked => self.fail(id, MessageState::Failed, scene),
            state if !state.can_send() => self.fail(id, MessageState::NotSent, scene),
            _ if !known => self.fail(id, MessageState::NoAccount, scene),
            _ if !fetched => self.fail(id, scene.profile.wamm.dead_link_state.clone(), scene),
            _ => {
                if let Some(state) = failure {
                    return self.fail(id, state, scene);
                }
                self.progress(id, Progress::Sent, scene);
                if twice && let Some(record) = self.messages.get(&id).cloned() {
                    let second = self.record(true, record.phone, record.text, record.file, scene);
                    self.progress(second, Progress::Sent, scene);
                }
            }
        }
    }

    /// What befalls the message that was taken in last.
    pub(super) fn befall(&mut self, scene: &mut Scene) {
        match scene.strike_message(&self.subject()) {
            Some(Effect::VendorDuplicate {}) => {
                if let Some(last) = self.line.waiting.back_mut() {
                    last.twice = true;
                }
            }
            Some(Effect::MessageDropped {}) => {
                let last = self.line.waiting.pop_back();
                if let Some(record) = last.and_then(|last| self.messages.remove(&last.id)) {
                    self.lighten(&record);
                }
            }
            Some(Effect::QueueCleared {}) => {
                let dropped = std::mem::take(&mut self.line.waiting);
                self.note(scene, Happening::Cleared(dropped.len()));
            }
            _ => {}
        }
    }
}
