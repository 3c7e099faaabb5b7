//! The queue of outgoing messages and the line in which they leave.
//!
//! One message at a time takes the line. A message is ready some time after it was taken in; of
//! those that are ready the one that has been so for longest goes first, so messages keep their
//! order. What cannot leave (no account, dead link) is tried again and again, stays in the queue,
//! and each time takes the place in the line of one that could.

#[cfg(feature = "page")]
mod wait;

use std::collections::VecDeque;
use std::time::Duration;

use chatapi_transport::Moment;
use chatapi_types::chat_api::{ClearedMessages, MessagesQueue, QueuedMessage};
use chatapi_types::{ChatId, MessageId, RawJson, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::MagicRecipient;
use crate::chat_api::history::Content;
use crate::chat_api::{Event, Instance};
use crate::fault::Effect;
use crate::http::{Answer, Question};
use crate::profile::ChatApiFigures;
use crate::world::{Happening, Obstacle, Scene, Ticket};

/// How much of what does not wait any more is remembered for [`Effect::StaleQueue`].
const REMEMBERED: usize = 1_000;

/// Messages that wait.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Queue {
    waiting: VecDeque<Waiting>,
    /// What does not wait any more, and since when, where a fault shows the queue of before.
    gone: VecDeque<(Moment, Waiting)>,
    /// The queue number that was given out last.
    #[serde(deserialize_with = "crate::world::saved::count")]
    last_number: u64,
    /// Before this moment no message leaves.
    line_free_at: Moment,
    /// Before this moment no new message is ready.
    last_ready: Moment,
    /// When the latest messages left.
    departures: VecDeque<Moment>,
    /// Whether the instance could send when last looked at.
    able: bool,
    /// Whether a backlog is being worked off, a few messages at a time.
    recovering: bool,
    plan: Option<Plan>,
    /// When the oldest is too old.
    lapse: Option<Ticket>,
    /// How many have ever waited at once.
    #[serde(default)]
    peak: usize,
}

/// When the line is next taken.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Plan {
    ticket: Ticket,
    again: bool,
}

/// A message that waits.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) number: u64,
    pub(super) id: MessageId,
    pub(super) chat: ChatId,
    pub(super) content: Content,
    pub(super) quoted: Option<MessageId>,
    taken_at: Moment,
    /// Whether it is to leave under a second id, too.
    pub(super) twice: bool,
    ready_at: Moment,
    last_try: Option<UnixMillis>,
    /// Whether nothing behind it leaves.
    #[serde(default)]
    holds_up: bool,
}

impl Waiting {
    /// How many places of a portion it takes: one that leaves twice takes two, where a portion has
    /// as many.
    fn places(&self, figures: &ChatApiFigures) -> usize {
        (1 + usize::from(self.twice)).min(figures.recovery_burst.max(1))
    }
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// What waited that long ago.
    fn of_before(&self, age: Duration, now: Moment) -> Vec<&Waiting> {
        let Some(then) = now.since_start().checked_sub(age).map(Moment::after_start) else {
            return Vec::new();
        };
        let gone = self.gone.iter().filter(|(at, _)| *at > then).map(|(_, waiting)| waiting);
        gone.chain(&self.waiting).filter(|waiting| waiting.taken_at <= then).collect()
    }

