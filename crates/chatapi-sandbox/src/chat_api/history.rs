//! Messages that came in or have left.

use std::collections::VecDeque;

use chatapi_types::chat_api::MessageKind;
use chatapi_types::{ChatId, MessageId, RawJson, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::MagicRecipient;
use crate::chat_api::queue::Waiting;
use crate::chat_api::{Event, Instance};
use crate::world::{File, Happening, Progress, Scene};

/// The history of an instance.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct History {
    records: VecDeque<Record>,
    /// How many bytes they have.
    #[serde(deserialize_with = "crate::world::saved::count")]
    weight: usize,
    /// The message number that was given out last.
    #[serde(deserialize_with = "crate::world::saved::count")]
    last_number: u64,
}

/// A message that came in or has left.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) number: u64,
    pub(crate) id: MessageId,
    pub(crate) chat: ChatId,
    /// Who wrote it, where that is not the chat's only other member.
    pub(crate) author: Option<ChatId>,
    /// The number of its send; only messages of ours have one.
    pub(crate) queue_number: Option<u64>,
    pub(crate) at: UnixMillis,
    pub(crate) content: Content,
    // In a box, as few messages have it and every record has the room.
    pub(crate) quoted: Option<Box<Quoted>>,
    /// How far it has come; only messages of ours go anywhere.
    pub(crate) progress: Option<Progress>,
    /// Whether it was deleted, or cleared with its chat: it shows nowhere any more.
    pub(crate) is_gone: bool,
}

/// What a message says.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) kind: MessageKind,
    /// Text, the address of the file, `lat;lng`, a card.
    pub(crate) body: String,
    /// The text under a file or a place.
    pub(crate) caption: Option<String>,
    // In a box, for the same reason.
    pub(crate) file: Option<Box<Attachment>>,
    /// Data of special kinds, a JSON object.
    pub(crate) metadata: Option<RawJson>,
    pub(crate) is_forwarded: bool,
}

/// What is known of a file beyond its address.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attachment {
    pub(crate) name: String,
    /// What it holds, where it was handed over and not fetched from elsewhere.
    pub(crate) content: Option<File>,
}

/// The message that another one answers.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Quoted {
    pub(crate) id: MessageId,
    pub(crate) body: String,
    pub(crate) kind: MessageKind,
}

impl Content {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::new(MessageKind::Chat, text)
    }

    pub(super) fn new(kind: MessageKind, body: impl Into<String>) -> Self {
        Self {
            kind,
            body: body.into(),
            caption: None,
            file: None,
            metadata: None,
            is_forwarded: false,
        }
    }
}

impl History {
    /// Oldest first.
    pub(super) fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.iter()
    }

    /// Numbers are given out one by one, so a number is a place.
    fn place(&self, number: u64) -> Option<usize> {
        let first = self.records.front()?.number;
        usize::try_from(number.checked_sub(first)?).ok()
    }

    pub(super) fn get(&self, number: u64) -> Option<&Record> {
        self.records.get(self.place(number)?)
    }

    fn get_mut(&mut self, number: u64) -> Option<&mut Record> {
        let place = self.place(number)?;
        self.records.get_mut(place)
    }

    /// Changes a message that is written down already.
    pub(super) fn amend(&mut self, number: u64, change: impl FnOnce(&mut Record)) {
        if let Some(record) = self.get_mut(number) {
            change(record);
        }
    }

    fn quote(&self, id: &MessageId) -> Option<Box<Quoted>> {
        let mut there = self.records.iter().rev().filter(|record| !record.is_gone);
        let quoted = there.find(|record| record.id == *id)?;
        Some(Box::new(Quoted {
            id: id.clone(),
            body: quoted.content.body.clone(),
            kind: quoted.content.kind.clone(),
        }))
    }
}

