//! Settings of an instance.

use chatapi_transport::Result;
use chatapi_types::chat_api::{
    ChangeSettings, ChangedSettings, ReadSettings, ReadWebhook, SetWebhook, Settings,
};

use super::Client;

/// Settings of an instance and where its webhooks go; see [`Client::settings`].
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
