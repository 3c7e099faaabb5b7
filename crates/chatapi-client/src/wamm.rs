//! One wamm.chat channel.

mod channels;
mod contacts;
mod line;
mod messages;
mod sending;
mod users;

use chatapi_transport::Gateway;
use chatapi_types::Token;
use chatapi_types::wamm::Wamm;

pub use channels::Channels;
pub use contacts::Contacts;
pub use messages::Messages;
pub use sending::FileSending;
pub use users::Users;

/// A client of one wamm.chat channel. Cheap to clone; clones share the token.
///
/// | Handle | What for |
/// |---|---|
/// | [`messages`](Self::messages) | send texts and files, edit, list, follow |
/// | [`contacts`](Self::contacts) | has this number an account? the address book; who looks after a chat |
/// | [`users`](Self::users) | the account's users and the open chats |
/// | [`channels`](Self::channels) | the account's channels; is this one connected? |
/// | [`gateway`](Self::gateway) | any other call, see [`Call`](chatapi_types::Call) |
///
/// What has options, and every send, is made by its `send`; the rest is made at once. The vendor
/// speaks to WhatsApp, Telegram, Telegram bots and MAX: all methods work on all of them unless they
/// say otherwise. It has no way to show or clear its queue.
#[derive(Clone, Debug)]
pub struct Client {
    gateway: Gateway<Wamm>,
}

impl Client {
    /// A client over a gateway of your making: a transport with your own decorators, a mock, the
    /// sandbox.
    #[must_use]
    pub const fn over(gateway: Gateway<Wamm>) -> Self {
        Self { gateway }
    }

    /// A client of the channel of a token, with the reads repeated when they fail and the sends
    /// never. The address is mostly [`DEFAULT_ADDRESS`](chatapi_types::wamm::DEFAULT_ADDRESS).
    ///
    /// Each call makes a transport of its own, which reads the system's certificates (some 10 ms)
    /// and shares no connections. Many channels better share one, as
    /// [`chat_api::Client::connect`](crate::chat_api::Client::connect) shows.
    ///
    /// ```
    /// use chatapi_client::wamm::Client;
    /// use chatapi_types::wamm::DEFAULT_ADDRESS;
    ///
    /// let client = Client::connect(DEFAULT_ADDRESS, "token")?;
    /// # let _ = client;
    /// # Ok::<(), chatapi_client::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when the address cannot be
    /// used. Nothing is sent yet.
    #[cfg(feature = "reqwest")]
    pub fn connect(address: &str, token: impl Into<Token>) -> chatapi_transport::Result<Self> {
        Self::at(address, token, chatapi_transport::network()?)
    }

    /// As [`connect`](Self::connect), over a transport of your own.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub fn at(
        address: &str,
        token: impl Into<Token>,
        transport: impl chatapi_transport::Transport + 'static,
    ) -> chatapi_transport::Result<Self> {
        let invalid = |bad| chatapi_transport::Error::invalid("connect", bad);
        let address = address.parse().map_err(|bad: chatapi_transport::BadAddress| invalid(bad))?;
        Ok(Self::over(Gateway::new(address, Wamm::query(), token.into(), transport)))
    }

    /// The gateway below: for calls that no handle offers.
    #[must_use]
    pub const fn gateway(&self) -> &Gateway<Wamm> {
        &self.gateway
    }

    /// Replaces the token, in all clones, for the calls that begin after this.
    pub fn replace_token(&self, token: impl Into<Token>) {
        self.gateway.replace_token(token);
    }

    /// Messages: send, edit, list, follow.
    #[must_use]
    pub const fn messages(&self) -> Messages<'_> {
        Messages::new(self)
    }

    /// Numbers, the address book, chats.
    #[must_use]
    pub const fn contacts(&self) -> Contacts<'_> {
        Contacts::new(self)
    }

    /// The account's users and the open chats.
    #[must_use]
    pub const fn users(&self) -> Users<'_> {
        Users::new(self)
    }

    /// The account's channels.
    #[must_use]
    pub const fn channels(&self) -> Channels<'_> {
        Channels::new(self)
    }
}

impl From<Gateway<Wamm>> for Client {
    fn from(gateway: Gateway<Wamm>) -> Self {
        Self::over(gateway)
    }
}
