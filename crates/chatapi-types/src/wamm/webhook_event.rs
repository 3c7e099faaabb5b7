//! What the vendor posts to a webhook.

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Event, MessageEvent, StateEvent};
use crate::members::{self, Member};
use crate::{DecodeError, RawJson, json};

/// What the vendor posts to a webhook: one event of one channel. wamm §4, grade A.
///
/// Any JSON is read and nothing of it is lost: what came is kept to the letter and written again so,
/// whatever this version understands of it. Nothing tells the channel but `phone_acc`, and nothing
/// proves who posts it (grade D): give every channel an address of its own that nobody can guess.
///
/// ```
/// use chatapi_types::wamm::{Event, WebhookEvent};
///
/// let body = br#"{"tip":"msg_state","msg_data":{"msg_id":1234567,"state":"delivered"}}"#;
/// match WebhookEvent::decode(body)?.into_event() {
///     Event::Message(message) => println!("{}", message.msg_id),
///     Event::State(state) => println!("{} is {}", state.msg_id, state.delivery()),
///     other => println!("{other:?}"),
/// }
/// # Ok::<(), chatapi_types::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookEvent {
    event: Event,
    unknown: Vec<Member>,
    unknown_data: Vec<Member>,
    /// What came, unless this was made here.
    raw: Option<RawJson>,
}

const TIP: &str = "tip";
const DATA: &str = "msg_data";
const MESSAGE: &str = "msg";
const STATE: &str = "msg_state";

const MESSAGE_MEMBERS: &[&str] = &[
    "msg_id",
    "qoute_msg_id",
    "from_api",
    "from_me",
    "phone_acc",
    "phone",
    "phone_real",
    "chat_name",
    "tip_msg",
    "msg_text",
    "msg_link",
    "date_ins",
    "state",
    "senderId",
    "senderName",
];

const STATE_MEMBERS: &[&str] = &["msg_id", "phone", "state"];

impl WebhookEvent {
    /// A payload of an event.
    pub fn new(event: impl Into<Event>) -> Self {
        Self { event: event.into(), unknown: Vec::new(), unknown_data: Vec::new(), raw: None }
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
        // Texts and numbers: serialising them cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What happened.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.event
    }

    /// What happened.
    #[must_use]
    pub fn into_event(self) -> Event {
        self.event
    }

    /// What came, to the letter; `None` for what was made here.
    #[must_use]
    pub const fn raw(&self) -> Option<&RawJson> {
        self.raw.as_ref()
    }

    /// The members beside `tip` and `msg_data`, their values to the letter. Of a payload that is not
    /// understood, [`Event::Unknown`] has all.
    pub fn unknown(&self) -> impl ExactSizeIterator<Item = (&str, &RawJson)> {
        self.unknown.iter().map(|(name, value)| (&**name, value))
    }

    /// The members of `msg_data` that this version does not know, their values to the letter.
    pub fn unknown_data(&self) -> impl ExactSizeIterator<Item = (&str, &RawJson)> {
        self.unknown_data.iter().map(|(name, value)| (&**name, value))
    }

    /// The same payload without the letter of what came: it is written in the vendor's usual form,
    /// without what this version does not know.
    #[must_use]
    pub fn canonical(self) -> Self {
        Self::new(self.event)
    }

    fn read(raw: RawJson) -> Self {
        Self::understand(&raw).map_or_else(
            || Self { raw: Some(raw.clone()), ..Self::new(Event::Unknown(raw.clone())) },
            |understood| Self { raw: Some(raw.clone()), ..understood },
        )
    }

    fn understand(raw: &RawJson) -> Option<Self> {
        let mut unknown = members::of(raw)?;
        let mut take = |name: &str| {
            let at = unknown.iter().position(|(found, _)| &**found == name)?;
            Some(unknown.remove(at).1)
        };
        let tip: String = take(TIP)?.read().ok()?;
        let data = take(DATA)?;
        let (event, known): (Event, _) = match tip.as_str() {
            MESSAGE => (data.read::<MessageEvent>().ok()?.into(), MESSAGE_MEMBERS),
            STATE => (data.read::<StateEvent>().ok()?.into(), STATE_MEMBERS),
            _ => return None,
        };
        let mut unknown_data = members::of(&data)?;
        unknown_data.retain(|(name, _)| !known.contains(&&**name));
        Some(Self { event, unknown, unknown_data, raw: None })
    }
}

/// One event, so that both vendors' payloads are read alike.
impl IntoIterator for WebhookEvent {
    type Item = Event;
    type IntoIter = std::iter::Once<Event>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self.event)
    }
}

impl Serialize for WebhookEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn pair<S: Serializer, T: Serialize>(
            serializer: S,
            tip: &str,
            data: &T,
        ) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(2))?;
            map.serialize_entry(TIP, tip)?;
            map.serialize_entry(DATA, data)?;
            map.end()
        }
        match (&self.raw, &self.event) {
            (Some(raw), _) | (None, Event::Unknown(raw)) => raw.serialize(serializer),
            (None, Event::Message(message)) => pair(serializer, MESSAGE, message),
            (None, Event::State(state)) => pair(serializer, STATE, state),
        }
    }
}

impl<'de> Deserialize<'de> for WebhookEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RawJson::deserialize(deserializer).map(Self::read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wamm::{Address, MessageState};

    fn names<T: Serialize>(data: &T) -> Vec<String> {
        let data = RawJson::new(serde_json::to_string(data).unwrap()).unwrap();
        members::of(&data).unwrap().into_iter().map(|(name, _)| name.into()).collect()
    }

    #[test]
    fn every_member_of_an_event_is_known() {
        let mut message = MessageEvent::new(7, false, "79000000001", "hi", MessageState::Received);
        message.phone_acc = Some(Address::new("79000000002"));
        message.phone_real = Some(Address::new("@nickname"));
        assert_eq!(names(&message), MESSAGE_MEMBERS);
        let mut state = StateEvent::new(7, MessageState::Viewed);
        state.phone = Some(Address::new("79000000001"));
        assert_eq!(names(&state), STATE_MEMBERS);
    }

    #[test]
    fn what_is_made_here_is_written_as_the_vendor_does() {
        let payload = WebhookEvent::new(StateEvent::new(7, MessageState::Viewed));
        let written = payload.encode();
        assert_eq!(written, br#"{"tip":"msg_state","msg_data":{"msg_id":7,"state":"viewed"}}"#);
        let read = WebhookEvent::decode(&written).unwrap();
        assert_eq!(read.event(), payload.event());
        assert!(payload.raw().is_none() && read.raw().is_some());
        assert_eq!(read.canonical(), payload);
    }
}
