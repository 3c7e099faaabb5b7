//! The vendors' figures, each with its evidence.

mod admin;
mod chat_api;
mod data;
mod hooks;
mod limits;
mod magic;
mod named;
mod wamm;

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::time::Duration;

pub use admin::AdminFigures;
pub use chat_api::{AckForm, ChatApiFigures, LabelForm, Product};
pub use data::BadProfile;
pub use hooks::HookFigures;
pub use limits::Limits;
pub use magic::MagicFigures;
pub use wamm::{FileKinds, WammFigures};

/// A duration that chance chooses, to the millisecond, between two ends that belong to it.
pub type Span = RangeInclusive<Duration>;

/// How the emulated vendors count and what they do where their documents are silent.
///
/// Every field says how well it is known, from A (the vendor's own words) to D (our inference), and
/// can be overridden:
///
/// ```
/// use chatapi_sandbox::{Profile, Sandbox};
///
/// let mut profile = Profile::chat_api_2020();
/// profile.chat_api.queue_cap = 10;
/// let sandbox = Sandbox::builder().profile(profile).build();
/// # let _ = sandbox;
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Profile {
    /// The profile's name.
    pub name: Cow<'static, str>,
    /// Chat API: instances, phones, queues.
    pub chat_api: ChatApiFigures,
    /// Chat API: the account that owns instances.
    pub admin: AdminFigures,
    /// wamm.chat: channels.
    pub wamm: WammFigures,
    /// What is kept at most.
    pub limits: Limits,
    /// Whether the numbers of [`MagicRecipient`](crate::MagicRecipient) behave as they are known to:
    /// yes. Otherwise they are numbers like all others.
    #[serde(default = "yes")]
    pub magic_recipients: bool,
    /// Their times.
    #[serde(default)]
    pub magic: MagicFigures,
}

impl Profile {
    /// Chat API as its documents of 2019 and 2020 show it, wamm.chat as its pages of 2025 do: the
    /// profile named `chat-api`.
    #[must_use]
    pub fn chat_api_2020() -> Self {
        Self {
            name: Cow::Borrowed("chat-api"),
            chat_api: ChatApiFigures::of_2020(),
            admin: AdminFigures::of_2020(),
            wamm: WammFigures::of_2025(),
            limits: Limits::default(),
            magic_recipients: true,
            magic: MagicFigures::default(),
        }
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::chat_api_2020()
    }
}

const fn yes() -> bool {
    true
}

const fn millis(least: u64, most: u64) -> Span {
    Duration::from_millis(least)..=Duration::from_millis(most)
}
