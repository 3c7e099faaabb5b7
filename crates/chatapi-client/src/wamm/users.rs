//! The account's users and their chats.

use chatapi_transport::Result;
use chatapi_types::wamm::{User, UserChats, UserList};
use chatapi_types::{List, UserId};

use super::Client;
use crate::prepared::Prepared;

/// The users of the whole account, whichever channel's token asks, and the chats that are open; see
/// [`Client::users`]. All messengers. A chat is given to a user with
/// [`contacts().assign`](super::Contacts::assign).
///
/// ```
/// # use chatapi_client::wamm::Client;
/// # use chatapi_sandbox::Sandbox;
/// # use chatapi_types::Messenger;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::new();
/// # let channel = sandbox.add_channel("token", Messenger::WhatsApp);
/// # let client = Client::over(channel.gateway());
/// # let vera = sandbox.add_user("user", "Vera");
/// # channel.add_contact("79000000001", "Anna");
/// # let anna = chatapi_types::wamm::Address::new("79000000001");
/// # client.contacts().open(&anna).await?;
/// # client.contacts().assign(&anna, &vera).await?;
/// for user in client.users().list().await?.known().filter(|user| user.is_active()) {
///     let open = client.users().chats().of(&user.user_id).send().await?;
///     println!("{}: {} open chats", user.name, open.chats.len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Users<'a> {
    client: &'a Client,
}

impl<'a> Users<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// The users, blocked and deleted ones too (`user_list`, grade A).
    ///
    /// # Errors
    ///
    /// Those of a call. An empty list is refused as one that could not be read is: `fail get data`.
    pub async fn list(&self) -> Result<List<User>> {
        Ok(self.client.gateway.call(&UserList::new()).await?.users)
    }

    /// The open chats of everybody on all channels, at most 900 (`user_chats`, grade A); less with
    /// the options. An empty list is refused as one that could not be read is: `fail get data`.
    pub fn chats(&self) -> Prepared<UserChats> {
        Prepared::new(&self.client.gateway, UserChats::new())
    }
}

impl Prepared<UserChats> {
    /// Only those of one user.
    pub fn of(self, user: impl Into<UserId>) -> Self {
        self.map(|mut call| {
            call.user_id = user.into();
            call
        })
    }

    /// Only those of this client's channel.
    pub fn of_this_channel(self) -> Self {
        self.map(UserChats::of_this_channel)
    }
}
