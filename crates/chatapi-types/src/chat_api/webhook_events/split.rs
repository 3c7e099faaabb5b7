//! One payload as several, one event each.

use super::{ACK, CHAT_UPDATE, CHAT_UPDATES, MESSAGES, WebhookEvents};
use crate::{RawJson, members};

impl WebhookEvents {
    /// The same payload as payloads of one event each, in the order in which they stand, so that
    /// each can be stored, told from its repetition and acknowledged by itself.
    ///
    /// Every part keeps the letter of its event and of all texts and numbers that stood beside it
    /// (`instanceId` among them). A payload of which nothing is understood stays whole, and so does
    /// one whose lists are empty and that says something else; one without events gives nothing.
    ///
    /// ```
    /// use chatapi_types::chat_api::WebhookEvents;
    ///
    /// let body = br#"{"ack":[{"id":"a", "status":"sent"},{"odd":1}],"instanceId":"7"}"#;
    /// let parts: Vec<_> = WebhookEvents::decode(body)?.split().iter().map(|p| p.encode()).collect();
    /// assert_eq!(parts[0], br#"{"ack":[{"id":"a", "status":"sent"}],"instanceId":"7"}"#);
    /// assert_eq!(parts[1], br#"{"ack":[{"odd":1}],"instanceId":"7"}"#);
    /// # Ok::<(), chatapi_types::DecodeError>(())
    /// ```
    #[must_use]
    pub fn split(self) -> Vec<Self> {
        let raw = match self.raw.clone() {
            Some(raw) => raw,
            None => match RawJson::new(String::from_utf8(self.encode()).unwrap_or_default()) {
                Ok(raw) => raw,
                Err(_) => return vec![self],
            },
        };
        let whole = Self::read(raw.clone());
        let Some(members) = members::of(&raw).filter(|_| !whole.is_strange()) else {
            let is_empty = whole.events().is_empty();
            return if is_empty { Vec::new() } else { vec![whole] };
        };
        let (events, beside): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|(_, value)| members::is_composite(value));
        let beside: Vec<_> = beside.iter().filter(|(_, value)| !members::is_null(value)).collect();
        let part = |name: &str, value: &str| {
            let mut text = format!("{{{}:{value}", serde_json::Value::from(name));
            for (name, value) in &beside {
                text.push_str(&format!(",{}:{}", serde_json::Value::from(&**name), value.get()));
            }
            text.push('}');
            RawJson::new(text).ok().map(Self::read)
        };
        let mut parts = Vec::new();
        for (name, value) in events {
            let is_list = matches!(&*name, MESSAGES | ACK | CHAT_UPDATE | CHAT_UPDATES);
            match value.read::<Vec<RawJson>>().ok().filter(|_| is_list) {
                Some(items) => {
                    let items = items.iter().map(|item| part(&name, &format!("[{}]", item.get())));
                    parts.extend(items.flatten());
                }
                None => parts.extend(part(&name, value.get())),
            }
        }
        if parts.is_empty() && !whole.events().is_empty() {
            parts.push(whole);
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat_api::Event;

    fn split(body: &str) -> Vec<String> {
        let parts = WebhookEvents::decode(body.as_bytes()).unwrap().split();
        parts.iter().map(|part| String::from_utf8(part.encode()).unwrap()).collect()
    }

    #[test]
    fn every_part_is_one_event_and_nothing_is_lost() {
        let body = r#"{"ack":[{"id":"a","status":"sent"},7],"new":{"x":1},"at":5,
            "messages":null,"chatUpdates":[],"instanceId":"7"}"#;
        let parts = split(body);
        assert_eq!(
            parts,
            [
                r#"{"ack":[{"id":"a","status":"sent"}],"at":5,"instanceId":"7"}"#,
                r#"{"ack":[7],"at":5,"instanceId":"7"}"#,
                r#"{"new":{"x":1},"at":5,"instanceId":"7"}"#,
            ]
        );
        for part in &parts {
            let part = WebhookEvents::decode(part.as_bytes()).unwrap();
            assert_eq!(part.events().len(), 1);
            assert_eq!(part.instance().unwrap().as_str(), "7");
            assert_eq!(part.clone().split(), [part]);
        }
    }

    #[test]
    fn what_is_strange_stays_whole() {
        for whole in ["7", "[]", r#"{"status":{"a":[1]},"b":[2]}"#, r#"{"status":"x"}"#] {
            assert_eq!(split(whole), [whole]);
        }
        for empty in ["{}", r#"{"instanceId":"7"}"#, r#"{"messages":[],"instanceId":"7"}"#] {
            assert!(split(empty).is_empty(), "{empty}");
        }
        let beside = r#"{"messages":[],"status":"offline","instanceId":"7"}"#;
        assert_eq!(split(beside), [beside], "what stands beside empty lists is not lost");
        assert!(split(r#"{"messages":[],"status":null}"#).is_empty());
        // No list where a list should be.
        assert_eq!(split(r#"{"messages":{"a":1},"ack":[]}"#), [r#"{"messages":{"a":1}}"#]);
    }

    #[test]
    fn what_was_made_here_is_split_as_well() {
        let ack = crate::chat_api::AckEvent::new("a", 1, "c", crate::chat_api::Ack::Sent);
        let parts = WebhookEvents::new("7").acks([ack.clone(), ack.clone()]).split();
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0].events(), [Event::Ack(ack)]);
    }
}
