#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod connect;
pub mod fleet;
mod instances;

use chatapi_transport::Gateway;
use chatapi_types::admin as dialect;

pub use chatapi_types::ApiKey;
pub use chatapi_types::admin::{DEFAULT_ADDRESS, Instance, Platform};
pub use fleet::Fleet;
pub use instances::{Created, Deletion, Instances};

/// The owner's view of a Chat API account. Cheap to clone.
///
/// The API key is not a token: it is fixed for life and rules all instances, so it has a type of its
/// own ([`ApiKey`]) and cannot be replaced.
#[derive(Clone, Debug)]
pub struct Admin {
    gateway: Gateway<dialect::Admin>,
}

impl Admin {
    /// The account over a gateway of your making: a transport with your own decorators, a mock, the
    /// sandbox.
    #[must_use]
    pub const fn over(gateway: Gateway<dialect::Admin>) -> Self {
        Self { gateway }
    }

    /// The account of an API key. The address is mostly [`DEFAULT_ADDRESS`]. The key travels in the
    /// body of requests, never in their address.
    ///
    /// ```
    /// use chatapi_admin::{Admin, ApiKey, DEFAULT_ADDRESS};
    ///
    /// let admin = Admin::connect(DEFAULT_ADDRESS, ApiKey::new("…"))?;
    /// # let _ = admin;
    /// # Ok::<(), chatapi_transport::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when the address cannot be
    /// used. Nothing is sent yet.
    #[cfg(feature = "reqwest")]
    pub fn connect(address: &str, key: ApiKey) -> chatapi_transport::Result<Self> {
        Self::at(address, key, chatapi_transport::network()?)
    }

    /// As [`connect`](Self::connect), over a transport of your own.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub fn at(
        address: &str,
        key: ApiKey,
        transport: impl chatapi_transport::Transport + 'static,
    ) -> chatapi_transport::Result<Self> {
        let address = address.parse().map_err(|bad: chatapi_transport::BadAddress| {
            chatapi_transport::Error::invalid("connect", bad)
        })?;
        Ok(Self::over(Gateway::new(address, dialect::Admin::json(), key, transport)))
    }

    /// The gateway below: for calls that no handle offers.
    #[must_use]
    pub const fn gateway(&self) -> &Gateway<dialect::Admin> {
        &self.gateway
    }

    /// The account's instances.
    #[must_use]
    pub const fn instances(&self) -> Instances<'_> {
        Instances::new(self)
    }
}

impl From<Gateway<dialect::Admin>> for Admin {
    fn from(gateway: Gateway<dialect::Admin>) -> Self {
        Self::over(gateway)
    }
}
