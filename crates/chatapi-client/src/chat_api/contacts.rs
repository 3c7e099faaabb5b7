//! Numbers and their accounts.

use chatapi_transport::Result;
use chatapi_types::Phone;
use chatapi_types::chat_api::{CheckPhone, ReadUserStatus, Recipient, Unspecified};

use super::Client;

/// Numbers and their accounts; see [`Client::contacts`].
///
/// ```
/// # use chatapi_client::chat_api::Client;
/// # use chatapi_sandbox::Sandbox;
/// # use chatapi_types::Phone;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::new();
/// # let client = Client::over(sandbox.add_instance("12345", "token").gateway());
/// # sandbox.no_account("79000000009");
/// let nobody: Phone = "+7 (900) 000-00-09".parse()?;
/// assert!(!client.contacts().check_phone(&nobody).await?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Contacts<'a> {
    client: &'a Client,
}

impl<'a> Contacts<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Whether a number has an account with the messenger (`checkPhone`, grade B). Ask before you send a file to a number
    /// that you do not know: such files are the first reason why queues grow.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn check_phone(&self, phone: impl Into<Phone>) -> Result<bool> {
        let check = self.client.gateway.call(&CheckPhone::new(phone)).await?;
        Ok(check.result.is_yes())
    }

    /// Whether a person is there now, as far as they show it (`userStatus`, grade C). The answer was
    /// never seen and is kept as it comes: [`Unspecified::read`] reads it as what you know it to be.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn presence(&self, of: impl Into<Recipient>) -> Result<Unspecified> {
        self.client.gateway.call(&ReadUserStatus::new(of)).await
    }
}
