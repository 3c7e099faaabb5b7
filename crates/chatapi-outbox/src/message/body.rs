//! What a message says, as it is stored.

use std::fmt;

use bytes::Bytes;
use chatapi_client::File;
use chatapi_client::line::{Contact, Content, Kind, Link, Outgoing};
use chatapi_types::chat_api::Recipient;
use chatapi_types::{ChatId, Masked};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::machine::Look;
use crate::store::Blob;

/// What a message says. Stored as JSON with a `kind`; the bytes of a file stand beside it, under
/// their digest. `Debug` shows the length of texts only.
///
/// ```
/// use chatapi_outbox::Body;
///
/// let body = Body::Text { text: "hi".to_owned() };
/// assert_eq!(body.to_json()?, r#"{"kind":"text","text":"hi"}"#);
/// assert_eq!(Body::from_json(r#"{"kind":"text","text":"hi"}"#)?, body);
/// # Ok::<(), chatapi_outbox::BadBody>(())
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Body {
    /// A text.
    Text {
        /// The text.
        text: String,
    },
    /// A file, carried along.
    File {
        /// The file.
        file: Stored,
        /// A text under it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
    },
    /// A file at an address.
    FileAt {
        /// The name that the recipient sees.
        name: String,
        /// Where it is.
        address: String,
        /// A text under it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
    },
    /// A place on the map.
    Location {
        /// Degrees, south negative; written as text, so that they stay what they are to the last
        /// bit.
        #[serde(with = "degrees")]
        latitude: f64,
        /// Degrees, west negative; written as text.
        #[serde(with = "degrees")]
        longitude: f64,
        /// What stands under the map.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    },
    /// The card of an account of the messenger.
    Contact {
        /// Whose.
        account: ChatId,
    },
    /// A contact card that the caller wrote.
    Card {
        /// The card.
        vcard: String,
    },
    /// A link with a preview.
    Link {
        /// The address.
        address: String,
        /// The preview's title.
        title: String,
        /// The preview's picture.
        picture: Stored,
        /// The preview's description.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// A text with the link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
}

/// A file whose bytes are kept under their digest, once, however many messages carry them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stored {
    /// The name that the recipient sees.
    pub name: String,
    /// What it is, by the extension of its name.
    pub mime: String,
    /// How many bytes it has.
    pub size: u64,
    /// The SHA-256 of its bytes.
    pub digest: Digest,
}

impl Stored {
    /// The file of these bytes.
    pub fn new(name: impl Into<String>, blob: &Blob) -> Self {
        let name = name.into();
        let mime = File::bytes(&*name, b"").mime().unwrap_or_default().to_owned();
        Self { name, mime, size: blob.bytes.len() as u64, digest: Digest(blob.digest) }
    }
}

/// A SHA-256, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What is stored does not make a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadBody {
    /// The JSON says nothing that this version understands.
    #[error(
        "what is stored of the message cannot be read (at column {column}); was it written by a \
         newer version?"
    )]
    Unreadable {
        /// Where reading ended.
        column: usize,
    },
    /// It cannot be written as JSON.
    #[error("the message cannot be written as JSON")]
    Unwritable,
    /// The bytes of its file are missing.
    #[error("the bytes of the message's file are gone; enqueue it anew with its file")]
    NoFile,
    /// The bytes are not those that were enqueued.
    #[error(
        "the stored bytes of the message's file are not those that were enqueued; look for what \
         changes the database"
    )]
    OtherFile,
}

impl Body {
    /// As it is stored.
    ///
    /// # Errors
    ///
    /// [`BadBody::Unwritable`], which does not happen to bodies that pass the check of a message.
    pub fn to_json(&self) -> Result<String, BadBody> {
        serde_json::to_string(self).map_err(|_| BadBody::Unwritable)
    }

    /// As it was stored.
    ///
    /// # Errors
    ///
    /// [`BadBody::Unreadable`]; it says where, and nothing of what stands there.
    pub fn from_json(json: &str) -> Result<Self, BadBody> {
        serde_json::from_str(json).map_err(|error| BadBody::Unreadable { column: error.column() })
    }

