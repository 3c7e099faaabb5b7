//! What a lane asks to have done, and what it is told of it.

use chatapi_client::line::{Cursor, Queue, Sightings};
use chatapi_transport::Moment;
use chatapi_types::MessageId;

use crate::machine::{Resolution, Verdict};
use crate::record::{OutboxId, Record};
use crate::store::{Fenced, Grant, Intend, Intended, Intent, Settled, Turned};

/// What a dispatcher is to do for a phone.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Step {
    /// Nothing until then, unless somebody calls.
    Wait(Moment),
    /// Store: take the phone over.
    Acquire,
    /// Store: go on driving it.
    Renew(Grant),
    /// Store: which messages are in doubt?
    Doubts,
    /// Store: which messages has the vendor had for too long?
    Overdue,
    /// Store: which of these ids are known to be ours?
    Claimed(Vec<MessageId>),
    /// Store: write down the intent to send the next message.
    Intend(Intend),
    /// Store: give an intent back whose request was not made.
    GiveBack(Grant, Intent),
    /// Store: write down what an attempt came to.
    Settle(Grant, Intent, Verdict),
    /// Store: write down what an attempt came to, and the intent to send the next message.
    Turn(Intent, Verdict, Intend),
    /// Store: write down what was decided about a doubt.
    Resolve(Grant, OutboxId, Resolution),
    /// Store: the vendor has lost a message.
    Lost(Grant, OutboxId),
    /// Line: is the phone well?
    AskHealth,
    /// Line: what waits in the vendor's queue?
    AskQueue,
    /// Line: what stands in the vendor's history after that place?
    AskHistory(Option<Cursor>),
    /// Line: hand the message over, within [`Figures::deadline`](crate::machine::Figures::deadline).
    Submit(Intent),
}

/// What came of a step.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// Of [`Step::Wait`]: the time came, or somebody called.
    Woken,
    /// Of [`Step::Acquire`].
    Acquired(Option<Grant>),
    /// Of [`Step::Renew`].
    Renewed(Result<(), Fenced>),
    /// Of [`Step::Doubts`] and [`Step::Overdue`].
    Records(Vec<Record>),
    /// Of [`Step::Claimed`]: those that are.
    Claimed(Vec<MessageId>),
    /// Of [`Step::Intend`].
    Intended(Result<Intended, Fenced>),
    /// Of [`Step::GiveBack`], [`Step::Settle`], [`Step::Resolve`] and [`Step::Lost`].
    Settled(Result<Settled, Fenced>),
    /// Of [`Step::Turn`].
    Turned(Result<Turned, Fenced>),
    /// Of [`Step::AskHealth`]: whether messages leave; `None` when the question failed.
    Health(Option<bool>),
    /// Of [`Step::AskQueue`]; `None` when the question failed, or the vendor shows none.
    Queue(Option<Queue>),
    /// Of [`Step::AskHistory`]; `None` when the question failed.
    History(Option<Sightings>),
    /// Of [`Step::Submit`].
    Submitted(Verdict),
    /// The store did not do it; or, when it `may_have_happened`, nobody knows.
    StoreFailed {
        /// Whether it may have been done all the same.
        may_have_happened: bool,
    },
}
