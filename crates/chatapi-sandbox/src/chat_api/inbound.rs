//! What contacts do to an instance.

use std::time::Duration;

use chatapi_types::chat_api::MessageKind;
use chatapi_types::{ChatId, MessageId, UnixMillis};

use crate::chat_api::Instance;
use crate::chat_api::groups::number_of;
use crate::chat_api::history::{Attachment, Content};
use crate::command::CommandError;
use crate::inbound::{Circumstances, Inbound, Media, Member};
use crate::world::{File, Happening, Scene, digits_of, extension};

impl Instance {
    /// Whether a contact can do that here, as things are.
    pub(crate) fn hears(
        &self,
        chat: &ChatId,
        inbound: &Inbound,
        scene: &Scene,
    ) -> Result<(), CommandError> {
        let moves = |member: &Member, joins: bool| {
            let number = digits_of(&member.phone);
            if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
                return Err(CommandError::invalid("`phone` must be a phone number"));
            }
            let missing = || CommandError::missing(format!("there is no group {chat}"));
            let group = scene.groups.get(chat).ok_or_else(missing)?;
            let problem = match (joins, group.has_member(&number)) {
                (true, true) => "is a member of the group already",
                (false, false) => "is no member of the group",
                (true, false) if group.members().count() >= scene.profile.limits.group_members => {
                    "cannot join: the group is full"
                }
                _ => return Ok(()),
            };
            Err(CommandError::impossible(format!("{} {problem}", member.phone)))
        };
        match inbound {
            Inbound::Join(member) => moves(member, true),
            Inbound::Leave(member) => moves(member, false),
            Inbound::Edit(edit) if self.written_by_contact(&edit.message).is_none() => {
                let id = &edit.message;
                Err(CommandError::missing(format!("there is no message {id} of a contact's")))
            }
            _ => Ok(()),
        }
    }

    /// A contact does something in a chat. Gives back the message that comes of it; `None` where
    /// none does.
    pub(crate) fn contact_sends(
        &mut self,
        chat: ChatId,
        inbound: Inbound,
        scene: &mut Scene,
    ) -> Option<MessageId> {
        let (content, with) = match inbound {
            Inbound::Text(words) => (Content::text(words.text), words.with),
            Inbound::Image(media) => self.file(MessageKind::Image, media, scene),
            Inbound::Voice(media) => self.file(MessageKind::Ptt, media, scene),
            Inbound::Audio(media) => self.file(MessageKind::Audio, media, scene),
            Inbound::Video(media) => self.file(MessageKind::Video, media, scene),
            Inbound::Document(media) => self.file(MessageKind::Document, media, scene),
            Inbound::Location(place) => {
                let body = format!("{};{}", place.lat, place.lng);
                let mut content = Content::new(MessageKind::Location, body);
                content.caption = place.address;
                (content, place.with)
            }
            Inbound::VCard(card) => (Content::new(MessageKind::VCard, card.vcard), card.with),
            // §4.5, grade A.
            Inbound::Call(call) => (Content::new(MessageKind::CallLog, "[Call]"), call.with),
            Inbound::Join(member) => return self.member_moves(&chat, &member.phone, true, scene),
            Inbound::Leave(member) => return self.member_moves(&chat, &member.phone, false, scene),
            Inbound::Edit(edit) => return self.contact_edits(edit.message, edit.text, scene),
        };
        Some(self.contact_says(chat, content, with, scene))
    }

    fn file(&self, kind: MessageKind, media: Media, scene: &mut Scene) -> (Content, Circumstances) {
        let skipped = kind == MessageKind::Video
            && scene.profile.chat_api.video_needs_setting
            && self.settings.video_upload_on != Some(true);
        let mut content = Content::new(kind, "");
        content.caption = media.caption;
        if !skipped {
            let mime = mime_of(&media.name).to_owned();
            let file = File { mime, bytes: media.content };
            let kept = format!("{}.{}", scene.random.hex(32), extension(&media.name));
            content.body = format!("{}/files/{kept}", scene.origin);
            content.file =
                Some(Box::new(Attachment { name: media.name, content: Some(file.clone()) }));
            scene.keep_file(kept, file);
        }
        (content, media.with)
    }

    /// The contact writes.
    pub(crate) fn contact_writes(
        &mut self,
        chat: ChatId,
        text: &str,
        scene: &mut Scene,
    ) -> MessageId {
        self.contact_says(chat, Content::text(text), Circumstances::default(), scene)
    }

    /// Something comes in from a contact. Of banned numbers nobody hears, though the message has an
    /// id.
    pub(super) fn contact_says(
        &mut self,
        chat: ChatId,
        content: Content,
        with: Circumstances,
        scene: &mut Scene,
    ) -> MessageId {
        let id = MessageId::new(format!("false_{chat}_{}", scene.random.hex(20)));
        if self.keeps_out(&chat, scene) {
            return id;
        }
        let author = self.author(&chat, with.author.as_deref(), scene);
        self.chat_will_change(&chat, scene);
        let number = self.record(id.clone(), chat.clone(), content, with.quoting, scene);
        let age = i64::try_from(Duration::from_secs(with.seconds_ago).as_millis());
        let at = scene.unix().as_millis().saturating_sub(age.unwrap_or(i64::MAX));
        self.history.amend(number, |record| {
            (record.author, record.at) = (author, UnixMillis::from_millis(at));
        });
        self.chat_goes_on(&chat, true, UnixMillis::from_millis(at));
        self.tell_message(number, scene);
        let message = id.clone();
        self.note(scene, Happening::CameIn { message, chat });
        id
    }

    /// Who speaks in a group: who is named, or the first other member.
    fn author(&self, chat: &ChatId, named: Option<&str>, scene: &Scene) -> Option<ChatId> {
        if !chat.is_group() {
            return None;
        }
        let other = || {
            let mut members = scene.groups.get(chat)?.members();
            members.find(|number| *number != self.phone.number).map(str::to_owned)
        };
        let number = named.map(digits_of).or_else(other)?;
        Some(ChatId::new(format!("{number}@c.us")))
    }

    /// A contact, the first of those numbers, makes a group of them and the account. No message tells
    /// it, the chat is there.
    pub(crate) fn contact_founds(
        &mut self,
        name: &str,
        members: &[String],
        scene: &mut Scene,
    ) -> ChatId {
        let now = scene.unix();
        let Scene { groups, random, profile, .. } = scene;
        groups.keep(profile.limits.groups.saturating_sub(1));
        let founder = members.first().map_or("", String::as_str);
        let (id, group) = groups.found(founder, name, now.into(), random);
        for number in members.iter().skip(1).chain([&self.phone.number]) {
            group.add(number, profile.limits.group_members);
        }
        self.chat_will_change(&id, scene);
        self.chats.open(&id).last_message = Some(now);
        self.note_chat("a contact makes a group", &id, scene);
        id
    }

    /// Somebody joins or leaves a group. No message tells it, the chat is another.
    fn member_moves(
        &mut self,
        chat: &ChatId,
        phone: &str,
        joins: bool,
        scene: &mut Scene,
    ) -> Option<MessageId> {
        let person = ChatId::new(format!("{}@c.us", digits_of(phone)));
        let most = scene.profile.limits.group_members;
        let group = scene.groups.get_mut(chat)?;
        let number = number_of(&person);
        let changed = if joins { group.add(number, most) } else { group.remove(number) };
        if changed {
            self.note_chat(if joins { "a contact joins" } else { "a contact leaves" }, chat, scene);
        }
        None
    }

    /// The number of a message, if a contact wrote it and it is still there.
    fn written_by_contact(&self, id: &MessageId) -> Option<u64> {
        self.present_message(id).filter(|record| record.progress.is_none()).map(|it| it.number)
    }

    /// The contact gives a message of his another text.
    fn contact_edits(
        &mut self,
        id: MessageId,
        text: String,
        scene: &mut Scene,
    ) -> Option<MessageId> {
        let number = self.written_by_contact(&id)?;
        self.history.amend(number, |record| match record.content.kind.is_file() {
            true => record.content.caption = Some(text),
            false => record.content.body = text,
        });
        if scene.profile.chat_api.tells_edits {
            self.tell_message(number, scene);
        }
        Some(id)
    }
}

/// What a file is, by the ending of its name.
fn mime_of(name: &str) -> &'static str {
    match extension(name).as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "mp4" => "video/mp4",
        "3gp" => "video/3gpp",
        "mov" => "video/quicktime",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "mp3" => "audio/mpeg",
        "m4a" | "aac" => "audio/mp4",
        "wav" => "audio/wav",
        "pdf" => "application/pdf",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
