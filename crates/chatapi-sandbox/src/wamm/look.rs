//! What the page shows of a channel.

use std::collections::BTreeMap;

use chatapi_types::wamm::PayState;
use chatapi_types::{ChatId, Delivery};

use crate::page::view::{
    Bubble, CHATS, ChatRow, Conversation, FileView, Inside, Line, Tone, Vendor, kept_name, preview,
};
use crate::wamm::{Channel, Record};
use crate::world::Scene;

impl Channel {
    /// The channel from outside.
    pub(crate) fn line_view(&self) -> Line {
        let is_paid = self.pay_state == PayState::Active;
        let tone = match (self.state.can_send() && is_paid, self.state.heals_itself()) {
            (true, _) => Tone::Good,
            (false, true) => Tone::Waiting,
            (false, false) => Tone::Bad,
        };
        let (meaning, action) = match self.state.advice().split_once(": ") {
            Some((meaning, action)) => (meaning, action),
            None => (self.state.advice(), ""),
        };
        Line {
            vendor: Vendor::Wamm(self.messenger),
            id: self.api_id.to_string(),
            token: self.token.expose().to_owned(),
            number: self.phone.clone(),
            phone: None,
            account: self.state.to_string(),
            substatus: None,
            tone,
            meaning,
            action,
            is_paid,
            queued: self.line_len(),
            queue_cap: None,
            unread: 0,
        }
    }

    /// The channel from inside, with one chat open.
    pub(crate) fn inside(&self, chat: Option<&ChatId>, scene: &Scene) -> Inside {
        Inside {
            line: self.line_view(),
            chats: self.chat_rows(scene),
            open: chat.map(|chat| self.conversation(chat, scene)),
            waiting: self.waiting_views(scene),
        }
    }

    fn chat_rows(&self, scene: &Scene) -> Vec<ChatRow> {
        let mut rows: BTreeMap<&str, ChatRow> = BTreeMap::new();
        for (phone, chat) in &self.chats {
            let row = ChatRow {
                chat: phone.as_str().into(),
                name: self.name_of(phone, &scene.people),
                last: chat.last_message,
                preview: String::new(),
                unread: 0,
                waiting: 0,
                is_pinned: false,
            };
            rows.insert(phone, row);
        }
        for (_, record) in self.records() {
            if let Some(row) = rows.get_mut(&*record.phone) {
                let text = record.file.as_ref().map_or(&record.text, |file| &file.name);
                row.preview = preview(text, 80);
                let waits = record.state.delivery() == Delivery::Queued;
                row.waiting += usize::from(waits);
            }
        }
        let mut rows: Vec<_> = rows.into_values().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.last));
        rows.truncate(CHATS);
        rows
    }

    fn conversation(&self, chat: &ChatId, scene: &Scene) -> Conversation {
        let phone = chat.as_str();
        let records = self.records().filter(|(_, record)| record.phone == phone);
        let waiting = self.waiting_views(scene);
        let bubbles = records.map(|(id, record)| {
            let mut bubble = Bubble::of_wamm(id, record, scene);
            if let Some(wait) = waiting.iter().find(|wait| wait.message == bubble.id) {
                bubble.why = Some(wait.why.text.clone());
            }
            bubble
        });
        let bubbles = bubbles.collect();
        Conversation::new(chat.clone(), self.name_of(phone, &scene.people), bubbles)
    }
}

impl Bubble {
    fn of_wamm(id: u64, record: &Record, scene: &Scene) -> Self {
        let file = record.file.as_ref();
        let kind = file.map(|file| &file.kind).or(record.kind.as_ref());
        let why = match record.state.delivery() {
            Delivery::Queued | Delivery::Failed(_) => Some(record.state.advice().to_owned()),
            _ => None,
        };
        Self {
            id: id.into(),
            is_ours: record.from_me,
            author: record.author.as_ref().map(|author| scene.people.name_of(author)),
            kind: kind.map_or_else(|| "text".to_owned(), |kind| bare(&kind.to_string())),
            body: file.map_or(&record.text, |file| &file.link).clone(),
            caption: file.map(|_| record.text.clone()).filter(|text| !text.is_empty()),
            file: file.map(|file| FileView {
                name: file.name.clone(),
                kept: file.content.as_ref().and_then(|_| kept_name(&file.link)),
            }),
            at: Some(record.made),
            state: record.from_me.then(|| record.state.delivery()),
            why,
            quoted: None,
        }
    }
}

/// `imageMessage` as the other vendor calls it.
fn bare(kind: &str) -> String {
    kind.strip_suffix("Message").unwrap_or(kind).to_owned()
}
