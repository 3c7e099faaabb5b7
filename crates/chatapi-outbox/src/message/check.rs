//! What is wrong with a message, found before anything is stored.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use chatapi_types::chat_api::Recipient;
use url::Url;

use super::{Body, Message, NotDelivered, Stored};
use crate::record::Route;

/// How many bytes a key, a label or a name may have: they stand in indexes.
const NAME_BYTES: usize = 255;

/// A message that cannot be sent, or a key that cannot be one. Nothing was stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {problem}; nothing was enqueued")]
pub struct BadMessage {
    field: &'static str,
    problem: Cow<'static, str>,
}

impl BadMessage {
    fn new(field: &'static str, problem: impl Into<Cow<'static, str>>) -> Self {
        Self { field, problem: problem.into() }
    }

    pub(super) fn unwritable() -> Self {
        Self::new("body", "cannot be written as JSON")
    }

    /// What is wrong.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// What is wrong with it. Holds nothing of what the message says.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

type Checked = Result<(), BadMessage>;

pub(super) fn message(message: &Message) -> Checked {
    recipient(&message.to)?;
    body(&message.body)?;
    blob(message)?;
    if !message.namespace.is_empty() {
        check_name("namespace", &message.namespace)?;
    }
    for (field, name) in [("label", &message.label), ("order_key", &message.order_key)] {
        name.as_ref().map_or(Ok(()), |name| check_name(field, name))?;
    }
    message.route.as_ref().map_or(Ok(()), |way| route("route", way))?;
    if let (Some(from), Some(until)) = (message.not_before, message.expires_at)
        && until <= from
    {
        return Err(BadMessage::new("expires_at", "it would expire before it may leave"));
    }
    if let Some((time, otherwise)) = &message.within {
        if time.is_zero() {
            return Err(BadMessage::new("deliver_within", "needs some time to be delivered in"));
        }
        if let NotDelivered::Reroute(way) = otherwise {
            route("deliver_within", way)?;
        }
    }
    Ok(())
}

fn recipient(to: &Recipient) -> Checked {
    let chat = to.chat();
    let chat = chat.as_str();
    if chat.chars().any(char::is_whitespace) {
        return Err(BadMessage::new("to", "a chat id holds no blanks; is this a name?"));
    }
    if chat.ends_with("@c.us") && to.chat().phone().is_none() {
        return Err(BadMessage::new("to", "a person's chat is {digits}@c.us"));
    }
    check_name("to", chat)
}

fn body(body: &Body) -> Checked {
    match body {
        Body::Text { text } => given("text", text),
        Body::File { file, .. } => stored("file", file),
        Body::FileAt { name, address, .. } => {
            file_name("name", name)?;
            web_address("address", address)
        }
        Body::Location { latitude, longitude, address } => {
            degrees("latitude", *latitude, -90.0..=90.0)?;
            degrees("longitude", *longitude, -180.0..=180.0)?;
            address.as_ref().map_or(Ok(()), |address| given("address", address))
        }
        Body::Contact { account } => match account.phone() {
            Some(_) => Ok(()),
            None => Err(BadMessage::new(
                "contact",
                "an account is a person, by phone or as {digits}@c.us; for others write a card",
            )),
        },
        Body::Card { vcard } => card(vcard),
        Body::Link { address, title, picture, .. } => {
            web_address("address", address)?;
            given("title", title)?;
            stored("picture", picture)
        }
    }
}

fn blob(message: &Message) -> Checked {
    let wanted = message.body.stored().map(|file| (file.digest.as_bytes(), file.size));
    let carried = message.blob.as_ref().map(|blob| (&blob.digest, blob.bytes.len() as u64));
    match wanted == carried {
        true => Ok(()),
        false => Err(BadMessage::new("blob", "these are not the bytes that the body tells of")),
    }
}

/// A short name that stands in an index.
pub(super) fn check_name(field: &'static str, name: &str) -> Checked {
    match name.len() {
        0 => return Err(BadMessage::new(field, "is empty")),
        1..=NAME_BYTES => {}
        bytes => {
            let problem = format!("{bytes} bytes; at most {NAME_BYTES} are taken");
            return Err(BadMessage::new(field, problem));
        }
    }
    match name.contains(char::is_control) {
        true => Err(BadMessage::new(field, "holds a control character such as a line break")),
        false => Ok(()),
    }
}

fn route(field: &'static str, route: &Route) -> Checked {
    match route {
        Route::Line(line) => check_name(field, line.as_str()),
        Route::Group(group) => check_name(field, group),
    }
}

fn given(field: &'static str, text: &str) -> Checked {
    match text.trim() {
        "" => Err(BadMessage::new(field, "is empty")),
        _ => Ok(()),
    }
}

fn stored(field: &'static str, file: &Stored) -> Checked {
    match file.size {
        0 => Err(BadMessage::new(field, "has no bytes")),
        _ => file_name(field, &file.name),
    }
}

fn file_name(field: &'static str, name: &str) -> Checked {
    check_name(field, name)?;
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match !extension.is_empty() && !name.contains(['/', '\\']) {
        true => Ok(()),
        false => Err(BadMessage::new(
            field,
            "needs a name with an extension such as bill.pdf, without folders: the messenger tells \
             by it what the file is",
        )),
    }
}

fn web_address(field: &'static str, address: &str) -> Checked {
    let parsed = Url::parse(address).ok();
    let is_web =
        parsed.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    match is_web && !address.contains(|c: char| c.is_whitespace() || c.is_control()) {
        true => Ok(()),
        false => Err(BadMessage::new(field, "must be an http:// or https:// address")),
    }
}

fn degrees(field: &'static str, degrees: f64, range: RangeInclusive<f64>) -> Checked {
    // What is no number is in no range.
    match range.contains(&degrees) {
        true => Ok(()),
        false => {
            let (least, most) = (range.start(), range.end());
            Err(BadMessage::new(field, format!("degrees from {least} to {most}")))
        }
    }
}

fn card(vcard: &str) -> Checked {
    let mut lines = vcard.lines().map(str::trim).filter(|line| !line.is_empty());
    let begins = lines.next().is_some_and(|line| line.eq_ignore_ascii_case("BEGIN:VCARD"));
    let ends = lines.next_back().is_some_and(|line| line.eq_ignore_ascii_case("END:VCARD"));
    match begins && ends {
        true => Ok(()),
        false => Err(BadMessage::new(
            "contact",
            "a card begins with the line BEGIN:VCARD and ends with the line END:VCARD",
        )),
    }
}
