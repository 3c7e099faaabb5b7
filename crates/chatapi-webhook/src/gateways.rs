//! The vendors themselves as a source.

use std::collections::HashMap;
use std::fmt;

use async_trait::async_trait;
use chatapi_transport::{Error, ErrorKind, Gateway};
use chatapi_types::chat_api::{ChatApi, ListMessages, Message, MessagePage};
use chatapi_types::wamm::{self, Address, ErrorCode, History, MsgGet, MsgGetLast, MsgState, Wamm};
use chatapi_types::{Dialect as _, InstanceId};

use crate::{About, Hint, Original, Source, SourceError};

/// How many of wamm's messages are listed at most, as many as its interface gives (§5, grade A).
const LISTING: u32 = 100;

/// A [`Source`] that asks the vendors, through a gateway for each line.
///
/// A message of Chat API is looked for at its number, among the newest 100 of its chat and among the
/// newest 100 of all; one of wamm among the newest 100 of its chat and of all, which is all that the
/// vendor shows (fewer where the gateway's [limits](wamm::Limits::listing) say so). Number and chat are
/// what was posted, and may be made up: hence the last look. What became of a message of ours Chat API
/// tells with the message itself; wamm is asked for that alone ([`MsgState`]), however old it is.
///
/// An error says which call failed and why: in our words, with the HTTP status, and never in the
/// vendor's, which may quote what was asked.
#[derive(Clone, Default)]
pub struct Gateways {
    lines: HashMap<InstanceId, Line>,
}

#[derive(Clone)]
enum Line {
    ChatApi(Gateway<ChatApi>),
    Wamm(Gateway<Wamm>),
}

impl Gateways {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks about a Chat API instance there.
    #[must_use]
    pub fn chat_api(mut self, line: impl Into<InstanceId>, gateway: Gateway<ChatApi>) -> Self {
        self.lines.insert(line.into(), Line::ChatApi(gateway));
        self
    }

    /// Asks about a wamm channel there, by the name that its hook has.
    #[must_use]
    pub fn wamm(mut self, line: impl Into<InstanceId>, gateway: Gateway<Wamm>) -> Self {
        self.lines.insert(line.into(), Line::Wamm(gateway));
        self
    }

    fn line(&self, line: &InstanceId) -> Result<&Line, SourceError> {
        let found = self.lines.get(line);
        found.ok_or_else(|| SourceError::unsupported(format!("no gateway for line {line}")))
    }
}

#[async_trait]
impl Source for Gateways {
    async fn message(
        &self,
        line: &InstanceId,
        hint: &Hint,
    ) -> Result<Option<Original>, SourceError> {
        let Some(id) = &hint.message else { return Ok(None) };
        match self.line(line)? {
            Line::ChatApi(gateway) => {
                let find = |page: MessagePage| {
                    let mut messages = page.messages.into_known().into_iter();
                    messages.find(|found| found.id == *id).map(Original::from)
                };
                let at_number = hint.number.and_then(|number| number.checked_sub(1));
                let at_number = at_number.map(|before| ListMessages::new().after(before).limit(1));
                let in_chat = hint.chat.clone().map(|chat| {
                    let mut newest = ListMessages::new().newest();
                    newest.chat_id = Some(chat);
                    newest
                });
                for call in at_number.into_iter().chain(in_chat) {
                    let found = as_posted(gateway.call(&call).await)?.and_then(find);
                    if found.is_some() {
                        return Ok(found);
                    }
                }
                let newest = gateway.call(&ListMessages::new().newest()).await;
                Ok(find(newest.map_err(unavailable)?))
            }
            Line::Wamm(gateway) if hint.about == About::Delivery => {
                let asked = gateway.call(&MsgState::new(id)).await;
                let state = match asked {
                    Ok(state) => state,
                    Err(error) if error.code() == Some(&ErrorCode::MsgNotFound) => return Ok(None),
                    Err(error) => return Err(unavailable(error)),
                };
                let phone = state.phone().cloned().unwrap_or_else(|| Address::new(""));
                let (id, state) = (state.msg_id(), state.state().clone());
                Ok(Some(wamm::Message::new(id, true, phone, "", state).into()))
            }
            Line::Wamm(gateway) => {
                let most = gateway.dialect().limits().listing.min(LISTING);
                let find = |history: History| {
                    let mut messages = history.messages.into_known().into_iter();
                    messages.find(|found| found.msg_id == *id).map(Original::from)
                };
                if let Some(chat) = &hint.chat {
                    let in_chat = gateway.call(&MsgGet::new(chat.as_str(), most)).await;
                    let found = as_posted(in_chat)?.and_then(find);
                    if found.is_some() {
                        return Ok(found);
                    }
                }
                let newest = gateway.call(&MsgGetLast::new(most)).await;
                Ok(find(newest.map_err(unavailable)?))
            }
        }
    }

    async fn between(
        &self,
        line: &InstanceId,
        first: u64,
        last: u64,
    ) -> Result<Vec<Message>, SourceError> {
        let Line::ChatApi(gateway) = self.line(line)? else {
            return Err(SourceError::unsupported("wamm numbers no messages"));
        };
        let (mut cursor, mut found) = (first.saturating_sub(1), Vec::new());
        while cursor < last {
            let page =
                gateway.call(&ListMessages::new().after(cursor)).await.map_err(unavailable)?;
            let messages = page.messages.into_known();
            let newest = messages.iter().map(|message| message.message_number).max();
            // A vendor that ignores the cursor must not keep us for ever.
            let Some(newest) = newest.filter(|newest| *newest > cursor) else { break };
            cursor = newest;
            let wanted = |message: &Message| (first..=last).contains(&message.message_number);
            found.extend(messages.into_iter().filter(wanted));
        }
        Ok(found)
    }
}

/// The answer to a question that is made of what was posted. That it cannot be asked, or is declined,
/// tells nothing about the message: number and chat may be made up.
fn as_posted<T>(asked: Result<T, Error>) -> Result<Option<T>, SourceError> {
    match asked {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Refused) => Ok(None),
        Err(error) => Err(unavailable(error)),
    }
}

fn unavailable(error: Error) -> SourceError {
    if matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Unsupported) {
        // What is asked for cannot exist, or cannot be asked for.
        return SourceError::unsupported("the vendor cannot be asked that");
    }
    SourceError::unavailable(why(&error), error)
}

/// Why the vendor did not tell, for a log.
fn why(error: &Error) -> String {
    let what = match error.kind() {
        // The transport's words, which hold nothing private.
        ErrorKind::Unreachable => error.message().unwrap_or("no answer"),
        ErrorKind::Unauthorized => "the token is not accepted",
        ErrorKind::RateLimited => "fewer calls are asked for",
        ErrorKind::Unavailable => "the gateway is out of order",
        ErrorKind::Refused => "declined",
        ErrorKind::WrongAddress => "the address does not lead there",
        ErrorKind::Malformed => "the answer cannot be understood",
        _ => "no answer that says anything",
    };
    let status = error.status().map(|status| format!(" (HTTP {status})")).unwrap_or_default();
    format!("{}: {what}{status}", error.operation())
}

impl fmt::Debug for Gateways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lines.keys()).finish()
    }
}
