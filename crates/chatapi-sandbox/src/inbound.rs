//! What contacts do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chatapi_types::MessageId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a contact does: data, so that tests, scenarios and the control API say it alike.
///
/// As JSON it is an object with a `kind`:
///
/// ```
/// use chatapi_sandbox::Inbound;
///
/// let inbound: Inbound = serde_json::from_str(r#"{"kind":"text","text":"hello"}"#)?;
/// assert_eq!(inbound, Inbound::text("hello"));
/// let image = r#"{"kind":"image","name":"a.png","base64":"iVBORw==","caption":"look"}"#;
/// let inbound: Inbound = serde_json::from_str(image)?;
/// # let _ = inbound;
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Inbound {
    /// Writes a text.
    Text(Words),
    /// Sends a picture.
    Image(Media),
    /// Sends a voice message.
    Voice(Media),
    /// Sends an audio file.
    Audio(Media),
    /// Sends a video. On Chat API its file comes along only where the setting `videoUploadOn` is on.
    Video(Media),
    /// Sends a document.
    Document(Media),
    /// Sends a place.
    Location(Place),
    /// Sends a contact card.
    #[serde(rename = "vCard")]
    VCard(Card),
    /// Calls. Chat API only.
    Call(Call),
    /// Joins the group that the chat is. Chat API only: how wamm tells it, if it does, is unknown.
    Join(Member),
    /// Leaves the group that the chat is. Chat API only.
    Leave(Member),
    /// Gives a message of his another text.
    Edit(Edit),
}

/// What can be said of any message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Circumstances {
    /// Who does it, in a group: a phone. The group's first member other than the account, unless
    /// given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The message that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quoting: Option<MessageId>,
    /// How many seconds ago it was done, though it comes in only now, as after a time without
    /// network.
    #[serde(skip_serializing_if = "is_zero")]
    pub seconds_ago: u64,
}

macro_rules! message {
    ($(#[$doc:meta])* $name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$meta])* pub $field: $type,)*
            /// Who does it, in what connection, when.
            #[serde(default, skip_serializing_if = "is_usual")]
            pub with: Circumstances,
        }
    };
}

message! {
    /// A text.
    Words {
        /// The text.
        text: String,
    }
}

message! {
    /// A file.
    Media {
        /// Its name, whose ending tells what it is.
        name: String,
        /// What it holds, as base64 in JSON.
        #[serde(rename = "base64", serialize_with = "write_base64", deserialize_with = "read_base64")]
        content: Bytes,
        /// The text under it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
    }
}

message! {
    /// A place.
    Place {
        /// Degrees north.
        lat: f64,
        /// Degrees east.
        lng: f64,
        /// What is there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    }
}

message! {
    /// A contact card.
    Card {
        /// The vCard.
        vcard: String,
    }
}

message! {
    /// A call.
    Call {}
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Member {
    /// The phone.
    pub phone: String,
}

/// Another text for a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Edit {
    /// The message.
    pub message: MessageId,
    /// The new text.
    pub text: String,
}

impl Inbound {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Words { text: text.into(), with: Circumstances::default() })
    }

    /// A picture.
    pub fn image(name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::Image(Media::new(name, content))
    }

    /// A voice message.
    pub fn voice(content: impl Into<Bytes>) -> Self {
        Self::Voice(Media::new("voice.ogg", content))
    }

    /// An audio file.
    pub fn audio(name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::Audio(Media::new(name, content))
    }

    /// A video.
    pub fn video(name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::Video(Media::new(name, content))
    }

    /// A document.
    pub fn document(name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::Document(Media::new(name, content))
    }

    /// A place.
    #[must_use]
    pub fn location(lat: f64, lng: f64) -> Self {
        Self::Location(Place { lat, lng, address: None, with: Circumstances::default() })
    }

    /// A contact card.
    pub fn vcard(vcard: impl Into<String>) -> Self {
        Self::VCard(Card { vcard: vcard.into(), with: Circumstances::default() })
    }

    /// A call.
    #[must_use]
    pub fn call() -> Self {
        Self::Call(Call { with: Circumstances::default() })
    }

    /// Somebody joins a group.
    pub fn join(phone: impl Into<String>) -> Self {
        Self::Join(Member { phone: phone.into() })
    }

    /// Somebody leaves a group.
    pub fn leave(phone: impl Into<String>) -> Self {
        Self::Leave(Member { phone: phone.into() })
    }

    /// A message gets another text.
    pub fn edit(message: impl Into<MessageId>, text: impl Into<String>) -> Self {
        Self::Edit(Edit { message: message.into(), text: text.into() })
    }

    /// With a text under the file, or as what is at the place; other kinds stay as they are.
    #[must_use]
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        match &mut self {
            Self::Image(media)
            | Self::Voice(media)
            | Self::Audio(media)
            | Self::Video(media)
            | Self::Document(media) => media.caption = Some(caption.into()),
            Self::Location(place) => place.address = Some(caption.into()),
            _ => {}
        }
        self
    }

    /// By this member of the group.
    #[must_use]
    pub fn author(self, phone: impl Into<String>) -> Self {
        self.with(|with| with.author = Some(phone.into()))
    }

    /// In answer to a message.
    #[must_use]
    pub fn quoting(self, message: impl Into<MessageId>) -> Self {
        self.with(|with| with.quoting = Some(message.into()))
    }

    /// Done so many seconds ago, though it comes in only now.
    #[must_use]
    pub fn seconds_ago(self, seconds: u64) -> Self {
        self.with(|with| with.seconds_ago = seconds)
    }

    fn with(mut self, change: impl FnOnce(&mut Circumstances)) -> Self {
        match &mut self {
            Self::Text(words) => change(&mut words.with),
            Self::Image(media)
            | Self::Voice(media)
            | Self::Audio(media)
            | Self::Video(media)
            | Self::Document(media) => change(&mut media.with),
            Self::Location(place) => change(&mut place.with),
            Self::VCard(card) => change(&mut card.with),
            Self::Call(call) => change(&mut call.with),
            Self::Join(_) | Self::Leave(_) | Self::Edit(_) => {}
        }
        self
    }
}

impl Media {
    fn new(name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        let (name, content) = (name.into(), content.into());
        Self { name, content, caption: None, with: Circumstances::default() }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn is_usual(with: &Circumstances) -> bool {
    *with == Circumstances::default()
}

fn write_base64<S: Serializer>(content: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(content))
}

fn read_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes = STANDARD.decode(text.trim());
    bytes.map(Bytes::from).map_err(|_| serde::de::Error::custom("base64 is not base64"))
}
