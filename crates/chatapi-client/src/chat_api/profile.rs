//! Who the instance is to others.

use chatapi_transport::Result;
use chatapi_types::chat_api::{Me, NameSet, ReadMe, SetName, SetStatus};

use super::Client;

/// The account that the instance speaks for; see [`Client::profile`].
///
/// ```
/// # use chatapi_client::chat_api::Client;
/// # use chatapi_sandbox::Sandbox;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::new();
/// # let client = Client::over(sandbox.add_instance("12345", "token").gateway());
/// let me = client.profile().me().await?;
/// if me.name.as_deref() != Some("Shop") {
///     client.profile().set_name("Shop").await?;
/// }
/// assert_eq!(client.profile().me().await?.name.as_deref(), Some("Shop"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Profile<'a> {
    client: &'a Client,
}

impl<'a> Profile<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// The phone that is linked: number, name, battery, device (`me`, grade B). What an instance
    /// answers that is linked to none, is unknown.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn me(&self) -> Result<Me> {
        self.client.gateway.call(&ReadMe::new()).await
    }

    /// Sets the account's name, as others see it (`setName`, grade C). How long it may be is
    /// unknown. The sources differ on the argument's name: `pushname` is sent, as by a client of the
    /// live service.
    ///
    /// # Errors
    ///
    /// Those of a call; [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when it is
    /// empty.
    pub async fn set_name(&self, name: impl Into<String>) -> Result<NameSet> {
        self.client.gateway.call(&SetName::new(name)).await
    }

    /// Sets the account's line about itself (`setStatus`, grade C). How long it may be, and whether
    /// an empty one clears it, is unknown. The sources differ on the argument's name: `status` is
    /// sent, as by a client of the live service.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn set_status(&self, line: impl Into<String>) -> Result<()> {
        self.client.gateway.call(&SetStatus::new(line)).await.map(drop)
    }
}
