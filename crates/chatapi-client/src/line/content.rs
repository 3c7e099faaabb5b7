//! What is handed over: a message and what it says.

use std::fmt;

use chatapi_types::{ChatId, Masked, Phone, chat_api::Recipient};

use crate::file::File;

/// A message to hand over. `Debug` masks the recipient and shows the length of texts only.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Outgoing {
    /// Who it is for.
    pub to: Recipient,
    /// What it says.
    pub content: Content,
}

impl Outgoing {
    /// Any content.
    pub fn new(to: impl Into<Recipient>, content: impl Into<Content>) -> Self {
        Self { to: to.into(), content: content.into() }
    }

    /// A text.
    pub fn text(to: impl Into<Recipient>, text: impl Into<String>) -> Self {
        Self::new(to, Content::Text(text.into()))
    }

    /// A file, with a text under it. Where the vendor has no such texts, the message is refused.
    pub fn file(to: impl Into<Recipient>, file: File, caption: Option<String>) -> Self {
        Self::new(to, Content::File { file, caption })
    }

    /// A place on the map, in degrees, and what stands under it: at most two lines on Chat API.
    pub fn location(
        to: impl Into<Recipient>,
        latitude: f64,
        longitude: f64,
        address: Option<String>,
    ) -> Self {
        Self::new(to, Content::Location { latitude, longitude, address })
    }

    /// Somebody's contact card.
    ///
    /// ```
    /// use chatapi_client::line::{Contact, Kind, Outgoing};
    /// use chatapi_types::Phone;
    ///
    /// let (anna, boris): (Phone, Phone) = ("79000000001".parse()?, "79000000002".parse()?);
    /// let account = Outgoing::contact(&anna, &boris);
    /// let card = Contact::card("BEGIN:VCARD\nVERSION:3.0\nFN:Boris\nEND:VCARD");
    /// assert_eq!(Outgoing::contact(&anna, card).content.kind(), account.content.kind());
    /// assert_eq!(account.content.kind(), Kind::Contact);
    /// # Ok::<(), chatapi_types::BadPhone>(())
    /// ```
    pub fn contact(to: impl Into<Recipient>, contact: impl Into<Contact>) -> Self {
        Self::new(to, Content::Contact(contact.into()))
    }

    /// A link with a preview of yours.
    pub fn link(to: impl Into<Recipient>, link: Link) -> Self {
        Self::new(to, Content::Link(link))
    }
}

/// What a message says.
///
/// `Debug` shows the length of texts only.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// A text.
    Text(String),
    /// A file.
    File {
        /// The file.
        file: File,
        /// A text under it; refused where the vendor has no such texts.
        caption: Option<String>,
    },
    /// A place on the map.
    Location {
        /// Degrees, south negative.
        latitude: f64,
        /// Degrees, west negative.
        longitude: f64,
        /// What stands under the map. Where the vendor asks for it and none is given, the degrees
        /// stand there.
        address: Option<String>,
    },
    /// Somebody's contact card.
    Contact(Contact),
    /// A link with a preview.
    Link(Link),
}

impl Content {
    /// What sort of message it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::File { .. } => Kind::File,
            Self::Location { .. } => Kind::Location,
            Self::Contact(_) => Kind::Contact,
            Self::Link(_) => Kind::Link,
        }
    }
}

impl From<Link> for Content {
    fn from(link: Link) -> Self {
        Self::Link(link)
    }
}

impl From<Contact> for Content {
    fn from(contact: Contact) -> Self {
        Self::Contact(contact)
    }
}

/// What sort of message it is: of one to be sent, and of one in the vendor's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// A text.
    Text,
    /// A file: picture, document, voice, audio, video.
    File,
    /// A place on the map.
    Location,
    /// One contact card or several.
    Contact,
    /// A link with a preview. No vendor is known to have a word for it in its records: there it
    /// may look like a text.
    Link,
    /// Something else, or a word that this version does not know, or none at all.
    Other,
}

/// Somebody whose contact card is sent. `Debug` masks who it is.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Contact {
    /// An account of the messenger, by phone or private chat; the gateway writes the card.
    Account(Recipient),
    /// A card that you wrote, vCard 3.0: for somebody without an account, or with more to tell
    /// than a number.
    Card(String),
}

