//! The book in which everything is written down.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;

use chatapi_types::chat_api::{AccountStatus, ActionKind, Substatus};
use chatapi_types::wamm::ChannelState;
use chatapi_types::{ChatId, Delivery, InstanceId, Masked, MessageId, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::fault::FaultId;

/// One line of the journal. `Display` shows it with phone numbers masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Entry {
    /// Its number: 1 for the first thing that ever happened in the sandbox.
    pub number: u64,
    /// When it happened.
    pub at: UnixMillis,
    /// To whom.
    pub subject: Subject,
    /// What.
    pub event: Happening,
}

/// To whom something happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Subject {
    /// The sandbox as a whole, or nobody it knows.
    Sandbox,
    /// A Chat API instance.
    Instance(InstanceId),
    /// A wamm channel, by its `api_id`.
    Channel(InstanceId),
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Happening {
    /// A call was answered.
    Answered {
        /// The vendor's name of the method; `None` for one that it does not have.
        method: Option<Cow<'static, str>>,
        /// The HTTP status.
        status: u16,
    },
    /// The test, or a person at the controls, did something.
    Control(Cow<'static, str>),
    /// The instance is in another state.
    Status {
        /// The account.
        account: AccountStatus,
        /// The substatus.
        substatus: Substatus,
    },
    /// The channel is in another state.
    Channel(ChannelState),
    /// A message waits to leave.
    Queued {
        /// The message.
        message: MessageId,
        /// The chat.
        chat: ChatId,
    },
    /// A message was declined, because the queue is full.
    QueueFull,
    /// A message was tried and could not leave.
    Held {
        /// The message.
        message: MessageId,
        /// What is in its way.
        obstacle: Obstacle,
    },
    /// A message of ours got further: it has left, was delivered, was read, has failed.
    Went {
        /// The message.
        message: MessageId,
        /// How far it is now.
        state: Delivery,
    },
    /// A message was dropped from the queue, because it had waited for too long.
    Lapsed {
        /// The message.
        message: MessageId,
    },
    /// A message came in.
    CameIn {
        /// The message.
        message: MessageId,
        /// The chat.
        chat: ChatId,
    },
    /// The queue was cleared of that many messages.
    Cleared(usize),
    /// Something is to be done to a group or a chat.
    ActionQueued(ActionKind),
    /// It was done.
    ActionDone(ActionKind),
    /// It could not be done, and is not tried again.
    ActionFailed(ActionKind),
    /// The queue of actions was cleared of that many.
    ActionsCleared(usize),
    /// Something was done to a chat at once.
    Chat {
        /// The method.
        method: Cow<'static, str>,
        /// The chat.
        chat: ChatId,
    },
    /// Somebody wrote whose number is banned.
    Banned {
        /// The chat.
        chat: ChatId,
    },
    /// Something went wrong because it was told to.
    Fault {
        /// The rule.
        id: FaultId,
        /// The name of its effect.
        effect: Cow<'static, str>,
    },
    /// Sending goes on after a standstill, in small portions.
    RecoveryBegan,
    /// The backlog is gone.
    RecoveryEnded,
}

/// Why a message cannot leave though the phone could send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Obstacle {
    /// The number has no account with the messenger.
    NoAccount,
    /// The file cannot be had from its address.
    DeadLink,
    /// The instance is not, or no longer, in the group.
    NotInGroup,
    /// The messenger does not take it.
    Messenger,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, at, subject, event } = self;
        write!(f, "{number} {at} {subject}: {event}")
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sandbox => f.write_str("sandbox"),
            Self::Instance(id) => write!(f, "instance {id}"),
            Self::Channel(id) => write!(f, "channel {id}"),
        }
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { method, status } => {
                write!(f, "{} → {status}", method.as_deref().unwrap_or("?"))
            }
            Self::Control(what) => f.write_str(what),
            Self::Status { account, substatus } => write!(f, "{account}, {substatus}"),
            Self::Channel(state) => write!(f, "{state}"),
            Self::Queued { message, chat } => {
                let chat = Masked::new(chat.as_str());
                write!(f, "message {} queued for {chat}", Short(message))
            }
            Self::QueueFull => f.write_str("a message declined: the queue is full"),
            Self::Held { message, obstacle } => {
                write!(f, "message {} held: {obstacle}", Short(message))
            }
            Self::Went { message, state } => write!(f, "message {} {state}", Short(message)),
            Self::Lapsed { message } => write!(f, "message {} dropped as too old", Short(message)),
            Self::CameIn { message, chat } => {
                let chat = Masked::new(chat.as_str());
                write!(f, "message {} came in from {chat}", Short(message))
            }
            Self::Cleared(count) => write!(f, "queue cleared of {count}"),
            Self::ActionQueued(action) => write!(f, "action queued: {action}"),
            Self::ActionDone(action) => write!(f, "action done: {action}"),
            Self::ActionFailed(action) => write!(f, "action failed: {action}"),
            Self::ActionsCleared(count) => write!(f, "queue of actions cleared of {count}"),
            Self::Chat { method, chat } => {
                write!(f, "{method} on {}", Masked::new(chat.as_str()))
            }
            Self::Banned { chat } => {
                write!(f, "banned {} wrote", Masked::new(chat.as_str()))
            }
            Self::Fault { id, effect } => write!(f, "fault {id}: {effect}"),
            Self::RecoveryBegan => f.write_str("recovery began"),
            Self::RecoveryEnded => f.write_str("recovery ended"),
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NoAccount => "the number has no account",
            Self::DeadLink => "the file's address is dead",
            Self::NotInGroup => "the instance is not in the group",
            Self::Messenger => "the messenger does not take it",
        })
    }
}

