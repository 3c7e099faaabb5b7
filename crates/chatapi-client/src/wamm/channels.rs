//! The account's channels.

use chatapi_transport::{Error, Result};
use chatapi_types::Call;
use chatapi_types::wamm::{Channel, ChannelFilter, ChannelList};

use super::Client;
use crate::prepared::Prepared;

/// The account's channels; see [`Client::channels`].
///
/// ```
/// # use chatapi_client::wamm::Client;
/// # use chatapi_sandbox::Sandbox;
/// # use chatapi_types::Messenger;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::new();
/// # let client = Client::over(sandbox.add_channel("token", Messenger::Telegram).gateway());
/// let channel = client.channels().this().await?;
/// assert_eq!(channel.api_tip.messenger(), Some(Messenger::Telegram));
/// assert!(channel.state.can_send(), "{}", channel.state.advice());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Channels<'a> {
    client: &'a Client,
}

impl<'a> Channels<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// All channels of the account, archived ones too (`channel_list`, grade A).
    pub fn list(&self) -> Prepared<ChannelList> {
        Prepared::new(&self.client.gateway, ChannelList::new())
    }

    /// The channel of this client's token (`channel_list`, grade A): its messenger, and whether it is connected.
    ///
    /// # Errors
    ///
    /// Those of a call; [`ErrorKind::Unsupported`](chatapi_transport::ErrorKind::Unsupported) when
    /// the vendor lists no such channel in a shape that this version knows.
    pub async fn this(&self) -> Result<Channel> {
        let call = ChannelList::new().only(ChannelFilter::One);
        let channels = self.client.gateway.call(&call).await?.channels;
        channels.into_known().into_iter().next().ok_or_else(|| {
            Error::unsupported(ChannelList::NAME, "the vendor does not list this token's channel")
        })
    }
}

impl Prepared<ChannelList> {
    /// Only some.
    pub fn only(self, filter: ChannelFilter) -> Self {
        self.map(|call| call.only(filter))
    }
}
