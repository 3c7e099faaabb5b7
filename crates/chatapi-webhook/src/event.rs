//! What an application gets.

use std::fmt;

use bytes::Bytes;
use chatapi_types::{
    ChatId, Delivery, InstanceId, MessageId, UnixMillis, UnixTime, chat_api, wamm,
};
use serde::{Deserialize, Serialize};

use crate::{About, EventId, Hint, Origin, Vendor};

/// One thing that happened on one line. `Debug` shows neither texts nor phone numbers.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// What tells it from all others: an application that has done its work for this id is done,
    /// however often the event comes.
    pub id: EventId,
    /// The instance or channel.
    pub line: InstanceId,
    /// Whose it is.
    pub vendor: Vendor,
    /// Where it comes from, and so how far it is to be believed.
    pub origin: Origin,
    /// When it came, by the receiver's clock.
    pub received: UnixMillis,
    /// How many times it has been given out; 1 for the first.
    pub attempt: u32,
    /// What happened.
    pub content: Content,
}

impl Event {
    /// What happened, in words common to the vendors; `None` for what only one of them has, and for
    /// what is not understood.
    #[must_use]
    pub fn happening(&self) -> Option<Happening> {
        match &self.content {
            Content::ChatApi(event) => match &**event {
                chat_api::Event::Message(message) => Some(seen_by_chat_api(message)),
                chat_api::Event::Ack(ack) => Some(Happening::Delivery {
                    message: ack.id.clone(),
                    delivery: ack.delivery(),
                    word: ack.status.as_str().to_owned(),
                }),
                _ => None,
            },
            Content::Wamm(event) => match &**event {
                wamm::Event::Message(message) => Some(seen_by_wamm(message)),
                wamm::Event::State(state) => Some(Happening::Delivery {
                    message: state.msg_id.clone(),
                    delivery: state.delivery(),
                    word: state.state.as_str().to_owned(),
                }),
                wamm::Event::Unknown(_) | _ => None,
            },
            Content::Gap(_) | Content::Unproven(_) | Content::Unknown(_) => None,
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("id", &self.id)
            .field("line", &self.line)
            .field("vendor", &self.vendor)
            .field("origin", &self.origin)
            .field("received", &self.received)
            .field("attempt", &self.attempt)
            .field("content", &self.content)
            .finish()
    }
}

/// What happened. `Debug` shows neither texts nor phone numbers.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// In Chat API's words.
    ChatApi(Box<chat_api::Event>),
    /// In wamm's words.
    Wamm(Box<wamm::Event>),
    /// Messages are missing, and could not be read again.
    Gap(Gap),
    /// Something was posted that is to be confirmed by the vendor, and the vendor does not confirm
    /// it: there is no such message, though it was looked for
    /// [several times](crate::Events::ask_again_after); or the vendor cannot tell, or has not answered
    /// [for days](crate::Events::give_up_after). What it says is not shown, only what it claims to be
    /// about. That is final: the same event posted once more is a repetition, even if it has come
    /// true meanwhile.
    Unproven(Hint),
    /// What this version does not understand, to the letter: another shape, no JSON at all, or a
    /// payload of an instance that the secret is not for. Nobody vouches for it.
    Unknown(Bytes),
}

impl Content {
    /// What it is, in one word, for logs.
    #[must_use]
    pub fn sort(&self) -> &'static str {
        match self {
            Self::ChatApi(event) => match &**event {
                chat_api::Event::Message(_) => "message",
                chat_api::Event::Ack(_) => "delivery",
                chat_api::Event::ChatUpdate(_) => "chat",
                _ => "unknown",
            },
            Self::Wamm(event) => match &**event {
                wamm::Event::Message(_) => "message",
                wamm::Event::State(_) => "delivery",
                _ => "unknown",
            },
            Self::Gap(_) => "gap",
            Self::Unproven(_) => "unproven",
            Self::Unknown(_) => "unknown",
        }
    }

    /// What it claims, for the vendor to confirm; `None` for what no vendor can be asked about.
    pub(crate) fn hint(&self) -> Option<Hint> {
        let mut hint = Hint::new(About::Message);
        match self {
            Self::ChatApi(event) => match &**event {
                chat_api::Event::Message(message) => hint.number = Some(message.message_number),
                chat_api::Event::Ack(_) => hint.about = About::Delivery,
                chat_api::Event::ChatUpdate(_) => hint.about = About::Chat,
                _ => return None,
            },
            Self::Wamm(event) => match &**event {
                wamm::Event::Message(_) => {}
                wamm::Event::State(_) => hint.about = About::Delivery,
                _ => return None,
            },
            _ => return None,
        }
        match self {
            Self::ChatApi(event) => {
                hint.message = event.message_id().cloned();
                hint.chat = event.chat_id().cloned();
                hint.delivery = event.delivery();
            }
            Self::Wamm(event) => {
                hint.message = event.message_id().cloned();
                hint.chat = event.phone().map(|phone| ChatId::from(phone.as_str()));
                hint.delivery = event.delivery();
            }
            _ => {}
        }
        Some(hint)
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap(gap) => gap.fmt(f),
            Self::Unproven(hint) => write!(f, "Unproven({hint:?})"),
            Self::Unknown(raw) => write!(f, "Unknown({} B)", raw.len()),
            other => f.write_str(other.sort()),
        }
    }
}

