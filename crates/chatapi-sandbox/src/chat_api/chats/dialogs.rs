//! `dialogs` and `dialog`.

use std::cmp::Reverse;

use chatapi_types::chat_api::{Chat as Dialog, Dialogs, ListDialogs, ReadDialog};
use chatapi_types::{ChatId, List};

use super::Chat;
use crate::chat_api::recipient::chat_of;
use crate::chat_api::{Instance, queue::raw};
use crate::http::{Answer, Question};
use crate::profile::LabelForm;
use crate::world::{Group, Scene};

/// Pinned chats first, archived ones last, and among themselves by their last message, the newest
/// first; `order=asc` turns the last of these round (grade D: no document tells an order, nor a
/// word that `order` takes).
pub(in crate::chat_api) fn dialogs(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    let asked: ListDialogs = match question.args.read() {
        Ok(asked) => asked,
        Err(error) => return Answer::bad_argument(&error),
    };
    let limit = match asked.limit {
        None => scene.profile.chat_api.dialogs_page,
        Some(0) => usize::MAX,
        Some(limit) => usize::try_from(limit).unwrap_or(usize::MAX),
    };
    let page = usize::try_from(asked.page.unwrap_or(0)).unwrap_or(usize::MAX);
    let mut chats: Vec<(&ChatId, &Chat)> = instance.chats.iter().collect();
    chats.sort_by_key(|(_, chat)| Reverse(chat.last_message));
    if asked.order.is_some_and(|order| order.eq_ignore_ascii_case("asc")) {
        chats.reverse();
    }
    chats.sort_by_key(|(_, chat)| (chat.is_archived, chat.pinned.is_none()));
    let chats = chats.into_iter().skip(page.saturating_mul(limit)).take(limit);
    let dialogs = chats.map(|(id, chat)| instance.dialog(id, chat, scene, &question.origin));
    Answer::of(&Dialogs::new(dialogs.collect()))
}

pub(in crate::chat_api) fn dialog(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    let id = match chat_of(&question.args, &scene.profile.chat_api) {
        Ok(id) => ReadDialog::new(id).chat_id,
        Err(refusal) => return Answer::error(200, refusal),
    };
    match instance.chats.get(&id) {
        Some(chat) => Answer::of(&instance.dialog(&id, chat, scene, &question.origin)),
        // The vendor's answer was never seen.
        None => Answer::error(200, format!("Chat {id} not found")),
    }
}

/// The address by which people join a group. It stands under the sandbox's own, and leads nowhere:
/// `joinGroup` understands it.
pub(in crate::chat_api) fn invite_link(code: &str, origin: &str) -> String {
    format!("{origin}/invite/{code}")
}

impl Instance {
    pub(in crate::chat_api) fn dialog(
        &self,
        id: &ChatId,
        chat: &Chat,
        scene: &Scene,
        origin: &str,
    ) -> Dialog {
        self.dialog_in(scene.groups.get(id), id, chat, scene, origin)
    }

    /// As if the group were this one.
    pub(in crate::chat_api) fn dialog_in(
        &self,
        group: Option<&Group>,
        id: &ChatId,
        chat: &Chat,
        scene: &Scene,
        origin: &str,
    ) -> Dialog {
        let figures = &scene.profile.chat_api;
        let name = group.map(|group| group.name.clone());
        let name = name.unwrap_or_else(|| scene.people.name_of(id.as_str()));
        let mut dialog = Dialog::new(id, name);
        dialog.last_time = chat.last_message.map(Into::into);
        if let Some(group) = group {
            let listed = |number: &&str| figures.lists_own_number || **number != *self.phone.number;
            let members = group.members().filter(listed);
            dialog.metadata.participants =
                members.map(|number| ChatId::new(format!("{number}@c.us"))).collect();
            dialog.metadata.group_invite_link = Some(invite_link(&group.code, origin));
            if let Some(picture) = &group.picture {
                dialog.image = format!("{origin}/files/{picture}");
            }
        }
        let labels = self.labels.iter().filter(|label| chat.labels.contains(&label.id));
        let labels: List<_> = match figures.labels_in_dialogs {
            LabelForm::Omitted => List::default(),
            LabelForm::Ids => labels.filter_map(|label| raw(&label.id)).collect(),
            LabelForm::Whole => labels.filter_map(raw).collect(),
        };
        dialog.metadata.labels = (!labels.is_empty()).then_some(labels);
        dialog
    }
}
