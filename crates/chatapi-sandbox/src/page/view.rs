//! What the page shows of the world, in the world's words and without markup.

use crate::chat_api::{Cable, Uplink};
use chatapi_types::{ChatId, Delivery, MessageId, Messenger, UnixMillis};

/// Which vendor a line is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vendor {
    ChatApi,
    Wamm(Messenger),
}

/// How well a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Messages leave.
    Good,
    /// It passes, or somebody has something small to do.
    Waiting,
    /// Nothing leaves until somebody does something.
    Bad,
}

/// What can be heard of a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Online,
    Offline,
    /// Its connection comes and goes.
    Poor,
    /// It gives no answer, and nobody knows why.
    Silent,
}

/// A line to a messenger: a Chat API instance with its phone, or a wamm channel.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) vendor: Vendor,
    /// The instance's number, or the channel's `api_id`.
    pub(crate) id: String,
    pub(crate) token: String,
    /// Our number on it.
    pub(crate) number: String,
    /// The phone, where the vendor has one.
    pub(crate) phone: Option<PhoneView>,
    /// The state of the account in the vendor's word.
    pub(crate) account: String,
    /// The substatus, where the vendor has one.
    pub(crate) substatus: Option<String>,
    pub(crate) tone: Tone,
    /// What the state means, and what to do about it.
    pub(crate) meaning: &'static str,
    pub(crate) action: &'static str,
    pub(crate) is_paid: bool,
    pub(crate) queued: usize,
    /// How many the queue holds at most, where there is a limit.
    pub(crate) queue_cap: Option<usize>,
    pub(crate) unread: usize,
}

/// A phone and its session.
#[derive(Clone, Debug)]
pub(crate) struct PhoneView {
    pub(crate) signal: Signal,
    /// In percent.
    pub(crate) battery: u8,
    pub(crate) cable: Cable,
    pub(crate) uplink: Uplink,
    pub(crate) session: SessionView,
    pub(crate) has_rival: bool,
}

/// How far the session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SessionView {
    Asleep,
    /// On its way up, or reading messages.
    Busy,
    /// Shows a QR code, given as a data URI.
    Qr {
        image: String,
        is_expired: bool,
    },
    Linked,
}

/// A chat in the list of chats.
#[derive(Clone, Debug)]
pub(crate) struct ChatRow {
    pub(crate) chat: ChatId,
    pub(crate) name: String,
    /// When its last message came or went; `None` where nothing has left yet.
    pub(crate) last: Option<UnixMillis>,
    pub(crate) preview: String,
    pub(crate) unread: usize,
    pub(crate) waiting: usize,
    pub(crate) is_pinned: bool,
}

/// A message in a conversation.
#[derive(Clone, Debug)]
pub(crate) struct Bubble {
    pub(crate) id: MessageId,
    pub(crate) is_ours: bool,
    /// Who wrote it, where several can.
    pub(crate) author: Option<String>,
    /// What it is, in the vendor's word.
    pub(crate) kind: String,
    pub(crate) body: String,
    pub(crate) caption: Option<String>,
    pub(crate) file: Option<FileView>,
    pub(crate) at: Option<UnixMillis>,
    /// How far it has come; `None` for one that came in.
    pub(crate) state: Option<Delivery>,
    /// Why it waits.
    pub(crate) why: Option<String>,
    pub(crate) quoted: Option<String>,
}

/// A file in a message.
#[derive(Clone, Debug)]
pub(crate) struct FileView {
    pub(crate) name: String,
    /// The sandbox's name of it, where the sandbox has its content.
    pub(crate) kept: Option<String>,
}

/// A message that waits.
#[derive(Clone, Debug)]
pub(crate) struct WaitView {
    pub(crate) message: MessageId,
    pub(crate) chat: ChatId,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) body: String,
    pub(crate) why: Reason,
}

/// Why a message waits.
#[derive(Clone, Debug)]
pub(crate) struct Reason {
    /// In one or two words.
    pub(crate) word: &'static str,
    pub(crate) text: String,
    /// Whether it passes with time alone.
    pub(crate) passes: bool,
}

/// One line and what is in it.
#[derive(Clone, Debug)]
pub(crate) struct Inside {
    pub(crate) line: Line,
    pub(crate) chats: Vec<ChatRow>,
    pub(crate) open: Option<Conversation>,
    /// The first of those that wait.
    pub(crate) waiting: Vec<WaitView>,
}

/// A chat that is open.
#[derive(Clone, Debug)]
pub(crate) struct Conversation {
    pub(crate) chat: ChatId,
    pub(crate) name: String,
    /// Oldest first.
    pub(crate) bubbles: Vec<Bubble>,
    /// How many older ones are not shown.
    pub(crate) omitted: usize,
    /// Who is in it besides us; `None` where it is no group that people can join and leave.
    pub(crate) members: Option<Vec<MemberView>>,
}

/// A member of a group.
#[derive(Clone, Debug)]
pub(crate) struct MemberView {
    pub(crate) number: String,
    pub(crate) name: String,
}

/// How many messages of a chat are shown.
pub(crate) const BUBBLES: usize = 200;
/// How many messages of a queue are shown.
pub(crate) const WAITING: usize = 100;
/// How many chats are listed.
pub(crate) const CHATS: usize = 200;

impl Conversation {
    /// The latest of a chat.
    pub(crate) fn new(chat: ChatId, name: String, mut bubbles: Vec<Bubble>) -> Self {
        let omitted = bubbles.len().saturating_sub(BUBBLES);
        bubbles.drain(..omitted);
        Self { chat, name, bubbles, omitted, members: None }
    }
}

impl Bubble {
    /// What the contact can still change of it; `None` where that is nothing.
    pub(crate) fn editable(&self) -> Option<&str> {
        let is_text = self.file.is_none() && matches!(&*self.kind, "chat" | "text");
        match (self.is_ours, &self.file) {
            (true, _) => None,
            (false, Some(_)) => Some(self.caption.as_deref().unwrap_or_default()),
            (false, None) => is_text.then_some(&*self.body),
        }
    }
}

/// The sandbox's name of a file, from its address.
pub(crate) fn kept_name(address: &str) -> Option<String> {
    address.rsplit_once("/files/").map(|(_, name)| name.to_owned())
}

/// The beginning of a text, on one line.
pub(crate) fn preview(text: &str, letters: usize) -> String {
    let mut chars = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    let mut short: String = chars.by_ref().take(letters).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}
