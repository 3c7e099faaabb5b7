//! Messages: send, list, follow, fetch.

mod options;

use std::path::Path;

use chatapi_transport::Result;
use chatapi_types::chat_api::{
    DeleteMessage, ForwardMessage, ListHistory, ListMessages, ReadFile, Recipient, RepeatHook,
    SendButtons, SendContact, SendFile, SendLink, SendLocation, SendMessage, SendProduct,
    SendVCard, SendVoice,
};
use chatapi_types::{Binary, MessageId};

use super::{Client, MessageStream};
use crate::broadcast::Broadcast;
use crate::download;
use crate::file::File;
use crate::line::{Content, Submitted};
use crate::prepared::Prepared;
use crate::tracking::Tracking;
use crate::voice::Voice;

/// Messages of an instance; see [`Client::messages`].
///
/// Every send is prepared, given its options, and then sent. Its answer comes as soon as the gateway
/// has the message in its queue, which may be long before it leaves: [`track`](Self::track) it to
/// know more. A phone that was never written to becomes a chat (grade A).
///
/// ```
/// use chatapi_client::File;
/// # use chatapi_client::chat_api::Client;
/// # use chatapi_sandbox::Sandbox;
/// # use chatapi_types::Phone;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let client = Client::over(Sandbox::new().add_instance("12345", "token").gateway());
/// # let anna: Phone = "+7 (900) 000-00-01".parse()?;
/// let messages = client.messages();
/// let hello = messages.send_text(&anna, "Your bill is coming").send().await?;
///
/// let mut bill = messages.send_file(&anna, File::bytes("bill.txt", "7.50")).caption("Thank you!");
/// if let Some(id) = hello.id {
///     bill = bill.quoting(id);
/// }
/// let bill = bill.send().await?;
/// assert!(messages.track(&bill).outcome().await?.is_reached());
/// # Ok(())
/// # }
/// ```
///
/// # Errors of a send
///
/// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when an argument is outside the
/// limits, before anything leaves; [`ErrorKind::Refused`](chatapi_transport::ErrorKind::Refused)
/// when the gateway does not take it (`sent: false`); else those of any call. When
/// [`may_have_taken_effect`](chatapi_transport::Error::may_have_taken_effect) is true, the message
/// may go out all the same: look before you send it again.
#[derive(Clone, Copy, Debug)]
pub struct Messages<'a> {
    client: &'a Client,
}

