//! What the vendor has kept.

use chatapi_transport::Result;
use chatapi_types::chat_api::{ListInstanceStatuses, ReadWebhookStatus, WebhookStatus};
use chatapi_types::{MessageId, UnixTime};

use super::Client;
use crate::prepared::Prepared;

/// What the vendor has kept: the instance's states, what became of webhooks; see
/// [`Client::journal`]. Both are kept only while a setting is on, and from then on.
///
/// ```
/// use chatapi_types::UnixTime;
/// use chatapi_types::chat_api::Settings;
/// # use chatapi_client::chat_api::Client;
/// # use chatapi_sandbox::Sandbox;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::new();
/// # let client = Client::over(sandbox.add_instance("12345", "token").gateway());
/// let mut settings = Settings::new();
/// settings.instance_statuses = Some(true);
/// client.settings().change(settings).await?;
/// // … and some days later:
/// let journal = client.journal();
/// let since = journal.instance_statuses().not_before(UnixTime::from_secs(1_600_000_000));
/// for state in since.send().await?.data.known() {
///     println!("{} {}", state.date, state.status);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Journal<'a> {
    client: &'a Client,
}

impl<'a> Journal<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Through which states the instance went, in an order that is unknown (`instanceStatuses`,
    /// grade A). Kept only while the setting
    /// [`instance_statuses`](chatapi_types::chat_api::Settings::instance_statuses) is on.
    pub fn instance_statuses(&self) -> Prepared<ListInstanceStatuses> {
        Prepared::new(&self.client.gateway, ListInstanceStatuses::new())
    }

    /// What became of the webhook of a message (`webhookStatus`, grade A). Kept only while the
    /// setting [`webhook_statuses`](chatapi_types::chat_api::Settings::webhook_statuses) is on. What
    /// is answered about a message that is not known, is unknown.
    /// [`messages().repeat_hook`](super::Messages::repeat_hook) sends it again.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn webhook_status(&self, message: impl Into<MessageId>) -> Result<WebhookStatus> {
        self.client.gateway.call(&ReadWebhookStatus::new(message)).await
    }
}

impl Prepared<ListInstanceStatuses> {
    /// Not before this second.
    pub fn not_before(self, time: UnixTime) -> Self {
        self.map(|call| call.not_before(time))
    }

    /// Not after this second.
    pub fn not_after(self, time: UnixTime) -> Self {
        self.map(|call| call.not_after(time))
    }
}
