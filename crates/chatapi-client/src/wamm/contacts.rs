//! Numbers and their accounts.

use chatapi_transport::Result;
use chatapi_types::wamm::{Address, CheckPhone};

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

    /// Whether a number has an account with the channel's messenger. Sending checks this by itself.
    ///
    /// # Errors
    ///
    /// Those of a call. A check that did not finish in time
    /// [is transient](chatapi_transport::Error::is_transient).
    pub async fn check_phone(&self, phone: impl Into<Address>) -> Result<bool> {
        let check = self.client.gateway.call(&CheckPhone::new(phone)).await?;
        Ok(check.result.is_yes())
    }
}
