//! What a channel tells its webhook (§4).

use chatapi_types::wamm::{Event, MessageEvent, StateEvent, WebhookEvent};
use chatapi_types::{LocalStamp, MessageId};

use crate::wamm::{Channel, Record};
use crate::world::{HookKind, News, Party, Scene, Terms};

impl Channel {
    pub(super) const fn party(&self) -> Party {
        Party::Channel(self.key)
    }

    /// Where webhooks go from now on; `None` for nowhere. No method sets it (§4.1): people do, in
    /// the vendor's account.
    pub(crate) fn set_webhook(&mut self, url: Option<String>, scene: &mut Scene) {
        self.hook = url;
        let attempts = scene.profile.wamm.hooks.attempts;
        let terms = |target| Terms { target, parallel: false, attempts, notes: false };
        scene.set_hook_terms(self.party(), self.hook.clone().map(terms));
    }

    /// A message came in or went out, or is another than it was.
    pub(super) fn tell_message(&self, id: u64, scene: &mut Scene) {
        if !scene.is_heard(self.party()) {
            return;
        }
        if let Some(record) = self.messages.get(&id) {
            let event = self.message_event(id, record, scene);
            self.tell(HookKind::Message, id, event, scene);
        }
    }

    fn message_event(&self, id: u64, record: &Record, scene: &Scene) -> MessageEvent {
        let (phone, text) = (&*record.phone, &*record.text);
        let mut event = MessageEvent::new(id, record.from_me, phone, text, record.state.clone());
        event.qoute_msg_id.clone_from(&record.quoted);
        event.from_api = Some(record.from_me);
        event.phone_acc = Some(self.phone.as_str().into());
        event.chat_name = self.name_of(phone, &scene.people);
        event.tip_msg = record.kind();
        event.msg_link = record.file.as_ref().map(|file| file.link.clone());
        let offset = scene.profile.wamm.utc_offset_minutes;
        event.date_ins = Some(LocalStamp::at(record.made.into(), offset));
        if let Some(author) = &record.author {
            event.sender_id = Some(author.as_str().into());
            event.sender_name = Some(scene.people.name_of(author));
        }
        event
    }

    /// A message is in another state.
    pub(super) fn tell_state(&self, id: u64, scene: &mut Scene) {
        let Some(record) = self.messages.get(&id).filter(|_| scene.is_heard(self.party())) else {
            return;
        };
        let mut event = StateEvent::new(id, record.state.clone());
        if scene.profile.wamm.states_name_phone {
            event.phone = Some(record.phone.as_str().into());
        }
        self.tell(HookKind::Ack, id, event, scene);
    }

    fn tell(&self, kind: HookKind, id: u64, event: impl Into<Event>, scene: &mut Scene) {
        let body = WebhookEvent::new(event).encode();
        // What is written as JSON is text.
        let body = String::from_utf8(body).unwrap_or_default();
        let message = Some(MessageId::from(id));
        scene.tell(News { party: self.party(), subject: self.subject(), kind, message, body });
    }
}