/// A message id without the phone number that Chat API puts into it.
struct Short<'a>(&'a MessageId);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.0.as_str();
        f.write_str(id.rsplit_once('_').map_or(id, |(_, last)| last))
    }
}

/// The latest entries.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    kept: usize,
    #[serde(deserialize_with = "crate::world::saved::count")]
    written: u64,
}

impl Journal {
    pub(crate) fn new(kept: usize) -> Self {
        Self { entries: VecDeque::new(), kept, written: 0 }
    }

    pub(crate) fn write(&mut self, at: UnixMillis, subject: Subject, event: Happening) {
        self.written += 1;
        if self.kept == 0 {
            return;
        }
        if self.entries.len() == self.kept {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry { number: self.written, at, subject, event });
    }

    /// The number of the latest entry.
    pub(crate) const fn written(&self) -> u64 {
        self.written
    }

    /// Those after the one of this number, oldest first.
    pub(crate) fn after(&self, number: u64) -> impl Iterator<Item = &Entry> {
        let newer = usize::try_from(self.written.saturating_sub(number)).unwrap_or(usize::MAX);
        self.entries.iter().skip(self.entries.len().saturating_sub(newer))
    }

    pub(crate) fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_are_kept_and_keep_their_numbers() {
        let mut journal = Journal::new(2);
        for at in 1..=3 {
            let at = UnixMillis::from_millis(at);
            journal.write(at, Subject::Sandbox, Happening::QueueFull);
        }
        let numbers: Vec<_> = journal.entries().map(|entry| entry.number).collect();
        assert_eq!(numbers, [2, 3]);
    }

    #[test]
    fn phone_numbers_do_not_show() {
        let entry = Entry {
            number: 7,
            at: UnixMillis::from_millis(1_600_000_000_000),
            subject: Subject::Instance("12".into()),
            event: Happening::Queued {
                message: "true_79000000001@c.us_3EB0AA".into(),
                chat: "79000000001@c.us".into(),
            },
        };
        assert_eq!(
            entry.to_string(),
            "7 1600000000000 instance 12: message 3EB0AA queued for 790…01@c.us"
        );
    }
}
