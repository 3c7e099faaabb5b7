//! An instance at a glance.

use chatapi_types::{ChatId, Delivery, MessageId};

use crate::chat_api::Instance;
use crate::chat_api::history::Content;
use crate::world::Scene;
use crate::{InstanceView, Submission};

impl Instance {
    pub(crate) fn view(&self, scene: &Scene) -> InstanceView {
        let figures = &scene.profile.chat_api;
        let state = self.state(figures);
        InstanceView {
            id: self.id.clone(),
            token: self.token.clone(),
            phone: self.phone.number.clone(),
            account_status: state.account,
            substatus: state.substatus,
            reason: state.reason,
            battery: self.phone.battery(),
            is_paid: self.paid,
            paid_till: self.paid_till,
            can_send: self.can_send(figures),
            queue: self.queue_len(),
            queue_cap: figures.queue_cap,
            queue_peak: self.queue_peak(),
            sent: self.records().filter(|record| record.progress.is_some()).count(),
        }
    }
}

impl Instance {
    /// What clients gave it: what left, then what waits.
    pub(crate) fn submissions(&self) -> impl Iterator<Item = Submission> {
        let submission = |id: &MessageId, chat: &ChatId, content: &Content| Submission {
            subject: self.subject(),
            id: id.clone(),
            chat: chat.clone(),
            text: content.body.clone(),
            file: content.file.as_ref().map(|file| file.name.clone()),
            caption: content.caption.clone(),
            left: None,
            state: Delivery::Queued,
        };
        let left = self.records().filter_map(move |record| {
            let state = record.progress?.delivery();
            let left = Some(record.at);
            let submission = submission(&record.id, &record.chat, &record.content);
            Some(Submission { left, state, ..submission })
        });
        let waiting = self.queue.waiting();
        left.chain(waiting.map(move |it| submission(&it.id, &it.chat, &it.content)))
    }
}
