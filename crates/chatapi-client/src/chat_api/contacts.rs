//! Numbers and their accounts.

use chatapi_transport::Result;
use chatapi_types::Phone;
use chatapi_types::chat_api::CheckPhone;

use super::Client;

/// Numbers and their accounts; see [`Client::contacts`].
#[derive(Clone, Copy, Debug)]
pub struct Contacts<'a> {
    client: &'a Client,
}

impl<'a> Contacts<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Whether a number has an account with the messenger. Ask before you send a file to a number
    /// that you do not know: such files are the first reason why queues grow.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn check_phone(&self, phone: impl Into<Phone>) -> Result<bool> {
        let check = self.client.gateway.call(&CheckPhone::new(phone)).await?;
        Ok(check.result.is_yes())
    }
}
