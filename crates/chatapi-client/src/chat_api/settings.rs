//! Settings of an instance.

use chatapi_transport::Result;
use chatapi_types::chat_api::{
    ChangeSettings, ChangedSettings, ReadSettings, ReadWebhook, SetWebhook, Settings,
};

use super::Client;

/// Settings of an instance and where its webhooks go; see [`Client::settings`].
///
/// ```
/// use chatapi_types::chat_api::Settings;
/// # use chatapi_client::chat_api::Client;
/// # use chatapi_sandbox::Sandbox;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::new();
/// # let client = Client::over(sandbox.add_instance("12345", "token").gateway());
/// let mut settings = Settings::new();
/// settings.send_delay = Some(5);
/// client.settings().change(settings).await?;
/// assert_eq!(client.settings().read().await?.send_delay, Some(5));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct InstanceSettings<'a> {
    client: &'a Client,
}

impl<'a> InstanceSettings<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// All settings.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn read(&self) -> Result<Settings> {
        self.client.gateway.call(&ReadSettings::new()).await
    }

    /// Changes the settings that are given and leaves the others.
    ///
    /// # Errors
    ///
    /// Those of a call; [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when nothing
    /// is given.
    pub async fn change(&self, settings: Settings) -> Result<ChangedSettings> {
        self.client.gateway.call(&ChangeSettings::new(settings)).await
    }

    /// Where webhooks go; `None` for nowhere.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn webhook(&self) -> Result<Option<String>> {
        let webhook = self.client.gateway.call(&ReadWebhook::new()).await?;
        Ok(webhook.url().map(str::to_owned))
    }

    /// Sends webhooks to an address. With an empty one none are sent (our inference, grade D).
    ///
    /// # Errors
    ///
    /// Those of a call; [`ErrorKind::Refused`](chatapi_transport::ErrorKind::Refused) when the
    /// vendor does not set it.
    pub async fn set_webhook(&self, url: impl Into<String>) -> Result<()> {
        self.client.gateway.call(&SetWebhook::new(url)).await.map(drop)
    }
}
