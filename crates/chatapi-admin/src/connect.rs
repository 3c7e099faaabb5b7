//! From an instance of the account to its client.

use std::sync::Arc;

use chatapi_client::chat_api::Client;
use chatapi_transport::{Error, Gateway, Result};
use chatapi_types::chat_api::{ApiUrl, ChatApi};
use chatapi_types::{InstanceId, Token};

use crate::Admin;

/// A client of an instance, over the account's transport and clock.
pub(crate) fn client(admin: &Admin, id: &InstanceId, url: &ApiUrl, token: Token) -> Result<Client> {
    let address = url.base().parse().map_err(|bad| {
        Error::invalid(
            "connect",
            format!("the vendor's apiUrl of instance {id} cannot be used: {bad}"),
        )
    })?;
    let transport = Arc::clone(admin.gateway().transport());
    let clock = Arc::clone(admin.gateway().clock());
    let gateway = Gateway::new(address, ChatApi::path(id.clone()), token, transport);
    Ok(Client::over(gateway.on_clock(clock)))
}
