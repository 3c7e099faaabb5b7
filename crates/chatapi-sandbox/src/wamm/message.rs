//! The messages of a channel and how far they have come.

use std::collections::BTreeMap;

use chatapi_types::wamm::{MessageKind, MessageState};
use chatapi_types::{Delivery, MessageId, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::MagicRecipient;
use crate::wamm::file::Attachment;
use crate::wamm::{Channel, Event};
use crate::world::{Happening, Progress, Scene};

/// The messages of a channel by their ids, which grow.
pub(super) type Messages = BTreeMap<u64, Record>;

/// A message.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) from_me: bool,
    pub(crate) phone: String,
    /// Empty where it is a file.
    pub(crate) text: String,
    pub(crate) file: Option<Attachment>,
    /// What it is, where it is neither a text nor a file.
    pub(super) kind: Option<MessageKind>,
    /// The message that it answers.
    pub(super) quoted: Option<MessageId>,
    /// Who wrote it, in a group.
    pub(super) author: Option<String>,
    pub(crate) state: MessageState,
    pub(crate) made: UnixMillis,
    pub(crate) changed: UnixMillis,
    /// When it left.
    #[serde(default)]
    pub(crate) left: Option<UnixMillis>,
    /// How far it has come since it left.
    progress: Option<Progress>,
    /// How many bytes it had when it was taken in.
    weight: usize,
}

fn weight(text: &str, file: Option<&Attachment>) -> usize {
    let handed = file.and_then(|file| file.content.as_ref());
    let link = file.map_or(0, |file| file.link.len() + file.name.len());
    text.len() + link + handed.map_or(0, |file| file.bytes.len())
}

impl Record {
    /// Whether the messenger has it.
    pub(crate) const fn has_left(&self) -> bool {
        self.progress.is_some()
    }

    pub(crate) fn kind(&self) -> MessageKind {
        let file = self.file.as_ref().map(|file| &file.kind);
        self.kind.as_ref().or(file).cloned().unwrap_or(MessageKind::Text)
    }
}

impl Channel {
    /// Oldest first.
    pub(crate) fn records(&self) -> impl DoubleEndedIterator<Item = (u64, &Record)> {
        self.messages.iter().map(|(id, record)| (*id, record))
    }

    pub(super) fn record(
        &mut self,
        from_me: bool,
        phone: String,
        text: String,
        file: Option<Attachment>,
        scene: &mut Scene,
    ) -> u64 {
        self.message_in_chat(&phone, from_me, scene);
        scene.last_wamm_message += 1;
        let id = scene.last_wamm_message;
        let kept = scene.profile.wamm.history.max(1);
        let weight = weight(&text, file.as_ref());
        self.weight = self.weight.saturating_add(weight);
        while self.messages.len() >= kept || self.weight > scene.profile.limits.content_bytes {
            let Some((oldest, record)) = self.messages.pop_first() else {
                break;
            };
            self.lighten(&record);
            if self.leave_line(oldest) {
                // Nobody can ask about it any more, but it is not lost without a word.
                self.note_state(oldest, MessageState::NotSent.delivery(), scene);
            }
        }
        let state = match from_me {
            true => MessageState::Sending,
            false => MessageState::Received,
        };
        let (made, changed) = (scene.unix(), scene.unix());
        let (kind, quoted, author, progress) = (None, None, None, None);
        let record = Record {
            from_me,
            phone,
            text,
            file,
            kind,
            quoted,
            author,
            state,
            made,
            changed,
            progress,
            weight,
            left: None,
        };
        self.messages.insert(id, record);
        id
    }

    /// A message is not kept any more.
    pub(super) const fn lighten(&mut self, by: &Record) {
        self.weight = self.weight.saturating_sub(by.weight);
    }

    /// A message of ours gets further. It never goes back.
    pub(super) fn progress(&mut self, id: u64, to: Progress, scene: &mut Scene) {
        let now = scene.unix();
        let Some(record) = self.messages.get_mut(&id) else {
            return;
        };
        if record.progress.is_some_and(|progress| progress >= to) {
            return;
        }
        record.progress = Some(to);
        record.left.get_or_insert(now);
        record.state = to.state();
        record.changed = now;
        let magic = scene.profile.magic(&record.phone);
        self.note_state(id, to.delivery(), scene);
        let figures = &scene.profile.wamm;
        let slow = scene.profile.magic.slow_reader;
        let next = to.next(magic, slow, &figures.delivered_after, figures.read_after.as_ref());
        if let Some((progress, span)) = next {
            let delay = scene.random.within(&span);
            scene.plan_in(delay, self.event(Event::Progress { id, progress }));
        }
        if to == Progress::Read && magic == Some(MagicRecipient::Echo) {
            self.echo(id, scene);
        }
    }

    /// The contact answers a text with the same text.
    fn echo(&mut self, id: u64, scene: &mut Scene) {
        let text = |record: &&Record| record.kind() == MessageKind::Text;
        if let Some(record) = self.messages.get(&id).filter(text) {
            let (phone, text) = (record.phone.clone(), record.text.clone());
            self.contact_writes(&phone, &text, scene);
        }
    }

    /// A message of ours will not leave.
    pub(super) fn fail(&mut self, id: u64, state: MessageState, scene: &mut Scene) {
        let now = scene.unix();
        if let Some(record) = self.messages.get_mut(&id) {
            let delivery = state.delivery();
            record.state = state;
            record.changed = now;
            self.note_state(id, delivery, scene);
        }
    }

    fn note_state(&self, id: u64, state: Delivery, scene: &mut Scene) {
        let message = MessageId::from(id);
        let is_first = self.messages.get(&id).is_none_or(|record| match record.progress {
            None | Some(Progress::Sent) => true,
            Some(_) => false,
        });
        self.note(scene, Happening::Went { message, state });
        // The first word about a message of ours may be that it has left.
        match is_first && !scene.profile.wamm.echoes_at_once {
            true => self.tell_message(id, scene),
            false => self.tell_state(id, scene),
        }
    }

    /// The contact opens the chat: all that is on the way or delivered is read.
    pub(crate) fn contact_reads(&mut self, phone: &str, scene: &mut Scene) {
        let unread = |(id, record): (u64, &Record)| {
            (record.phone == phone && record.has_left()).then_some(id)
        };
        let ids: Vec<_> = self.records().filter_map(unread).collect();
        for id in ids {
            self.progress(id, Progress::Read, scene);
        }
    }
}
