//! `sendFile` and `sendPTT`.

use chatapi_types::chat_api::{MessageKind, SendFile, SendVoice, Sent};
use chatapi_types::{ChatId, MessageId};

use super::send;
use crate::chat_api::Instance;
use crate::chat_api::history::{Attachment, Content};
use crate::http::{Answer, Question};
use crate::world::{File, Scene, extension};

pub(in crate::chat_api) fn send_file(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    send(instance, scene, question, |call: SendFile, chat, instance, scene| {
        let kind = kind_of(&call.filename);
        let mut file = Upload::new("body", &call.body, call.filename, kind)?;
        file.content.caption = call.caption;
        instance.submit_file(chat, file, call.quoted_msg_id, question, scene)
    })
}

/// What the messenger makes of a voice message in another format is unknown: it is taken.
pub(in crate::chat_api) fn send_voice(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    send(instance, scene, question, |call: SendVoice, chat, instance, scene| {
        let file = Upload::new("audio", &call.audio, "voice.ogg".to_owned(), MessageKind::Ptt)?;
        instance.submit_file(chat, file, call.quoted_msg_id, question, scene)
    })
}

/// A file that is to be sent: by its address, or handed over.
pub(super) struct Upload {
    pub(super) content: Content,
}

impl Upload {
    /// Reads what stands in an argument.
    pub(super) fn new(
        argument: &str,
        given: &str,
        name: String,
        kind: MessageKind,
    ) -> Result<Self, String> {
        let is_address = ["http://", "https://"].iter().any(|scheme| given.starts_with(scheme));
        let handed = File::from_data_uri(given);
        if !is_address && handed.is_none() {
            return Err(format!(
                "Message was not sent: {argument} is neither a link nor a data URI"
            ));
        }
        let mut content = Content::new(kind, given);
        content.file = Some(Box::new(Attachment { name, content: handed }));
        Ok(Self { content })
    }
}

impl Instance {
    /// Takes a file into the queue, or declines it. What is handed over gets an address.
    pub(super) fn submit_file(
        &mut self,
        chat: ChatId,
        Upload { mut content }: Upload,
        quoted: Option<MessageId>,
        question: &Question,
        scene: &mut Scene,
    ) -> Result<Sent, String> {
        let handed = content.file.as_ref().and_then(|file| {
            let handed = file.content.clone()?;
            Some((format!("{}.{}", scene.random.hex(32), extension(&file.name)), handed))
        });
        if let Some((name, _)) = &handed {
            content.body = format!("{}/files/{name}", question.origin);
        }
        let sent = self.submit(chat, content, quoted, scene)?;
        if let Some((name, file)) = handed {
            scene.keep_file(name, file);
        }
        Ok(sent)
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
