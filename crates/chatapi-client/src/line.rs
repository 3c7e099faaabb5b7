//! What all vendors have in common, as one small object-safe trait.
//!
//! Tracking, diagnosis and the outbox work on a [`Line`] and so on every vendor alike. What a vendor
//! cannot do it says in its [`Capabilities`]; asked all the same, it answers with
//! [`ErrorKind::Unsupported`](chatapi_transport::ErrorKind::Unsupported), never with a guess.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chatapi_transport::{Clock, Result};
use chatapi_types::{ChatId, Delivery, Masked, MessageId, Phone, UnixMillis, UnixTime, chat_api};

use crate::file::File;

/// One Chat API instance or one wamm.chat channel: a phone and its connection to a messenger.
#[async_trait]
pub trait Line: fmt::Debug + Send + Sync {
    /// The vendor's name.
    fn vendor(&self) -> &'static str;

    /// What the vendor can do.
    fn capabilities(&self) -> Capabilities;

    /// The clock on which waiting and polling is done.
    fn clock(&self) -> &Arc<dyn Clock>;

    /// Hands a message over. `Ok` means that the gateway has put it into its queue.
    ///
    /// # Errors
    ///
    /// Those of a call. If [`may_have_taken_effect`](chatapi_transport::Error::may_have_taken_effect)
    /// is true, look for it with [`sightings`](Self::sightings) before sending again.
    async fn submit(&self, message: &Outgoing) -> Result<Submitted>;

    /// What became of a message; `None` when the vendor's records do not show it.
    ///
    /// A queue cannot be searched by id, so of a message known by its id alone `None` means only
    /// that the history does not show it: it may still wait.
    ///
    /// # Errors
    ///
    /// Those of a call.
    async fn state(&self, message: &Submitted) -> Result<Option<State>>;

    /// Messages of a chat, or of all chats, that came after a cursor.
    ///
    /// # Errors
    ///
    /// Those of a call.
    async fn sightings(&self, chat: Option<&ChatId>, since: Option<&Cursor>) -> Result<Sightings>;

    /// What waits in the vendor's queue.
    ///
    /// # Errors
    ///
    /// Those of a call.
    async fn queue(&self) -> Result<Queue>;

    /// Drops everything in the vendor's queue and says how much that was, where the vendor tells.
    ///
    /// # Errors
    ///
    /// Those of a call.
    async fn clear_queue(&self) -> Result<Option<u64>>;

    /// Whether messages leave at present. Never wakes a sleeping instance.
    ///
    /// # Errors
    ///
    /// Those of a call.
    async fn health(&self) -> Result<Health>;

    /// Whether a number has an account with the messenger.
    ///
    /// # Errors
    ///
    /// Those of a call.
    async fn check_phone(&self, phone: &Phone) -> Result<bool>;
}

/// What a vendor can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// It shows its queue.
    pub shows_queue: bool,
    /// It can clear its queue.
    pub clears_queue: bool,
    /// How many messages its queue holds, where that is known (a profile figure, not a promise).
    pub queue_cap: Option<u64>,
    /// It sends files.
    pub sends_files: bool,
    /// It puts a text under a file. Where it does not, a file with one is refused.
    pub captions_files: bool,
    /// Polling can prove more than "sent".
    pub polls_delivery: bool,
    /// Its history can be followed with a cursor; otherwise only the newest messages are seen.
    pub pages_history: bool,
}

impl Capabilities {
    /// Nothing but sending text.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            shows_queue: false,
            clears_queue: false,
            queue_cap: None,
            sends_files: false,
            captions_files: false,
            polls_delivery: false,
            pages_history: false,
        }
    }
}

/// A message to hand over. `Debug` masks the recipient and shows the length of texts only.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Outgoing {
    /// Who it is for.
    pub to: chat_api::Recipient,
    /// What it says.
    pub content: Content,
}

impl Outgoing {
    /// A text.
    pub fn text(to: impl Into<chat_api::Recipient>, text: impl Into<String>) -> Self {
        Self { to: to.into(), content: Content::Text(text.into()) }
    }

    /// A file, with a text under it. Where the vendor has no such texts, the message is refused.
    pub fn file(to: impl Into<chat_api::Recipient>, file: File, caption: Option<String>) -> Self {
        Self { to: to.into(), content: Content::File { file, caption } }
    }
}

/// What a message says.
///
/// `Debug` shows the length of texts only.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// A text.
    Text(String),
    /// A file.
    File {
        /// The file.
        file: File,
        /// A text under it; refused where the vendor has no such texts.
        caption: Option<String>,
    },
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chat = self.to.chat();
        write!(f, "Outgoing({:?} to {})", self.content, Masked::new(chat.as_str()))
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} B)", text.len()),
            Self::File { file, caption: None } => file.fmt(f),
            Self::File { file, caption: Some(caption) } => {
                write!(f, "{file:?} with a caption of {} B", caption.len())
            }
        }
    }
}

/// A message that the gateway took, and all that helps to find it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Submitted {
    /// Its id.
    pub id: Option<MessageId>,
    /// Its place in the history of the queue, where the vendor tells.
    pub queue_number: Option<u64>,
    /// Whether it waits because the account is not linked to a phone.
    pub waits_for_account: bool,
}

impl From<MessageId> for Submitted {
    fn from(id: MessageId) -> Self {
        Self { id: Some(id), ..Self::default() }
    }
}

