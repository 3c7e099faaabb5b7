//! What is done to a chat as a whole. All of it at once, but for `readChat`, which is an action of
//! the queue (§6, grade A).

use chatapi_types::ChatId;
use chatapi_types::chat_api::{ChatRead, Done, Removed};

use crate::chat_api::actions::Deed;
use crate::chat_api::recipient::chat_of;
use crate::chat_api::{Chat, Instance};
use crate::http::{Answer, Question};
use crate::world::Scene;

/// The chat that is meant, if it is there; else the refusal. That of a chat which is not there was
/// never seen.
fn known_chat(instance: &Instance, scene: &Scene, question: &Question) -> Result<ChatId, String> {
    let id = chat_of(&question.args, &scene.profile.chat_api)?;
    match instance.chats.get(&id) {
        Some(_) => Ok(id),
        None => Err(format!("Chat {id} not found")),
    }
}

/// Does something to a chat: `{result, chatId}` (§5.3, grade B; for the four methods of 2021, whose
/// answer was never seen, grade D).
fn change(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
    method: &'static str,
    change: impl FnOnce(&mut Chat),
) -> Answer {
    let id = instance.may_operate(scene).and_then(|()| known_chat(instance, scene, question));
    let id = match id {
        Ok(id) => id,
        Err(refusal) => return Answer::of(&Done::failed(refusal)),
    };
    if let Some(chat) = instance.chats.get_mut(&id) {
        change(chat);
    }
    instance.note_chat(method, &id, scene);
    Answer::of(&Done::with(id))
}

macro_rules! changes {
    ($($name:ident = $wire:literal: $change:expr;)*) => {
        $(
            pub(in crate::chat_api) fn $name(
                instance: &mut Instance,
                scene: &mut Scene,
                question: &Question,
            ) -> Answer {
                change(instance, scene, question, $wire, $change)
            }
        )*
    };
}

changes! {
    unread = "unreadChat": |chat| chat.is_marked = true;
    unpin = "unpinChat": |chat| chat.pinned = None;
    archive = "archiveChat": |chat| {
        chat.is_archived = true;
        chat.pinned = None;
    };
    unarchive = "unarchiveChat": |chat| chat.is_archived = false;
    disappearing = "disappearingChat": |chat| chat.is_disappearing = true;
}

/// One too many is a success all the same, and is not pinned (§5.3, grade B).
pub(in crate::chat_api) fn pin(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    let pinned = instance.chats.iter().filter(|(_, chat)| chat.pinned.is_some()).count();
    let has_room = pinned < scene.profile.chat_api.pinned_chats;
    let now = scene.unix();
    change(instance, scene, question, "pinChat", |chat| {
        if has_room && chat.pinned.is_none() {
            chat.pinned = Some(now);
        }
    })
}

/// The chat stays and is empty.
pub(in crate::chat_api) fn clear(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    if instance.may_operate(scene).is_ok()
        && let Ok(id) = known_chat(instance, scene, question)
    {
        instance.delete_all(&id);
    }
    change(instance, scene, question, "clearChat", |chat| {
        chat.last_message = None;
        chat.unread = 0;
        chat.is_marked = false;
    })
}

pub(in crate::chat_api) fn remove(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    if let Err(refusal) = instance.may_operate(scene) {
        return Answer::of(&cannot_remove(&refusal));
    }
    let Ok(id) = known_chat(instance, scene, question) else {
        return Answer::of(&cannot_remove("Invalid number"));
    };
    instance.remove_chat(&id, scene);
    instance.note_chat("removeChat", &id, scene);
    Answer::of(&Removed::new("success"))
}

/// The vendor's text (§1.2, grade C) with a reason, which it gives as `Invalid number`.
pub(in crate::chat_api) fn cannot_remove(reason: &str) -> Removed {
    Removed::new(format!("Couldn't delete chat or leaving group. {reason}"))
}

pub(in crate::chat_api) fn read(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    Answer::of(&match known_chat(instance, scene, question) {
        Ok(id) => {
            instance.add_action(Deed::ReadChat(id.clone()), scene);
            ChatRead::new(true, format!("Chat {id} will be read"), id)
        }
        Err(refusal) => {
            let asked = chat_of(&question.args, &scene.profile.chat_api).ok();
            let mut declined = ChatRead::new(false, refusal, "");
            declined.chat_id = asked;
            declined
        }
    })
}
