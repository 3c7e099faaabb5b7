//! `messages`: what came in and what has left.

use chatapi_types::chat_api::{ListMessages, Message, MessagePage};
use chatapi_types::{ChatId, List, UnixTime};

use crate::chat_api::Instance;
use crate::chat_api::history::Record;
use crate::http::{Answer, Question};
use crate::profile::AckForm;
use crate::world::Scene;

pub(super) fn messages(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let mut args = question.args.clone();
    if args.get("chatId").is_none()
        && let Some(chat) = args.take("chatID")
    {
        args.set("chatId", chat);
    }
    let asked: ListMessages = match args.read() {
        Ok(asked) => asked,
        Err(error) => return Answer::bad_argument(&error),
    };
    let newest = asked.last == Some(true);
    let cursor = match newest {
        true => 0,
        false => asked.last_message_number.unwrap_or(0),
    };
    let limit = match asked.limit {
        None => scene.profile.chat_api.page,
        Some(0) => usize::MAX,
        Some(limit) => usize::try_from(limit).unwrap_or(usize::MAX),
    };
    let matches = |record: &&Record| {
        let time = UnixTime::from(record.at);
        record.number > cursor
            && asked.chat_id.as_ref().is_none_or(|chat| *chat == record.chat)
            && asked.min_time.is_none_or(|min| time >= min)
            && asked.max_time.is_none_or(|max| time <= max)
    };
    let found = instance.records().filter(matches);
    let mut page: Vec<&Record> = match newest {
        true => found.rev().take(limit).collect(),
        false => found.take(limit).collect(),
    };
    if newest {
        page.reverse();
    }
    let last = page.last().map_or(cursor, |record| record.number);
    let messages: List<Message> =
        page.into_iter().map(|record| instance.message(record, scene)).collect();
    Answer::of(&MessagePage::new(messages, last))
}

impl Instance {
    fn message(&self, record: &Record, scene: &Scene) -> Message {
        let content = &record.content;
        let (number, time) = (record.number, record.at.into());
        let (id, chat, kind) = (&record.id, &record.chat, content.kind.clone());
        let mut message = Message::new(id, chat, number, time, kind, &*content.body);
        let own = ChatId::new(format!("{}@c.us", self.phone.number));
        let author = match message.from_me {
            true => own,
            false => chat.clone(),
        };
        message.sender_name = Some(scene.people.name_of(author.as_str()));
        message.author = Some(author);
        message.chat_name = Some(scene.people.name_of(chat.as_str()));
        message.via_api = Some(message.from_me);
        message.is_forwarded = Some(false);
        message.caption = content.file.as_ref().and_then(|file| file.caption.clone());
        if let Some(quoted) = &record.quoted {
            message.quoted_msg_id = Some(quoted.id.clone());
            message.quoted_msg_body = Some(quoted.body.clone());
            message.quoted_msg_type = Some(quoted.kind.clone());
        }
        message.ack = match scene.profile.chat_api.ack_in_messages {
            AckForm::Omitted => None,
            AckForm::Words => record.progress.map(|progress| progress.ack()),
            AckForm::Numbers => record.progress.map(|progress| progress.number()),
        };
        message
    }
}
