//! `CONNECT`: the sandbox as the proxy of clients that have their gateway's host built in.

use std::sync::{Arc, Mutex, PoisonError};

use http::uri::Authority;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;

use super::tls::is_vendor;

/// What becomes of a connection after a `CONNECT`.
///
/// With `HTTPS_PROXY=http://127.0.0.1:8080` a client reaches the vendors' hosts without a line in
/// `/etc/hosts` and without port 443. The tunnel leads to the sandbox's own TLS and nowhere else.
#[derive(Clone, Default)]
pub(super) struct Tunnel {
    upgrade: Arc<Mutex<Option<OnUpgrade>>>,
}

impl Tunnel {
    /// Whether it leads there.
    pub(super) fn leads_to(authority: &Authority) -> bool {
        is_vendor(authority.host())
    }

    /// Keeps what the connection becomes once the answer has left.
    pub(super) fn open(&self, upgrade: OnUpgrade) {
        *self.upgrade.lock().unwrap_or_else(PoisonError::into_inner) = Some(upgrade);
    }

    /// What the connection became, if it became a tunnel.
    pub(super) async fn opened(&self) -> Option<TokioIo<Upgraded>> {
        let upgrade = self.upgrade.lock().unwrap_or_else(PoisonError::into_inner).take();
        Some(TokioIo::new(upgrade?.await.ok()?))
    }
}