impl<'a> Messages<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Sends a text to a phone or a chat (`sendMessage`, grade A). How long it may be is unknown.
    pub fn send_text(
        &self,
        to: impl Into<Recipient>,
        text: impl Into<String>,
    ) -> Prepared<SendMessage> {
        self.prepared(SendMessage::new(to, text))
    }

    /// Sends a picture, a document, a video, an audio file to a phone or a chat (`sendFile`, grade
    /// A). The messenger tells by the extension of its name what it is, so a name without one is
    /// refused. How large it may be is unknown. One attempt may take 120 s.
    pub fn send_file(&self, to: impl Into<Recipient>, file: File) -> Prepared<SendFile> {
        let (body, name) = file.into_parts();
        self.prepared(SendFile::new(to, body, name))
    }

    /// Sends a voice message, shown with a wave and a play button (`sendPTT`, grade A). A
    /// [`Voice`] is opus in ogg; other recordings are sent as files. How long it may be is unknown.
    /// One attempt may take 120 s.
    pub fn send_voice(&self, to: impl Into<Recipient>, voice: Voice) -> Prepared<SendVoice> {
        self.prepared(SendVoice::new(to, voice.into_audio()))
    }

    /// Sends a link with a preview of yours: its title and its picture (`sendLink`, grade A).
    ///
    /// The picture must be carried along ([`File::bytes`], [`File::path`]); one at an address is
    /// refused. Keep it small, a few hundred pixels: its limit is unknown.
    pub fn send_link(
        &self,
        to: impl Into<Recipient>,
        url: impl Into<String>,
        title: impl Into<String>,
        preview: File,
    ) -> Prepared<SendLink> {
        self.prepared(SendLink::new(to, url, title, preview.into_parts().0))
    }

    /// Sends contacts of the messenger, by phone or by private chat (`sendContact`, grade A).
    /// Somebody who has no account is sent as a card: [`send_vcard`](Self::send_vcard).
    pub fn send_contact<C: Into<Recipient>>(
        &self,
        to: impl Into<Recipient>,
        contacts: impl IntoIterator<Item = C>,
    ) -> Prepared<SendContact> {
        self.prepared(SendContact::all(to, contacts))
    }

    /// Sends a place: degrees, south and west negative, and one or two lines that stand under the
    /// map (`sendLocation`, grade A).
    pub fn send_location(
        &self,
        to: impl Into<Recipient>,
        lat: f64,
        lng: f64,
        address: impl Into<String>,
    ) -> Prepared<SendLocation> {
        self.prepared(SendLocation::new(to, lat, lng, address))
    }

    /// Sends a contact card that you write, vCard 3.0, from `BEGIN:VCARD` to `END:VCARD`
    /// (`sendVCard`, grade A).
    pub fn send_vcard(
        &self,
        to: impl Into<Recipient>,
        vcard: impl Into<String>,
    ) -> Prepared<SendVCard> {
        self.prepared(SendVCard::new(to, vcard))
    }

    /// Sends a text with buttons (`sendButtons`, grade B, since 2021). A press comes back as a
    /// message of the kind [`ButtonsResponse`](chatapi_types::chat_api::MessageKind::ButtonsResponse)
    /// (grade C). How many buttons are taken, how long each may be, and on which phones they show,
    /// is unknown.
    pub fn send_buttons<B: Into<String>>(
        &self,
        to: impl Into<Recipient>,
        text: impl Into<String>,
        buttons: impl IntoIterator<Item = B>,
    ) -> Prepared<SendButtons> {
        self.prepared(SendButtons::new(to, text, buttons))
    }

    /// Sends a product of the account's [catalogue](Client::catalogue) (`sendProduct`, grade C,
    /// since 2021). Business accounts only. That `picture` is what the vendor wants beside the
    /// product's id is our inference (grade D); nothing but its presence is checked.
    pub fn send_product(
        &self,
        to: impl Into<Recipient>,
        product: impl Into<String>,
        picture: File,
    ) -> Prepared<SendProduct> {
        let (body, name) = picture.into_parts();
        self.prepared(SendProduct::new(to, product, body, name))
    }

    /// Sends messages of any chat of the instance on (`forwardMessage`, grade A). The answer is that
    /// of one send, also where several are forwarded; which of the new messages its id names is
    /// unknown.
    pub fn forward<M: Into<MessageId>>(
        &self,
        to: impl Into<Recipient>,
        messages: impl IntoIterator<Item = M>,
    ) -> Prepared<ForwardMessage> {
        self.prepared(ForwardMessage::all(to, messages))
    }

    /// Sends one text to many, a few at once, with a result for each: whom it reached the queue for,
    /// who certainly got nothing, and of whom nobody knows. Other contents go through
    /// [`Broadcast::new`].
    pub fn broadcast<R: Into<Recipient>>(
        &self,
        recipients: impl IntoIterator<Item = R>,
        text: impl Into<String>,
    ) -> Broadcast<'a> {
        Broadcast::new(self.client, recipients, Content::Text(text.into()))
    }

    /// Takes a message back (`deleteMessage`, grade B). It cannot be undone. Whether it goes from
    /// the recipient's phone too, and until when after the send, is unknown.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn delete(&self, id: impl Into<MessageId>) -> Result<()> {
        self.client.gateway.call(&DeleteMessage::new(id)).await.map(drop)
    }

    /// Lists messages, oldest first (`messages`, grade A; the order: grade D).
    pub fn list(&self) -> Prepared<ListMessages> {
        self.prepared(ListMessages::new())
    }

    /// Lists messages page by page (`messagesHistory`, grade B). In which order the pages come is
    /// unknown, and they shift when messages come in: to follow the stream, use
    /// [`since`](Self::since).
    pub fn history(&self) -> Prepared<ListHistory> {
        self.prepared(ListHistory::new())
    }

    /// The stream of messages after a cursor, for ever: what is there already, then what comes. A
    /// cursor is a `message_number`; 0 begins with the oldest that the vendor keeps. Keep the number
    /// of the last message that you have dealt with, and begin there next time.
    pub fn since(&self, cursor: u64) -> MessageStream {
        MessageStream::new(&self.client.gateway, cursor)
    }

    /// The cursor of the newest message; 0 when there is none.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn newest_cursor(&self) -> Result<u64> {
        let page = self.client.gateway.call(&ListMessages::new().newest()).await?;
        let newest = page.messages.known().map(|message| message.message_number).max();
        Ok(newest.max(page.last_message_number).unwrap_or(0))
    }

    /// The file of a message (`getFile`, grade C). The vendor keeps files for 30 days (grade A).
    /// Usually the message's `body` already is the file's address. At most 128 MiB are read, unless
    /// the gateway is told otherwise; one attempt may take 120 s.
    ///
    /// # Errors
    ///
    /// Those of a call. What is answered where there is no file, is unknown.
    pub async fn file(&self, id: impl Into<MessageId>) -> Result<Binary> {
        self.client.gateway.call(&ReadFile::new(id)).await
    }

    /// Saves the [file](Self::file) of a message at a path and says how many bytes it has. The
    /// vendor keeps files for 30 days (grade A): download in time.
    ///
    /// The file is written beside its place and then moved there, over one that is there already:
    /// what stands at the path is never half a file, whatever happens in between.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when the path names no place
    /// for a file (before anything is sent), or cannot be written; else those of
    /// [`file`](Self::file).
    pub async fn download(&self, id: impl Into<MessageId>, path: impl AsRef<Path>) -> Result<u64> {
        let place = download::Place::at(path.as_ref()).await?;
        let file = self.file(id).await?;
        place.write(file.bytes).await
    }

    /// Sends the webhook of a message again, for a receiver that lost it (`repeatHook`, grade C).
    /// Every call sends once more. [`journal().webhook_status`](super::Journal::webhook_status)
    /// tells what became of the first.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn repeat_hook(&self, id: impl Into<MessageId>) -> Result<()> {
        self.client.gateway.call(&RepeatHook::new(id)).await.map(drop)
    }

    /// Follows a message by the answer to its send, or by its id.
    ///
    /// Prefer the answer: the queue cannot be searched by id, so by its id alone a message is seen
    /// only once it is in the history. See [`Client::trusting_queue_numbers`] for where the queue
    /// does not name chats.
    ///
    /// Polling proves that it is queued or sent. That it was delivered or read is only proven where
    /// the service fills a message's `ack` (grade C); otherwise switch on `ackNotificationsOn` and
    /// listen to webhooks.
    pub fn track(&self, message: impl Into<Submitted>) -> Tracking<'a> {
        Tracking::new(self.client, message)
    }

    fn prepared<C: chatapi_types::Call<Dialect = chatapi_types::chat_api::ChatApi>>(
        &self,
        call: C,
    ) -> Prepared<C> {
        Prepared::new(&self.client.gateway, call)
    }
}
