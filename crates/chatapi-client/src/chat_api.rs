//! One Chat API instance.

mod bans;
mod catalogue;
mod chats;
mod contacts;
mod groups;
mod journal;
mod labels;
mod line;
mod messages;
mod profile;
mod queue;
mod ready;
mod settings;
mod state;
mod stream;

use chatapi_transport::Gateway;
use chatapi_types::Token;
use chatapi_types::chat_api::ChatApi;

pub use bans::Bans;
pub use catalogue::Catalogue;
pub use chats::Chats;
pub use contacts::Contacts;
pub use groups::Groups;
pub use journal::Journal;
pub use labels::Labels;
pub use messages::Messages;
pub use profile::Profile;
pub use queue::Queue;
pub use ready::{QrCode, Readiness, WaitUntilReady};
pub use settings::InstanceSettings;
pub use state::InstanceState;
pub use stream::MessageStream;

/// A client of one Chat API instance. Cheap to clone; clones share the token.
///
/// | Handle | What for |
/// |---|---|
/// | [`messages`](Self::messages) | send, list, follow, download |
/// | [`queue`](Self::queue) | see what waits, clear it, learn why it grows |
/// | [`state`](Self::state) | is the phone alive? QR code, takeover, reboot |
/// | [`profile`](Self::profile) | the account's number, name and line about itself |
/// | [`chats`](Self::chats) | list chats; read, pin, archive, clear, remove them |
/// | [`groups`](Self::groups) | make groups, change their members, join, leave |
/// | [`labels`](Self::labels) | a business account's labels |
/// | [`contacts`](Self::contacts) | has this number an account? is somebody there? |
/// | [`catalogue`](Self::catalogue) | a business account's products and orders |
/// | [`bans`](Self::bans) | numbers that get no answers |
/// | [`journal`](Self::journal) | what was kept of states and webhooks |
/// | [`settings`](Self::settings) | settings, and where webhooks go |
/// | [`gateway`](Self::gateway) | any other call, see [`Call`](chatapi_types::Call) |
///
/// What has options, and every send, is [`Prepared`](crate::Prepared) and made by its `send`; the
/// rest is made at once. The vendor speaks to WhatsApp; what needs a business account says so.
#[derive(Clone, Debug)]
pub struct Client {
    gateway: Gateway<ChatApi>,
    queue_cap: u64,
    trusts_queue_numbers: bool,
}

impl Client {
    /// A client over a gateway of your making: a transport with your own decorators, a mock, the
    /// sandbox.
    #[must_use]
    pub const fn over(gateway: Gateway<ChatApi>) -> Self {
        Self { gateway, queue_cap: line::QUEUE_CAP, trusts_queue_numbers: false }
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
    /// Each call makes a transport of its own, which reads the system's certificates (some 10 ms)
    /// and shares no connections. Many instances better share one:
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use chatapi_client::chat_api::Client;
    /// use chatapi_transport::{Transport, network};
    ///
    /// let transport: Arc<dyn Transport> = Arc::new(network()?);
    /// let clients = [("12345", "token"), ("12346", "another")].map(|(instance, token)| {
    ///     Client::at("https://api.chat-api.com", instance, token, transport.clone())
    /// });
    /// # clients.into_iter().collect::<Result<Vec<_>, _>>()?;
    /// # Ok::<(), chatapi_client::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when the instance is
    /// empty, or the address cannot be used or belongs to another instance. Nothing is sent yet.
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
        if instance.as_str().trim().is_empty() {
            return Err(Error::invalid("connect", "the instance is empty"));
        }
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

    /// Whether a message is taken to wait in the vendor's queue when nothing but the `queueNumber`
    /// of its send says so: that it is the `id` of the queue's entry is our inference (grade D), so
    /// it is not, unless told. An entry that names another chat than the message's is never taken.
    #[must_use]
    pub const fn trusting_queue_numbers(mut self, trusting: bool) -> Self {
        self.trusts_queue_numbers = trusting;
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

    /// Messages: send, list, follow, download.
    #[must_use]
    pub const fn messages(&self) -> Messages<'_> {
        Messages::new(self)
    }

    /// The vendor's queues: see, clear, diagnose.
    #[must_use]
    pub const fn queue(&self) -> Queue<'_> {
        Queue::new(self)
    }

    /// The state of the instance and its phone.
    #[must_use]
    pub const fn state(&self) -> InstanceState<'_> {
        InstanceState::new(self)
    }

    /// The account that the instance speaks for.
    #[must_use]
    pub const fn profile(&self) -> Profile<'_> {
        Profile::new(self)
    }

    /// Chats as a whole.
    #[must_use]
    pub const fn chats(&self) -> Chats<'_> {
        Chats::new(self)
    }

    /// Groups and their members.
    #[must_use]
    pub const fn groups(&self) -> Groups<'_> {
        Groups::new(self)
    }

    /// Labels of a business account.
    #[must_use]
    pub const fn labels(&self) -> Labels<'_> {
        Labels::new(self)
    }

    /// Products and orders of a business account.
    #[must_use]
    pub const fn catalogue(&self) -> Catalogue<'_> {
        Catalogue::new(self)
    }

    /// The filter of numbers that get no answers.
    #[must_use]
    pub const fn bans(&self) -> Bans<'_> {
        Bans::new(self)
    }

    /// What the vendor has kept of states and webhooks.
    #[must_use]
    pub const fn journal(&self) -> Journal<'_> {
        Journal::new(self)
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
