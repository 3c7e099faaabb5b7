//! wamm.chat's figures.

use std::time::Duration;

use chatapi_types::wamm::{MessageKind, MessageState};
use serde::{Deserialize, Serialize};

use super::{HookFigures, Span, millis};

/// wamm.chat's figures and habits. Sections are those of the wire document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WammFigures {
    /// The gap between two messages of one channel: 3 to 6 s (§5, grade A; the current page says
    /// "several seconds").
    pub gap: Span,
    /// The values of `delay` that are taken, in seconds (§5, grade A).
    pub delays: Vec<u32>,
    /// Whether other values of `delay` are ignored: yes (grade D). Otherwise they are obeyed.
    pub ignores_other_delays: bool,
    /// How many characters a text may have: 4500 (§5, grade A for editing, D for sending).
    pub text_chars: usize,
    /// How many messages one listing holds: 100 (§5, grade A).
    pub listing: usize,
    /// Whether sending checks first that the number has an account; who is among the contacts is not
    /// asked about again (§1.2, grade A). Otherwise the message is taken, and its state becomes
    /// `noAccount`.
    pub checks_before_sending: bool,
    /// How many characters a contact's name may have: 250 (§1.2, grade A).
    pub name_chars: usize,
    /// How many characters a contact's mail address may have: 150 (§1.2, grade A).
    pub email_chars: usize,
    /// How many characters a contact's web address may have: 150 (§1.2, grade A).
    pub web_chars: usize,
    /// How many open chats are listed: 900 (§1.3, grade A).
    pub open_chats: usize,
    /// Whether a message that goes out opens its chat, as one that comes in does: yes (grade D).
    pub sending_opens_chats: bool,
    /// The word for a group that is to be given to a user: `not found` (grade D; that only personal
    /// chats can be given is grade A).
    pub group_assigned: String,
    /// The word for a tag to be deleted that the chat does not have: none, it is a success (grade
    /// D).
    pub absent_tag: Option<String>,
    /// What files are in `tip_msg` (§4.4, grade D).
    pub file_kinds: FileKinds,
    /// What becomes of a message whose file cannot be had from its address: `failed` (grade D). It
    /// is taken, and fails when its turn comes.
    pub dead_link_state: MessageState,
    /// The word for an address of a file that is none: `url fail` (§1.4, unknown; grade D).
    pub bad_url: String,
    /// The word for a file without a name: `file_name fail` (§1.4, unknown; grade D).
    pub bad_file_name: String,
    /// The word for a content that is not base64 in the standard alphabet, or empty: `file_base64
    /// fail` (§1.4, unknown; grade D).
    pub bad_file: String,
    /// Whether the account is a test account from the beginning: no. Its messages over the API are
    /// counted by the day, and it ends. `Sandbox::test_account` makes it one later.
    pub test_account: bool,
    /// How many messages a day a test account may send over the API: 30 (§5, grade A). The day
    /// begins at midnight on the clock that writes dates (grade D).
    pub test_messages_a_day: usize,
    /// The word for one more: `limit fail` (§1.4, unknown; grade D).
    pub over_test_cap: String,
    /// For how long a test account works: 3 days (§5, grade A).
    pub trial: Duration,
    /// The word for everything that needs a connection once that is over, and its channels are
    /// archived: `acc not authorized` (§1.4, unknown; grade D).
    pub trial_over: String,
    /// How long a channel is `starting` until it is `authorized`: 20 s (grade D). What waits in its
    /// line waits for that.
    pub starting: Duration,
    /// The word of `check_phone` for a number without an account: `not exists` (grade D).
    pub not_exists: String,
    /// The word for MAX in `api_tip`: `max` (grade D, never seen).
    pub max_kind: String,
    /// How far east of UTC the clock stands that writes dates, in minutes: 180, Moscow (grade D).
    pub utc_offset_minutes: i32,
    /// Whether `%0A` that is still in a text after decoding becomes a line end: no (§1.1, unknown;
    /// one client encodes twice).
    pub decodes_twice: bool,
    /// Whether every method takes `POST`, not `msg_edit` alone: no (§0, unknown).
    pub post_everywhere: bool,
    /// How long after leaving a message is delivered: 0.8 to 2.5 s (grade D).
    pub delivered_after: Span,
    /// How long after that the recipient opens it: 2 to 9 s (grade D); `None` for never by
    /// himself.
    pub read_after: Option<Span>,
    /// How many messages the history of a channel keeps: 10,000 (grade D).
    pub history: usize,
    /// How webhooks are delivered.
    pub hooks: HookFigures,
    /// Whether the webhook learns of a message of ours as soon as it is taken in, in the state
    /// `sending`: yes (§4.2 has the echo as grade C, its time as unknown). Otherwise once it has left
    /// or failed.
    pub echoes_at_once: bool,
    /// Whether the webhook of a state names the phone: yes (§4.3, grade D).
    pub states_name_phone: bool,
    /// Whether a message that its author edits is told to the webhook once more, under its id and
    /// with its new text: yes (grade D).
    pub tells_edits: bool,
}

impl WammFigures {
    pub(super) fn of_2025() -> Self {
        Self {
            gap: Duration::from_secs(3)..=Duration::from_secs(6),
            delays: vec![15, 20, 30, 45, 60, 120, 180],
            ignores_other_delays: true,
            text_chars: 4500,
            listing: 100,
            checks_before_sending: true,
            name_chars: 250,
            email_chars: 150,
            web_chars: 150,
            open_chats: 900,
            sending_opens_chats: true,
            group_assigned: "not found".to_owned(),
            absent_tag: None,
            file_kinds: FileKinds::of_a_sister_vendor(),
            dead_link_state: MessageState::Failed,
            bad_url: "url fail".to_owned(),
            bad_file_name: "file_name fail".to_owned(),
            bad_file: "file_base64 fail".to_owned(),
            test_account: false,
            test_messages_a_day: 30,
            over_test_cap: "limit fail".to_owned(),
            trial: Duration::from_secs(3 * 86_400),
            trial_over: "acc not authorized".to_owned(),
            starting: Duration::from_secs(20),
            not_exists: "not exists".to_owned(),
            max_kind: "max".to_owned(),
            utc_offset_minutes: 180,
            decodes_twice: false,
            post_everywhere: false,
            delivered_after: millis(800, 2_500),
            read_after: Some(millis(2_000, 9_000)),
            history: 10_000,
            hooks: HookFigures::of_wamm(),
            echoes_at_once: true,
            states_name_phone: true,
            tells_edits: true,
        }
    }
}

/// What files are called in `tip_msg`, by the ending of their names. Only texts were ever seen; these
/// words are a sister vendor's (§4.4, grade D).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileKinds {
    /// Pictures: `imageMessage`.
    pub image: MessageKind,
    /// Videos: `videoMessage`.
    pub video: MessageKind,
    /// Audio files: `audioMessage`.
    pub audio: MessageKind,
    /// All others: `documentMessage`.
    pub document: MessageKind,
}

impl FileKinds {
    const fn of_a_sister_vendor() -> Self {
        Self {
            image: MessageKind::Image,
            video: MessageKind::Video,
            audio: MessageKind::Audio,
            document: MessageKind::Document,
        }
    }
}