    /// Those that wait, in order.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.iter()
    }

    /// Who goes next, and when: the place in the queue of the message that is ready first.
    fn next(&self, figures: &ChatApiFigures) -> Option<(usize, &Waiting)> {
        let mut is_open = true;
        let waiting = self.waiting.iter().enumerate().take_while(|(_, waiting)| {
            let holds_up = figures.stuck_blocks_queue || waiting.holds_up;
            std::mem::replace(&mut is_open, !holds_up)
        });
        waiting.min_by_key(|(place, waiting)| (waiting.ready_at, *place))
    }

    /// From when on the line may be taken by a message that needs so many places of a portion.
    fn line_opens_at(&self, places: usize, figures: &ChatApiFigures) -> Moment {
        let burst = figures.recovery_burst.max(1);
        // Those of the latest that must have left before the window for there to be so many places.
        let earlier = self.departures.len().saturating_add(places).checked_sub(burst + 1);
        let portion = match earlier {
            Some(last) if self.recovering => self.departures.get(last),
            _ => None,
        };
        portion.map_or(self.line_free_at, |left| {
            left.plus(figures.recovery_window).max(self.line_free_at)
        })
    }

    fn stop(&mut self, scene: &mut Scene) {
        if let Some(plan) = self.plan.take() {
            scene.agenda.take_back(plan.ticket);
        }
    }

    pub(super) fn retire(&mut self, scene: &mut Scene) {
        self.stop(scene);
        if let Some(ticket) = self.lapse.take() {
            scene.agenda.take_back(ticket);
        }
    }
}

impl Instance {
    /// How many messages wait.
    pub(crate) fn queue_len(&self) -> usize {
        self.queue.len()
    }

    /// How many have ever waited at once.
    pub(crate) const fn queue_peak(&self) -> usize {
        self.queue.peak
    }

    /// How many bytes the messages have that wait.
    pub(super) fn queue_weight(&self) -> usize {
        self.queue.waiting.iter().map(|waiting| waiting.content.weight()).sum()
    }

    /// Whether another message has room.
    pub(super) fn queue_is_full(&self, figures: &ChatApiFigures) -> bool {
        self.queue.len() >= figures.queue_cap
    }

    /// Puts a message in and gives its queue number back.
    pub(super) fn enqueue(
        &mut self,
        id: MessageId,
        chat: ChatId,
        content: Content,
        quoted: Option<MessageId>,
        scene: &mut Scene,
    ) -> u64 {
        let processing = scene.random.within(&scene.profile.chat_api.processing);
        let holds_up = scene.profile.is_magic(chat.as_str(), MagicRecipient::HoldsUpTheLine);
        let queue = &mut self.queue;
        queue.last_number += 1;
        queue.last_ready = scene.now.plus(processing).max(queue.last_ready);
        queue.waiting.push_back(Waiting {
            number: queue.last_number,
            id: id.clone(),
            chat: chat.clone(),
            content,
            quoted,
            taken_at: scene.now,
            twice: false,
            ready_at: queue.last_ready,
            last_try: None,
            holds_up,
        });
        queue.peak = queue.peak.max(queue.waiting.len());
        let number = queue.last_number;
        self.note(scene, Happening::Queued { message: id, chat });
        number
    }

    /// Keeps the plan for the next departure up to date.
    pub(super) fn plan_departure(&mut self, scene: &mut Scene) {
        let able = self.can_send(&scene.profile.chat_api);
        if able && !self.queue.able && !self.queue.waiting.is_empty() {
            self.recover(true, scene);
        }
        self.queue.able = able;
        let figures = &scene.profile.chat_api;
        let next = self.queue.next(figures).filter(|_| able).map(|(_, next)| {
            let opens_at = self.queue.line_opens_at(next.places(figures), figures);
            let at = next.ready_at.max(opens_at).max(scene.now);
            // What was in its way may be gone by now.
            let again = next.last_try.is_some() && self.obstacle(next, scene).is_some();
            (at, again)
        });
        let planned = self.queue.plan.map(|plan| (plan.ticket.at(), plan.again));
        if planned != next {
            self.queue.stop(scene);
            self.queue.plan = next.map(|(at, again)| Plan {
                ticket: scene.plan(at, self.event(Event::Departure { again })),
                again,
            });
        }
    }

