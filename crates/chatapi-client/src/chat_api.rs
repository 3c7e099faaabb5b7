//! One Chat API instance.

mod contacts;
mod line;
mod messages;
mod queue;
mod ready;
mod settings;
mod state;
mod stream;

use chatapi_transport::Gateway;
use chatapi_types::Token;
use chatapi_types::chat_api::ChatApi;

pub use contacts::Contacts;
pub use messages::Messages;
pub use queue::Queue;
pub use ready::{QrCode, Readiness, WaitUntilReady};
pub use settings::InstanceSettings;
pub use state::InstanceState;
pub use stream::MessageStream;

/// A client of one Chat API instance. Cheap to clone; clones share the token.
///
/// | Handle | What for |
/// |---|---|
/// | [`messages`](Self::messages) | send, list, follow |
/// | [`queue`](Self::queue) | see what waits, clear it, learn why it grows |
/// | [`state`](Self::state) | is the phone alive? QR code, takeover, reboot |
/// | [`contacts`](Self::contacts) | has this number an account? |
/// | [`settings`](Self::settings) | settings, and where webhooks go |
/// | [`gateway`](Self::gateway) | any other call, see [`Call`](chatapi_types::Call) |
#[derive(Clone, Debug)]
pub struct Client {
    gateway: Gateway<ChatApi>,
    queue_cap: u64,
}

impl Client {
    /// A client over a gateway of your making: a transport with your own decorators, a mock, the
    /// sandbox.
    #[must_use]
    pub const fn over(gateway: Gateway<ChatApi>) -> Self {
        Self { gateway, queue_cap: line::QUEUE_CAP }
    }

    /// A client of the instance at an address, with the reads repeated when they fail and the sends
    /// never.
    ///
    /// The address is a host (`https://api.chat-api.com`), or the instance's whole `apiUrl`
    /// (`https://eu41.chat-api.com/instance12345/`).
    ///
    /// ```
    /// use chatapi_client::chat_api::Client;
    ///
    /// let client = Client::connect("https://api.chat-api.com", "12345", "token")?;
    /// # let _ = client;
    /// # Ok::<(), chatapi_client::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when the address cannot be
    /// used or belongs to another instance. Nothing is sent yet.
    #[cfg(feature = "reqwest")]
    pub fn connect(
        address: &str,
        instance: impl Into<chatapi_types::InstanceId>,
        token: impl Into<Token>,
    ) -> chatapi_transport::Result<Self> {
        Self::at(address, instance, token, chatapi_transport::network()?)
    }

    /// As [`connect`](Self::connect), over a transport of your own.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub fn at(
        address: &str,
        instance: impl Into<chatapi_types::InstanceId>,
        token: impl Into<Token>,
        transport: impl chatapi_transport::Transport + 'static,
    ) -> chatapi_transport::Result<Self> {
        use chatapi_transport::Error;
        let instance = instance.into();
        let url = chatapi_types::chat_api::ApiUrl::new(address.trim());
        if let Some(other) = url.instance().filter(|other| *other != instance) {
            let problem = format!("the address is that of instance {other}, not of {instance}");
            return Err(Error::invalid("connect", problem));
        }
        let address = url.base().parse().map_err(|bad| Error::invalid("connect", bad))?;
        Ok(Self::over(Gateway::new(address, ChatApi::path(instance), token.into(), transport)))
    }

    /// Tells how many messages the vendor's queue holds, where it is not 400. Diagnosis and outbox
    /// keep clear of it.
    #[must_use]
    pub const fn queue_cap(mut self, messages: u64) -> Self {
        self.queue_cap = messages;
        self
    }

    /// The gateway below: for calls that no handle offers.
    #[must_use]
    pub const fn gateway(&self) -> &Gateway<ChatApi> {
        &self.gateway
    }

    /// Replaces the token, in all clones, for the calls that begin after this.
    pub fn replace_token(&self, token: impl Into<Token>) {
        self.gateway.replace_token(token);
    }

    /// Messages: send, list, follow.
    #[must_use]
    pub const fn messages(&self) -> Messages<'_> {
        Messages::new(self)
    }

    /// The vendor's queue: see, clear, diagnose.
    #[must_use]
    pub const fn queue(&self) -> Queue<'_> {
        Queue::new(self)
    }

    /// The state of the instance and its phone.
    #[must_use]
    pub const fn state(&self) -> InstanceState<'_> {
        InstanceState::new(self)
    }

    /// Settings and webhooks.
    #[must_use]
    pub const fn settings(&self) -> InstanceSettings<'_> {
        InstanceSettings::new(self)
    }

    /// Numbers and their accounts.
    #[must_use]
    pub const fn contacts(&self) -> Contacts<'_> {
        Contacts::new(self)
    }
}

impl From<Gateway<ChatApi>> for Client {
    fn from(gateway: Gateway<ChatApi>) -> Self {
        Self::over(gateway)
    }
}
