//! Chat API's figures.

use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::{HookFigures, Span, millis};

/// Chat API's figures and habits. Sections are those of the wire document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChatApiFigures {
    /// How many messages the queue holds; one more is declined: 400 (§6, grade A).
    pub queue_cap: usize,
    /// How long a message may wait in the queue before it is dropped; `None` for ever (no document
    /// of Chat API tells of an end: grade D; a sister vendor keeps them for 24 hours).
    pub queue_keeps: Option<Duration>,
    /// How many messages leave within [`recovery_window`](Self::recovery_window) after sending has
    /// stood still with messages waiting: 5 (§6, grade A for a phone that comes back; that a new
    /// login, a takeover and a payment count as well is grade D).
    pub recovery_burst: usize,
    /// In how much time they leave: 2 minutes (§6, grade A). No stretch of this length that ends
    /// during recovery sees more than `recovery_burst` messages leave.
    pub recovery_window: Duration,
    /// How long a silent phone is waited for before the substatus is `timeout`: 30 s (§10, grade A).
    pub phone_timeout: Duration,
    /// How long a QR code can be scanned: 60 s (§10, grade A).
    pub qr_life: Duration,
    /// How many entries `showMessagesQueue` and `clearMessagesQueue` list: 100 (§6, grade A).
    pub listing: usize,
    /// How many messages `messages` gives unless told otherwise: 100 (§4.3, grade A).
    pub page: usize,
    /// How many digits a phone number has: 9 to 14 (§1.2, grade C).
    pub phone_digits: RangeInclusive<usize>,
    /// Whether a number of eleven digits that begins with the Russian home prefix 8 reaches
    /// anybody: no (§1.1, grade C). It is taken, and then waits like a number without an account.
    pub home_prefix_reaches: bool,
    /// How long the gateway works on a message before it leaves: 0.4 to 1.2 s (grade D).
    pub processing: Span,
    /// The pause between two outgoing messages where the setting `sendDelay` asks for no longer
    /// one: 0.5 to 1.5 s (grade D).
    pub pause: Span,
    /// How long a message that could not leave (no account, dead link) rests before the next try:
    /// 60 s (grade D). Each try takes a place in the line as a message that leaves does.
    pub retry_pause: Span,
    /// Whether a message that cannot leave holds up all behind it: no, they pass it by (grade D).
    /// Either way it stays in the queue and counts towards the cap (§6, grade A).
    pub stuck_blocks_queue: bool,
    /// How long after leaving a message is delivered: 0.8 to 2.5 s (grade D).
    pub delivered_after: Span,
    /// How long after that the recipient opens it: 2 to 9 s (grade D); `None` for never by
    /// himself.
    pub read_after: Option<Span>,
    /// How `messages` tells how far a message has come: in words (the field is grade C, its form
    /// unknown).
    pub ack_in_messages: AckForm,
    /// How many messages the history of an instance keeps: 10,000 (grade D).
    pub history: usize,
    /// How long connecting takes, from waking to the QR code: 2 s (grade D).
    pub connecting: Duration,
    /// How long reading messages from the phone takes after a scan: 3 s (grade D).
    pub syncing: Duration,
    /// How long opening the web session of a linked phone takes: 2 s (grade D).
    pub opening: Duration,
    /// Whether an instance that has logged out or was just created wakes by itself, without being
    /// asked for its status: no (grade D).
    pub wakes_by_itself: bool,
    /// From what charge down the battery is low, in percent: 15 (grade D).
    pub battery_low: u8,
    /// Below what charge it is very low, in percent: 5 (§2.1, grade A).
    pub battery_very_low: u8,
    /// How long an unplugged phone lives on one percent: 10 min (grade D).
    pub battery_falls: Duration,
    /// How long a plugged-in phone takes for one percent: 1 min (grade D).
    pub battery_rises: Duration,
    /// With what charge a plugged-in phone starts that was empty, in percent: 3 (grade D).
    pub battery_starts_at: u8,
    /// Whether messages leave while the battery is very low: yes (grade D).
    pub sends_on_very_low_battery: bool,
    /// The HTTP status of "not paid": 200 (§1.2, grade D).
    pub not_paid_status: u16,
    /// For how long a new instance is paid: 30 days (grade D). It is shown, but nothing lapses by
    /// itself.
    pub paid_for: Duration,
    /// How many messages a page of `messagesHistory` has unless told otherwise: 100 (grade D).
    pub history_page: usize,
    /// Whether `messagesHistory` begins with the newest message: yes (§4.4, grade D).
    pub history_newest_first: bool,
    /// How long `getFile` has the file of a message: 30 days (§4.5, grade A).
    pub files_kept: Duration,
    /// How many chats `dialogs` gives unless told otherwise: 100 (§5.1, grade B).
    pub dialogs_page: usize,
    /// Whether the instance's own number stands among the participants of a group: no (§5.2 has
    /// "own number is not listed"; that this is meant, grade D).
    pub lists_own_number: bool,
    /// How `dialogs` tells the labels of a chat (§5.1, grade D).
    pub labels_in_dialogs: LabelForm,
    /// The colours that new labels get, one after the other (grade D, the form `#rrggbb` too).
    pub label_colors: Vec<String>,
    /// How long an action of the queue takes, from the one before it: 0.5 to 2 s (grade D).
    pub action_takes: Span,
    /// How long `group` waits for the group to exist: 20 s (§10, grade A).
    pub group_wait: Duration,
    /// How many chats are pinned at most; one more is ignored and called a success: 3 (§5.3, grade
    /// C).
    pub pinned_chats: usize,
    /// For how long `typing` and `recording` show unless told otherwise: 5 s (§5.3, grade B).
    pub activity: Duration,
    /// Whether operations on chats, labels and the account's name, which wait in no queue, are
    /// declined while the account is not authenticated: yes (grade D).
    pub operations_need_account: bool,
    /// How long after a sign of life `userStatus` calls a contact available: 60 s (grade D).
    pub online_for: Duration,
    /// What `outputIP` says: an address that the world has reserved for examples (grade D).
    pub output_ip: IpAddr,
    /// Whether messages from banned numbers are kept from the instance: yes (§7 has the settings and
    /// not what they do: grade D). The first one is answered with `preBanMessage` either way.
    pub drops_banned: bool,
    /// What `getProducts` lists: two samples (§4.6 has the method and not its answer: grade D).
    pub products: Vec<Product>,
    /// How webhooks are delivered.
    pub hooks: HookFigures,
    /// From what age on messages are old where `oldMessagesPeriod` does not say: 5 minutes (§3.1,
    /// grade A).
    pub old_after: Duration,
    /// Whether an incoming video comes without its file where `videoUploadOn` is not on: yes (§3.1,
    /// grade A that the setting has it downloaded; what comes else, grade D).
    pub video_needs_setting: bool,
    /// Whether a message that its author edits is told to the webhook once more, under its id and
    /// with its new text: yes (grade D; the messenger learned to edit after the service had ended).
    pub tells_edits: bool,
}

