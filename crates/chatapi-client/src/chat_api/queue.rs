//! The vendor's queue.

use chatapi_transport::Result;
use chatapi_types::chat_api::{
    ClearMessagesQueue, ClearedMessages, MessagesQueue, ShowMessagesQueue,
};

use super::Client;
use crate::diagnosis::Examination;

/// The vendor's queue of outgoing messages; see [`Client::queue`].
#[derive(Clone, Copy, Debug)]
pub struct Queue<'a> {
    client: &'a Client,
}

impl<'a> Queue<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// How many messages wait, and the first 100 of them.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn show(&self) -> Result<MessagesQueue> {
        self.client.gateway.call(&ShowMessagesQueue::new()).await
    }

    /// Drops everything that waits. It cannot be undone and cannot be limited to one message.
    ///
    /// # Errors
    ///
    /// Those of a call. When [`may_have_taken_effect`](chatapi_transport::Error::may_have_taken_effect)
    /// is true, show the queue before clearing again: what is in it now may be new.
    pub async fn clear(&self) -> Result<ClearedMessages> {
        self.client.gateway.call(&ClearMessagesQueue::new()).await
    }

    /// Finds out why messages wait.
    pub fn diagnose(&self) -> Examination<'a> {
        Examination::new(self.client)
    }
}
