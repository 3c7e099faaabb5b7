//! What an instance tells its webhook (§8).

use std::collections::BTreeMap;
use std::time::Duration;

use chatapi_types::chat_api::{
    AccountStatus, AckEvent, Chat as Dialog, ChatUpdate, StatusData, WebhookEvents,
};
use chatapi_types::{ChatId, InstanceId, MessageId};
use serde::Serialize;

use crate::chat_api::Instance;
use crate::chat_api::history::Record;
use crate::chat_api::status::{State, describe};
use crate::world::{Group, HookKind, News, Party, Progress, Scene, Terms};

/// Chats that are about to change, as they were; `None` for one that is new.
pub(super) type Before = BTreeMap<ChatId, Option<Dialog>>;

impl Instance {
    pub(super) const fn party(&self) -> Party {
        Party::Instance(self.key)
    }

    /// The settings may be others now.
    pub(super) fn set_hook_terms(&self, scene: &mut Scene) {
        let settings = &self.settings;
        let is_on = |setting: Option<bool>| setting == Some(true);
        let terms = settings.webhook_url.clone().map(|target| Terms {
            target,
            parallel: is_on(settings.parallel_hooks),
            attempts: match is_on(settings.guaranteed_hooks) {
                true => scene.profile.chat_api.hooks.attempts,
                false => 1,
            },
            notes: is_on(settings.webhook_statuses),
        });
        scene.set_hook_terms(self.party(), terms);
    }

    fn tell(
        &self,
        kind: HookKind,
        message: Option<&MessageId>,
        body: &impl Serialize,
        scene: &mut Scene,
    ) -> Option<u64> {
        // Texts and numbers: writing them cannot fail.
        let body = serde_json::to_string(body).unwrap_or_default();
        let (party, subject, message) = (self.party(), self.subject(), message.cloned());
        scene.tell(News { party, subject, kind, message, body })
    }

    /// A message came in or went out, or is another than it was. Old ones are not told where the
    /// settings say so.
    pub(super) fn tell_message(&self, number: u64, scene: &mut Scene) {
        let Some(record) = self.history.get(number) else {
            return;
        };
        let period = self.settings.old_messages_period.map(u64::from);
        let period = period.map_or(scene.profile.chat_api.old_after, Duration::from_secs);
        let is_old = scene.unix().since(record.at) > period;
        if !(is_old && self.settings.ignore_old_messages == Some(true)) {
            self.tell_record(record, scene);
        }
    }

    fn tell_record(&self, record: &Record, scene: &mut Scene) -> Option<u64> {
        if !scene.is_heard(self.party()) {
            return None;
        }
        let message = self.message(record, scene);
        let events = WebhookEvents::new(&self.id).messages([message]);
        self.tell(HookKind::Message, Some(&record.id), &events, scene)
    }

    /// Tells a message once more, however old it is. Gives back whether it is there.
    pub(super) fn repeat_message(&self, id: &MessageId, scene: &mut Scene) -> bool {
        let Some(record) = self.present_message(id) else {
            return false;
        };
        let first = scene.hook_of(self.party(), id);
        let again = self.tell_record(record, scene);
        if let (Some(first), Some(again)) = (first, again) {
            scene.hooks.mark_as_repetition(again, first);
        }
        true
    }

    /// A message of ours got further.
    pub(super) fn tell_ack(&self, record: &Record, progress: Progress, scene: &mut Scene) {
        if self.settings.ack_notifications_on != Some(true) || !scene.is_heard(self.party()) {
            return;
        }
        let (id, chat) = (&record.id, &record.chat);
        let mut ack = AckEvent::new(id, 0, chat, progress.ack());
        ack.queue_number = record.queue_number;
        let events = WebhookEvents::new(&self.id).acks([ack]);
        self.tell(HookKind::Ack, Some(id), &events, scene);
    }

    /// The instance is in another state. What the vendor posts then was never seen (§8): it is
    /// `status?full=1` with `instanceId` behind it (grade D).
    pub(super) fn tell_status(&self, state: &State, scene: &mut Scene) {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Notification<'a> {
            account_status: &'a AccountStatus,
            status_data: StatusData,
            instance_id: &'a InstanceId,
        }
        if self.settings.status_notifications_on == Some(true) && scene.is_heard(self.party()) {
            let body = Notification {
                account_status: &state.account,
                status_data: describe(state),
                instance_id: &self.id,
            };
            self.tell(HookKind::Status, None, &body, scene);
        }
    }

    /// A chat is about to change: remembers how it was, where anybody wants to know.
    pub(super) fn chat_will_change(&mut self, id: &ChatId, scene: &Scene) {
        let wanted = self.settings.chat_update_on == Some(true) && scene.is_heard(self.party());
        if wanted && !self.before.contains_key(id) {
            let before = self.chats.get(id).map(|chat| self.dialog(id, chat, scene, &scene.origin));
            self.before.insert(id.clone(), before);
        }
    }

    /// As [`chat_will_change`](Self::chat_will_change), where the chat is known to the instance.
    pub(crate) fn known_chat_will_change(&mut self, id: &ChatId, scene: &Scene) {
        if self.chats.get(id).is_some() {
            self.chat_will_change(id, scene);
        }
    }

    /// A group is another than it was: tells that, where the instance is or was a member of it and
    /// has the chat.
    pub(crate) fn tell_group_change(&self, id: &ChatId, old: &Group, scene: &mut Scene) {
        let wanted = self.settings.chat_update_on == Some(true) && scene.is_heard(self.party());
        let Some(chat) = self.chats.get(id).filter(|_| wanted) else {
            return;
        };
        let new = scene.groups.get(id);
        if ![Some(old), new].into_iter().flatten().any(|it| it.has_member(&self.phone.number)) {
            return;
        }
        let old = self.dialog_in(Some(old), id, chat, scene, &scene.origin);
        let new = self.dialog_in(new, id, chat, scene, &scene.origin);
        if old != new {
            self.tell_chat_update(ChatUpdate::changed(old, new), scene);
        }
    }

    fn tell_chat_update(&self, update: ChatUpdate, scene: &mut Scene) {
        let events = WebhookEvents::new(&self.id).chat_updates([update]);
        self.tell(HookKind::ChatUpdate, None, &events, scene);
    }

    /// Tells which chats have changed. What is said of one that is gone was never seen: nothing.
    pub(super) fn tell_chat_updates(&mut self, scene: &mut Scene) {
        for (id, old) in std::mem::take(&mut self.before) {
            let Some(chat) = self.chats.get(&id) else {
                continue;
            };
            let new = self.dialog(&id, chat, scene, &scene.origin);
            if old.as_ref() == Some(&new) {
                continue;
            }
            let update = match old {
                Some(old) => ChatUpdate::changed(old, new),
                None => ChatUpdate::created(new),
            };
            self.tell_chat_update(update, scene);
        }
    }
}