/// What happened, whichever vendor says so. `Debug` shows neither texts nor phone numbers.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Happening {
    /// A message came in or went out.
    Message(Box<SeenMessage>),
    /// A message of ours has come further, or failed.
    Delivery {
        /// The message.
        message: MessageId,
        /// What became of it, in common words.
        delivery: Delivery,
        /// What became of it, in the vendor's word.
        word: String,
    },
}

impl fmt::Debug for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message) => message.fmt(f),
            Self::Delivery { delivery, word, .. } => write!(f, "Delivery({delivery}, {word:?})"),
        }
    }
}

/// A message that came in or went out, in words common to the vendors.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeenMessage {
    /// Its id.
    pub id: MessageId,
    /// The chat; on wamm the contact: a phone, or for Telegram and MAX a chat id.
    pub chat: ChatId,
    /// Whether it went out.
    pub from_me: bool,
    /// Whether it was sent through the API, where the vendor tells.
    pub via_api: Option<bool>,
    /// Who wrote it, where the vendor tells: the members of a group are told apart by it.
    pub author: Option<String>,
    /// What it is, in the vendor's word: `chat`, `image`, `textMessage`.
    pub kind: String,
    /// Its text, or the text under its file.
    pub text: String,
    /// Where its file is, at the vendor.
    pub file: Option<String>,
    /// When it was written, where the vendor tells without ambiguity.
    pub time: Option<UnixTime>,
    /// Its place in the line's history, where there is one.
    pub number: Option<u64>,
    /// What became of it, in common words.
    pub delivery: Delivery,
}

impl fmt::Debug for SeenMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeenMessage")
            .field("kind", &self.kind)
            .field("from_me", &self.from_me)
            .field("text", &format_args!("{} B", self.text.len()))
            .field("number", &self.number)
            .field("delivery", &self.delivery)
            .finish_non_exhaustive()
    }
}

fn seen_by_chat_api(message: &chat_api::Message) -> Happening {
    let is_file = message.kind.is_file();
    let caption = || message.caption.clone().unwrap_or_default();
    Happening::Message(Box::new(SeenMessage {
        id: message.id.clone(),
        chat: message.chat_id.clone(),
        from_me: message.from_me,
        via_api: message.via_api,
        author: message.author.as_ref().map(|author| author.as_str().to_owned()),
        kind: message.kind.as_str().to_owned(),
        text: if is_file { caption() } else { message.body.clone() },
        file: is_file.then(|| message.body.clone()),
        time: Some(message.time),
        number: Some(message.message_number),
        delivery: message.delivery(),
    }))
}

fn seen_by_wamm(message: &wamm::MessageEvent) -> Happening {
    Happening::Message(Box::new(SeenMessage {
        id: message.msg_id.clone(),
        chat: ChatId::from(message.phone.as_str()),
        from_me: message.from_me,
        via_api: message.from_api,
        author: message.sender_id.as_ref().map(|sender| sender.as_str().to_owned()),
        kind: message.tip_msg.as_str().to_owned(),
        text: message.msg_text.clone(),
        file: message.msg_link.clone(),
        time: None,
        number: None,
        delivery: message.delivery(),
    }))
}

/// Messages of a line are missing: numbers that were never posted, and that could not be read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Gap {
    /// The first number that is missing.
    pub first: u64,
    /// The last number that is missing.
    pub last: u64,
    /// Why they could not be read again.
    pub cause: GapCause,
}

impl Gap {
    /// These numbers are missing.
    #[must_use]
    pub const fn new(first: u64, last: u64, cause: GapCause) -> Self {
        Self { first, last, cause }
    }
}

/// Why missing messages could not be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GapCause {
    /// The vendor was asked, and its history does not have them: it has dropped them, or never gave
    /// out these numbers. That an instance's numbers are without holes is our inference (grade D).
    NotInHistory,
    /// The vendor did not answer.
    Unreachable,
    /// Nobody can be asked: there is no [`Source`](crate::Source), or it cannot do this.
    NoSource,
}
