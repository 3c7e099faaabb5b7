//! What an attempt to send came to. One classifier for the live path and for recovery.

use chatapi_client::line::Submitted;
use chatapi_transport::{Error, ErrorKind};
use chatapi_types::MessageId;

/// What an attempt to send came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The vendor has it.
    Accepted {
        /// The vendor's id of it.
        id: Option<MessageId>,
        /// The queue's number of it.
        queue_number: Option<u64>,
    },
    /// No byte can have had an effect. `phone` says that the trouble is the phone's or the
    /// network's, not the message's: the next message would fare no better.
    NotSent {
        /// Why.
        reason: String,
        /// Not before that many milliseconds have passed, where the vendor says so.
        retry_after_ms: Option<u64>,
        /// Whether the whole phone is to pause.
        pauses_phone: bool,
    },
    /// The vendor understood and declined this message.
    Refused {
        /// In the vendor's words.
        reason: String,
        /// Whether the same message may be taken a little later.
        may_heal: bool,
    },
    /// Nobody knows.
    Unknown {
        /// What is known.
        reason: String,
    },
}

impl Verdict {
    /// Judges what a line answered to a message that was handed over.
    ///
    /// Everything that is neither a clear yes nor a clear no is [`Unknown`](Self::Unknown).
    #[must_use]
    pub fn of(answer: &Result<Submitted, Error>) -> Self {
        match answer {
            Ok(submitted) => {
                Self::Accepted { id: submitted.id.clone(), queue_number: submitted.queue_number }
            }
            Err(error) => Self::of_error(error),
        }
    }

    fn of_error(error: &Error) -> Self {
        let reason = error.to_string();
        if error.may_have_taken_effect() {
            return Self::Unknown { reason };
        }
        let millis = |wait: std::time::Duration| u64::try_from(wait.as_millis()).ok();
        let retry_after_ms = error.retry_after().and_then(millis);
        match error.kind() {
            ErrorKind::Unreachable
            | ErrorKind::RateLimited
            | ErrorKind::Unauthorized
            | ErrorKind::Unavailable
            | ErrorKind::WrongAddress => {
                Self::NotSent { reason, retry_after_ms, pauses_phone: true }
            }
            // The message is as good as any other.
            ErrorKind::Refused if error.concerns_line() => {
                Self::NotSent { reason, retry_after_ms, pauses_phone: true }
            }
            ErrorKind::Refused => Self::Refused { reason, may_heal: error.is_transient() },
            ErrorKind::Invalid | ErrorKind::Unsupported => {
                Self::Refused { reason, may_heal: false }
            }
            // A kind of a later version.
            _ => Self::Unknown { reason },
        }
    }

    /// What is left of an attempt whose process died: nobody knows.
    #[must_use]
    pub fn of_the_dead() -> Self {
        Self::Unknown { reason: "the dispatcher stopped between intent and outcome".to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_was_not_understood_is_refused_for_good() {
        let refused = Verdict::of(&Err(Error::invalid("sendMessage", "the text is empty")));
        assert!(matches!(refused, Verdict::Refused { may_heal: false, .. }));
        let unsupported = Verdict::of(&Err(Error::unsupported("sendFile", "no files")));
        assert!(matches!(unsupported, Verdict::Refused { may_heal: false, .. }));
    }

    #[test]
    fn a_dead_process_leaves_a_doubt() {
        assert!(matches!(Verdict::of_the_dead(), Verdict::Unknown { .. }));
    }
}
