//! Clients that have their gateway's host built in.

use chatapi_types::{admin, chat_api};
use http::uri::Authority;

/// The vendor's host of the admin functions, which there stand at the root (§9, grade B).
pub(crate) fn admin_host() -> &'static str {
    host_of(admin::DEFAULT_ADDRESS)
}

pub(crate) fn is_admin_host(host: &str) -> bool {
    host.eq_ignore_ascii_case(admin_host())
}

/// The vendor's host of the instances, which is what instances made under the other one are reached
/// by; on the port that was called.
pub(super) fn instance_host(called: &Authority) -> String {
    let host = host_of(chat_api::DEFAULT_ADDRESS);
    called.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn host_of(address: &'static str) -> &'static str {
    let host = address.split_once("://").map_or(address, |(_, host)| host);
    host.split('/').next().unwrap_or(host)
}
