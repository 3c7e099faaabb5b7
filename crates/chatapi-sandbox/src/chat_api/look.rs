//! What the page shows of an instance.

use std::collections::BTreeMap;

use chatapi_types::ChatId;
use chatapi_types::chat_api::{Advice, Status, Substatus};

use crate::chat_api::session::Stage;
use crate::chat_api::{Instance, Network, Record};
use crate::page::view::{
    Bubble, CHATS, ChatRow, Conversation, FileView, Inside, Line, MemberView, PhoneView,
    SessionView, Signal, Tone, Vendor, kept_name, preview,
};
use crate::world::Scene;

impl Instance {
    /// What the state means and what to do about it.
    pub(super) fn advice(&self, scene: &Scene) -> Advice {
        let state = self.state(&scene.profile.chat_api);
        let mut status = Status::new(state.account.clone());
        status.status_data = Some(super::status::describe(&state));
        status.advice()
    }

    /// Why nothing leaves, in a word or two.
    pub(super) fn standstill(&self, scene: &Scene) -> &'static str {
        match self.state(&scene.profile.chat_api).substatus {
            _ if !self.paid => "not paid",
            Substatus::Offline => "offline",
            Substatus::Timeout => "timeout",
            Substatus::Pairing => "second session",
            Substatus::Phone => "bad network",
            Substatus::Computer => "vendor's computer",
            _ if !self.is_linked() => "not linked",
            _ => "phone",
        }
    }

    /// The instance from outside.
    pub(crate) fn line(&self, scene: &Scene) -> Line {
        let figures = &scene.profile.chat_api;
        let state = self.state(figures);
        let advice = self.advice(scene);
        let tone = match (advice.can_send, advice.heals_itself) {
            (true, true) => Tone::Good,
            (true, false) | (false, true) => Tone::Waiting,
            (false, false) => Tone::Bad,
        };
        Line {
            vendor: Vendor::ChatApi,
            id: self.id.to_string(),
            token: self.token.expose().to_owned(),
            number: self.phone.number.clone(),
            phone: Some(self.phone_view()),
            account: state.account.to_string(),
            substatus: Some(state.substatus.to_string()),
            tone,
            meaning: advice.meaning,
            action: advice.action,
            is_paid: self.paid,
            queued: self.queue_len(),
            queue_cap: Some(figures.queue_cap),
            unread: self.chats.iter().map(|(_, chat)| chat.unread).sum(),
        }
    }

    fn phone_view(&self) -> PhoneView {
        PhoneView {
            signal: match self.phone.network() {
                Network::Online => Signal::Online,
                Network::Offline => Signal::Offline,
                Network::Poor => Signal::Poor,
                Network::Silent { .. } => Signal::Silent,
            },
            battery: self.phone.battery(),
            cable: self.phone.power.cable(),
            uplink: self.session.uplink,
            session: match &self.session.stage {
                Stage::Asleep => SessionView::Asleep,
                Stage::Showing { qr, expired } => {
                    SessionView::Qr { image: qr.data_uri(), is_expired: *expired }
                }
                Stage::Linked => SessionView::Linked,
                Stage::Connecting | Stage::Syncing | Stage::Opening => SessionView::Busy,
            },
            has_rival: self.session.rival,
        }
    }

    /// The instance from inside, with one chat open.
    pub(crate) fn inside(&self, chat: Option<&ChatId>, scene: &Scene) -> Inside {
        Inside {
            line: self.line(scene),
            chats: self.chat_rows(scene),
            open: chat.map(|chat| self.conversation(chat, scene)),
            waiting: self.waiting_views(scene),
        }
    }

    fn chat_rows(&self, scene: &Scene) -> Vec<ChatRow> {
        let mut rows: BTreeMap<&ChatId, ChatRow> = BTreeMap::new();
        for (id, chat) in self.chats.iter() {
            let row = rows.entry(id).or_insert_with(|| ChatRow::new(id, scene));
            row.last = chat.last_message;
            row.unread = chat.unread;
            row.is_pinned = chat.pinned.is_some();
        }
        for record in self.present() {
            if let Some(row) = rows.get_mut(&record.chat) {
                let content = &record.content;
                let text = content.file.as_ref().map_or(&content.body, |file| &file.name);
                row.preview = preview(text, 80);
            }
        }
        for (id, text) in self.waiting_chats() {
            let row = rows.entry(id).or_insert_with(|| ChatRow::new(id, scene));
            row.waiting += 1;
            if row.preview.is_empty() {
                row.preview = preview(text, 80);
            }
        }
        let mut rows: Vec<_> = rows.into_values().collect();
        rows.sort_by_key(|row| (!row.is_pinned, row.last.is_some(), std::cmp::Reverse(row.last)));
        rows.truncate(CHATS);
        rows
    }

    fn conversation(&self, chat: &ChatId, scene: &Scene) -> Conversation {
        let records = self.present().filter(|record| record.chat == *chat);
        let mut bubbles: Vec<_> = records.map(|record| Bubble::of(record, scene)).collect();
        bubbles.extend(self.waiting_bubbles(chat, scene));
        let mut conversation = Conversation::new(chat.clone(), scene.chat_name(chat), bubbles);
        conversation.members = scene.groups.get(chat).map(|group| {
            let others = group.members().filter(|number| *number != self.phone.number);
            let named = others.map(|number| MemberView {
                number: number.to_owned(),
                name: scene.people.name_of(number),
            });
            named.collect()
        });
        conversation
    }
}

impl ChatRow {
    fn new(chat: &ChatId, scene: &Scene) -> Self {
        Self {
            chat: chat.clone(),
            name: scene.chat_name(chat),
            last: None,
            preview: String::new(),
            unread: 0,
            waiting: 0,
            is_pinned: false,
        }
    }
}

impl Bubble {
    fn of(record: &Record, scene: &Scene) -> Self {
        let content = &record.content;
        let author = record.author.as_ref().filter(|_| record.progress.is_none());
        Self {
            id: record.id.clone(),
            is_ours: record.progress.is_some(),
            author: author.map(|author| scene.people.name_of(author.as_str())),
            kind: content.kind.to_string(),
            body: content.body.clone(),
            caption: content.caption.clone(),
            file: content.file.as_ref().map(|file| FileView {
                name: file.name.clone(),
                kept: file.content.as_ref().and_then(|_| kept_name(&content.body)),
            }),
            at: Some(record.at),
            state: record.progress.map(|progress| progress.delivery()),
            why: None,
            quoted: record.quoted.as_ref().map(|quoted| preview(&quoted.body, 80)),
        }
    }
}
