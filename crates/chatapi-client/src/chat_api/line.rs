//! A Chat API instance as a [`Line`].

use std::sync::Arc;

use async_trait::async_trait;
use chatapi_transport::{Clock, Result};
use chatapi_types::chat_api::{
    ChatApi, CheckPhone, ClearMessagesQueue, ListMessages, Message, MessageKind, ReadStatus,
    Recipient, Remedy, SendContact, SendFile, SendLink, SendLocation, SendMessage, SendVCard,
    ShowMessagesQueue, Status,
};
use chatapi_types::{ChatId, Delivery, Dialect, MessageId, Phone};

use super::Client;
use crate::line::{
    Capabilities, Contact, Content, Cursor, Health, Kind, Line, Link, Outgoing, Proof, Queue,
    Sighting, Sightings, State, Submitted, Trouble, Waiting,
};

/// How many messages the vendor's queue holds (help page "Why are messages accumulating", grade A;
/// the page is marked outdated, so [`Client::queue_cap`] overrides it).
pub(super) const QUEUE_CAP: u64 = 400;

#[async_trait]
impl Line for Client {
    fn vendor(&self) -> &'static str {
        ChatApi::NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            shows_queue: true,
            clears_queue: true,
            queue_cap: Some(self.queue_cap),
            sends_files: true,
            captions_files: true,
            sends_locations: true,
            sends_contacts: true,
            sends_links: true,
            checks_recipients: false,
            polls_delivery: false,
            pages_history: true,
        }
    }

    fn clock(&self) -> &Arc<dyn Clock> {
        self.gateway.clock()
    }

    async fn submit(&self, message: &Outgoing) -> Result<Submitted> {
        let to = message.to.clone();
        let sent = match &message.content {
            Content::Text(text) => self.gateway.call(&SendMessage::new(to, text)).await?,
            Content::File { file, caption } => {
                self.gateway.call(&file_call(to, file, caption.as_deref())).await?
            }
            Content::Location { latitude, longitude, address } => {
                let (lat, lng) = (*latitude, *longitude);
                // The gateway wants a text under the map (grade A).
                let address = address.clone().unwrap_or_else(|| format!("{lat}, {lng}"));
                self.gateway.call(&SendLocation::new(to, lat, lng, address)).await?
            }
            Content::Contact(Contact::Account(account)) => {
                self.gateway.call(&SendContact::new(to, account)).await?
            }
            Content::Contact(Contact::Card(card)) => {
                self.gateway.call(&SendVCard::new(to, card)).await?
            }
            Content::Link(link) => self.gateway.call(&link_call(to, link)).await?,
        };
        Ok(Submitted::from(&sent))
    }

    async fn state(&self, message: &Submitted) -> Result<Option<State>> {
        // The queue first: a message that leaves between the two reads is then in both, and the
        // history wins; the other way round it would be in neither.
        let queue = match message.queue_number {
            Some(number) => Some((number, self.gateway.call(&ShowMessagesQueue::new()).await)),
            None => None,
        };
        if let Some(id) = &message.id {
            let mut newest = ListMessages::new().newest();
            if let Some(chat) = chat_of(id) {
                newest = newest.chat(chat);
            }
            let page = self.gateway.call(&newest).await?;
            if let Some(found) = page.messages.known().find(|found| found.id == *id) {
                let state = State::new(found.delivery(), Proof::History);
                return Ok(Some(match &found.ack {
                    Some(ack) => state.word(ack.as_str()),
                    None => state,
                }));
            }
        }
        let Some((number, queue)) = queue else {
            return Ok(None);
        };
        let chat = message.id.as_ref().and_then(chat_of);
        let waits = queue?.first100.known().any(|waiting| {
            waiting.id == number
                && match (&waiting.chat_id, &chat) {
                    (Some(theirs), Some(ours)) => theirs == ours,
                    _ => self.trusts_queue_numbers,
                }
        });
        Ok(waits.then(|| State::new(Delivery::Queued, Proof::Queue)))
    }

    async fn sightings(&self, chat: Option<&ChatId>, since: Option<&Cursor>) -> Result<Sightings> {
        let after = since.and_then(Cursor::number);
        let mut call = match after {
            // 0: all, so that nothing is missed between the cursor and now.
            Some(number) => ListMessages::new().after(number).limit(0),
            None => ListMessages::new().newest(),
        };
        if let Some(chat) = chat {
            call = call.chat(chat);
        }
        let page = self.gateway.call(&call).await?;
        let known = || page.messages.known().filter(|m| Some(m.message_number) > after);
        let newest = known().map(|message| message.message_number).max();
        let cursor = newest.max(page.last_message_number).max(after);
        Ok(Sightings {
            items: known().map(sighting).collect(),
            cursor: cursor.map(Cursor::from),
            complete: after.is_some() && page.messages.raw().next().is_none(),
        })
    }

    async fn queue(&self) -> Result<Queue> {
        let queue = self.gateway.call(&ShowMessagesQueue::new()).await?;
        let readable = queue.first100.raw().next().is_none();
        Ok(Queue {
            total: queue.total,
            complete: queue.is_complete() && readable,
            items: queue
                .first100
                .into_known()
                .into_iter()
                .map(|waiting| Waiting {
                    number: waiting.id,
                    chat: waiting.chat_id,
                    kind: kind(&waiting.kind),
                    body: waiting.body,
                    last_try: waiting.last_try,
                })
                .collect(),
        })
    }

    async fn clear_queue(&self) -> Result<Option<u64>> {
        Ok(self.gateway.call(&ClearMessagesQueue::new()).await?.count())
    }

    async fn health(&self) -> Result<Health> {
        let status = self.gateway.call(&ReadStatus::new().full().no_wakeup()).await?;
        Ok(health(&status))
    }

    async fn check_phone(&self, phone: &Phone) -> Result<bool> {
        Ok(self.gateway.call(&CheckPhone::new(phone)).await?.result.is_yes())
    }
}

