//! `sendMessage` and `sendFile`.

use chatapi_types::chat_api::{AccountStatus, MessageKind, SendFile, SendMessage, Sent};
use chatapi_types::{ArgError, Args, ChatId, MessageId};
use serde::de::DeserializeOwned;

use crate::chat_api::Instance;
use crate::chat_api::history::{Attachment, Content};
use crate::http::{Answer, Question};
use crate::world::{File, Happening, Scene};

pub(super) fn send_message(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    let sent = addressed(&question.args, scene).and_then(|(chat, args)| {
        let call: SendMessage = read(&args)?;
        if call.body.is_empty() {
            return Err(EMPTY_BODY.to_owned());
        }
        instance.submit(chat, Content::text(call.body), call.quoted_msg_id, scene)
    });
    reply(sent)
}

pub(super) fn send_file(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let sent = addressed(&question.args, scene).and_then(|(chat, args)| {
        let call: SendFile = read(&args)?;
        let is_address = ["http://", "https://"].iter().any(|s| call.body.starts_with(s));
        let content = File::from_data_uri(&call.body);
        if !is_address && content.is_none() {
            return Err("Message was not sent: body is neither a link nor a data URI".to_owned());
        }
        // What is handed over gets an address.
        let handed = content.clone().map(|file| {
            let name = format!("{}.{}", scene.random.hex(32), extension(&call.filename));
            (name, file)
        });
        let body = match &handed {
            Some((name, _)) => format!("{}/files/{name}", question.origin),
            None => call.body,
        };
        let content = Content {
            kind: kind_of(&call.filename),
            body,
            file: Some(Attachment { name: call.filename, caption: call.caption, content }),
        };
        let sent = instance.submit(chat, content, call.quoted_msg_id, scene)?;
        if let Some((name, file)) = handed {
            scene.files.keep(name, file);
        }
        Ok(sent)
    });
    reply(sent)
}

/// The vendor's text for a send without text (§1.2, grade C).
const EMPTY_BODY: &str = "Message was not sent: empty body. Please provide message text in body \
                          parameter in JSON POST.";

fn reply(sent: Result<Sent, String>) -> Answer {
    Answer::of(&sent.unwrap_or_else(Sent::declined))
}

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
    fn submit(
        &mut self,
        chat: ChatId,
        content: Content,
        quoted: Option<MessageId>,
        scene: &mut Scene,
    ) -> Result<Sent, String> {
        let figures = &scene.profile.chat_api;
        if self.queue_is_full(figures) {
            // The vendor's text was never seen.
            let text =
                format!("Message was not sent: the queue is full ({} messages)", figures.queue_cap);
            self.note(scene, Happening::QueueFull);
            return Err(text);
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
        Ok(Sent::taken(sentence, id, number))
    }
}

fn extension(filename: &str) -> String {
    let extension = filename.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_plain = !extension.is_empty() && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    match is_plain {
        true => extension.to_ascii_lowercase(),
        false => "bin".to_owned(),
    }
}

/// The messenger tells by the extension what a file is.
fn kind_of(filename: &str) -> MessageKind {
    match extension(filename).as_str() {
        "jpg" | "jpeg" | "png" | "gif" | "webp" => MessageKind::Image,
        "mp4" | "mov" | "avi" | "3gp" | "mkv" => MessageKind::Video,
        "mp3" | "aac" | "m4a" | "amr" | "ogg" | "oga" | "opus" | "wav" => MessageKind::Audio,
        _ => MessageKind::Document,
    }
}
