//! `instanceStatuses`, `webhookStatus`, `repeatHook`: what is written down where the settings ask
//! for it.

use std::collections::VecDeque;

use chatapi_types::chat_api::{
    AccountStatus, Done, InstanceStatus, InstanceStatuses, ListInstanceStatuses, ReadWebhookStatus,
    RepeatHook, WebhookStatus,
};
use chatapi_types::{UnixMillis, UnixTime};
use serde::{Deserialize, Serialize};

use crate::chat_api::Instance;
use crate::chat_api::labels::declined;
use crate::http::{Answer, Question};
use crate::world::Scene;

/// What was written down, the latest of each.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Journals {
    statuses: VecDeque<(UnixMillis, AccountStatus)>,
}

/// Adds to a list that does not grow for ever.
fn keep<T>(list: &mut VecDeque<T>, thing: T, scene: &Scene) {
    while list.len() >= scene.profile.chat_api.history.max(1) {
        list.pop_front();
    }
    list.push_back(thing);
}

impl Instance {
    /// The account is in another state. "Not paid" is no state of this journal (§7, grade A).
    pub(super) fn journal_status(&mut self, account: AccountStatus, scene: &Scene) {
        let wanted = self.settings.instance_statuses == Some(true);
        if wanted && account != AccountStatus::NotPaid {
            keep(&mut self.journals.statuses, (scene.unix(), account), scene);
        }
    }
}

/// Oldest first (grade D).
pub(super) fn statuses(instance: &mut Instance, _: &mut Scene, question: &Question) -> Answer {
    let asked: ListInstanceStatuses = match question.args.read() {
        Ok(asked) => asked,
        Err(error) => return Answer::bad_argument(&error),
    };
    let in_window = |(at, _): &&(UnixMillis, AccountStatus)| {
        let time = UnixTime::from(*at);
        asked.min_time.is_none_or(|min| time >= min) && asked.max_time.is_none_or(|max| time <= max)
    };
    let found = instance.journals.statuses.iter().filter(in_window);
    let found = found.map(|(at, status)| InstanceStatus::new(*at, status.clone()));
    Answer::of(&InstanceStatuses::new(found.collect()))
}

/// The vendor's answer about a message of which nothing is written down was never seen.
pub(super) fn webhook_status(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    let id = match question.args.read() {
        Ok(ReadWebhookStatus { msg_id, .. }) => msg_id,
        Err(error) => return Answer::bad_argument(&error),
    };
    match scene.hooks.note_of(instance.party(), &id) {
        Some((state, since)) => Answer::of(&WebhookStatus::new(id, since, state)),
        None => Answer::error(200, format!("No webhook status of message {id}")),
    }
}

/// `{success: true, result: "success"}` (§3.3, grade D).
pub(super) fn repeat(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let id = match question.args.read() {
        Ok(RepeatHook { message_id, .. }) => message_id,
        Err(error) => return declined(error.to_string()),
    };
    match instance.repeat_message(&id, scene) {
        true => Answer::of(&Done::success()),
        false => declined(format!("Message {id} not found")),
    }
}
