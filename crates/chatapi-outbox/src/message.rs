//! What a caller says: a message, who it is for, and what may become of it.

mod body;
mod check;
mod hash;
mod key;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use chatapi_client::line::{Contact, Kind};
use chatapi_types::chat_api::Recipient;
use chatapi_types::{ChatId, Masked, UnixMillis};

use crate::OnDoubt;
use crate::machine::Look;
use crate::record::{LineName, Route, Watch, Wipe};
use crate::store::{Blob, Content, NewMessage};

pub use body::{BadBody, Body, Digest, Stored};
pub use check::BadMessage;
pub use key::Key;

/// A message to be enqueued. `Debug` masks the recipient and shows the length of texts only.
///
/// ```
/// use std::time::Duration;
/// use chatapi_outbox::{Message, NotDelivered};
/// use chatapi_types::Phone;
///
/// let anna: Phone = "79000000001".parse()?;
/// let code = Message::text(&anna, "Your code: 1234")
///     .label("codes")
///     .priority(10)
///     .any_of("sales")
///     .deliver_within(Duration::from_secs(60), NotDelivered::Tell);
/// code.check()?;
/// assert!(Message::text(&anna, " ").check().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// Who it is for.
    pub to: Recipient,
    /// What it says.
    pub body: Body,
    /// The bytes of its file, or of its link's picture.
    pub blob: Option<Blob>,
    /// Whose keys these are; empty unless given. Up to 255 bytes.
    pub namespace: String,
    /// What the caller calls messages of its sort, for counts and metrics: few different ones, up
    /// to 255 bytes, and never a phone.
    pub label: Option<String>,
    /// Higher goes first; 0 unless given.
    pub priority: i16,
    /// Messages with the same order key arrive in the order in which they were enqueued. Up to 255
    /// bytes.
    pub order_key: Option<String>,
    /// Through which phones it may go, where that is not left to the outbox and its rule.
    pub route: Option<Route>,
    /// Not before.
    pub not_before: Option<UnixMillis>,
    /// Not after: what has not left by then expires.
    pub expires_at: Option<UnixMillis>,
    /// What becomes of it in doubt, where that is not left to the outbox.
    pub on_doubt: Option<OnDoubt>,
    /// What is kept of it once it is settled.
    pub wipe: Wipe,
    /// By when it is to be delivered, counted from when it is enqueued, and what happens otherwise.
    pub within: Option<(Duration, NotDelivered)>,
    /// Whether recipient and links are not to be checked before it leaves.
    pub unchecked: bool,
}

/// What happens to a message that was not delivered in time. That it is late is told in any case,
/// as a change, so that the caller can call, mail or send an SMS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotDelivered {
    /// Nothing else.
    #[default]
    Tell,
    /// If it still waits, it goes another way.
    Reroute(Route),
}

impl Message {
    /// Any body, with the bytes that it needs.
    pub fn new(to: impl Into<Recipient>, body: Body, blob: Option<Blob>) -> Self {
        Self {
            to: to.into(),
            body,
            blob,
            namespace: String::new(),
            label: None,
            priority: 0,
            order_key: None,
            route: None,
            not_before: None,
            expires_at: None,
            on_doubt: None,
            wipe: Wipe::Never,
            within: None,
            unchecked: false,
        }
    }

    /// A text.
    pub fn text(to: impl Into<Recipient>, text: impl Into<String>) -> Self {
        Self::new(to, Body::Text { text: text.into() }, None)
    }

    /// A file, carried along. The extension of its name tells the messenger what it is.
    pub fn file(
        to: impl Into<Recipient>,
        name: impl Into<String>,
        bytes: impl Into<Bytes>,
        caption: Option<String>,
    ) -> Self {
        let blob = Blob::new(bytes.into());
        Self::new(to, Body::File { file: Stored::new(name, &blob), caption }, Some(blob))
    }

    /// A file at an http(s) address, which the gateway must be able to reach when the message
    /// leaves.
    pub fn file_at(
        to: impl Into<Recipient>,
        name: impl Into<String>,
        address: impl Into<String>,
        caption: Option<String>,
    ) -> Self {
        let body = Body::FileAt { name: name.into(), address: address.into(), caption };
        Self::new(to, body, None)
    }

    /// A place on the map, in degrees, and what stands under it.
    pub fn location(
        to: impl Into<Recipient>,
        latitude: f64,
        longitude: f64,
        address: Option<String>,
    ) -> Self {
        Self::new(to, Body::Location { latitude, longitude, address }, None)
    }

    /// Somebody's contact card: an account of the messenger, or a card of your own.
    pub fn contact(to: impl Into<Recipient>, contact: impl Into<Contact>) -> Self {
        let body = match contact.into() {
            Contact::Card(vcard) => Body::Card { vcard },
            Contact::Account(account) => Body::Contact { account: account.chat() },
            // Unreachable until the client knows a third way, which this crate will then learn:
            // an empty card is refused by the check.
            _ => Body::Card { vcard: String::new() },
        };
        Self::new(to, body, None)
    }

    /// A link with the title and the picture of its preview.
    pub fn link(
        to: impl Into<Recipient>,
        address: impl Into<String>,
        title: impl Into<String>,
        picture_name: impl Into<String>,
        picture: impl Into<Bytes>,
    ) -> Self {
        let blob = Blob::new(picture.into());
        let body = Body::Link {
            address: address.into(),
            title: title.into(),
            picture: Stored::new(picture_name, &blob),
            description: None,
            text: None,
        };
        Self::new(to, body, Some(blob))
    }

    /// Puts a text of yours with a link; other messages stay as they are.
    #[must_use]
    pub fn saying(mut self, words: impl Into<String>) -> Self {
        if let Body::Link { text, .. } = &mut self.body {
            *text = Some(words.into());
        }
        self
    }