    /// What sort of message it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Text { .. } => Kind::Text,
            Self::File { .. } | Self::FileAt { .. } => Kind::File,
            Self::Location { .. } => Kind::Location,
            Self::Contact { .. } | Self::Card { .. } => Kind::Contact,
            Self::Link { .. } => Kind::Link,
        }
    }

    /// The `kind` in its JSON.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::File { .. } => "file",
            Self::FileAt { .. } => "file_at",
            Self::Location { .. } => "location",
            Self::Contact { .. } => "contact",
            Self::Card { .. } => "card",
            Self::Link { .. } => "link",
        }
    }

    /// How it will look in the vendor's records of a chat.
    #[must_use]
    pub fn look(&self, chat: &ChatId) -> Look {
        match self {
            Self::Text { text } => Look::of_text(chat, text),
            Self::File { caption, .. } | Self::FileAt { caption, .. } => {
                Look::of_file(chat, caption.as_deref())
            }
            Self::Location { .. } => Look::of_location(chat),
            Self::Contact { .. } | Self::Card { .. } => Look::of_contact(chat),
            Self::Link { address, .. } => Look::of_link(chat, address),
        }
    }

    /// The file whose bytes it needs.
    #[must_use]
    pub const fn stored(&self) -> Option<&Stored> {
        match self {
            Self::File { file, .. } | Self::Link { picture: file, .. } => Some(file),
            _ => None,
        }
    }

    /// The web address that must be alive for it to arrive.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::FileAt { address, .. } | Self::Link { address, .. } => Some(address),
            _ => None,
        }
    }

    /// As a line sends it. `blob` holds the bytes of [`stored`](Self::stored), where it has any.
    ///
    /// # Errors
    ///
    /// [`BadBody::NoFile`] without the bytes, [`BadBody::OtherFile`] with others.
    pub fn to_content(&self, blob: Option<Bytes>) -> Result<Content, BadBody> {
        let open = |file: &Stored| {
            let blob = Blob::new(blob.ok_or(BadBody::NoFile)?);
            match blob.digest == file.digest.0 {
                true => Ok(File::bytes(&*file.name, &blob.bytes)),
                false => Err(BadBody::OtherFile),
            }
        };
        Ok(match self {
            Self::Text { text } => Content::Text(text.clone()),
            Self::File { file, caption } => {
                Content::File { file: open(file)?, caption: caption.clone() }
            }
            Self::FileAt { name, address, caption } => {
                let file = File::url(address).named(name);
                Content::File { file, caption: caption.clone() }
            }
            Self::Location { latitude, longitude, address } => Content::Location {
                latitude: *latitude,
                longitude: *longitude,
                address: address.clone(),
            },
            Self::Contact { account } => Content::Contact(recipient(account).into()),
            Self::Card { vcard } => Content::Contact(Contact::card(vcard)),
            Self::Link { address, title, picture, description, text } => {
                let mut link = Link::new(address, title, open(picture)?);
                link.description.clone_from(description);
                link.text.clone_from(text);
                Content::Link(link)
            }
        })
    }

    /// As it is handed over, to a chat.
    ///
    /// # Errors
    ///
    /// As [`to_content`](Self::to_content).
    pub fn outgoing(&self, chat: &ChatId, blob: Option<Bytes>) -> Result<Outgoing, BadBody> {
        Ok(Outgoing::new(recipient(chat), self.to_content(blob)?))
    }
}

/// A person is addressed by phone, which creates the chat where there was none (Chat API §4.1,
/// grade A).
fn recipient(chat: &ChatId) -> Recipient {
    match chat.phone() {
        Some(phone) => phone.into(),
        None => chat.into(),
    }
}

/// Numbers in JSON lose their last bits with some readers.
mod degrees {
    use super::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(degrees: &f64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(degrees)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| serde::de::Error::custom("no degrees"))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let bad = || serde::de::Error::custom("no SHA-256 of 64 hexadecimal digits");
        let mut digest = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(bad());
        }
        for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| bad())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| bad())?;
        }
        Ok(Self(digest))
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stored({}, {} B, {:.8}…)", self.mime, self.size, self.digest.to_string())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { text } => write!(f, "Text({} B)", text.len()),
            Self::File { file, caption } => {
                let caption = caption.as_ref().map_or(0, String::len);
                write!(f, "File({file:?} with a caption of {caption} B)")
            }
            Self::FileAt { address, .. } => write!(f, "FileAt({} B)", address.len()),
            // Where somebody is, is as private as what they say.
            Self::Location { .. } => f.write_str("Location"),
            Self::Contact { account } => write!(f, "Contact({})", Masked::new(account.as_str())),
            Self::Card { vcard } => write!(f, "Card({} B)", vcard.len()),
            Self::Link { address, picture, .. } => {
                write!(f, "Link({} B with {picture:?})", address.len())
            }
        }
    }
}
