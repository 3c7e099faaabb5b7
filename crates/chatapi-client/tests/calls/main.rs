//! What each method of the clients says to the gateway: operation, verb, arguments.

#![expect(clippy::unwrap_used, reason = "tests may be blunt, their helpers too")]

mod chats;
mod download;
mod messages;
mod others;
mod wamm;
mod wire;
