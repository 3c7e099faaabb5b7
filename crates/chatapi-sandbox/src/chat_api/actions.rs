//! The queue of actions: what is to be done to groups and chats.
//!
//! One action after the other, in their order. While nothing can be sent, the first is tried again
//! and again; afterwards all that wait are done at once. An action that turns out to be impossible
//! is not tried again (grade D: no document tells any of it).

use std::collections::VecDeque;

use chatapi_transport::Moment;
use chatapi_types::chat_api::{ActionKind, ActionsQueue, ClearedActions, QueuedAction};
use chatapi_types::{ChatId, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::chat_api::bounds::surplus;
use crate::chat_api::groups::NewGroup;
use crate::chat_api::participants::Change;
use crate::chat_api::queue::raw;
use crate::chat_api::{Event, Instance};
use crate::http::{Answer, Question};
use crate::world::{Happening, Scene, Ticket};

/// Actions that wait.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Actions {
    waiting: VecDeque<Action>,
    #[serde(deserialize_with = "crate::world::saved::count")]
    last_number: u64,
    /// When the action is due that was added last.
    last_due: Moment,
    /// When the first is tried, and whether that is without prospect.
    plan: Option<(Ticket, bool)>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Action {
    number: u64,
    deed: Deed,
    due: Moment,
    last_try: Option<UnixMillis>,
}

/// What is to be done.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Deed {
    CreateGroup(NewGroup),
    Participant(Change),
    ReadChat(ChatId),
}

impl Deed {
    const fn kind(&self) -> ActionKind {
        match self {
            Self::CreateGroup(_) => ActionKind::CreateGroup,
            Self::Participant(change) => change.kind.action(),
            Self::ReadChat(_) => ActionKind::ReadChat,
        }
    }
}

impl Actions {
    /// Lets the oldest go, and tells what they were.
    pub(super) fn keep(&mut self, most: usize) -> Vec<ActionKind> {
        let surplus = surplus(&mut self.waiting, most);
        surplus.iter().map(|action| action.deed.kind()).collect()
    }

    pub(super) fn retire(&mut self, scene: &mut Scene) {
        if let Some((ticket, _)) = self.plan.take() {
            scene.agenda.take_back(ticket);
        }
    }
}

impl Instance {
    /// Puts an action in and gives its number back.
    pub(super) fn add_action(&mut self, deed: Deed, scene: &mut Scene) -> u64 {
        let takes = scene.random.within(&scene.profile.chat_api.action_takes);
        let actions = &mut self.actions;
        actions.last_number += 1;
        actions.last_due = scene.now.max(actions.last_due).plus(takes);
        let (number, due) = (actions.last_number, actions.last_due);
        let kind = deed.kind();
        actions.waiting.push_back(Action { number, deed, due, last_try: None });
        self.note(scene, Happening::ActionQueued(kind));
        number
    }

    /// Keeps the plan for the next action up to date.
    pub(super) fn plan_action(&mut self, scene: &mut Scene) {
        let able = self.can_send(&scene.profile.chat_api);
        let next = self.actions.waiting.front().map(|first| match first.last_try {
            Some(_) if able => (scene.now, false),
            _ => (first.due.max(scene.now), !able),
        });
        let planned = self.actions.plan.map(|(ticket, again)| (ticket.at(), again));
        if planned != next {
            self.actions.retire(scene);
            self.actions.plan = next
                .map(|(at, again)| (scene.plan(at, self.event(Event::Action { again })), again));
        }
    }

    /// The first action is tried.
    pub(super) fn try_action(&mut self, scene: &mut Scene) {
        self.actions.plan = None;
        if self.can_send(&scene.profile.chat_api) {
            self.do_first_action(scene);
        } else if let Some(first) = self.actions.waiting.front_mut() {
            first.last_try = Some(scene.unix());
            let rest = scene.random.within(&scene.profile.chat_api.retry_pause);
            first.due = scene.now.plus(rest);
        }
    }

    /// Does everything up to an action now, if it would be done within the time that is waited for
    /// it. Gives back the group that it made.
    pub(super) fn hurry(&mut self, number: u64, scene: &mut Scene) -> Option<ChatId> {
        let figures = &scene.profile.chat_api;
        let deadline = scene.now.plus(figures.group_wait);
        let action = self.actions.waiting.iter().find(|action| action.number == number)?;
        if !self.can_send(figures) || action.due > deadline {
            return None;
        }
        let mut made = None;
        while self.actions.waiting.front().is_some_and(|first| first.number <= number) {
            made = self.do_first_action(scene);
        }
        made
    }

    fn do_first_action(&mut self, scene: &mut Scene) -> Option<ChatId> {
        let Action { deed, .. } = self.actions.waiting.pop_front()?;
        let kind = deed.kind();
        let (done, made) = match deed {
            Deed::CreateGroup(group) => {
                let made = self.found_group(group, scene);
                (true, Some(made))
            }
            Deed::Participant(change) => (self.change_participant(&change, scene), None),
            Deed::ReadChat(id) => {
                let chat = self.chats.get_mut(&id);
                let done = chat.map(|chat| (chat.unread, chat.is_marked) = (0, false));
                (done.is_some(), None)
            }
        };
        self.note(
            scene,
            match done {
                true => Happening::ActionDone(kind),
                false => Happening::ActionFailed(kind),
            },
        );
        made
    }
}

pub(super) fn show(instance: &mut Instance, scene: &mut Scene, _: &Question) -> Answer {
    let waiting = &instance.actions.waiting;
    let first = waiting.iter().take(scene.profile.chat_api.listing);
    let total = u64::try_from(waiting.len()).unwrap_or(u64::MAX);
    Answer::of(&ActionsQueue::new(total, first.map(entry).collect()))
}

/// The arguments of the call, under its names (grade D).
fn entry(action: &Action) -> QueuedAction {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Read<'a> {
        chat_id: &'a ChatId,
    }
    let mut entry = QueuedAction::new(action.number, action.deed.kind());
    // Readers with strict types want a number: 0 for never.
    entry.last_try = Some(action.last_try.unwrap_or_default().into());
    entry.json_data = match &action.deed {
        Deed::CreateGroup(group) => group.arguments(),
        Deed::Participant(change) => change.arguments(),
        Deed::ReadChat(chat_id) => raw(&Read { chat_id }),
    };
    entry
}

pub(super) fn clear(instance: &mut Instance, scene: &mut Scene, _: &Question) -> Answer {
    let dropped = std::mem::take(&mut instance.actions.waiting);
    instance.actions.last_due = scene.now;
    instance.note(scene, Happening::ActionsCleared(dropped.len()));
    let kinds = dropped.iter().take(scene.profile.chat_api.listing);
    let kinds = kinds.map(|action| action.deed.kind()).collect();
    let count = u64::try_from(dropped.len()).unwrap_or(u64::MAX);
    Answer::of(&ClearedActions::new(count, kinds))
}
