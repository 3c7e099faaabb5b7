//! `docs/coverage.md`: every vendor method, its typed call, its client method, its route in the
//! sandbox, its evidence. Written from the declarations, and proven:
//!
//! - the names are those of the wire documents, none missing;
//! - each client method is called, and the call that leaves is the one in its row;
//! - each route of the sandbox is asked, and answers as a known method.
//!
//! `CHATAPI_WRITE_COVERAGE=1 cargo test -p chatapi --test coverage` writes the page anew.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod methods;
mod names;
mod page;
mod routes;

use chatapi::types::{Entry, admin, chat_api, wamm};

/// A vendor and its calls.
struct Vendor {
    name: &'static str,
    entries: &'static [Entry],
}

const VENDORS: [Vendor; 3] = [
    Vendor { name: "Chat API", entries: chat_api::CATALOGUE },
    Vendor { name: "Chat API admin", entries: admin::CATALOGUE },
    Vendor { name: "wamm.chat", entries: wamm::CATALOGUE },
];
