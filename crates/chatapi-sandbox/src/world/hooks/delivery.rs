//! One webhook on its way to its receiver.

use std::fmt;

use chatapi_transport::Moment;
use chatapi_types::{MessageId, UnixMillis};
use serde::{Deserialize, Serialize};

use super::{Party, Target};
use crate::world::{Subject, Ticket};

/// What a webhook tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum HookKind {
    /// A message came in or went out: `messages` on Chat API, `msg` on wamm.
    Message,
    /// A message of ours got further: `ack` on Chat API, `msg_state` on wamm.
    Ack,
    /// A chat is another than it was: `chatUpdate` on Chat API.
    ChatUpdate,
    /// The instance is in another state. What the vendor says then was never seen: the payload is
    /// our choice (grade D).
    Status,
}

/// What became of one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum HookOutcome {
    /// The receiver answered with this HTTP status. 200 is the only one that counts (Chat API §8,
    /// wamm §4, grade A); redirects are not followed.
    Status(u16),
    /// No answer came in time.
    TimedOut,
    /// There was no connection, or it broke: why.
    Refused(String),
    /// The sandbox does not go there: why. It is not tried again.
    Forbidden(String),
}

impl HookOutcome {
    /// Whether the receiver has it.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self, Self::Status(200))
    }
}

impl fmt::Display for HookOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "answered {status}"),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::Refused(why) => write!(f, "no connection: {why}"),
            Self::Forbidden(why) => write!(f, "not sent: {why}"),
        }
    }
}

/// One attempt to deliver a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HookAttempt {
    /// When it began, on the sandbox's clock.
    pub at: UnixMillis,
    /// What became of it.
    pub outcome: HookOutcome,
}

/// How far a webhook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum HookState {
    /// It waits for its turn, or for its next attempt.
    Waiting,
    /// It is being delivered now.
    UnderWay,
    /// The receiver answered 200.
    Delivered,
    /// All attempts have failed, or the sandbox does not go there.
    GivenUp,
    /// It will never be tried (again): the address was taken away, its sender was deleted, or a
    /// fault swallowed it.
    Dropped,
}

/// A webhook as the log shows it.
///
/// The body is what the vendor would post, and so holds phone numbers and texts; `Display` leaves it
/// out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HookDelivery {
    /// Its number: 1 for the first webhook of the sandbox.
    pub id: u64,
    /// Who says it.
    pub subject: Subject,
    /// What it tells.
    pub kind: HookKind,
    /// The message that it is about.
    pub message: Option<MessageId>,
    /// Where it goes, or went last.
    pub target: Target,
    /// What is posted, to the byte.
    pub body: String,
    /// When what it tells happened.
    pub made: UnixMillis,
    /// The attempts so far, oldest first.
    pub attempts: Vec<HookAttempt>,
    /// How far it is.
    pub state: HookState,
    /// When it is tried next, while it waits: not before this, and not before its turn.
    pub due: Option<UnixMillis>,
    /// The webhook of which it is a repetition: by `repeatHook`, by replay, by a fault.
    pub repeats: Option<u64>,
}

impl fmt::Display for HookDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, subject, kind, target, state, attempts, .. } = self;
        write!(f, "{id} {subject} {kind:?} to {target}: {state:?}, {} attempts", attempts.len())?;
        match attempts.last() {
            Some(last) => write!(f, ", {}", last.outcome),
            None => Ok(()),
        }
    }
}

/// A webhook as the world keeps it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(super) party: Party,
    pub(super) subject: Subject,
    pub(super) kind: HookKind,
    pub(super) message: Option<MessageId>,
    pub(super) target: String,
    pub(super) body: String,
    pub(super) made: UnixMillis,
    pub(super) attempts: Vec<HookAttempt>,
    pub(super) repeats: Option<u64>,
    pub(super) stage: Stage,
    /// Its place in the line: lower goes first.
    pub(super) turn: u64,
    /// Before this moment it is not tried.
    pub(super) due: Moment,
    /// Whether whoever delivers may take it once it is due.
    pub(super) is_offered: bool,
}

/// How far a webhook is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    /// In the line.
    Waiting,
    /// Kept back by a fault until this event.
    Held(Ticket),
    /// Taken at this time by somebody who delivers it; with the event by which its time is up, where
    /// that is counted on the world's clock.
    UnderWay(UnixMillis, Option<Ticket>),
    Delivered,
    GivenUp,
    Dropped,
}

impl Stage {
    pub(super) const fn is_settled(&self) -> bool {
        matches!(self, Self::Delivered | Self::GivenUp | Self::Dropped)
    }

    const fn state(&self) -> HookState {
        match self {
            Self::Waiting | Self::Held(_) => HookState::Waiting,
            Self::UnderWay(..) => HookState::UnderWay,
            Self::Delivered => HookState::Delivered,
            Self::GivenUp => HookState::GivenUp,
            Self::Dropped => HookState::Dropped,
        }
    }
}

impl Delivery {
    pub(super) fn view(&self, id: u64, start: UnixMillis) -> HookDelivery {
        let due = match &self.stage {
            Stage::Waiting => Some(self.due),
            Stage::Held(ticket) => Some(ticket.at()),
            _ => None,
        };
        HookDelivery {
            id,
            subject: self.subject.clone(),
            kind: self.kind,
            message: self.message.clone(),
            target: Target::new(&*self.target),
            body: self.body.clone(),
            made: self.made,
            attempts: self.attempts.clone(),
            state: self.stage.state(),
            due: due.map(|due| start.plus(due.since_start())),
            repeats: self.repeats,
        }
    }

    /// About how much memory it takes.
    pub(super) fn weight(&self) -> usize {
        512 + self.body.len() + self.target.len()
    }
}
