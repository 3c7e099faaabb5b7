//! Numbers that get no answers.

use chatapi_transport::Result;
use chatapi_types::Phone;
use chatapi_types::chat_api::{BanSettings, BanTest, ReadBanSettings, SetBanSettings, TestBan};

use super::Client;

/// The filter of numbers that get no answers; see [`Client::bans`].
///
/// ```
/// # use chatapi_client::chat_api::Client;
/// # use chatapi_sandbox::Sandbox;
/// # use chatapi_types::Phone;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::new();
/// # let client = Client::over(sandbox.add_instance("12345", "token").gateway());
/// let anna: Phone = "+7 (900) 000-00-01".parse()?;
/// client.bans().set("^7900", "Please call us").await?;
/// assert!(client.bans().test(&anna).await?.banned);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Bans<'a> {
    client: &'a Client,
}

impl<'a> Bans<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Which numbers are banned, and what they are told (`banSettings`, grade A).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn read(&self) -> Result<BanSettings> {
        self.client.gateway.call(&ReadBanSettings::new()).await
    }

    /// Bans the numbers that fit a mask, and tells them a message (`banSettings`, grade A).
    ///
    /// The mask is a regular expression, of which dialect is unknown. One that no number fits, such
    /// as `^$`, bans nobody.
    ///
    /// # Errors
    ///
    /// Those of a call; [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when the mask
    /// is empty, because what the vendor makes of that is unknown.
    pub async fn set(
        &self,
        mask: impl Into<String>,
        message: impl Into<String>,
    ) -> Result<BanSettings> {
        self.client.gateway.call(&SetBanSettings::new(mask, message)).await
    }

    /// Tries the mask on a number (`banTest`, grade A).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn test(&self, phone: impl Into<Phone>) -> Result<BanTest> {
        self.client.gateway.call(&TestBan::new(phone)).await
    }
}
