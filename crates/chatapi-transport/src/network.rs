//! The transport that clients use unless they are given another.

use crate::error::{Error, Result};
use crate::reqwest::ReqwestTransport;
use crate::retry::{Retry, RetryPolicy};

/// The transport that clients use unless they are given another: the network, with calls that may
/// be repeated repeated when they fail, and sends never while their fate is unknown.
///
/// # Errors
///
/// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) when the transport cannot be set up on this
/// machine. Nothing is sent yet.
pub fn network() -> Result<Retry<ReqwestTransport>> {
    let transport = ReqwestTransport::new().map_err(|error| Error::invalid("connect", error))?;
    Ok(Retry::new(transport, RetryPolicy::default()))
}
