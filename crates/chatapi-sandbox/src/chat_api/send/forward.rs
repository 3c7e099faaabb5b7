//! `forwardMessage` and `deleteMessage`.

use chatapi_types::chat_api::{DeleteMessage, Done, ForwardMessage};

use super::send;
use crate::chat_api::Instance;
use crate::http::{Answer, Question};
use crate::world::Scene;

/// Several messages are forwarded together or not at all; the answer is that of the first (grade D).
pub(in crate::chat_api) fn forward_message(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    send(instance, scene, question, |call: ForwardMessage, chat, instance, scene| {
        let mut contents = Vec::new();
        for id in call.message_id.as_slice() {
            let Some(record) = instance.present_message(id) else {
                return Err(format!("Message was not sent: message {id} not found"));
            };
            let mut content = record.content.clone();
            content.is_forwarded = true;
            contents.push(content);
        }
        let figures = &scene.profile.chat_api;
        let mut contents = contents.into_iter();
        let Some(first) = contents.next() else {
            return Err("Message was not sent: messageId is empty".to_owned());
        };
        let has_room = instance.queue_len() + contents.len() < figures.queue_cap;
        if !has_room {
            return Err(instance.queue_full(scene));
        }
        let sent = instance.submit(chat.clone(), first, None, scene)?;
        for content in contents {
            instance.submit(chat.clone(), content, None, scene)?;
        }
        Ok(sent)
    })
}

/// Only what came in or has left can be deleted: what waits in the queue is no message yet (grade
/// D).
pub(in crate::chat_api) fn delete_message(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    let call: DeleteMessage = match question.args.read() {
        Ok(call) => call,
        Err(error) => return Answer::of(&Done::failed(error.to_string())),
    };
    if let Err(refusal) = instance.may_operate(scene) {
        return Answer::of(&Done::failed(refusal));
    }
    let id = &call.message_id;
    Answer::of(&match instance.delete(id) {
        true => Done::success(),
        false => Done::failed(format!("Message {id} not found")),
    })
}
