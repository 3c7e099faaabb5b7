//! What the vendor's own records show: its history and its queue.

use std::fmt;

use chatapi_types::{ChatId, Delivery, Masked, MessageId, UnixMillis, UnixTime};

use super::Kind;

/// A place in the vendor's history, to go on from. Opaque; can be stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor as it was stored.
    pub fn new(cursor: impl Into<String>) -> Self {
        Self(cursor.into())
    }

    /// The cursor, to be stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn number(&self) -> Option<u64> {
        self.0.parse().ok()
    }
}

impl From<u64> for Cursor {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

/// Messages that came after a cursor.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Sightings {
    /// The messages, oldest first.
    pub items: Vec<Sighting>,
    /// Where to go on; `None` when there is nothing to go on from yet.
    pub cursor: Option<Cursor>,
    /// Whether nothing can have been missed between the cursor and now: only then does absence
    /// prove anything.
    pub complete: bool,
}

/// A message as it stands in the vendor's history. `Debug` shows neither what it says nor to whom.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Sighting {
    /// Its id.
    pub id: MessageId,
    /// Its chat, as the vendor writes it: wamm.chat leaves out the `@c.us` and `@g.us`.
    pub chat: ChatId,
    /// Whether it can be one that we sent: outgoing, and not typed on the phone where the vendor
    /// tells the two apart.
    pub ours: bool,
    /// Its text; for a file, its address at the vendor; for other kinds, whatever the vendor tells.
    pub body: String,
    /// What sort of message it is.
    pub kind: Kind,
    /// The text under a file.
    pub caption: Option<String>,
    /// When it was sent or came in, where the vendor tells without ambiguity.
    pub time: Option<UnixTime>,
    /// What became of it.
    pub delivery: Delivery,
}

impl Sighting {
    /// A message that was sent; for those who bring a line of their own.
    pub fn new(
        id: impl Into<MessageId>,
        chat: ChatId,
        ours: bool,
        kind: Kind,
        body: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            chat,
            ours,
            body: body.into(),
            kind,
            caption: None,
            time: None,
            delivery: Delivery::Sent,
        }
    }

    /// A text that was sent; for those who bring a line of their own.
    pub fn text(
        id: impl Into<MessageId>,
        chat: ChatId,
        ours: bool,
        body: impl Into<String>,
    ) -> Self {
        Self::new(id, chat, ours, Kind::Text, body)
    }
}

impl fmt::Debug for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, body, ours, delivery, .. } = self;
        let chat = Masked::new(self.chat.as_str());
        // The usual form of an id holds the chat: its last part tells messages apart.
        let id = self.id.as_str().rsplit('_').next().unwrap_or_default();
        let id = if id.contains('@') { "…" } else { id };
        let whose = if *ours { "ours" } else { "not ours" };
        write!(f, "Sighting({kind:?} {id} of {} B in {chat}, {whose}, {delivery:?})", body.len())
    }
}

/// What waits in the vendor's queue.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Queue {
    /// The first of them.
    pub items: Vec<Waiting>,
    /// How many wait in all.
    pub total: u64,
    /// Whether `items` shows every one of them.
    pub complete: bool,
}

/// A message that waits in the vendor's queue. `Debug` shows neither what it says nor to whom.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Waiting {
    /// The queue's number of it.
    pub number: u64,
    /// Its chat, where the vendor tells.
    pub chat: Option<ChatId>,
    /// Its text, or the address of its file; for other kinds, whatever the vendor tells.
    pub body: String,
    /// What sort of message it is.
    pub kind: Kind,
    /// When sending was last tried.
    pub last_try: Option<UnixMillis>,
}

impl Waiting {
    /// A message that waits; for those who bring a line of their own.
    pub fn new(number: u64, chat: Option<ChatId>, kind: Kind, body: impl Into<String>) -> Self {
        Self { number, chat, body: body.into(), kind, last_try: None }
    }

    /// A text that waits; for those who bring a line of their own.
    pub fn text(number: u64, chat: Option<ChatId>, body: impl Into<String>) -> Self {
        Self::new(number, chat, Kind::Text, body)
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, kind, body, .. } = self;
        let chat = self.chat.as_ref().map_or("a chat that is not told", ChatId::as_str);
        let chat = Masked::new(chat);
        write!(f, "Waiting({kind:?} {number} of {} B to {chat})", body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_what_waits_nor_what_was_sent_is_shown() {
        let chat = ChatId::from("79005556677@c.us");
        let mut seen = Sighting::text("true_79005556677@c.us_3EB0AA", chat.clone(), true, "secret");
        seen.caption = Some("secret".to_owned());
        let items = vec![
            Waiting::text(7, Some(chat), "secret"),
            Waiting::new(8, None, Kind::Location, "55.75;37.62"),
        ];
        let queue = Queue { items, total: 2, complete: true };
        let mut group = seen.clone();
        group.id = "true_79005556677-16@g.us_3EB0_79005556677@c.us".into();
        let sightings = Sightings { items: vec![seen, group], ..Sightings::default() };
        let shown = format!("{queue:?} {sightings:?}");
        for hidden in ["secret", "5556", "55.75"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
        assert!(shown.contains("Waiting(Text 7 of 6 B to 790…77@c.us)"), "{shown}");
        assert!(shown.contains("Sighting(Text 3EB0AA of 6 B in 790…77@c.us, ours"), "{shown}");
    }
}
