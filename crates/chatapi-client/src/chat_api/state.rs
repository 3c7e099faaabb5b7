//! The state of an instance and its phone.

use chatapi_transport::Result;
use chatapi_types::Binary;
use chatapi_types::chat_api::{
    CommandReply, Expiry, Logout, ReadOutputIp, ReadQrCode, ReadScreenshot, ReadStatus, Reboot,
    Rebooted, Retry, Status, Takeover,
};

use super::{Client, WaitUntilReady};

/// The state of an instance and its phone, and the commands that change it; see [`Client::state`].
///
/// A command that the instance declines, because it is in no state for it, is an answer: ask
/// `accepted()` of the reply.
///
/// ```
/// # use chatapi_client::chat_api::Client;
/// # use chatapi_sandbox::Sandbox;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let client = Client::over(Sandbox::new().add_instance("12345", "token").gateway());
/// let status = client.state().read().await?;
/// assert!(status.advice().can_send, "{}", status.advice().action);
/// // There is no conflict to be ended by it.
/// assert!(!client.state().takeover().await?.accepted());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct InstanceState<'a> {
    client: &'a Client,
}

impl<'a> InstanceState<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// The state with its substatus (`status`, grade A). Does not wake a sleeping instance.
    /// [`Status::advice`] says what it means and what to do.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn read(&self) -> Result<Status> {
        self.client.gateway.call(&ReadStatus::new().full().no_wakeup()).await
    }

    /// As [`read`](Self::read), and starts the instance if it sleeps (`init`).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn wake(&self) -> Result<Status> {
        self.client.gateway.call(&ReadStatus::new().full()).await
    }

    /// The QR code as a picture (`qr_code`, grade A). It lives for about a minute.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn qr_code(&self) -> Result<Binary> {
        self.client.gateway.call(&ReadQrCode::new()).await
    }

    /// A picture of the instance's web session, for finding out what ails it (`screenshot`, grade B).
    /// It shows chats: treat it as private. What an instance answers that has no session open, is
    /// unknown.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn screenshot(&self) -> Result<Binary> {
        self.client.gateway.call(&ReadScreenshot::new()).await
    }

    /// The address from which the instance calls webhooks, for the list of addresses that their
    /// receiver lets in (`outputIP`, grade C); `None` where the vendor does not tell.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn output_ip(&self) -> Result<Option<String>> {
        let reply = self.client.gateway.call(&ReadOutputIp::new()).await?;
        Ok(reply.ip().map(str::to_owned))
    }

    /// Brings the instance up: wakes it, hands out QR codes to be scanned, asks for a new one when
    /// one runs out, and waits until it is authenticated.
    pub fn wait_until_ready(&self) -> WaitUntilReady<'a> {
        WaitUntilReady::new(self.client)
    }

    /// Takes the session back from another open messenger window (`takeover`, grade A).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn takeover(&self) -> Result<CommandReply> {
        self.client.gateway.call(&Takeover::new()).await
    }

    /// Asks for a new QR code after the old one ran out (`expiry`, grade A).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn expiry(&self) -> Result<CommandReply> {
        self.client.gateway.call(&Expiry::new()).await
    }

    /// Starts syncing with the phone again (`retry`, grade A).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn retry(&self) -> Result<CommandReply> {
        self.client.gateway.call(&Retry::new()).await
    }

    /// Unlinks the phone; a QR code must be scanned afterwards (`logout`, grade A).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn logout(&self) -> Result<CommandReply> {
        self.client.gateway.call(&Logout::new()).await
    }

    /// Restarts the instance (`reboot`, grade A).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn reboot(&self) -> Result<Rebooted> {
        self.client.gateway.call(&Reboot::new()).await
    }
}
