//! What clients gave the gateway to send, and what became of it.

use chatapi_types::{ChatId, Delivery, MessageId, Token, UnixMillis};
use regex_lite::Regex;
use serde::{Deserialize, Serialize};

use crate::Sandbox;
use crate::command::CommandError;
use crate::world::{Subject, World, digits_of};

/// A message that a client gave the gateway: it waits, has left, or has failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Submission {
    /// The instance or channel.
    pub subject: Subject,
    /// The vendor's id of it.
    pub id: MessageId,
    /// The chat: on wamm the phone, chat id or nickname.
    pub chat: ChatId,
    /// The text, or the address of the file.
    pub text: String,
    /// The name of the file, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The text under the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// When it really left; `None` while it has not.
    pub left: Option<UnixMillis>,
    /// How far it is.
    pub state: Delivery,
}

/// Which messages are meant: those that fit everything that is given.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Filter {
    /// Of this Chat API instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Of this wamm channel, by its token or `api_id`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    pub channel: Option<Token>,
    /// To this chat, or phone number however it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<String>,
    /// With exactly this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// With this in the text or the caption.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// With a text in which this regular expression is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// That are this far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Stage>,
}

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Stage {
    /// It waits.
    Queued,
    /// It has really left, and may have been delivered and read.
    Left,
    /// It has been delivered, and may have been read.
    Delivered,
    /// It has been read.
    Read,
    /// It will not arrive.
    Failed,
}

fn exposed<S: serde::Serializer>(token: &Option<Token>, to: S) -> Result<S::Ok, S::Error> {
    token.as_ref().map(Token::expose).serialize(to)
}

impl Filter {
    /// Any message.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Of this Chat API instance.
    #[must_use]
    pub fn instance(mut self, id: impl Into<String>) -> Self {
        self.instance = Some(id.into());
        self
    }

    /// Of this wamm channel, by its token or `api_id`.
    #[must_use]
    pub fn channel(mut self, name: impl Into<Token>) -> Self {
        self.channel = Some(name.into());
        self
    }

    /// To this chat, or phone number however it is written.
    #[must_use]
    pub fn chat(mut self, chat: impl Into<String>) -> Self {
        self.chat = Some(chat.into());
        self
    }

    /// With exactly this text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// With this in the text or the caption.
    #[must_use]
    pub fn contains(mut self, part: impl Into<String>) -> Self {
        self.contains = Some(part.into());
        self
    }

    /// With a text in which this regular expression is found.
    #[must_use]
    pub fn matches(mut self, pattern: impl Into<String>) -> Self {
        self.matches = Some(pattern.into());
        self
    }

    /// That are this far.
    #[must_use]
    pub const fn state(mut self, stage: Stage) -> Self {
        self.state = Some(stage);
        self
    }

    /// Understands the regular expression.
    pub(crate) fn compile(&self) -> Result<Matcher<'_>, CommandError> {
        let pattern = self.matches.as_deref().map(Regex::new).transpose();
        let pattern = pattern.map_err(|error| {
            CommandError::invalid(format!("`matches` is no regular expression: {error}"))
        })?;
        Ok(Matcher { filter: self, pattern })
    }
}

/// A filter that is understood.
pub(crate) struct Matcher<'a> {
    filter: &'a Filter,
    pattern: Option<Regex>,
}

impl Matcher<'_> {
    /// All messages of the lines that are meant, whatever they say: those that left in the order in
    /// which they did, then those that wait.
    pub(crate) fn candidates(&self, world: &World) -> Vec<Submission> {
        let Filter { instance, channel, .. } = self.filter;
        let key = channel.as_ref().map(|name| world.find_channel(name.expose()));
        let instances = world.instances.iter().filter(|it| match (instance, channel) {
            (Some(id), _) => it.id.as_str() == id,
            (None, channel) => channel.is_none(),
        });
        let channels = world.channels.iter().filter(|it| match key {
            Some(key) => key == Some(it.key),
            None => instance.is_none(),
        });
        let mut all: Vec<_> = instances.flat_map(|instance| instance.submissions()).collect();
        all.extend(channels.flat_map(|channel| channel.submissions()));
        // The order within one line stays.
        all.sort_by_key(|submission| submission.left.map_or((1, None), |left| (0, Some(left))));
        all
    }

    pub(crate) fn fits(&self, message: &Submission) -> bool {
        let Filter { chat, text, contains, state, .. } = self.filter;
        let says = |part: &str| {
            message.text.contains(part)
                || message.caption.as_ref().is_some_and(|caption| caption.contains(part))
        };
        self.fits_chat(message, chat.as_deref())
            && text.as_ref().is_none_or(|text| message.text == *text)
            && contains.as_ref().is_none_or(|part| says(part))
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(&message.text))
            && state.is_none_or(|stage| stage.is(&message.state))
    }

    fn fits_chat(&self, message: &Submission, chat: Option<&str>) -> bool {
        chat.is_none_or(|chat| digits_of(chat) == digits_of(message.chat.as_str()))
    }

    /// The text that was wanted, to compare with what is there.
    pub(crate) fn wanted(&self) -> Option<&str> {
        let Filter { text, contains, matches, .. } = self.filter;
        text.as_deref().or(contains.as_deref()).or(matches.as_deref())
    }

    /// How much of the filter a message fits.
    pub(crate) fn likeness(&self, message: &Submission) -> usize {
        let chat = self.filter.chat.as_deref();
        let same_chat = chat.is_some() && self.fits_chat(message, chat);
        let wanted = self.wanted().unwrap_or_default();
        let common = wanted.chars().zip(message.text.chars()).take_while(|(a, b)| a == b).count();
        let ends = wanted.chars().rev().zip(message.text.chars().rev());
        common + ends.take_while(|(a, b)| a == b).count() + if same_chat { 8 } else { 0 }
    }
}

impl Stage {
    const fn is(self, state: &Delivery) -> bool {
        match self {
            Self::Queued => matches!(state, Delivery::Queued),
            Self::Left => matches!(state, Delivery::Sent | Delivery::Delivered | Delivery::Read),
            Self::Delivered => matches!(state, Delivery::Delivered | Delivery::Read),
            Self::Read => matches!(state, Delivery::Read),
            Self::Failed => matches!(state, Delivery::Failed(_)),
        }
    }
}

impl Sandbox {
    /// What clients gave the gateway to send, of what its histories and queues still hold: first
    /// what left, in that order, then what waits. [`Stage::Left`] shows what really left.
    ///
    /// # Errors
    ///
    /// [`CommandError`] when the filter's regular expression is none.
    pub fn received(&self, filter: &Filter) -> Result<Vec<Submission>, CommandError> {
        let matcher = filter.compile()?;
        let mut all = self.with(|world| matcher.candidates(world));
        all.retain(|message| matcher.fits(message));
        Ok(all)
    }
}
