//! The breadth of both clients on the emulated gateways: what is done is seen to be done.

#![expect(clippy::unwrap_used, reason = "tests may be blunt, their helpers too")]

mod account;
mod chats;
mod messages;
mod wamm;

use chatapi_client::chat_api::Client;
use chatapi_sandbox::{InstanceHandle, Sandbox};
use chatapi_types::Phone;

fn setup() -> (Sandbox, InstanceHandle, Client) {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("12345", "token");
    let client = Client::over(instance.gateway());
    (sandbox, instance, client)
}

fn anna() -> Phone {
    "79000000001".parse().unwrap()
}

fn boris() -> Phone {
    "79000000002".parse().unwrap()
}
