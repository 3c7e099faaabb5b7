//! How a vendor speaks: where arguments go and how an answer says no.

use std::any::Any;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::args::Args;
use crate::call::Operation;
use crate::layout::Layout;
use crate::reply::Answer;

/// How one vendor is spoken to. A value, because a vendor may offer several addressing forms and
/// because limits can be overridden.
///
/// A new gateway is a new dialect and its calls, nothing else; the example `third_gateway` of the
/// workspace builds one from outside.
pub trait Dialect: Clone + fmt::Debug + Send + Sync + 'static {
    /// What the vendor limits (lengths, ranges); every figure can be overridden.
    type Limits: Clone + fmt::Debug + Default + Send + Sync + 'static;
    /// The vendor's error vocabulary.
    type Code: ErrorCode;
    /// The vendor's name in errors and traces.
    const NAME: &'static str;

    /// Where each argument of a call goes.
    fn lay_out(&self, operation: &Operation, args: Args) -> Layout;

    /// The vendor's own words for a refusal in the envelope of an answer (`error`, `err`), whatever
    /// the HTTP status. `None` when the envelope complains of nothing or cannot be read.
    fn complaint(&self, answer: &Answer<'_>) -> Option<String>;

    /// The limits in force.
    fn limits(&self) -> &Self::Limits;

    /// The messenger behind this gateway, where it is known.
    fn messenger(&self) -> Option<Messenger> {
        None
    }
}

/// A dialect whose secret can be replaced while the client lives (a token can, an admin API key is
/// immutable by the vendor's own word, seed document "API customization", grade A).
pub trait Rotates: Dialect {}

/// A vendor's word for what went wrong, with its meaning.
pub trait ErrorCode: Any + fmt::Debug + Send + Sync {
    /// Finds the code in the vendor's own words.
    fn classify(text: &str) -> Self
    where
        Self: Sized;

    /// What kind of no it is.
    fn verdict(&self) -> Verdict;

    /// Whether the vendor's words were understood; `false` for the code of words that nobody knows.
    /// Understood words outweigh a status 403, which vendors also answer with to what is no matter
    /// of the token (an unpaid instance).
    fn is_understood(&self) -> bool {
        true
    }

    /// Whether the very same call may succeed a little later without anybody changing anything.
    fn is_transient(&self) -> bool;

    /// Whether it is about the instance or channel and not about what was sent: until somebody does
    /// something about that, every other send is declined for the same reason.
    fn concerns_line(&self) -> bool {
        false
    }

    /// What a person should do about it; one sentence.
    fn advice(&self) -> &'static str;
}

/// What kind of no an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// The token or key is wrong, missing or withdrawn.
    Unauthorized,
    /// Too many calls.
    RateLimited,
    /// The gateway, or something in front of it, is out of order; the call may have been done.
    Unavailable,
    /// The vendor understood the call and declined. Nothing was done.
    Refused,
    /// The address leads elsewhere: a redirect, or a method that is not served there.
    WrongAddress,
    /// The answer cannot be understood; the call may have been done.
    Malformed,
}

impl Verdict {
    /// What an HTTP status alone says; `None` for 200 to 299.
    #[must_use]
    pub const fn of_status(status: u16) -> Option<Self> {
        match status {
            200..=299 => None,
            300..=399 | 404 | 405 => Some(Self::WrongAddress),
            401 | 403 => Some(Self::Unauthorized),
            429 => Some(Self::RateLimited),
            400..=407 | 409..=499 => Some(Self::Refused),
            408 | 500..=599 => Some(Self::Unavailable),
            _ => Some(Self::Malformed),
        }
    }
}

/// A messenger behind a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Messenger {
    /// WhatsApp.
    WhatsApp,
    /// MAX, a personal account.
    Max,
    /// Telegram, a personal account.
    Telegram,
    /// A Telegram bot.
    TelegramBot,
}

impl fmt::Display for Messenger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::WhatsApp => "WhatsApp",
            Self::Max => "MAX",
            Self::Telegram => "Telegram",
            Self::TelegramBot => "Telegram Bot",
        })
    }
}
