//! A call that waits to be sent.

use chatapi_transport::{Gateway, Result};
use chatapi_types::Call;

/// A call with its gateway: set its options, then [`send`](Self::send) it. Nothing happens before
/// that.
#[derive(Clone, Debug)]
#[must_use = "nothing happens until it is sent"]
pub struct Prepared<C: Call> {
    gateway: Gateway<C::Dialect>,
    call: C,
}

impl<C: Call> Prepared<C> {
    /// A call to a gateway.
    pub fn new(gateway: &Gateway<C::Dialect>, call: C) -> Self {
        Self { gateway: gateway.clone(), call }
    }

    /// Changes the call by its own setters.
    pub(crate) fn map(mut self, change: impl FnOnce(C) -> C) -> Self {
        self.call = change(self.call);
        self
    }

    /// The call as it stands.
    pub const fn call(&self) -> &C {
        &self.call
    }

    /// Makes the call.
    ///
    /// Dropping the future abandons it; the gateway may still do it.
    ///
    /// # Errors
    ///
    /// Those of [`Gateway::call`]. Before repeating a send, ask
    /// [`Error::may_have_taken_effect`](chatapi_transport::Error::may_have_taken_effect).
    pub async fn send(self) -> Result<C::Reply> {
        self.gateway.call(&self.call).await
    }
}
