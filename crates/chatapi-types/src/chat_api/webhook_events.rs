//! What the vendor posts to a webhook.

mod split;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AckEvent, ChatUpdate, Event, Message};
use crate::members::{self, Member};
use crate::{DecodeError, InstanceId, Item, List, RawJson, json};

/// What the vendor posts to a webhook: one or more events of one instance. Chat API §8, grade A.
///
/// Any JSON is read and nothing of it is lost: what came is kept to the letter and written again so,
/// whatever this version understands of it. No signature was ever seen (grade B): who posts it
/// cannot be told from the payload.
///
/// ```
/// use chatapi_types::chat_api::{Event, WebhookEvents};
///
/// let body = br#"{"ack":[{"id":"true_10000000000@c.us_3EB0","queueNumber":7,
///     "chatId":"10000000000@c.us","status":"viewed"}],"instanceId":"100000"}"#;
/// let payload = WebhookEvents::decode(body)?;
/// assert_eq!(payload.instance().unwrap().as_str(), "100000");
/// for event in payload {
///     match event {
///         Event::Message(message) => println!("{} in {}", message.kind, message.id),
///         Event::Ack(ack) => println!("{} is {}", ack.id, ack.delivery()),
///         other => println!("{other:?}"),
///     }
/// }
/// # Ok::<(), chatapi_types::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WebhookEvents {
    instance: Option<InstanceId>,
    messages: Option<List<Message>>,
    ack: Option<List<AckEvent>>,
    chat_update: Option<List<ChatUpdate>>,
    unknown: Vec<Member>,
    /// What came, unless this was made here.
    raw: Option<RawJson>,
}

const MESSAGES: &str = "messages";
const ACK: &str = "ack";
const CHAT_UPDATE: &str = "chatUpdate";
// One client reads the plural; all samples have the singular (grade A).
const CHAT_UPDATES: &str = "chatUpdates";
const INSTANCE: &str = "instanceId";

impl WebhookEvents {
    /// A payload without events.
    pub fn new(instance: impl Into<InstanceId>) -> Self {
        Self { instance: Some(instance.into()), ..Self::default() }
    }

    /// Adds messages.
    #[must_use]
    pub fn messages(mut self, messages: impl IntoIterator<Item = Message>) -> Self {
        self.messages.get_or_insert_default().extend(messages);
        self.canonical()
    }

    /// Adds acknowledgements.
    #[must_use]
    pub fn acks(mut self, acks: impl IntoIterator<Item = AckEvent>) -> Self {
        self.ack.get_or_insert_default().extend(acks);
        self.canonical()
    }

    /// Adds changes of chats.
    #[must_use]
    pub fn chat_updates(mut self, updates: impl IntoIterator<Item = ChatUpdate>) -> Self {
        self.chat_update.get_or_insert_default().extend(updates);
        self.canonical()
    }

    /// Reads a payload.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when it is not JSON. Whatever is JSON can be read.
    pub fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        json::from_slice(body)
    }

    /// Writes the payload: to the letter where it came so, else as the vendor does.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // Lists of texts and numbers: serialising them cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The instance that it is about (`instanceId`; a successor writes `channelId`, grade C).
    #[must_use]
    pub const fn instance(&self) -> Option<&InstanceId> {
        self.instance.as_ref()
    }

    /// What came, to the letter; `None` for what was made here.
    #[must_use]
    pub const fn raw(&self) -> Option<&RawJson> {
        self.raw.as_ref()
    }

    /// The members of the payload that this version does not know, their values to the letter.
    pub fn unknown(&self) -> impl ExactSizeIterator<Item = (&str, &RawJson)> {
        self.unknown.iter().map(|(name, value)| (&**name, value))
    }

    /// The same payload without the letter of what came: it is written in the vendor's usual form,
    /// and what this version does not know inside an event is left out.
    #[must_use]
    pub fn canonical(mut self) -> Self {
        self.raw = None;
        self
    }

    /// The events one by one: messages, acknowledgements, changes of chats, then what is not
    /// understood. A single text or number beside them is no event; [`unknown`](Self::unknown) has
    /// it.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.clone().into_iter().collect()
    }

    fn read(raw: RawJson) -> Self {
        let mut read = Self::default();
        for (name, value) in members::of(&raw).into_iter().flatten() {
            read.take(name, value);
        }
        read.raw = Some(raw);
        read
    }

    fn take(&mut self, name: Box<str>, value: RawJson) {
        let taken = match &*name {
            MESSAGES => list(&mut self.messages, &value),
            ACK => list(&mut self.ack, &value),
            CHAT_UPDATE | CHAT_UPDATES => list(&mut self.chat_update, &value),
            INSTANCE | "channelId" if self.instance.is_none() => {
                self.instance = value.read().ok();
                self.instance.is_some()
            }
            _ => false,
        };
        if !taken {
            self.unknown.push((name, value));
        }
    }

    /// Whether nothing of the payload is understood but whom it is about.
    const fn is_strange(&self) -> bool {
        self.messages.is_none() && self.ack.is_none() && self.chat_update.is_none()
    }
}

/// Takes a list, once: a second one of the name stays unknown, so that nothing is lost.
fn list<T: serde::de::DeserializeOwned>(into: &mut Option<List<T>>, value: &RawJson) -> bool {
    if members::is_null(value) {
        return true;
    }
    if into.is_none() {
        *into = value.read().ok();
        return into.is_some();
    }
    false
}

impl IntoIterator for WebhookEvents {
    type Item = Event;
    type IntoIter = std::vec::IntoIter<Event>;

    fn into_iter(self) -> Self::IntoIter {
        fn each<T: Into<Event>>(name: &str, list: Option<List<T>>, events: &mut Vec<Event>) {
            events.extend(list.into_iter().flatten().filter_map(|item| match item {
                Item::Known(item) => Some(item.into()),
                Item::Raw(json) => {
                    members::object(name, &format!("[{}]", json.get())).map(Event::Unknown)
                }
            }));
        }
        let mut events = Vec::new();
        let strange = self.is_strange();
        match self.raw {
            Some(raw) if strange && (!self.unknown.is_empty() || members::of(&raw).is_none()) => {
                events.push(Event::Unknown(raw));
            }
            raw => {
                each(MESSAGES, self.messages, &mut events);
                each(ACK, self.ack, &mut events);
                each(CHAT_UPDATE, self.chat_update, &mut events);
                let unknown = self.unknown.iter().filter(|(_, value)| members::is_composite(value));
                events.extend(
                    unknown
                        .filter_map(|(name, value)| members::object(name, value.get()))
                        .map(Event::Unknown),
                );
                // Texts and numbers belong to the events beside them. Beside none, they are what
                // the vendor had to say.
                let says = self.unknown.iter().any(|(_, value)| !members::is_null(value));
                if let Some(raw) = raw.filter(|_| says && events.is_empty()) {
                    events.push(Event::Unknown(raw));
                }
            }
        }
        events.into_iter()
    }
}

impl Serialize for WebhookEvents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(raw) = &self.raw {
            return raw.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        if let Some(messages) = &self.messages {
            map.serialize_entry(MESSAGES, messages)?;
        }
        if let Some(ack) = &self.ack {
            map.serialize_entry(ACK, ack)?;
        }
        if let Some(updates) = &self.chat_update {
            map.serialize_entry(CHAT_UPDATE, updates)?;
        }
        for (name, value) in &self.unknown {
            map.serialize_entry(name, value)?;
        }
        if let Some(instance) = &self.instance {
            map.serialize_entry(INSTANCE, instance)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for WebhookEvents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RawJson::deserialize(deserializer).map(Self::read)
    }
}
