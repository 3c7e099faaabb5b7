//! The channels of the account.

use serde::{Deserialize, Serialize};

use super::envelope::NoError;
use super::{Address, Wamm};
use crate::{Call, Grade, InstanceId, JsonReply, List, Messenger, Repeat, Verb, json};

/// `channel_list`: the channels of the whole account, whichever channel's token asks. wamm §1.3,
/// grade A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChannelList {
    /// Which ones; all unless given, archived ones too.
    pub filter: Option<ChannelFilter>,
}

impl ChannelList {
    /// All channels, archived ones too.
    #[must_use]
    pub const fn new() -> Self {
        Self { filter: None }
    }

    /// Only some.
    #[must_use]
    pub fn only(mut self, filter: ChannelFilter) -> Self {
        self.filter = Some(filter);
        self
    }
}

impl Call for ChannelList {
    type Dialect = Wamm;
    type Reply = Channels;
    const NAME: &'static str = "channel_list";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
    const SLOTS: &'static [&'static str] = &["filter"];
    const FIXED: usize = 1;
}

crate::open_enum! {
    /// Which channels to list (grade A).
    pub enum ChannelFilter {
        /// Paid for.
        Active = "active",
        /// Archived.
        Archive = "archive",
        /// Active, not connected.
        StatusOff = "statusOff",
        /// Active, connected.
        StatusOn = "statusOn",
        /// The channel of the token that asks.
        One = "one",
    }
}

/// The answer to [`ChannelList`]. wamm §1.3, grade A.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Channels {
    #[serde(default)]
    err: NoError,
    /// The channels.
    #[serde(rename = "data", deserialize_with = "json::or_default")]
    pub channels: List<Channel>,
}

impl Channels {
    /// An answer.
    #[must_use]
    pub const fn new(channels: List<Channel>) -> Self {
        Self { err: NoError, channels }
    }
}

impl JsonReply for Channels {}

/// A channel: one connection to a messenger. wamm §1.3, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Channel {
    /// Its id, an integer here.
    #[serde(serialize_with = "json::id_as_number")]
    pub api_id: InstanceId,
    /// Its messenger.
    pub api_tip: ChannelKind,
    /// Whether it is paid for.
    pub pay_state: PayState,
    /// Our number on it.
    #[serde(default)]
    pub phone: Option<Address>,
    /// Its name in the account.
    #[serde(default, deserialize_with = "json::or_default")]
    pub api_tag: String,
    /// Whether it is connected.
    pub state: ChannelState,
    /// Where its webhooks go; empty for nowhere. Set in the vendor's account only.
    #[serde(default, deserialize_with = "json::or_default")]
    pub hook: String,
}

impl Channel {
    /// A channel.
    pub fn new(
        api_id: impl Into<InstanceId>,
        kind: impl Into<ChannelKind>,
        state: impl Into<ChannelState>,
    ) -> Self {
        Self {
            api_id: api_id.into(),
            api_tip: kind.into(),
            pay_state: PayState::Active,
            phone: None,
            api_tag: String::new(),
            state: state.into(),
            hook: String::new(),
        }
    }
}

crate::open_enum! {
    #![case_insensitive]
    /// A channel's messenger as the vendor writes it (grade A). The word for MAX was never seen.
    pub enum ChannelKind {
        /// WhatsApp.
        WhatsApp = "whatsapp",
        /// Telegram, a personal account.
        Telegram = "tg",
        /// A Telegram bot.
        TelegramBot = "tg_bot",
    }
}

impl ChannelKind {
    /// The messenger, where this version knows the word.
    #[must_use]
    pub const fn messenger(&self) -> Option<Messenger> {
        match self {
            Self::WhatsApp => Some(Messenger::WhatsApp),
            Self::Telegram => Some(Messenger::Telegram),
            Self::TelegramBot => Some(Messenger::TelegramBot),
            Self::Unknown(_) => None,
        }
    }
}

crate::open_enum! {
    #![case_insensitive]
    /// Whether a channel is paid for (grade A).
    pub enum PayState {
        /// It is.
        Active = "active",
        /// It is not, and rests in the archive.
        Archive = "archive",
    }
}

impl PayState {
    /// What to do about it; one sentence.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Active => "nothing",
            Self::Archive => "pay for the channel in the vendor's account to bring it back",
            Self::Unknown(_) => "look at the channel in the vendor's account",
        }
    }
}

crate::open_enum! {
    #![case_insensitive]
    /// Whether a channel is connected to its messenger (grade A).
    pub enum ChannelState {
        /// Connected.
        Authorized = "authorized",
        /// Not connected.
        NotAuthorized = "notAuthorized",
        /// On its way up.
        Starting = "starting",
        /// The messenger has blocked the account.
        Blocked = "blocked",
    }
}

impl ChannelState {
    /// Whether messages leave in this state.
    #[must_use]
    pub const fn can_send(&self) -> bool {
        matches!(self, Self::Authorized)
    }

    /// Whether it usually passes without anybody doing anything.
    #[must_use]
    pub const fn heals_itself(&self) -> bool {
        matches!(self, Self::Starting)
    }

    /// What it means and what to do about it; one sentence.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Authorized => "connected: nothing to do",
            Self::NotAuthorized => "connect the channel to its messenger in the vendor's account",
            Self::Starting => "wait until the channel is up",
            Self::Blocked => {
                "the messenger has blocked the account: stop sending and appeal in the messenger"
            }
            Self::Unknown(_) => "look at the channel in the vendor's account",
        }
    }
}