fn file_call(to: Recipient, file: &crate::File, caption: Option<&str>) -> SendFile {
    let call = SendFile::new(to, file.body(), file.name());
    match caption {
        Some(caption) => call.caption(caption),
        None => call,
    }
}

fn link_call(to: Recipient, link: &Link) -> SendLink {
    let mut call = SendLink::new(to, &link.address, &link.title, link.picture.body());
    call.description.clone_from(&link.description);
    call.text.clone_from(&link.text);
    call
}

/// No word for a link was ever seen: it may stand there as a text, or as something else.
const fn kind(kind: &MessageKind) -> Kind {
    match kind {
        MessageKind::Chat => Kind::Text,
        MessageKind::Location => Kind::Location,
        MessageKind::VCard | MessageKind::MultiVCard => Kind::Contact,
        kind if kind.is_file() => Kind::File,
        _ => Kind::Other,
    }
}

/// The chat that a message id of the usual form holds, `true_{chat}_{HEX}` (grade A): it narrows the
/// search, and a wrong guess only leaves the message unfound.
fn chat_of(id: &MessageId) -> Option<ChatId> {
    let (from_me, rest) = id.as_str().split_once('_')?;
    let chat = rest.split('_').next()?;
    (matches!(from_me, "true" | "false") && chat.contains('@')).then(|| chat.into())
}

fn sighting(message: &Message) -> Sighting {
    Sighting {
        id: message.id.clone(),
        chat: message.chat_id.clone(),
        ours: message.is_ours(),
        body: message.body.clone(),
        kind: kind(&message.kind),
        caption: message.caption.clone(),
        time: Some(message.time),
        delivery: message.delivery(),
    }
}

fn health(status: &Status) -> Health {
    let advice = status.advice();
    let account = &status.account_status;
    Health {
        state: match status.substatus() {
            Some(substatus) => format!("{account}/{substatus}"),
            None => account.to_string(),
        },
        can_send: advice.can_send,
        heals_itself: advice.heals_itself,
        trouble: match advice.remedy {
            Remedy::Nothing => Trouble::None,
            Remedy::Wait | Remedy::Retry => Trouble::Starting,
            Remedy::Wake => Trouble::Asleep,
            Remedy::ScanQr | Remedy::RefreshQr => Trouble::NotLinked,
            Remedy::TakeOver => Trouble::SecondSession,
            Remedy::CheckPhone => Trouble::Phone,
            Remedy::ChargePhone => Trouble::Battery,
            Remedy::ChangeProxy | Remedy::Reboot => Trouble::Vendor,
            Remedy::Pay => Trouble::Unpaid,
            _ => Trouble::Unknown,
        },
        meaning: advice.meaning.to_owned(),
        action: advice.action.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chat_is_read_from_ids_of_the_usual_form_only() {
        let id = MessageId::from("true_79000000001@c.us_3EB0AA");
        assert_eq!(chat_of(&id), Some("79000000001@c.us".into()));
        let group = MessageId::from("true_7900-1600@g.us_3EB0AA_79000000002@c.us");
        assert_eq!(chat_of(&group), Some("7900-1600@g.us".into()));
        assert_eq!(chat_of(&MessageId::from("1234567")), None);
        assert_eq!(chat_of(&MessageId::from("a_b_c")), None);
    }
}
