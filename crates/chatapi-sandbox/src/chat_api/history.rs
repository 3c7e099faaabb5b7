//! Messages that came in or have left.

use std::collections::VecDeque;

use chatapi_types::chat_api::MessageKind;
use chatapi_types::{ChatId, MessageId, UnixMillis};

use crate::chat_api::queue::Waiting;
use crate::chat_api::{Event, Instance};
use crate::world::{File, Happening, Progress, Scene};

/// The history of an instance.
#[derive(Clone, Default)]
pub(super) struct History {
    records: VecDeque<Record>,
    /// The message number that was given out last.
    last_number: u64,
}

/// A message that came in or has left.
#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) number: u64,
    pub(crate) id: MessageId,
    pub(crate) chat: ChatId,
    pub(crate) at: UnixMillis,
    pub(crate) content: Content,
    pub(crate) quoted: Option<Quoted>,
    /// How far it has come; only messages of ours go anywhere.
    pub(crate) progress: Option<Progress>,
}

/// What a message says.
#[derive(Clone)]
pub(crate) struct Content {
    pub(crate) kind: MessageKind,
    /// Text, or the address of the file.
    pub(crate) body: String,
    pub(crate) file: Option<Attachment>,
}

/// What is known of a file beyond its address.
#[derive(Clone)]
pub(crate) struct Attachment {
    pub(crate) name: String,
    pub(crate) caption: Option<String>,
    /// What it holds, where it was handed over and not fetched from elsewhere.
    pub(crate) content: Option<File>,
}

/// The message that another one answers.
#[derive(Clone)]
pub(crate) struct Quoted {
    pub(crate) id: MessageId,
    pub(crate) body: String,
    pub(crate) kind: MessageKind,
}

impl Content {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { kind: MessageKind::Chat, body: text.into(), file: None }
    }
}

impl History {
    /// Oldest first.
    pub(super) fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.iter()
    }

    fn get_mut(&mut self, number: u64) -> Option<&mut Record> {
        // Numbers are given out one by one, so a number is a place.
        let first = self.records.front()?.number;
        let place = usize::try_from(number.checked_sub(first)?).ok()?;
        self.records.get_mut(place)
    }

    fn quote(&self, id: &MessageId) -> Option<Quoted> {
        let quoted = self.records.iter().rev().find(|record| record.id == *id)?;
        Some(Quoted {
            id: id.clone(),
            body: quoted.content.body.clone(),
            kind: quoted.content.kind.clone(),
        })
    }
}

impl Instance {
    /// Oldest first.
    pub(crate) fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.history.records()
    }

    /// Writes a message down and gives its number back.
    fn record(
        &mut self,
        id: MessageId,
        chat: ChatId,
        content: Content,
        quoted: Option<MessageId>,
        scene: &Scene,
    ) -> u64 {
        let history = &mut self.history;
        history.last_number += 1;
        let quoted = quoted.and_then(|id| history.quote(&id));
        while history.records.len() >= scene.profile.chat_api.history.max(1) {
            history.records.pop_front();
        }
        history.records.push_back(Record {
            number: history.last_number,
            id,
            chat,
            at: scene.unix(),
            content,
            quoted,
            progress: None,
        });
        history.last_number
    }

    /// A message leaves.
    pub(super) fn leave(&mut self, waiting: Waiting, scene: &mut Scene) {
        let Waiting { id, chat, content, quoted, .. } = waiting;
        let number = self.record(id, chat, content, quoted, scene);
        self.progress(number, Progress::Sent, scene);
    }

    /// A message of ours gets further. It never goes back.
    pub(super) fn progress(&mut self, number: u64, to: Progress, scene: &mut Scene) {
        let Some(record) = self.history.get_mut(number) else {
            return;
        };
        if record.progress.is_some_and(|progress| progress >= to) {
            return;
        }
        record.progress = Some(to);
        let (message, state) = (record.id.clone(), to.delivery());
        self.note(scene, Happening::Went { message, state });
        let figures = &scene.profile.chat_api;
        let next = match to {
            Progress::Sent => Some((Progress::Delivered, &figures.delivered_after)),
            Progress::Delivered => figures.read_after.as_ref().map(|span| (Progress::Read, span)),
            Progress::Read => None,
        };
        if let Some((progress, span)) = next {
            let delay = scene.random.within(span);
            scene.plan_in(delay, self.event(Event::Progress { number, progress }));
        }
    }

    /// The contact opens the chat: all that is on the way or delivered is read.
    pub(crate) fn contact_reads(&mut self, chat: &ChatId, scene: &mut Scene) {
        let numbers: Vec<_> = self
            .records()
            .filter(|record| record.chat == *chat && record.progress.is_some())
            .map(|record| record.number)
            .collect();
        for number in numbers {
            self.progress(number, Progress::Read, scene);
        }
    }

    /// The contact writes.
    pub(crate) fn contact_writes(
        &mut self,
        chat: ChatId,
        text: &str,
        scene: &mut Scene,
    ) -> MessageId {
        let id = MessageId::new(format!("false_{chat}_{}", scene.random.hex(20)));
        self.record(id.clone(), chat.clone(), Content::text(text), None, scene);
        let message = id.clone();
        self.note(scene, Happening::CameIn { message, chat });
        id
    }
}
