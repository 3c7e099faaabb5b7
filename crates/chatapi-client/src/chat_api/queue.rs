//! The vendor's queues.

use chatapi_transport::Result;
use chatapi_types::chat_api::{
    ActionsQueue, ClearActionsQueue, ClearMessagesQueue, ClearedActions, ClearedMessages,
    MessagesQueue, ShowActionsQueue, ShowMessagesQueue,
};

use super::Client;
use crate::diagnosis::Examination;

/// The vendor's queues, of outgoing messages and of actions on groups and chats; see
/// [`Client::queue`].
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
/// # instance.phone_offline();
/// # let anna: Phone = "+7 (900) 000-00-01".parse()?;
/// client.messages().send_text(&anna, "hello").send().await?;
/// assert_eq!(client.queue().show().await?.total, 1);
/// let why = client.queue().diagnose().run().await?;
/// assert!(!why.is_healthy(), "{why}");
/// assert_eq!(client.queue().clear().await?.count(), Some(1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Queue<'a> {
    client: &'a Client,
}

impl<'a> Queue<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// How many messages wait, and the first 100 of them (`showMessagesQueue`, grade A). The vendor
    /// holds 400 at most (grade A).
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn show(&self) -> Result<MessagesQueue> {
        self.client.gateway.call(&ShowMessagesQueue::new()).await
    }

    /// Drops every message that waits (`clearMessagesQueue`, grade A). It cannot be undone and cannot
    /// be limited to one message.
    ///
    /// # Errors
    ///
    /// Those of a call. When [`may_have_taken_effect`](chatapi_transport::Error::may_have_taken_effect)
    /// is true, show the queue before clearing again: what is in it now may be new.
    pub async fn clear(&self) -> Result<ClearedMessages> {
        self.client.gateway.call(&ClearMessagesQueue::new()).await
    }

    /// How many actions on groups and chats wait, and the first 100 of them (`showActionsQueue`,
    /// grade A): groups to be made, members to be changed, chats to be read. They wait apart from the
    /// messages.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn show_actions(&self) -> Result<ActionsQueue> {
        self.client.gateway.call(&ShowActionsQueue::new()).await
    }

    /// Drops every action that waits (`clearActionsQueue`, grade A). It cannot be undone and cannot
    /// be limited to one action.
    ///
    /// # Errors
    ///
    /// As those of [`clear`](Self::clear).
    pub async fn clear_actions(&self) -> Result<ClearedActions> {
        self.client.gateway.call(&ClearActionsQueue::new()).await
    }

    /// Finds out why messages wait.
    pub fn diagnose(&self) -> Examination<'a> {
        Examination::new(self.client)
    }
}
