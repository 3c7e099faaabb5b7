//! What contacts do on a channel.

use std::time::Duration;

use chatapi_types::wamm::MessageKind;
use chatapi_types::{ChatId, MessageId, UnixMillis};

use crate::command::CommandError;
use crate::inbound::{Circumstances, Inbound, Media};
use crate::wamm::file::Attachment;
use crate::wamm::{Channel, address};
use crate::world::{File, Happening, Scene, extension};

/// What a contact says: of which kind it is where it is no file, its text, its file.
struct Said {
    kind: Option<MessageKind>,
    text: String,
    file: Option<Attachment>,
}

impl Said {
    fn of(kind: Option<MessageKind>, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), file: None }
    }
}

impl Channel {
    /// Whether a contact can do that here, as things are.
    pub(crate) fn hears(&self, inbound: &Inbound) -> Result<(), CommandError> {
        match inbound {
            Inbound::Edit(edit) if self.written_by_contact(&edit.message).is_none() => {
                let id = &edit.message;
                Err(CommandError::missing(format!("there is no message {id} of a contact's")))
            }
            Inbound::Call(_) | Inbound::Join(_) | Inbound::Leave(_) => Err(CommandError::invalid(
                "a channel hears of no calls, and of nobody who joins or leaves a group",
            )),
            _ => Ok(()),
        }
    }

    /// A contact does something in a chat. Gives back the message that comes of it; `None` where
    /// none does: the vendor's pages know neither calls nor the comings and goings in groups.
    pub(crate) fn contact_sends(
        &mut self,
        phone: &str,
        inbound: Inbound,
        scene: &mut Scene,
    ) -> Option<MessageId> {
        let kinds = &scene.profile.wamm.file_kinds;
        let (image, video) = (kinds.image.clone(), kinds.video.clone());
        let (audio, document) = (kinds.audio.clone(), kinds.document.clone());
        let (said, with) = match inbound {
            Inbound::Text(words) => (Said::of(None, words.text), words.with),
            Inbound::Image(media) => file(image, media, scene),
            Inbound::Voice(media) | Inbound::Audio(media) => file(audio, media, scene),
            Inbound::Video(media) => file(video, media, scene),
            Inbound::Document(media) => file(document, media, scene),
            Inbound::Location(place) => {
                // The form of the text is our choice (§4.4, grade D for the kind).
                let mut text = format!("{};{}", place.lat, place.lng);
                if let Some(address) = place.address {
                    text = format!("{text}\n{address}");
                }
                (Said::of(Some(MessageKind::Location), text), place.with)
            }
            Inbound::VCard(card) => (Said::of(Some(MessageKind::Contact), card.vcard), card.with),
            Inbound::Edit(edit) => return self.contact_edits(&edit.message, edit.text, scene),
            Inbound::Call(_) | Inbound::Join(_) | Inbound::Leave(_) => return None,
        };
        Some(self.contact_says(phone, said, with, scene))
    }

    /// The contact writes.
    pub(crate) fn contact_writes(
        &mut self,
        phone: &str,
        text: &str,
        scene: &mut Scene,
    ) -> MessageId {
        self.contact_says(phone, Said::of(None, text), Circumstances::default(), scene)
    }

    fn contact_says(
        &mut self,
        phone: &str,
        said: Said,
        with: Circumstances,
        scene: &mut Scene,
    ) -> MessageId {
        let id = self.record(false, phone.to_owned(), said.text, said.file, scene);
        let age = i64::try_from(Duration::from_secs(with.seconds_ago).as_millis());
        let made = scene.unix().as_millis().saturating_sub(age.unwrap_or(i64::MAX));
        let author = with.author.map(|author| address(&author, self.messenger));
        if let Some(record) = self.messages.get_mut(&id) {
            record.made = UnixMillis::from_millis(made);
            record.kind = said.kind;
            record.quoted = with.quoting;
            record.author = author;
        }
        let (message, chat) = (MessageId::from(id), ChatId::from(phone));
        self.note(scene, Happening::CameIn { message, chat });
        self.tell_message(id, scene);
        MessageId::from(id)
    }

    /// The number of a message, if a contact wrote it.
    fn written_by_contact(&self, message: &MessageId) -> Option<u64> {
        let id: u64 = message.as_str().parse().ok()?;
        self.messages.get(&id).is_some_and(|record| !record.from_me).then_some(id)
    }

    /// The contact gives a message of his another text.
    fn contact_edits(
        &mut self,
        message: &MessageId,
        text: String,
        scene: &mut Scene,
    ) -> Option<MessageId> {
        let now = scene.unix();
        let id = self.written_by_contact(message)?;
        let record = self.messages.get_mut(&id)?;
        (record.text, record.changed) = (text, now);
        if scene.profile.wamm.tells_edits {
            self.tell_message(id, scene);
        }
        Some(MessageId::from(id))
    }
}

/// The text under a file is the message's text.
fn file(kind: MessageKind, media: Media, scene: &mut Scene) -> (Said, Circumstances) {
    let kept = format!("{}.{}", scene.random.hex(32), extension(&media.name));
    let link = format!("{}/files/{kept}", scene.origin);
    let mime = "application/octet-stream".to_owned();
    let content = File { mime, bytes: media.content };
    scene.keep_file(kept, content.clone());
    let file = Attachment { kind, name: media.name, link, content: Some(content) };
    let text = media.caption.unwrap_or_default();
    (Said { kind: None, text, file: Some(file) }, media.with)
}