    /// The line is free: the next message leaves, or shows why it cannot.
    pub(super) fn depart(&mut self, scene: &mut Scene) {
        self.queue.plan = None;
        let figures = &scene.profile.chat_api;
        let Some((place, _)) = self.queue.next(figures) else {
            return;
        };
        let asked_for = self.settings.send_delay.map_or(0, u64::from);
        let pause = Duration::from_secs(asked_for).max(scene.random.within(&figures.pause));
        self.queue.line_free_at = scene.now.plus(pause);
        let Some(mut waiting) = self.queue.waiting.remove(place) else {
            return;
        };
        match self.obstacle(&waiting, scene) {
            Some(obstacle) => {
                let message = waiting.id.clone();
                let rest = scene.random.within(&scene.profile.chat_api.retry_pause);
                waiting.ready_at = scene.now.plus(rest);
                waiting.last_try = Some(scene.unix());
                self.queue.waiting.insert(place, waiting);
                self.note(scene, Happening::Held { message, obstacle });
            }
            None => {
                let figures = &scene.profile.chat_api;
                let kept = figures.recovery_burst.max(1);
                let taken = std::iter::repeat_n(scene.now, waiting.places(figures));
                self.queue.departures.extend(taken);
                while self.queue.departures.len() > kept {
                    self.queue.departures.pop_front();
                }
                self.remember(&waiting, scene);
                self.leave(waiting, scene);
            }
        }
        // What cannot leave is no backlog. What was in its way when it was tried may be gone by now.
        let mut waiting = self.queue.waiting.iter();
        if self.queue.recovering && waiting.all(|one| self.obstacle(one, scene).is_some()) {
            self.recover(false, scene);
        }
    }

    /// Keeps the plan for the moment at which the oldest message is too old.
    pub(super) fn plan_lapse(&mut self, scene: &mut Scene) {
        let keeps = scene.profile.chat_api.queue_keeps;
        let at = keeps.and_then(|keeps| Some(self.queue.waiting.front()?.taken_at.plus(keeps)));
        if self.queue.lapse.map(Ticket::at) != at {
            if let Some(ticket) = self.queue.lapse.take() {
                scene.agenda.take_back(ticket);
            }
            let event = self.event(Event::QueueLapse);
            self.queue.lapse = at.map(|at| scene.plan(at, event));
        }
    }

    /// Drops what is too old.
    pub(super) fn lapse(&mut self, scene: &mut Scene) {
        self.queue.lapse = None;
        let Some(keeps) = scene.profile.chat_api.queue_keeps else {
            return;
        };
        while let Some(oldest) = self.queue.waiting.front()
            && oldest.taken_at.plus(keeps) <= scene.now
        {
            let message = oldest.id.clone();
            self.queue.waiting.pop_front();
            self.note(scene, Happening::Lapsed { message });
        }
        if self.queue.waiting.is_empty() {
            self.recover(false, scene);
        }
    }

    /// Keeps what leaves the queue, as long as a fault shows the queue of before.
    fn remember(&mut self, waiting: &Waiting, scene: &Scene) {
        if scene.remembers_queue(&self.subject()) {
            while self.queue.gone.len() >= REMEMBERED {
                self.queue.gone.pop_front();
            }
            let mut waiting = waiting.clone();
            // The list does not show what a file holds.
            if let Some(file) = &mut waiting.content.file {
                file.content = None;
            }
            self.queue.gone.push_back((scene.now, waiting));
        } else {
            self.queue.gone.clear();
        }
    }

    /// What befalls the message that was taken in last.
    pub(super) fn befall(&mut self, scene: &mut Scene) {
        match scene.strike_message(&self.subject()) {
            Some(Effect::VendorDuplicate {}) => {
                if let Some(last) = self.queue.waiting.back_mut() {
                    last.twice = true;
                }
            }
            Some(Effect::MessageDropped {}) => {
                self.queue.waiting.pop_back();
            }
            Some(Effect::QueueCleared {}) => {
                drop_all(self, scene);
            }
            _ => {}
        }
    }