impl Instance {
    /// Oldest first.
    pub(crate) fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.history.records()
    }

    /// Writes a message down and gives its number back.
    pub(super) fn record(
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
        let most = scene.profile.chat_api.history.max(1);
        history.weight += content.weight();
        while history.records.len() >= most || history.weight > scene.profile.limits.content_bytes {
            match history.records.pop_front() {
                Some(oldest) => {
                    history.weight = history.weight.saturating_sub(oldest.content.weight());
                }
                None => break,
            }
        }
        history.records.push_back(Record {
            number: history.last_number,
            id,
            chat,
            author: None,
            queue_number: None,
            at: scene.unix(),
            content,
            quoted,
            progress: None,
            is_gone: false,
        });
        history.last_number
    }

    /// The messages that are still there, oldest first.
    pub(super) fn present(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.records().filter(|record| !record.is_gone)
    }

    /// A message that is still there.
    pub(super) fn present_message(&self, id: &MessageId) -> Option<&Record> {
        self.present().rev().find(|record| record.id == *id)
    }

    /// Deletes one message; gives back whether it was there.
    pub(super) fn delete(&mut self, id: &MessageId) -> bool {
        let found = self.history.records.iter_mut().rev();
        let mut found = found.filter(|record| record.id == *id && !record.is_gone);
        found.next().map(|record| record.is_gone = true).is_some()
    }

    /// Deletes all messages.
    pub(super) fn delete_everything(&mut self) {
        self.history.records.iter_mut().for_each(|record| record.is_gone = true);
    }

    /// Deletes all messages of a chat.
    pub(super) fn delete_all(&mut self, chat: &ChatId) {
        let records = self.history.records.iter_mut();
        records.filter(|record| record.chat == *chat).for_each(|record| record.is_gone = true);
    }

    /// A message leaves.
    pub(super) fn leave(&mut self, waiting: Waiting, scene: &mut Scene) {
        if waiting.twice {
            let id = MessageId::new(format!("true_{}_3EB0{}", waiting.chat, scene.random.hex(16)));
            let mut second = waiting.clone();
            (second.id, second.twice) = (id, false);
            self.leave(second, scene);
        }
        let Waiting { id, chat, content, quoted, number: queue_number, .. } = waiting;
        self.chat_will_change(&chat, scene);
        self.chat_goes_on(&chat, false, scene.unix());
        let number = self.record(id, chat, content, quoted, scene);
        self.history.amend(number, |record| record.queue_number = Some(queue_number));
        self.tell_message(number, scene);
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
        if to == Progress::Read
            && let Some(chat) = self.chats.get_mut(&record.chat)
        {
            chat.sign_of_life = Some(scene.unix());
        }
        let magic = scene.profile.magic(record.chat.as_str());
        let (message, state) = (record.id.clone(), to.delivery());
        self.note(scene, Happening::Went { message, state });
        if let Some(record) = self.history.get(number) {
            self.tell_ack(record, to, scene);
        }
        let figures = &scene.profile.chat_api;
        let slow = scene.profile.magic.slow_reader;
        let next = to.next(magic, slow, &figures.delivered_after, figures.read_after.as_ref());
        if let Some((progress, span)) = next {
            let delay = scene.random.within(&span);
            scene.plan_in(delay, self.event(Event::Progress { number, progress }));
        }
        if to == Progress::Read && magic == Some(MagicRecipient::Echo) {
            self.echo(number, scene);
        }
    }

    /// The contact answers a text with the same text.
    fn echo(&mut self, number: u64, scene: &mut Scene) {
        let text = |record: &&Record| record.content.kind == MessageKind::Chat;
        if let Some(record) = self.history.get(number).filter(text) {
            let (chat, text) = (record.chat.clone(), record.content.body.clone());
            self.contact_writes(chat, &text, scene);
        }
    }

    /// The contact opens the chat: all that is on the way or delivered is read.
    pub(crate) fn contact_reads(&mut self, chat: &ChatId, scene: &mut Scene) {
        if let Some(chat) = self.chats.get_mut(chat) {
            chat.sign_of_life = Some(scene.unix());
        }
        let numbers: Vec<_> = self
            .records()
            .filter(|record| record.chat == *chat && record.progress.is_some())
            .map(|record| record.number)
            .collect();
        for number in numbers {
            self.progress(number, Progress::Read, scene);
        }
    }
}
