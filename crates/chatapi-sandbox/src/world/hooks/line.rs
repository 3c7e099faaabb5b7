//! The line in which the webhooks of one instance or channel wait.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chatapi_transport::Moment;
use chatapi_types::chat_api::WebhookState;
use chatapi_types::{MessageId, UnixMillis};
use serde::{Deserialize, Serialize};

/// How the webhooks of one instance or channel are delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) target: String,
    /// All at once, and not one after the other.
    pub(crate) parallel: bool,
    /// How often each is tried.
    pub(crate) attempts: u32,
    /// Whether it is written down what became of the webhooks of messages.
    pub(crate) notes: bool,
}

/// The webhooks of one instance or channel.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Line {
    /// `None` where webhooks go nowhere.
    pub(super) terms: Option<Terms>,
    /// Those that wait, by their turns.
    pub(super) waiting: BTreeMap<u64, u64>,
    /// How many are being delivered.
    #[serde(deserialize_with = "crate::world::saved::count")]
    pub(super) under_way: usize,
    /// Those that are due and wait for one of theirs to come back, because there can be only so many of
    /// one line under way.
    #[serde(default)]
    pub(super) parked: BTreeSet<(Moment, u64)>,
    /// One that a fault keeps back until the next has gone before it.
    pub(super) overtaken: Option<u64>,
    notes: VecDeque<Note>,
}

/// What became of the webhook of a message.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Note {
    /// Grows from note to note.
    delivery: u64,
    pub(super) message: MessageId,
    pub(super) since: UnixMillis,
    pub(super) state: WebhookState,
}

impl Line {
    pub(super) fn note(&mut self, delivery: u64, message: MessageId, now: UnixMillis, kept: usize) {
        while self.notes.len() >= kept.max(1) {
            self.notes.pop_front();
        }
        let note = Note { delivery, message, since: now, state: WebhookState::Queued };
        self.notes.push_back(note);
    }

    pub(super) fn renote(&mut self, delivery: u64, state: WebhookState, now: UnixMillis) {
        let place = self.notes.binary_search_by_key(&delivery, |note| note.delivery);
        if let Some(note) = place.ok().and_then(|place| self.notes.get_mut(place)) {
            (note.state, note.since) = (state, now);
        }
    }

    pub(super) fn latest_note(&self, message: &MessageId) -> Option<&Note> {
        self.notes.iter().rev().find(|note| note.message == *message)
    }
}