impl Contact {
    /// A card that you wrote, from `BEGIN:VCARD` to `END:VCARD`.
    pub fn card(vcard: impl Into<String>) -> Self {
        Self::Card(vcard.into())
    }
}

impl From<Recipient> for Contact {
    fn from(account: Recipient) -> Self {
        Self::Account(account)
    }
}

impl From<Phone> for Contact {
    fn from(phone: Phone) -> Self {
        Self::Account(phone.into())
    }
}

impl From<&Phone> for Contact {
    fn from(phone: &Phone) -> Self {
        Self::Account(phone.into())
    }
}

impl From<ChatId> for Contact {
    fn from(chat: ChatId) -> Self {
        Self::Account(chat.into())
    }
}

/// A link with the preview that the recipient sees. `Debug` shows the lengths only: addresses hold
/// personal keys.
///
/// ```
/// use chatapi_client::File;
/// use chatapi_client::line::Link;
///
/// let picture = File::bytes("sale.jpg", b"a picture");
/// let link = Link::new("https://example.com/sale", "Sale", picture).text("From Monday on:");
/// assert_eq!(link.address, "https://example.com/sale");
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// The http(s) address.
    pub address: String,
    /// The preview's title.
    pub title: String,
    /// The preview's picture, carried along; a few hundred pixels (the vendor's limit is unknown).
    pub picture: File,
    /// The preview's description (Chat API, grade B).
    pub description: Option<String>,
    /// A text of yours with the link (Chat API, grade B).
    pub text: Option<String>,
}

impl Link {
    /// A link. Chat API sends none without title and picture (`sendLink`, grade A).
    pub fn new(address: impl Into<String>, title: impl Into<String>, picture: File) -> Self {
        let (address, title) = (address.into(), title.into());
        Self { address, title, picture, description: None, text: None }
    }

    /// Describes the page in its preview.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Puts a text of yours with the link.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chat = self.to.chat();
        write!(f, "Outgoing({:?} to {})", self.content, Masked::new(chat.as_str()))
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} B)", text.len()),
            Self::File { file, caption: None } => file.fmt(f),
            Self::File { file, caption: Some(caption) } => {
                write!(f, "{file:?} with a caption of {} B", caption.len())
            }
            // Where somebody is, is as private as what they say.
            Self::Location { address, .. } => {
                write!(f, "Location(with {} B)", address.as_ref().map_or(0, String::len))
            }
            Self::Contact(contact) => contact.fmt(f),
            Self::Link(link) => link.fmt(f),
        }
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(who) => write!(f, "Contact({})", Masked::new(who.chat().as_str())),
            Self::Card(card) => write!(f, "Contact(a card of {} B)", card.len()),
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [&self.description, &self.text].into_iter().flatten().map(String::len);
        let words = words.sum::<usize>() + self.title.len();
        write!(f, "Link({} B with {words} B)", self.address.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_said_is_shown() {
        let to: Phone = "79000000001".parse().unwrap();
        let picture = File::bytes("p.jpg", [1, 2, 3]);
        let link = Link::new("https://secret.example/key", "secret", picture.clone());
        let all = [
            Outgoing::text(&to, "secret"),
            Outgoing::file(&to, picture, Some("secret".to_owned())),
            Outgoing::location(&to, 55.75, 37.62, Some("secret".to_owned())),
            Outgoing::contact(&to, "79005556677".parse::<Phone>().unwrap()),
            Outgoing::contact(&to, Contact::card("BEGIN:VCARD\nFN:secret\nEND:VCARD")),
            Outgoing::link(&to, link.text("secret").description("secret")),
        ];
        let kinds = [Kind::Text, Kind::File, Kind::Location, Kind::Contact, Kind::Contact];
        for (outgoing, kind) in all.iter().zip(kinds.into_iter().chain([Kind::Link])) {
            let shown = format!("{outgoing:?}");
            assert_eq!(outgoing.content.kind(), kind);
            assert!(shown.ends_with("to 790…01@c.us)"), "{shown}");
            for hidden in ["secret", "000000", "55.75", "37.62", "5556"] {
                assert!(!shown.contains(hidden), "{shown}");
            }
        }
    }
}
