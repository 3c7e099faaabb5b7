//! What the sandbox promises, told as conversations in raw HTTP: written from the wire documents,
//! without the calls and replies of our own client.

#![expect(clippy::unwrap_used, reason = "tests may be blunt, their helpers too")]

mod admin;
mod chat_api;
mod clock;
mod gateway;
mod phone;
mod queue;
mod replay;
#[cfg(feature = "server")]
mod server;
mod wamm;
mod wire;
