//! Numbers, the address book, and what is done to chats.

use chatapi_transport::Result;
use chatapi_types::UserId;
use chatapi_types::wamm::{
    Address, CheckPhone, Contact, ContactDelete, ContactGet, ContactOpen, ContactTagDelete,
    ContactTo, ContactToUser,
};

use super::Client;
use crate::prepared::Prepared;

/// Numbers and their accounts, the account's address book, and its chats; see [`Client::contacts`].
/// All messengers.
///
/// ```
/// # use chatapi_client::wamm::Client;
/// # use chatapi_sandbox::Sandbox;
/// # use chatapi_types::{Messenger, Phone};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::new();
/// # let client = Client::over(sandbox.add_channel("token", Messenger::WhatsApp).gateway());
/// # let vera = sandbox.add_user("user", "Vera");
/// let anna: Phone = "+7 (900) 000-00-01".parse()?;
/// let contacts = client.contacts();
/// contacts.save(&anna, "Anna").info("Wants a bill").email("anna@example.com").send().await?;
/// if contacts.read(&anna).await?.user_id.is_none() {
///     contacts.assign(&anna, &vera).await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Contacts<'a> {
    client: &'a Client,
}

impl<'a> Contacts<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Whether a number has an account with the channel's messenger (`check_phone`, grade A; the
    /// words of the answer: grade B). Sending and saving check this by themselves.
    ///
    /// # Errors
    ///
    /// Those of a call. A check that did not finish in time
    /// [is transient](chatapi_transport::Error::is_transient).
    pub async fn check_phone(&self, phone: impl Into<Address>) -> Result<bool> {
        let check = self.client.gateway.call(&CheckPhone::new(phone)).await?;
        Ok(check.result.is_yes())
    }

    /// Adds a contact under a name of at most 250 characters, or changes the one that is there; the
    /// answer says which, `insert` or `update` (`contact_to`, grade A).
    ///
    /// The vendor checks the number first, which may not finish in time: such a refusal
    /// [is transient](chatapi_transport::Error::is_transient).
    pub fn save(&self, phone: impl Into<Address>, name: impl Into<String>) -> Prepared<ContactTo> {
        Prepared::new(&self.client.gateway, ContactTo::new(phone, name))
    }

    /// Removes a contact from the account; the messenger keeps its own (`contact_delete`, grade A).
    ///
    /// # Errors
    ///
    /// Those of a call; [`PhoneNotFound`](chatapi_types::wamm::ErrorCode::PhoneNotFound) when there
    /// is no such contact.
    pub async fn delete(&self, phone: impl Into<Address>) -> Result<()> {
        self.client.gateway.call(&ContactDelete::new(phone)).await.map(drop)
    }

    /// What the account knows about a contact or a group: names, notes, tags, who is responsible
    /// (`contact_get`, grade A).
    ///
    /// # Errors
    ///
    /// Those of a call; [`NotFound`](chatapi_types::wamm::ErrorCode::NotFound) when there is no such
    /// contact.
    pub async fn read(&self, phone: impl Into<Address>) -> Result<Contact> {
        Ok(self.client.gateway.call(&ContactGet::new(phone)).await?.contact)
    }

    /// Sets a chat back to "open" (`contact_open`, grade A). No call is known that closes one.
    ///
    /// # Errors
    ///
    /// As those of [`read`](Self::read).
    pub async fn open(&self, chat: impl Into<Address>) -> Result<()> {
        self.client.gateway.call(&ContactOpen::new(chat)).await.map(drop)
    }

    /// Makes a user of the account responsible for a chat (`contact_to_user`, grade A). Personal
    /// chats only, not groups. [`users().list`](super::Users::list) tells the users.
    ///
    /// # Errors
    ///
    /// As those of [`read`](Self::read);
    /// [`UserNotFound`](chatapi_types::wamm::ErrorCode::UserNotFound) and
    /// [`UserNotActive`](chatapi_types::wamm::ErrorCode::UserNotActive) when the user is none, or is
    /// blocked or deleted.
    pub async fn assign(&self, chat: impl Into<Address>, user: impl Into<UserId>) -> Result<()> {
        self.client.gateway.call(&ContactToUser::new(chat, user)).await.map(drop)
    }

    /// Makes nobody responsible for a chat (`contact_to_user`, grade A). Personal chats only, not
    /// groups.
    ///
    /// # Errors
    ///
    /// As those of [`read`](Self::read).
    pub async fn unassign(&self, chat: impl Into<Address>) -> Result<()> {
        self.client.gateway.call(&ContactToUser::nobody(chat)).await.map(drop)
    }

    /// Takes a tag from a chat (`contact_tag_delete`, grade A). No call is known that adds one;
    /// [`read`](Self::read) tells those that are there.
    ///
    /// # Errors
    ///
    /// As those of [`read`](Self::read).
    pub async fn remove_tag(&self, chat: impl Into<Address>, tag: impl Into<String>) -> Result<()> {
        self.client.gateway.call(&ContactTagDelete::new(chat, tag)).await.map(drop)
    }
}

impl Prepared<ContactTo> {
    /// Notes.
    pub fn info(self, info: impl Into<String>) -> Self {
        self.map(|call| call.info(info))
    }

    /// The mail address, at most 150 characters.
    pub fn email(self, email: impl Into<String>) -> Self {
        self.map(|call| call.email(email))
    }

    /// The web address, at most 150 characters.
    pub fn web(self, web: impl Into<String>) -> Self {
        self.map(|call| call.web(web))
    }
}
