//! What everything the caller said amounts to. [`Message::content_hash`] says how; nothing here may
//! ever change for what could be said before.

use sha2::{Digest as _, Sha256};

use super::{Body, Message, NotDelivered, Stored};
use crate::OnDoubt;
use crate::record::{Route, Wipe};

struct Said(Sha256);

impl Said {
    fn say(&mut self, name: &str, value: impl AsRef<[u8]>) {
        let value = value.as_ref();
        self.0.update(name);
        self.0.update([0]);
        self.0.update((value.len() as u64).to_be_bytes());
        self.0.update(value);
    }

    fn maybe(&mut self, name: &str, value: Option<impl AsRef<[u8]>>) {
        if let Some(value) = value {
            self.say(name, value);
        }
    }

    fn degrees(&mut self, name: &str, degrees: f64) {
        // There are two zeros, and they are one place.
        let degrees = if degrees == 0.0 { 0.0 } else { degrees };
        self.say(name, degrees.to_bits().to_be_bytes());
    }

    fn stored(&mut self, name: &str, file: &Stored) {
        self.say(name, &file.name);
        self.say("digest", file.digest.as_bytes());
    }

    fn route(&mut self, line: &str, group: &str, route: &Route) {
        match route {
            Route::Line(name) => self.say(line, name.as_str()),
            Route::Group(name) => self.say(group, name.as_bytes()),
        }
    }

    fn body(&mut self, body: &Body) {
        self.say("kind", body.word());
        match body {
            Body::Text { text } => self.say("text", text),
            Body::File { file, caption } => {
                self.stored("name", file);
                self.maybe("caption", caption.as_ref());
            }
            Body::FileAt { name, address, caption } => {
                self.say("name", name);
                self.say("address", address);
                self.maybe("caption", caption.as_ref());
            }
            Body::Location { latitude, longitude, address } => {
                self.degrees("latitude", *latitude);
                self.degrees("longitude", *longitude);
                self.maybe("address", address.as_ref());
            }
            Body::Contact { account } => self.say("account", account.as_str()),
            Body::Card { vcard } => self.say("vcard", vcard),
            Body::Link { address, title, picture, description, text } => {
                self.say("address", address);
                self.say("title", title);
                self.stored("picture", picture);
                self.maybe("description", description.as_ref());
                self.maybe("text", text.as_ref());
            }
        }
    }
}

pub(super) fn of(message: &Message) -> [u8; 32] {
    let mut said = Said(Sha256::new());
    said.say("to", message.chat().as_str());
    said.body(&message.body);
    said.maybe("label", message.label.as_ref());
    if message.priority != 0 {
        said.say("priority", message.priority.to_be_bytes());
    }
    said.maybe("order_key", message.order_key.as_ref());
    if let Some(route) = &message.route {
        said.route("line", "group", route);
    }
    said.maybe("not_before", message.not_before.map(|time| time.as_millis().to_be_bytes()));
    said.maybe("expires_at", message.expires_at.map(|time| time.as_millis().to_be_bytes()));
    said.maybe(
        "on_doubt",
        message.on_doubt.map(|on_doubt| match on_doubt {
            OnDoubt::Hold => "hold",
            OnDoubt::ProveThenResend => "prove_then_resend",
            OnDoubt::AtLeastOnce => "at_least_once",
        }),
    );
    if message.wipe != Wipe::Never {
        said.say("wipe", message.wipe.as_str());
    }
    if let Some((time, otherwise)) = &message.within {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        said.say("within", millis.to_be_bytes());
        if let NotDelivered::Reroute(route) = otherwise {
            said.route("reroute_line", "reroute_group", route);
        }
    }
    if message.unchecked {
        said.say("unchecked", "");
    }
    said.0.finalize().into()
}
