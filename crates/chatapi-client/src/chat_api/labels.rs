//! Labels of a business account.

use chatapi_transport::Result;
use chatapi_types::chat_api::{
    CreateLabel, Label, LabelChat, LabelCreated, ListLabels, Recipient, RemoveLabel, UnlabelChat,
    UpdateLabel,
};
use chatapi_types::{LabelId, List};

use super::Client;
use crate::prepared::Prepared;

/// Labels, which business accounts put on their chats; see [`Client::labels`].
///
/// ```
/// # use chatapi_client::chat_api::Client;
/// # use chatapi_sandbox::Sandbox;
/// # use chatapi_types::Phone;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::new();
/// # let instance = sandbox.add_instance("12345", "token");
/// # let client = Client::over(instance.gateway());
/// # instance.contact_writes("79000000001", "hello");
/// let anna: Phone = "+7 (900) 000-00-01".parse()?;
/// let labels = client.labels();
/// labels.create("Paid").await?;
/// let all = labels.list().await?;
/// if let Some(paid) = all.known().find(|label| label.name == "Paid") {
///     labels.put_on(&anna, &paid.id).await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    client: &'a Client,
}

impl<'a> Labels<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// The labels of the account (`labelsList`, grade B).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn list(&self) -> Result<List<Label>> {
        Ok(self.client.gateway.call(&ListLabels::new()).await?.labels)
    }

    /// Makes a label (`createLabel`, grade B). What is answered where there is one of that name, is
    /// unknown (`result` may be `exists`, grade C).
    ///
    /// # Errors
    ///
    /// Those of a call. When [`may_have_taken_effect`](chatapi_transport::Error::may_have_taken_effect)
    /// is true, list the labels before you make it again.
    pub async fn create(&self, name: impl Into<String>) -> Result<LabelCreated> {
        self.client.gateway.call(&CreateLabel::new(name)).await
    }

    /// Gives a label another name, another colour, or both (`updateLabel`, grade B). Whether what is
    /// left out stays as it was, is unknown. The sources differ on the colour's argument: `color` is
    /// sent, as by a client of the live service.
    pub fn update(&self, label: impl Into<LabelId>) -> Prepared<UpdateLabel> {
        Prepared::new(&self.client.gateway, UpdateLabel::new(label))
    }

    /// Removes a label, also from the chats that have it (`removeLabel`, grade B). It cannot be
    /// undone.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn remove(&self, label: impl Into<LabelId>) -> Result<()> {
        self.client.gateway.call(&RemoveLabel::new(label)).await.map(drop)
    }

    /// Puts a label on a chat (`labelChat`, grade B).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn put_on(
        &self,
        chat: impl Into<Recipient>,
        label: impl Into<LabelId>,
    ) -> Result<()> {
        self.client.gateway.call(&LabelChat::new(chat, label)).await.map(drop)
    }

    /// Takes a label off a chat (`unlabelChat`, grade B).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn take_off(
        &self,
        chat: impl Into<Recipient>,
        label: impl Into<LabelId>,
    ) -> Result<()> {
        self.client.gateway.call(&UnlabelChat::new(chat, label)).await.map(drop)
    }
}

impl Prepared<UpdateLabel> {
    /// Gives it another name.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.map(|call| call.name(name))
    }

    /// Gives it another colour, in the form of [`Label::hex_color`].
    pub fn color(self, color: impl Into<String>) -> Self {
        self.map(|call| call.color(color))
    }
}
