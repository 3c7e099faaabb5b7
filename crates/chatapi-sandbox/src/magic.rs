//! Recipients that behave in a certain way by themselves.

use chatapi_types::ChatId;
use chatapi_types::wamm::MessageState;
use serde::{Deserialize, Serialize};

use crate::Profile;
use crate::world::{Obstacle, Scene, digits_of};

/// How all of them begin.
const COUNTRY: &str = "999";

/// A recipient that behaves in a certain way by itself, so that a test, or a client in any language,
/// needs no set-up for it: whatever is sent to its number, by whatever method, meets its fate.
///
/// The numbers are nobody's: no country has the code 999. Their profile can
/// [switch them off](Profile::magic_recipients). How the vendors treat such recipients is known for
/// those without an account, for dead links and for wamm's states (grades A and C); the rest is our
/// choice (grade D), as are the times, which are [figures](crate::profile::MagicFigures) of the profile;
/// here stand the usual ones.
///
/// | number | name | Chat API | wamm |
/// |---|---|---|---|
/// | `999000000001` | no account | `checkPhone` says `not exists`; messages stay in the queue | refused: `no WhatsApp on the number` |
/// | `999000000002` | dead link | every file stays in the queue, texts arrive | every file becomes `failed`, texts arrive |
/// | `999000000003` | slow reader | read an hour after delivery | `viewed` an hour after delivery |
/// | `999000000004` | never reads | delivered, never read | `delivered`, never `viewed` |
/// | `999000000005` | phone off | sent, never delivered | `sent`, never `delivered` |
/// | `999000000006` | blocks us | the number exists; sent, never delivered | the number exists; `sent`, never `delivered` |
/// | `999000000007` | unchecked | `checkPhone` fails; messages arrive | refused: `phone not checked for WhatsApp, please retry` |
/// | `999000000008` | messenger fails | messages stay in the queue | `failed` |
/// | `999000000009` | holds up the line | stays in the queue, and nothing behind it leaves | leaves an hour late, and all behind it wait for that |
/// | `999000000010` | echo | reads every text and answers with the same text | the same |
/// | `999000000011` | account later | no account in the first 10 minutes of the world | the same |
/// | `999000000000000012` | not in group | a group (`…@g.us`); messages stay in the queue | a group; `notInGroup` |
///
/// ```
/// use chatapi_sandbox::{MagicRecipient, Sandbox};
/// use chatapi_types::Delivery;
/// # use bytes::Bytes;
/// # use http::Request;
///
/// let sandbox = Sandbox::new();
/// let instance = sandbox.add_instance("123", "token");
/// let phone = MagicRecipient::NeverReads.address();
/// let target = format!("/instance123/sendMessage?token=token&phone={phone}&body=hi");
/// sandbox.answer(Request::get(target).body(Bytes::new())?);
/// sandbox.run_until_idle();
/// assert_eq!(instance.sent()[0].delivery, Delivery::Delivered);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum MagicRecipient {
    /// The messenger knows nobody by this number.
    NoAccount,
    /// Any file for it is taken for a dead link, also one that was handed over.
    DeadLink,
    /// Reads an hour after delivery
    /// ([`slow_reader`](crate::profile::MagicFigures::slow_reader)).
    SlowReader,
    /// Never reads.
    NeverReads,
    /// Its phone is off: nothing is ever delivered.
    PhoneOff,
    /// Has blocked us: the sender sees of it what he sees of a phone that is off (grade D).
    BlocksUs,
    /// The messenger does not say whether the number has an account.
    Unchecked,
    /// The messenger does not take what is for it.
    MessengerFails,
    /// What is for it holds up all that comes after it. On Chat API it does so for ever, until the
    /// queue is cleared, whatever
    /// [`stuck_blocks_queue`](crate::profile::ChatApiFigures::stuck_blocks_queue) says of others.
    HoldsUpTheLine,
    /// Reads every text and answers with it: an application that answers what it gets does so
    /// without end, too.
    Echo,
    /// Has no account until the world is 10 minutes old
    /// ([`account_later`](crate::profile::MagicFigures::account_later)).
    AccountLater,
    /// A group in which we are not.
    NotInGroup,
}

struct Facts {
    address: &'static str,
    name: &'static str,
    on_chat_api: &'static str,
    on_wamm: &'static str,
}

impl MagicRecipient {
    /// All of them, by number.
    pub const ALL: &[Self] = &[
        Self::NoAccount,
        Self::DeadLink,
        Self::SlowReader,
        Self::NeverReads,
        Self::PhoneOff,
        Self::BlocksUs,
        Self::Unchecked,
        Self::MessengerFails,
        Self::HoldsUpTheLine,
        Self::Echo,
        Self::AccountLater,
        Self::NotInGroup,
    ];

    /// The recipient that a phone or chat id means, however it is written.
    ///
    /// ```
    /// use chatapi_sandbox::MagicRecipient;
    ///
    /// let found = MagicRecipient::of("+999 000 000-010");
    /// assert_eq!(found, Some(MagicRecipient::Echo));
    /// assert_eq!(MagicRecipient::of("79000000001@c.us"), None);
    /// ```
    #[must_use]
    pub fn of(address: &str) -> Option<Self> {
        Self::find(&digits_of(address.trim()))
    }

