//! The vendors themselves as a source.

use std::collections::HashMap;
use std::fmt;

use async_trait::async_trait;
use chatapi_transport::{Error, ErrorKind, Gateway};
use chatapi_types::InstanceId;
use chatapi_types::chat_api::{ChatApi, ListMessages, Message};
use chatapi_types::wamm::{self, Address, ErrorCode, MsgGet, MsgGetLast, MsgState, Wamm};

use crate::{About, Hint, Original, Source, SourceError};

/// A [`Source`] that asks the vendors, through a gateway for each line.
///
/// A message of Chat API is looked for at its number and among the newest 100, one of wamm among the
/// newest 100 of its chat, which is all that the vendor shows.
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
                let at_number = hint.number.and_then(|number| number.checked_sub(1));
                let at_number = at_number.map(|before| ListMessages::new().after(before).limit(1));
                let mut newest = ListMessages::new().newest();
                newest.chat_id.clone_from(&hint.chat);
                for call in at_number.into_iter().chain([newest]) {
                    let page = gateway.call(&call).await.map_err(unavailable)?;
                    let found =
                        page.messages.into_known().into_iter().find(|found| found.id == *id);
                    if let Some(message) = found {
                        return Ok(Some(message.into()));
                    }
                }
                Ok(None)
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
                let asked = match &hint.chat {
                    Some(chat) => gateway.call(&MsgGet::new(chat.as_str(), 100)).await,
                    None => gateway.call(&MsgGetLast::new(100)).await,
                };
                let history = asked.map_err(unavailable)?.messages.into_known();
                Ok(history.into_iter().find(|found| found.msg_id == *id).map(Into::into))
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

fn unavailable(error: Error) -> SourceError {
    if matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Unsupported) {
        // What is asked for cannot exist, or cannot be asked for.
        return SourceError::unsupported("the vendor cannot be asked that");
    }
    SourceError::unavailable("the vendor did not tell", error)
}

impl fmt::Debug for Gateways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lines.keys()).finish()
    }
}