    /// Describes the page in a link's preview; other messages stay as they are.
    #[must_use]
    pub fn describing(mut self, words: impl Into<String>) -> Self {
        if let Body::Link { description, .. } = &mut self.body {
            *description = Some(words.into());
        }
        self
    }

    /// Whose key it will be.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// What its sort is called, for counts and metrics.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Higher goes first.
    #[must_use]
    pub const fn priority(mut self, priority: i16) -> Self {
        self.priority = priority;
        self
    }

    /// Arrives after what was enqueued earlier with the same key.
    #[must_use]
    pub fn order_key(mut self, key: impl Into<String>) -> Self {
        self.order_key = Some(key.into());
        self
    }

    /// Through which phones it may go.
    #[must_use]
    pub fn route(mut self, route: Route) -> Self {
        self.route = Some(route);
        self
    }

    /// Through this phone only.
    #[must_use]
    pub fn through(self, line: impl Into<LineName>) -> Self {
        self.route(Route::Line(line.into()))
    }

    /// Through any phone of a group.
    #[must_use]
    pub fn any_of(self, group: impl Into<Box<str>>) -> Self {
        self.route(Route::Group(group.into()))
    }

    /// Not before.
    #[must_use]
    pub const fn not_before(mut self, time: UnixMillis) -> Self {
        self.not_before = Some(time);
        self
    }

    /// Not after.
    #[must_use]
    pub const fn expires_at(mut self, time: UnixMillis) -> Self {
        self.expires_at = Some(time);
        self
    }

    /// What becomes of it in doubt.
    #[must_use]
    pub const fn on_doubt(mut self, on_doubt: OnDoubt) -> Self {
        self.on_doubt = Some(on_doubt);
        self
    }

    /// What is kept of it once it is settled.
    #[must_use]
    pub const fn wipe(mut self, wipe: Wipe) -> Self {
        self.wipe = wipe;
        self
    }

    /// To be delivered within this time from when it is enqueued, and what happens otherwise.
    #[must_use]
    pub fn deliver_within(mut self, time: Duration, otherwise: NotDelivered) -> Self {
        self.within = Some((time, otherwise));
        self
    }

    /// Leaves without a look at whether the recipient has an account and links are alive.
    #[must_use]
    pub const fn unchecked(mut self) -> Self {
        self.unchecked = true;
        self
    }

    /// The chat in which it will stand.
    #[must_use]
    pub fn chat(&self) -> ChatId {
        self.to.chat()
    }

    /// What sort of message it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.body.kind()
    }

    /// How it will look in the vendor's records.
    #[must_use]
    pub fn look(&self) -> Look {
        self.body.look(&self.chat())
    }

    /// Whether something about it can be found out before it leaves: that the recipient of more
    /// than a text has no account, that a link is dead.
    #[must_use]
    pub fn needs_check(&self) -> bool {
        let has_account = self.kind() != Kind::Text && self.chat().phone().is_some();
        !self.unchecked && (has_account || self.body.address().is_some())
    }

    /// Of everything the caller said, so that the same key with something else is noticed: a
    /// SHA-256 that stays the same across versions of this crate.
    ///
    /// It is made of the name of each thing that was said, a zero byte, the length of its value in
    /// eight bytes, and the value, one after the other in this order: `to` (the chat); `kind` (as
    /// in the body's JSON) and the members of the body; `label`, `priority`, `order_key`, `line` or
    /// `group`, `not_before`, `expires_at`, `on_doubt`, `wipe`, `within` (milliseconds),
    /// `reroute_line` or `reroute_group`, `unchecked`. What was not said, or is the default, is
    /// left out. Texts are UTF-8, numbers big-endian (degrees as the bits of a binary64), a file
    /// its name and digest. The namespace is no part of it: it belongs to the key.
    #[must_use]
    pub fn content_hash(&self) -> [u8; 32] {
        hash::of(self)
    }

    /// Whether it can be sent at all. What a vendor refuses beyond that (a text that is too long, a
    /// kind that it does not have) ends the message when its turn comes.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub fn check(&self) -> Result<(), BadMessage> {
        check::message(self)
    }

    /// As it is taken in at a time, by the way `otherwise` unless it says its way itself.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check); nothing has been stored then.
    pub fn into_new(
        self,
        key: Key,
        otherwise: &Route,
        now: UnixMillis,
    ) -> Result<NewMessage, BadMessage> {
        self.check()?;
        let (chat, look, content_hash) = (self.chat(), self.look(), self.content_hash());
        let to_check = self.needs_check();
        let body = self.body.to_json().map_err(|_| BadMessage::unwritable())?;
        let content = Content::new(body, self.blob);
        let route = self.route.unwrap_or_else(|| otherwise.clone());
        let mut new = NewMessage::new(key, chat, route, look, content);
        new.namespace = self.namespace;
        new.content_hash = content_hash;
        new.order_key = self.order_key;
        new.priority = self.priority;
        new.not_before = self.not_before;
        new.expires_at = self.expires_at;
        new.is_file = look.is_vague();
        new.label = self.label;
        new.on_doubt = self.on_doubt;
        new.unchecked = to_check;
        new.wipe = self.wipe;
        new.watch = self.within.map(|(time, otherwise)| {
            let reroute = match otherwise {
                NotDelivered::Tell => None,
                NotDelivered::Reroute(route) => Some(route),
            };
            Watch::new(now.plus(time), reroute)
        });
        Ok(new)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chat = self.chat();
        write!(f, "Message({:?} to {})", self.body, Masked::new(chat.as_str()))
    }
}

#[cfg(test)]
mod tests;