impl From<&MessageId> for Submitted {
    fn from(id: &MessageId) -> Self {
        id.clone().into()
    }
}

impl From<&str> for Submitted {
    fn from(id: &str) -> Self {
        MessageId::from(id).into()
    }
}

impl From<&chat_api::Sent> for Submitted {
    fn from(sent: &chat_api::Sent) -> Self {
        Self {
            id: sent.id.clone(),
            queue_number: sent.queue_number,
            waits_for_account: sent.waits_for_account(),
        }
    }
}

impl From<&chatapi_types::wamm::Sent> for Submitted {
    fn from(sent: &chatapi_types::wamm::Sent) -> Self {
        sent.msg_id.clone().into()
    }
}

impl From<&chatapi_types::wamm::FileSent> for Submitted {
    fn from(sent: &chatapi_types::wamm::FileSent) -> Self {
        Self { id: sent.msg_id.clone(), ..Self::default() }
    }
}

impl From<&Self> for Submitted {
    fn from(submitted: &Self) -> Self {
        submitted.clone()
    }
}

/// What became of a message, and how we know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct State {
    /// In common words.
    pub delivery: Delivery,
    /// In the vendor's word, where it has one.
    pub word: Option<String>,
    /// How we know.
    pub proof: Proof,
}

impl State {
    /// A state.
    #[must_use]
    pub const fn new(delivery: Delivery, proof: Proof) -> Self {
        Self { delivery, word: None, proof }
    }

    /// In the vendor's word.
    #[must_use]
    pub fn word(mut self, word: impl Into<String>) -> Self {
        self.word = Some(word.into());
        self
    }
}

/// How a state is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Proof {
    /// The vendor was asked about this very message.
    Stated,
    /// It stands in the vendor's history of messages.
    History,
    /// It stands in the vendor's queue.
    Queue,
}

/// A place in the vendor's history, to go on from. Opaque; can be stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor as it was stored.
    pub fn new(cursor: impl Into<String>) -> Self {
        Self(cursor.into())
    }

    /// The cursor, to be stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn number(&self) -> Option<u64> {
        self.0.parse().ok()
    }
}

impl From<u64> for Cursor {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

/// Messages that came after a cursor.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Sightings {
    /// The messages, oldest first.
    pub items: Vec<Sighting>,
    /// Where to go on; `None` when there is nothing to go on from yet.
    pub cursor: Option<Cursor>,
    /// Whether nothing can have been missed between the cursor and now: only then does absence
    /// prove anything.
    pub complete: bool,
}

/// A message as it stands in the vendor's history.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sighting {
    /// Its id.
    pub id: MessageId,
    /// Its chat.
    pub chat: ChatId,
    /// Whether it can be one that we sent: outgoing, and not typed on the phone where the vendor
    /// tells the two apart.
    pub ours: bool,
    /// Its text; for a file, its address at the vendor.
    pub body: String,
    /// Whether it is a file.
    pub is_file: bool,
    /// The text under a file.
    pub caption: Option<String>,
    /// When it was sent or came in, where the vendor tells without ambiguity.
    pub time: Option<UnixTime>,
    /// What became of it.
    pub delivery: Delivery,
}

impl Sighting {
    /// A text that was sent; for those who bring a line of their own.
    pub fn text(
        id: impl Into<MessageId>,
        chat: ChatId,
        ours: bool,
        body: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            chat,
            ours,
            body: body.into(),
            is_file: false,
            caption: None,
            time: None,
            delivery: Delivery::Sent,
        }
    }
}

/// What waits in the vendor's queue.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Queue {
    /// The first of them.
    pub items: Vec<Waiting>,
    /// How many wait in all.
    pub total: u64,
    /// Whether `items` shows every one of them.
    pub complete: bool,
}

/// A message that waits in the vendor's queue.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Waiting {
    /// The queue's number of it.
    pub number: u64,
    /// Its chat, where the vendor tells.
    pub chat: Option<ChatId>,
    /// Its text, or the address of its file.
    pub body: String,
    /// Whether it is a file.
    pub is_file: bool,
    /// When sending was last tried.
    pub last_try: Option<UnixMillis>,
}

impl Waiting {
    /// A text that waits; for those who bring a line of their own.
    pub fn text(number: u64, chat: Option<ChatId>, body: impl Into<String>) -> Self {
        Self { number, chat, body: body.into(), is_file: false, last_try: None }
    }
}

/// Whether messages leave at present.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// The state in the vendor's words: `authenticated/normal`, `notAuthorized`.
    pub state: String,
    /// Whether messages leave.
    pub can_send: bool,
    /// Whether a state in which they do not usually passes by itself.
    pub heals_itself: bool,
    /// What the state is about, for programs.
    pub trouble: Trouble,
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub action: String,
}

/// What a state of health is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Trouble {
    /// Nothing: all is well.
    None,
    /// The phone is off, without network, or does not answer.
    Phone,
    /// The battery.
    Battery,
    /// A second session.
    SecondSession,
    /// Not paid for.
    Unpaid,
    /// Not linked to a phone, or the QR code has run out.
    NotLinked,
    /// On its way up.
    Starting,
    /// Asleep: it must be woken.
    Asleep,
    /// On the vendor's side: its computer, its proxy.
    Vendor,
    /// The messenger has blocked the account.
    Blocked,
    /// A state that this version does not know.
    Unknown,
}