    fn recover(&mut self, begins: bool, scene: &mut Scene) {
        if self.queue.recovering != begins {
            self.queue.recovering = begins;
            let event = match begins {
                true => Happening::RecoveryBegan,
                false => Happening::RecoveryEnded,
            };
            self.note(scene, event);
        }
    }

    fn obstacle(&self, waiting: &Waiting, scene: &Scene) -> Option<Obstacle> {
        if !super::recipient::is_reachable(&waiting.chat, scene) {
            return Some(Obstacle::NoAccount);
        }
        let magic = scene.profile.magic(waiting.chat.as_str());
        if let Some(obstacle) = magic.and_then(|one| one.obstacle(waiting.content.file.is_some())) {
            return Some(obstacle);
        }
        // Groups of which the world knows nothing take messages.
        let group = scene.groups.get(&waiting.chat);
        if group.is_some_and(|group| !group.has_member(&self.phone.number)) {
            return Some(Obstacle::NotInGroup);
        }
        let file = waiting.content.file.as_ref()?;
        let is_elsewhere = file.content.is_none();
        let is_dead = is_elsewhere && !scene.people.link_works(&waiting.content.body);
        is_dead.then_some(Obstacle::DeadLink)
    }
}

pub(super) fn show(instance: &mut Instance, scene: &mut Scene, _: &Question) -> Answer {
    let age = scene.queue_age(&instance.subject());
    let queue = &instance.queue;
    let listing = scene.profile.chat_api.listing;
    let (total, first): (usize, Vec<_>) = match age {
        None => (queue.len(), queue.waiting.iter().take(listing).collect()),
        Some(age) => {
            let mut then = queue.of_before(age, scene.now);
            then.sort_by_key(|waiting| waiting.number);
            let total = then.len();
            then.truncate(listing);
            (total, then)
        }
    };
    let total = u64::try_from(total).unwrap_or(u64::MAX);
    Answer::of(&MessagesQueue::new(total, first.into_iter().map(entry).collect()))
}

fn entry(waiting: &Waiting) -> QueuedMessage {
    let content = &waiting.content;
    let mut entry = QueuedMessage::new(waiting.number, content.kind.clone(), &*content.body);
    // Readers with strict types want a number: 0 for never.
    entry.last_try = Some(waiting.last_try.unwrap_or_default());
    entry.metadata = metadata(content);
    entry.chat_id = Some(waiting.chat.clone());
    entry
}

/// The vendor shows an object whose members were never seen (grade A for the object). Ours tells
/// what a file is called, what stands under it, and the data of special kinds.
fn metadata(content: &Content) -> Option<RawJson> {
    #[derive(Serialize)]
    struct Metadata<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        filename: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        caption: Option<&'a str>,
    }
    if content.metadata.is_some() {
        return content.metadata.clone();
    }
    raw(&Metadata {
        filename: content.file.as_ref().map(|file| &*file.name),
        caption: content.caption.as_deref(),
    })
}

/// JSON of our own making. Texts and numbers can always be written: it is there.
pub(super) fn raw(value: &impl Serialize) -> Option<RawJson> {
    RawJson::new(serde_json::to_string(value).ok()?).ok()
}

pub(super) fn clear(instance: &mut Instance, scene: &mut Scene, _: &Question) -> Answer {
    let dropped = drop_all(instance, scene);
    let texts = dropped.iter().take(scene.profile.chat_api.listing);
    let texts = texts.map(|waiting| waiting.content.body.clone()).collect();
    let count = u64::try_from(dropped.len()).unwrap_or(u64::MAX);
    Answer::of(&ClearedMessages::new(count, texts))
}

/// Drops everything that waits.
pub(super) fn drop_all(instance: &mut Instance, scene: &mut Scene) -> VecDeque<Waiting> {
    let dropped = std::mem::take(&mut instance.queue.waiting);
    dropped.iter().for_each(|waiting| instance.remember(waiting, scene));
    instance.note(scene, Happening::Cleared(dropped.len()));
    instance.recover(false, scene);
    dropped
}
