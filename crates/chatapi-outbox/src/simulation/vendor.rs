//! A vendor with a queue and a history, in bad weather.

use std::collections::VecDeque;
use std::time::Duration;

use chatapi_client::line::{Cursor, Queue, Sighting, Sightings, Waiting};
use chatapi_transport::Moment;
use chatapi_types::{ChatId, MessageId};

use crate::record::OutboxId;

/// One phone at the vendor.
#[derive(Clone, Debug, Default)]
pub(super) struct Phone {
    queue: VecDeque<Item>,
    history: Vec<(Item, Moment)>,
    last_number: u64,
    pub(super) ill_until: Moment,
    /// It never heals: banned by the messenger, or never paid for again.
    pub(super) banned: bool,
    next_departure: Moment,
    /// What it ever took in of ours, in order.
    pub(super) taken: Vec<(OutboxId, u32)>,
    /// Ids of ours that were dropped by a clear of the queue.
    pub(super) dropped: Vec<OutboxId>,
}

#[derive(Clone, Debug)]
pub(super) struct Item {
    number: u64,
    pub(super) id: MessageId,
    chat: ChatId,
    text: String,
    /// Which of ours it is; `None` for somebody else's.
    pub(super) ours: Option<OutboxId>,
}

/// How long the history may lag behind.
pub(super) const LAG: Duration = Duration::from_secs(8);

impl Phone {
    pub(super) fn is_well(&self, now: Moment) -> bool {
        !self.banned && now >= self.ill_until
    }

    pub(super) fn take(
        &mut self,
        line: &str,
        ours: Option<(OutboxId, u32)>,
        chat: ChatId,
        text: String,
    ) -> (MessageId, u64) {
        self.last_number += 1;
        let number = self.last_number;
        let id = MessageId::new(format!("{line}-{number}"));
        if let Some(ours) = ours {
            self.taken.push(ours);
        }
        let ours = ours.map(|(id, _)| id);
        self.queue.push_back(Item { number, id: id.clone(), chat, text, ours });
        (id, number)
    }

    /// Lets leave what is due; gives back what left.
    pub(super) fn run(&mut self, now: Moment, lag: Duration) -> Vec<Item> {
        let mut left = Vec::new();
        while self.is_well(now) && now >= self.next_departure {
            let Some(item) = self.queue.pop_front() else { break };
            let at = self.next_departure.max(self.ill_until);
            self.next_departure = at.max(now.minus(Duration::from_secs(5))).plus(SLOW);
            left.push(item.clone());
            self.history.push((item, now.plus(lag)));
        }
        left
    }

    /// Somebody drops all that waits.
    pub(super) fn clear(&mut self) {
        self.dropped.extend(self.queue.drain(..).filter_map(|item| item.ours));
    }

    pub(super) fn waiting_of_ours(&self) -> usize {
        self.queue.iter().filter(|item| item.ours.is_some()).count()
    }

    pub(super) fn has(&self, id: OutboxId) -> bool {
        let in_queue = self.queue.iter().any(|item| item.ours == Some(id));
        in_queue || self.history.iter().any(|(item, _)| item.ours == Some(id))
    }

    pub(super) fn queue(&self) -> Queue {
        let mut queue = Queue::default();
        queue.items = self
            .queue
            .iter()
            .take(100)
            .map(|item| Waiting::text(item.number, Some(item.chat.clone()), item.text.clone()))
            .collect();
        queue.total = self.queue.len() as u64;
        queue.complete = self.queue.len() <= 100;
        queue
    }

    pub(super) fn sightings(&self, since: Option<&Cursor>, now: Moment) -> Sightings {
        let from: usize = since.and_then(|cursor| cursor.as_str().parse().ok()).unwrap_or(0);
        let visible = self.history.iter().take_while(|(_, at)| *at <= now);
        let all: Vec<_> = visible.collect();
        let mut sightings = Sightings::default();
        sightings.items = all
            .iter()
            .skip(from)
            .map(|(item, _)| {
                Sighting::text(item.id.clone(), item.chat.clone(), true, item.text.clone())
            })
            .collect();
        sightings.cursor = Some(Cursor::new(all.len().max(from).to_string()));
        sightings.complete = true;
        sightings
    }
}

const SLOW: Duration = Duration::from_secs(3);