    /// The same for an address as the world keeps it.
    fn find(address: &str) -> Option<Self> {
        // Groups of other messengers than WhatsApp are negative.
        let number = address.strip_prefix('-').unwrap_or(address);
        if !number.starts_with(COUNTRY) {
            return None;
        }
        let (number, kind) = number.split_once('@').unwrap_or((number, ""));
        let must_be_group = address.starts_with('-') || kind == "g.us";
        let mut all = Self::ALL.iter().copied().filter(|one| one.is_group() || !must_be_group);
        all.find(|one| one.address() == number)
    }

    /// Its number: a phone's, or a group's as wamm has it.
    #[must_use]
    pub const fn address(self) -> &'static str {
        self.facts().address
    }

    /// Its chat on Chat API.
    #[must_use]
    pub fn chat_id(self) -> ChatId {
        let kind = if self.is_group() { "g.us" } else { "c.us" };
        ChatId::new(format!("{}@{kind}", self.address()))
    }

    /// Whether it is a group.
    #[must_use]
    pub const fn is_group(self) -> bool {
        matches!(self, Self::NotInGroup)
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.facts().name
    }

    /// What becomes of messages to it on Chat API, with the usual times.
    #[must_use]
    pub const fn on_chat_api(self) -> &'static str {
        self.facts().on_chat_api
    }

    /// What becomes of messages to it on wamm, with the usual times, on a channel of WhatsApp; other
    /// messengers say it without that name.
    #[must_use]
    pub const fn on_wamm(self) -> &'static str {
        self.facts().on_wamm
    }

    const fn facts(self) -> Facts {
        let (address, name, on_chat_api, on_wamm) = match self {
            Self::NoAccount => (
                "999000000001",
                "no account",
                "`checkPhone` says `not exists`; messages stay in the queue",
                "refused: `no WhatsApp on the number`",
            ),
            Self::DeadLink => (
                "999000000002",
                "dead link",
                "every file stays in the queue, texts arrive",
                "every file becomes `failed`, texts arrive",
            ),
            Self::SlowReader => (
                "999000000003",
                "slow reader",
                "read an hour after delivery",
                "`viewed` an hour after delivery",
            ),
            Self::NeverReads => (
                "999000000004",
                "never reads",
                "delivered, never read",
                "`delivered`, never `viewed`",
            ),
            Self::PhoneOff => {
                ("999000000005", "phone off", "sent, never delivered", "`sent`, never `delivered`")
            }
            Self::BlocksUs => (
                "999000000006",
                "blocks us",
                "the number exists; sent, never delivered",
                "the number exists; `sent`, never `delivered`",
            ),
            Self::Unchecked => (
                "999000000007",
                "unchecked",
                "`checkPhone` fails; messages arrive",
                "refused: `phone not checked for WhatsApp, please retry`",
            ),
            Self::MessengerFails => {
                ("999000000008", "messenger fails", "messages stay in the queue", "`failed`")
            }
            Self::HoldsUpTheLine => (
                "999000000009",
                "holds up the line",
                "stays in the queue, and nothing behind it leaves",
                "leaves an hour late, and all behind it wait for that",
            ),
            Self::Echo => (
                "999000000010",
                "echo",
                "reads every text and answers with the same text",
                "the same",
            ),
            Self::AccountLater => (
                "999000000011",
                "account later",
                "no account in the first 10 minutes of the world",
                "the same",
            ),
            Self::NotInGroup => (
                "999000000000000012",
                "not in group",
                "a group (`…@g.us`); messages stay in the queue",
                "a group; `notInGroup`",
            ),
        };
        Facts { address, name, on_chat_api, on_wamm }
    }

    /// What keeps a message to it in the queue of Chat API.
    pub(crate) fn obstacle(self, is_file: bool) -> Option<Obstacle> {
        match self {
            Self::MessengerFails | Self::HoldsUpTheLine => Some(Obstacle::Messenger),
            Self::NotInGroup => Some(Obstacle::NotInGroup),
            Self::DeadLink => is_file.then_some(Obstacle::DeadLink),
            _ => None,
        }
    }

    /// As what a message to it fails on wamm.
    pub(crate) const fn failure(self) -> Option<MessageState> {
        match self {
            Self::MessengerFails => Some(MessageState::Failed),
            Self::NotInGroup => Some(MessageState::NotInGroup),
            _ => None,
        }
    }
}

impl Profile {
    /// The magic recipient of an address, unless they are switched off.
    pub(crate) fn magic(&self, address: &str) -> Option<MagicRecipient> {
        MagicRecipient::find(address).filter(|_| self.magic_recipients)
    }

    /// Whether it is this one.
    pub(crate) fn is_magic(&self, address: &str, one: MagicRecipient) -> bool {
        self.magic(address) == Some(one)
    }
}

impl Scene {
    /// Whether the messenger knows a number or chat.
    pub(crate) fn has_account(&self, address: &str) -> bool {
        let lacks_by_magic = match self.profile.magic(address) {
            Some(MagicRecipient::NoAccount) => true,
            Some(MagicRecipient::AccountLater) => {
                self.now.since_start() < self.profile.magic.account_later
            }
            _ => false,
        };
        !lacks_by_magic && self.people.has_account(address)
    }
}
