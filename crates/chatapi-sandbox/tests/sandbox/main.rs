//! What the sandbox promises, told as conversations in raw HTTP: written from the wire documents,
//! without the calls and replies of our own client.

#![expect(clippy::unwrap_used, reason = "tests may be blunt, their helpers too")]

mod admin;
mod admin_upkeep;
mod bounds;
mod chat_api;
mod chat_api_chats;
mod chat_api_groups;
mod chat_api_identity;
mod chat_api_journals;
mod chat_api_labels;
mod chat_api_methods;
mod chat_api_sends;
mod chat_api_shop;
mod clock;
#[cfg(feature = "server")]
mod control_api;
#[cfg(feature = "server")]
mod control_events;
mod exchanges;
mod expect;
mod fault_commands;
mod fault_marks;
mod faults;
mod forged;
mod gateway;
mod hooks;
mod laws;
mod ledger;
mod life;
mod magic;
#[cfg(feature = "page")]
mod page;
mod phone;
mod profiles;
mod queue;
mod replay;
mod scenario;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "server")]
mod server_crowd;
#[cfg(feature = "server")]
mod server_faults;
#[cfg(feature = "server")]
mod server_http;
#[cfg(feature = "tls")]
mod server_tls;
mod snapshot;
mod steps;
#[cfg(feature = "sqlite")]
mod store;
#[cfg(feature = "server")]
mod transcripts;
mod troubles;
mod verbs;
mod wamm;
mod wamm_contacts;
mod wamm_files;
mod wire;
#[cfg(feature = "server")]
mod wording;
#[cfg(feature = "server")]
mod worlds;
