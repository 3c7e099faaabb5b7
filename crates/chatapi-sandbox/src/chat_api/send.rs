//! Sends: what they have in common, and `sendMessage`. All go through the one queue.

mod cards;
mod file;
mod forward;
mod offers;

use chatapi_types::chat_api::{AccountStatus, SendMessage, Sent};
use chatapi_types::{ArgError, Args, ChatId, MessageId};
use serde::de::DeserializeOwned;

use crate::chat_api::Instance;
use crate::chat_api::history::Content;
use crate::http::{Answer, Question};
use crate::world::{Happening, Scene};

pub(super) use cards::{send_contact, send_location, send_vcard};
pub(super) use file::{send_file, send_voice};
pub(super) use forward::{delete_message, forward_message};
pub(super) use offers::{send_buttons, send_link, send_product};

pub(super) fn send_message(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    send(instance, scene, question, |call: SendMessage, chat, instance, scene| {
        if call.body.is_empty() {
            return Err(EMPTY_BODY.to_owned());
        }
        instance.submit(chat, Content::text(call.body), call.quoted_msg_id, scene)
    })
}

/// Reads a send, lets it be said what is sent, and answers in the way of all sends.
fn send<C: DeserializeOwned>(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
    submit: impl FnOnce(C, ChatId, &mut Instance, &mut Scene) -> Result<Sent, String>,
) -> Answer {
    let sent = addressed(&question.args, scene)
        .and_then(|(chat, args)| submit(read(&args)?, chat, instance, scene));
    Answer::of(&sent.unwrap_or_else(Sent::declined))
}

/// The vendor's text for a send without text (§1.2, grade C).
const EMPTY_BODY: &str = "Message was not sent: empty body. Please provide message text in body \
                          parameter in JSON POST.";

/// Takes the recipient out of the arguments: who it is was decided leniently, so that nothing is
/// left for the call to be strict about.
fn addressed(args: &Args, scene: &Scene) -> Result<(ChatId, Args), String> {
    let chat = super::recipient::chat_of(args, &scene.profile.chat_api)?;
    let mut args = args.clone();
    args.take("phone");
    args.set("chatId", chat.as_str());
    Ok((chat, args))
}

fn read<C: DeserializeOwned>(args: &Args) -> Result<C, String> {
    let problem = |error: ArgError| match error.field() {
        Some("body") if error.is_missing() => EMPTY_BODY.to_owned(),
        _ => format!("Message was not sent: {error}"),
    };
    args.read().map_err(problem)
}

impl Instance {
    /// Takes a message into the queue, or declines it.
    pub(super) fn submit(
        &mut self,
        chat: ChatId,
        content: Content,
        quoted: Option<MessageId>,
        scene: &mut Scene,
    ) -> Result<Sent, String> {
        let figures = &scene.profile.chat_api;
        if self.queue_is_full(figures) || !self.has_room_for(&content, &scene.profile.limits) {
            return Err(self.queue_full(scene));
        }
        let sentence = match self.account_status(scene) {
            AccountStatus::Authenticated => format!("Sent to {chat}"),
            // Two blanks after "to", as the vendor has it.
            _ => format!(
                "Status of the account not equals authenticated. Message to  {chat} will be sent \
                 after successful auth."
            ),
        };
        // The ids of messages that were sent through the API begin so (§1.1, grade A).
        let id = MessageId::new(format!("true_{chat}_3EB0{}", scene.random.hex(16)));
        let number = self.enqueue(id.clone(), chat, content, quoted, scene);
        self.befall(scene);
        Ok(Sent::taken(sentence, id, number))
    }
    /// That a message has no room. The vendor's text was never seen.
    fn queue_full(&self, scene: &mut Scene) -> String {
        self.note(scene, Happening::QueueFull);
        let cap = scene.profile.chat_api.queue_cap;
        format!("Message was not sent: the queue is full ({cap} messages)")
    }
}
