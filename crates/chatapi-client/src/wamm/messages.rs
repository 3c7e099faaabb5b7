//! Messages: send, edit, list, follow.

use chatapi_transport::Result;
use chatapi_types::MessageId;
use chatapi_types::wamm::{Address, MsgEdit, MsgGet, MsgGetLast, MsgState, MsgTo, ReadState};

use super::{Client, FileSending};
use crate::file::File;
use crate::line::Submitted;
use crate::prepared::Prepared;
use crate::tracking::Tracking;

/// Messages of a channel; see [`Client::messages`].
///
/// ```
/// # use chatapi_client::wamm::Client;
/// # use chatapi_sandbox::Sandbox;
/// # use chatapi_types::{Delivery, Messenger, Phone};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::new();
/// # let client = Client::over(sandbox.add_channel("token", Messenger::Telegram).gateway());
/// # let anna: Phone = "+7 (900) 000-00-01".parse()?;
/// let messages = client.messages();
/// let sent = messages.send_text(&anna, "Your bill: 75.0").delay(15).send().await?;
/// let outcome = messages.track(&sent).until(Delivery::Sent).outcome().await?;
/// assert!(outcome.is_reached());
/// messages.edit(&sent.msg_id, "Your bill: 7.50").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Messages<'a> {
    client: &'a Client,
}

impl<'a> Messages<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Sends a text of at most 4500 characters to a phone, a group, a chat id or a nickname
    /// (`msg_to`, grade A). The answer comes as soon as the vendor has it in its queue:
    /// [`track`](Self::track) it to know more.
    pub fn send_text(&self, to: impl Into<Address>, text: impl Into<String>) -> Prepared<MsgTo> {
        Prepared::new(&self.client.gateway, MsgTo::new(to, text))
    }

    /// Sends a file: one at an address, which the vendor fetches (`file_to`, grade B), or one that is
    /// carried along (`file_from_base64`, grade C, within 120 s).
    ///
    /// There is no text under it (grade C): send one of its own before it. The name of a file at an
    /// address is what the vendor finds at the end of the address (grade D), whatever
    /// [`File::named`] says. How large a file may be is unknown. The answer was never seen, so it may
    /// lack the message's id: without one the message cannot be followed.
    pub fn send_file(&self, to: impl Into<Address>, file: File) -> FileSending {
        FileSending::new(&self.client.gateway, to.into(), file)
    }

    /// Changes the text of a message that was sent (`msg_edit`, grade A). Telegram and Telegram bots only: tell the
    /// dialect the messenger ([`Wamm::on`](chatapi_types::wamm::Wamm::on)), and others are refused
    /// before anything is sent.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn edit(&self, id: impl Into<MessageId>, text: impl Into<String>) -> Result<()> {
        self.client.gateway.call(&MsgEdit::new(id, text)).await.map(drop)
    }

    /// What became of a message (`msg_state`, grade A).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn state(&self, id: impl Into<MessageId>) -> Result<ReadState> {
        self.client.gateway.call(&MsgState::new(id)).await
    }

    /// The newest messages of all chats, newest first; 1 to 100 (`msg_get_last`, grade A).
    pub fn newest(&self, count: u32) -> Prepared<MsgGetLast> {
        Prepared::new(&self.client.gateway, MsgGetLast::new(count))
    }

    /// The newest messages of one chat, newest first; 1 to 100 (`msg_get`, grade A).
    pub fn of_chat(&self, chat: impl Into<Address>, count: u32) -> Prepared<MsgGet> {
        Prepared::new(&self.client.gateway, MsgGet::new(chat, count))
    }

    /// Follows a message by the answer to its send, or by its id, up to being read.
    pub fn track(&self, message: impl Into<Submitted>) -> Tracking<'a> {
        Tracking::new(self.client, message)
    }
}

impl Prepared<MsgTo> {
    /// Waits that many seconds before sending: 15, 20, 30, 45, 60, 120 or 180.
    pub fn delay(self, seconds: u32) -> Self {
        self.map(|call| call.delay(seconds))
    }

    /// Answers a message.
    pub fn quoting(self, message: impl Into<MessageId>) -> Self {
        self.map(|call| call.quoting(message))
    }
}

impl Prepared<MsgGetLast> {
    /// Outgoing ones only.
    pub fn outgoing(self) -> Self {
        self.map(MsgGetLast::outgoing)
    }

    /// Incoming ones only.
    pub fn incoming(self) -> Self {
        self.map(MsgGetLast::incoming)
    }
}