/// A product of an account's catalogue. Its members in `getProducts` and `getProduct` are our choice
/// (grade D).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Product {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its price in hundredths.
    pub price: u64,
    /// The currency of the price.
    pub currency: String,
}

impl Product {
    /// A product; its price in hundredths.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        price: u64,
        currency: impl Into<String>,
    ) -> Self {
        Self { id: id.into(), name: name.into(), price, currency: currency.into() }
    }
}

/// How `dialogs` tells the labels of a chat. That it does is grade A, in what form is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum LabelForm {
    /// Not at all.
    Omitted,
    /// By their ids.
    Ids,
    /// As they stand in `labelsList`.
    Whole,
}

/// How a message in `messages` tells how far it has come. The field was seen in later samples
/// (grade C), "int or string"; what it held is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum AckForm {
    /// Not at all, as in the specification.
    Omitted,
    /// In the words of the ack webhook: `sent`, `delivered`, `viewed`.
    Words,
    /// As WhatsApp Web counts, in text: `"1"`, `"2"`, `"3"`.
    Numbers,
}

impl ChatApiFigures {
    pub(super) fn of_2020() -> Self {
        Self {
            queue_cap: 400,
            queue_keeps: None,
            recovery_burst: 5,
            recovery_window: Duration::from_secs(120),
            phone_timeout: Duration::from_secs(30),
            qr_life: Duration::from_secs(60),
            listing: 100,
            page: 100,
            phone_digits: 9..=14,
            home_prefix_reaches: false,
            processing: millis(400, 1_200),
            pause: millis(500, 1_500),
            retry_pause: millis(60_000, 60_000),
            stuck_blocks_queue: false,
            delivered_after: millis(800, 2_500),
            read_after: Some(millis(2_000, 9_000)),
            ack_in_messages: AckForm::Words,
            history: 10_000,
            connecting: Duration::from_secs(2),
            syncing: Duration::from_secs(3),
            opening: Duration::from_secs(2),
            wakes_by_itself: false,
            battery_low: 15,
            battery_very_low: 5,
            battery_falls: Duration::from_secs(600),
            battery_rises: Duration::from_secs(60),
            battery_starts_at: 3,
            sends_on_very_low_battery: true,
            not_paid_status: 200,
            paid_for: Duration::from_secs(30 * 86_400),
            history_page: 100,
            history_newest_first: true,
            files_kept: Duration::from_secs(30 * 86_400),
            dialogs_page: 100,
            lists_own_number: false,
            labels_in_dialogs: LabelForm::Whole,
            label_colors: ["#ff9485", "#64c4ff", "#ffd429", "#55ccb3"].map(str::to_owned).to_vec(),
            action_takes: millis(500, 2_000),
            group_wait: Duration::from_secs(20),
            pinned_chats: 3,
            activity: Duration::from_secs(5),
            operations_need_account: true,
            online_for: Duration::from_secs(60),
            output_ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
            drops_banned: true,
            products: vec![
                Product::new("1001", "Sample cup", 990, "EUR"),
                Product::new("1002", "Sample plate", 1_490, "EUR"),
            ],
            hooks: HookFigures::of_chat_api(),
            old_after: Duration::from_secs(300),
            video_needs_setting: true,
            tells_edits: true,
        }
    }
}
