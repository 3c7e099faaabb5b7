//! What all vendors have in common, as one small object-safe trait.
//!
//! Tracking, diagnosis and the outbox work on a [`Line`] and so on every vendor alike. What a vendor
//! cannot do it says in its [`Capabilities`]; asked all the same, it answers with
//! [`ErrorKind::Unsupported`](chatapi_transport::ErrorKind::Unsupported), never with a guess.

mod content;
mod records;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chatapi_transport::{Clock, Result};
use chatapi_types::{ChatId, Delivery, MessageId, Phone, chat_api};

pub use content::{Contact, Content, Kind, Link, Outgoing};
pub use records::{Cursor, Queue, Sighting, Sightings, Waiting};

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
    /// It sends places on the map.
    pub sends_locations: bool,
    /// It sends contact cards.
    pub sends_contacts: bool,
    /// It sends links with a preview. Where it does not, an address in a text does.
    pub sends_links: bool,
    /// It refuses a message to a number without an account at once, instead of queueing it for ever:
    /// asking about the number first is in vain.
    pub checks_recipients: bool,
    /// Polling can prove more than "sent".
    pub polls_delivery: bool,
    /// Its history can be followed with a cursor; otherwise only the newest messages are seen.
    pub pages_history: bool,
}

impl Capabilities {
    /// Whether it sends messages of this kind.
    #[must_use]
    pub const fn sends(&self, kind: Kind) -> bool {
        match kind {
            Kind::Text => true,
            Kind::File => self.sends_files,
            Kind::Location => self.sends_locations,
            Kind::Contact => self.sends_contacts,
            Kind::Link => self.sends_links,
            Kind::Other => false,
        }
    }

    /// Nothing but sending text.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            shows_queue: false,
            clears_queue: false,
            queue_cap: None,
            sends_files: false,
            captions_files: false,
            sends_locations: false,
            sends_contacts: false,
            sends_links: false,
            checks_recipients: false,
            polls_delivery: false,
            pages_history: false,
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
