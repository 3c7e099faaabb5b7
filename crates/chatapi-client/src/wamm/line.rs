//! A wamm.chat channel as a [`Line`].

use std::sync::Arc;

use async_trait::async_trait;
use chatapi_transport::{Clock, Error, Result};
use chatapi_types::chat_api::Recipient;
use chatapi_types::wamm::{
    Address, Channel, ChannelFilter, ChannelList, ChannelState, CheckPhone, ErrorCode, Message,
    MessageKind, MsgGet, MsgGetLast, MsgState, MsgTo, PayState, Wamm,
};
use chatapi_types::{ChatId, Dialect, Phone};

use super::Client;
use crate::line::{
    Capabilities, Content, Cursor, Health, Kind, Line, Outgoing, Proof, Queue, Sighting, Sightings,
    State, Submitted, Trouble,
};

#[async_trait]
impl Line for Client {
    fn vendor(&self) -> &'static str {
        Wamm::NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            sends_files: true,
            // "Sending does this check by itself" (wamm §1.2, grade A).
            checks_recipients: true,
            polls_delivery: true,
            ..Capabilities::none()
        }
    }

    fn clock(&self) -> &Arc<dyn Clock> {
        self.gateway.clock()
    }

    async fn submit(&self, message: &Outgoing) -> Result<Submitted> {
        match &message.content {
            Content::Text(text) => {
                let sent = self.gateway.call(&MsgTo::new(address(&message.to), text)).await?;
                Ok(Submitted::from(&sent))
            }
            Content::File { caption: Some(_), .. } => Err(Error::unsupported(
                "file_to",
                "wamm.chat puts no text under a file: send it as a message of its own",
            )),
            Content::File { file, caption: None } => {
                let sending = self.messages().send_file(address(&message.to), file.clone());
                Ok(Submitted::from(&sending.send().await?))
            }
            Content::Location { .. } => Err(Error::unsupported(
                "msg_to",
                "wamm.chat sends no places: send a text with the address of a map",
            )),
            Content::Contact(_) => Err(Error::unsupported(
                "msg_to",
                "wamm.chat sends no contact cards: send the number in a text",
            )),
            Content::Link(_) => Err(Error::unsupported(
                "msg_to",
                "wamm.chat sends no links with a preview of yours: send the address in a text",
            )),
        }
    }

    async fn state(&self, message: &Submitted) -> Result<Option<State>> {
        let Some(id) = &message.id else {
            return Ok(None);
        };
        match self.gateway.call(&MsgState::new(id)).await {
            Ok(read) => {
                let state = State::new(read.delivery(), Proof::Stated);
                Ok(Some(state.word(read.state().as_str())))
            }
            Err(error) if error.code() == Some(&ErrorCode::MsgNotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn sightings(&self, chat: Option<&ChatId>, since: Option<&Cursor>) -> Result<Sightings> {
        let most = self.gateway.dialect().limits().listing;
        let history = match chat {
            Some(chat) => {
                let call = MsgGet::new(address(&chat.into()), most);
                self.gateway.call(&call).await?
            }
            None => self.gateway.call(&MsgGetLast::new(most)).await?,
        };
        let after = since.and_then(Cursor::number);
        let number = |message: &Message| message.msg_id.as_str().parse::<u64>().ok();
        let messages = history.messages;
        // There is no paging: the list reaches back to the cursor when it is shorter than it may
        // be, or when it holds something that was there before.
        let old = |message| number(message).is_some_and(|number| Some(number) <= after);
        let reaches_back = messages.len() < most as usize || messages.known().any(old);
        // A message whose number cannot be read may be older or newer than the cursor.
        let readable = messages.raw().next().is_none()
            && messages.known().all(|message| number(message).is_some());
        let newest = messages.known().filter_map(number).max();
        let known = messages.known().rev().filter(|message| number(message) > after);
        Ok(Sightings {
            items: known.map(sighting).collect(),
            cursor: newest.max(after).map(Cursor::from),
            complete: reaches_back && readable,
        })
    }

    async fn queue(&self) -> Result<Queue> {
        Err(Error::unsupported("queue", "wamm.chat has no way to show its queue"))
    }

    async fn clear_queue(&self) -> Result<Option<u64>> {
        Err(Error::unsupported("clear_queue", "wamm.chat has no way to clear its queue"))
    }

    async fn health(&self) -> Result<Health> {
        let call = ChannelList::new().only(ChannelFilter::One);
        let channels = self.gateway.call(&call).await?.channels;
        channels.known().next().map(health).ok_or_else(|| {
            Error::unsupported("channel_list", "the vendor does not list this token's channel")
        })
    }

    async fn check_phone(&self, phone: &Phone) -> Result<bool> {
        Ok(self.gateway.call(&CheckPhone::new(phone)).await?.result.is_yes())
    }
}

fn address(to: &Recipient) -> Address {
    match to {
        Recipient::Phone(phone) => phone.into(),
        // wamm writes a person as bare digits and a group without its suffix.
        other => {
            let chat = other.chat();
            let bare = chat.as_str().trim_end_matches("@c.us").trim_end_matches("@g.us");
            Address::new(bare)
        }
    }
}

fn sighting(message: &Message) -> Sighting {
    Sighting {
        id: message.msg_id.clone(),
        chat: message.phone.as_str().into(),
        ours: message.from_me,
        body: match &message.msg_link {
            Some(link) => link.clone(),
            None => message.msg_text.clone(),
        },
        kind: kind(message),
        caption: message.msg_link.is_some().then(|| message.msg_text.clone()),
        // Its dates have no zone.
        time: None,
        delivery: message.state.delivery(),
    }
}

/// Of the kinds only the text was ever seen, the others are inferred (grade D): whatever has a link
/// to a file is one, and a word that says nothing to us is no proof of anything.
const fn kind(message: &Message) -> Kind {
    match message.tip_msg {
        _ if message.msg_link.is_some() => Kind::File,
        MessageKind::Text | MessageKind::ExtendedText => Kind::Text,
        MessageKind::Image | MessageKind::Video | MessageKind::Audio | MessageKind::Document => {
            Kind::File
        }
        MessageKind::Location => Kind::Location,
        MessageKind::Contact => Kind::Contact,
        _ => Kind::Other,
    }
}

fn health(channel: &Channel) -> Health {
    let paid = !matches!(channel.pay_state, PayState::Archive);
    let trouble = match (&channel.state, paid) {
        (_, false) => Trouble::Unpaid,
        (ChannelState::Authorized, true) => Trouble::None,
        (ChannelState::NotAuthorized, true) => Trouble::NotLinked,
        (ChannelState::Starting, true) => Trouble::Starting,
        (ChannelState::Blocked, true) => Trouble::Blocked,
        (_, true) => Trouble::Unknown,
    };
    let advice = if paid { channel.state.advice() } else { channel.pay_state.advice() };
    Health {
        state: format!("{}/{}", channel.pay_state, channel.state),
        can_send: paid && channel.state.can_send(),
        heals_itself: paid && channel.state.heals_itself(),
        trouble,
        meaning: match trouble {
            Trouble::None => "the channel is connected".to_owned(),
            Trouble::Unpaid => "the channel is archived".to_owned(),
            _ => format!("the channel is {}", channel.state),
        },
        action: advice.to_owned(),
    }
}
