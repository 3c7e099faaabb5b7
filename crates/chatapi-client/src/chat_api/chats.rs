//! Chats as a whole.

use chatapi_transport::Result;
use chatapi_types::chat_api::{
    ArchiveChat, Chat, ChatApi, ClearChat, ListDialogs, PinChat, ReadChat, ReadDialog, Recipient,
    RemoveChat, SetDisappearing, ShowRecording, ShowTyping, UnarchiveChat, UnpinChat, UnreadChat,
};
use chatapi_types::{Call, ChatId};

use super::Client;
use crate::prepared::Prepared;

/// The chats of an instance, private ones and groups; see [`Client::chats`].
///
/// A private chat can be named by its phone. A command that the gateway refuses is an error; an
/// answer that says nothing of the kind counts as done. Of some commands no answer was ever seen,
/// as their documentation says: to look at it, make the call through [`Client::gateway`].
///
/// ```
/// # use chatapi_client::chat_api::Client;
/// # use chatapi_sandbox::Sandbox;
/// # use chatapi_types::Phone;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::new();
/// # let instance = sandbox.add_instance("12345", "token");
/// # let client = Client::over(instance.gateway());
/// # instance.contact_writes("79000000001", "hello");
/// let chats = client.chats();
/// for chat in chats.list().limit(20).send().await?.dialogs.known() {
///     chats.mark_read(&chat.id).await?;
///     println!("{}: last message {:?}", chat.name, chat.last_time);
///     chats.archive(&chat.id).await?;
/// }
/// let anna: Phone = "+7 (900) 000-00-01".parse()?;
/// chats.show_typing(&anna).seconds(10).send().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Chats<'a> {
    client: &'a Client,
}

impl<'a> Chats<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Lists the chats, private ones and groups (`dialogs`, grade A). Their order is unknown.
    pub fn list(&self) -> Prepared<ListDialogs> {
        Prepared::new(&self.client.gateway, ListDialogs::new())
    }

    /// One chat, with its members if it is a group (`dialog`, grade B). What is answered about a
    /// chat that is not there, is unknown.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn one(&self, chat: impl Into<ChatId>) -> Result<Chat> {
        self.client.gateway.call(&ReadDialog::new(chat)).await
    }

    /// Marks all messages of a chat as read; the people see it (`readChat`, grade A). An action that
    /// may wait in the [queue of actions](super::Queue::show_actions).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn mark_read(&self, chat: impl Into<Recipient>) -> Result<()> {
        self.command(&ReadChat::new(chat)).await
    }

    /// Marks a chat as unread, for whoever holds the phone (`unreadChat`, grade B).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn mark_unread(&self, chat: impl Into<Recipient>) -> Result<()> {
        self.command(&UnreadChat::new(chat)).await
    }

    /// Pins a chat to the top of the list (`pinChat`, grade B). The messenger pins three at most
    /// (grade C); past them the gateway says that it is done all the same, and nothing is pinned.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn pin(&self, chat: impl Into<Recipient>) -> Result<()> {
        self.command(&PinChat::new(chat)).await
    }

    /// Takes a chat off the top of the list (`unpinChat`, grade B).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn unpin(&self, chat: impl Into<Recipient>) -> Result<()> {
        self.command(&UnpinChat::new(chat)).await
    }

    /// Moves a chat to the archive (`archiveChat`, grade C, since 2021). The answer was never seen.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn archive(&self, chat: impl Into<Recipient>) -> Result<()> {
        self.command(&ArchiveChat::new(chat)).await
    }

    /// Takes a chat out of the archive (`unarchiveChat`, grade C, since 2021). The answer was never
    /// seen.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn unarchive(&self, chat: impl Into<Recipient>) -> Result<()> {
        self.command(&UnarchiveChat::new(chat)).await
    }

    /// Removes all messages of a chat from the phone and keeps the chat (`clearChat`, grade C, since
    /// 2021). It cannot be undone, and takes along what came in the meantime. The answer was never
    /// seen.
    ///
    /// # Errors
    ///
    /// Those of a call. When [`may_have_taken_effect`](chatapi_transport::Error::may_have_taken_effect)
    /// is true, what is in the chat now may be new.
    pub async fn clear(&self, chat: impl Into<Recipient>) -> Result<()> {
        self.command(&ClearChat::new(chat)).await
    }

    /// Makes the messages of a chat disappear (`disappearingChat`, grade C, since 2021). After how
    /// long, and whether a second call switches it off again, is unknown. The answer was never seen.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn disappearing(&self, chat: impl Into<Recipient>) -> Result<()> {
        self.command(&SetDisappearing::new(chat)).await
    }

    /// Removes a chat from the phone; a group is left by it (`removeChat`, grade B). It cannot be
    /// undone, and a second call is refused because the chat is gone.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn remove(&self, chat: impl Into<Recipient>) -> Result<()> {
        self.command(&RemoveChat::new(chat)).await
    }

    /// Shows that a text is being typed, for 5 seconds unless another time is given (`typing`, grade
    /// B).
    pub fn show_typing(&self, chat: impl Into<Recipient>) -> Prepared<ShowTyping> {
        Prepared::new(&self.client.gateway, ShowTyping::new(chat))
    }

    /// Shows that a voice message is being recorded, for 5 seconds unless another time is given
    /// (`recording`, grade B).
    pub fn show_recording(&self, chat: impl Into<Recipient>) -> Prepared<ShowRecording> {
        Prepared::new(&self.client.gateway, ShowRecording::new(chat))
    }

    async fn command(&self, call: &impl Call<Dialect = ChatApi>) -> Result<()> {
        self.client.gateway.call(call).await.map(drop)
    }
}

impl Prepared<ListDialogs> {
    /// How many at most; 100 unless given, 0 for all (grade B).
    pub fn limit(self, limit: u32) -> Self {
        self.map(|call| call.limit(limit))
    }

    /// Another page, counted from 0 (grade B).
    pub fn page(self, page: u32) -> Self {
        self.map(|call| call.page(page))
    }

    /// In another order. No document tells a word that the gateway takes (grade D).
    pub fn order(self, order: impl Into<String>) -> Self {
        self.map(|call| call.order(order))
    }
}

impl Prepared<ShowTyping> {
    /// For so many seconds.
    pub fn seconds(self, seconds: u32) -> Self {
        self.map(|call| call.seconds(seconds))
    }

    /// No longer shows it.
    pub fn stop(self) -> Self {
        self.map(ShowTyping::stop)
    }
}

impl Prepared<ShowRecording> {
    /// For so many seconds.
    pub fn seconds(self, seconds: u32) -> Self {
        self.map(|call| call.seconds(seconds))
    }

    /// No longer shows it.
    pub fn stop(self) -> Self {
        self.map(ShowRecording::stop)
    }
}
