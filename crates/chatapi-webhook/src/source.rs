//! Where content is read again.

use std::fmt;

use async_trait::async_trait;
use chatapi_types::{ChatId, Delivery, InstanceId, MessageId, chat_api, wamm};

/// Where content is read again: the vendor itself, asked by us. An event is then a hint only, and
/// who forges one gains nothing.
#[async_trait]
pub trait Source: fmt::Debug + Send + Sync {
    /// One message as the vendor has it; `None` when the vendor says that there is no such message.
    ///
    /// # Errors
    ///
    /// [`SourceError::unavailable`] when the vendor cannot be asked at present, which is never an
    /// answer; [`SourceError::unsupported`] when it can never be asked that.
    async fn message(
        &self,
        line: &InstanceId,
        hint: &Hint,
    ) -> Result<Option<Original>, SourceError>;

    /// The messages of a line whose number lies between two, both included.
    ///
    /// # Errors
    ///
    /// As [`message`](Self::message).
    async fn between(
        &self,
        line: &InstanceId,
        first: u64,
        last: u64,
    ) -> Result<Vec<chat_api::Message>, SourceError>;
}

/// A message as the vendor has it.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Original {
    /// Chat API's.
    ChatApi(Box<chat_api::Message>),
    /// wamm's.
    Wamm(Box<wamm::Message>),
}

impl Original {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &MessageId {
        match self {
            Self::ChatApi(message) => &message.id,
            Self::Wamm(message) => &message.msg_id,
        }
    }

    /// What became of it.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::ChatApi(message) => message.delivery(),
            Self::Wamm(message) => message.state.delivery(),
        }
    }
}

impl From<chat_api::Message> for Original {
    fn from(message: chat_api::Message) -> Self {
        Self::ChatApi(Box::new(message))
    }
}

impl From<wamm::Message> for Original {
    fn from(message: wamm::Message) -> Self {
        Self::Wamm(Box::new(message))
    }
}

impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Its text is nobody's business who reads a log, and its id may hold a phone number.
        f.write_str(match self {
            Self::ChatApi(_) => "ChatApi(…)",
            Self::Wamm(_) => "Wamm(…)",
        })
    }
}

/// What an event claims, without what it says: enough to ask the vendor. Everything in it was
/// posted by somebody and is to be believed by nobody. `Debug` shows what it is about only.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hint {
    /// What sort of event it is.
    pub about: About,
    /// The message.
    pub message: Option<MessageId>,
    /// Its chat; on wamm the contact.
    pub chat: Option<ChatId>,
    /// Its number in the line's history.
    pub number: Option<u64>,
    /// What is claimed to have become of it.
    pub delivery: Option<Delivery>,
}

impl Hint {
    /// A hint at an event of that sort.
    #[must_use]
    pub const fn new(about: About) -> Self {
        Self { about, message: None, chat: None, number: None, delivery: None }
    }
}

impl fmt::Debug for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hint({:?}, number {:?}, {:?})", self.about, self.number, self.delivery)
    }
}

/// What sort of event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum About {
    /// A message.
    Message,
    /// What became of a message.
    Delivery,
    /// A chat.
    Chat,
}

/// Why the vendor could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct SourceError {
    what: Box<str>,
    unsupported: bool,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl SourceError {
    /// The vendor cannot be asked that, now or ever. `what` must quote no payload.
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self { what: what.into().into(), unsupported: true, source: None }
    }

    /// The vendor did not answer, or with nothing that tells. `what` is what is logged: it says why,
    /// and must quote no payload.
    pub fn unavailable(
        what: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { what: what.into().into(), unsupported: false, source: Some(source.into()) }
    }

    /// Whether asking again is of no use.
    #[must_use]
    pub const fn is_unsupported(&self) -> bool {
        self.unsupported
    }
}
