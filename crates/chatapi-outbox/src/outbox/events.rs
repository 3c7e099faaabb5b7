//! What webhooks tell about messages.

use chatapi_types::{Delivery, MessageId, chat_api};
use chatapi_webhook::{Content, Event, Happening};

use super::Outbox;
use crate::record::LineName;
use crate::store::{Store as _, StoreError, Taken};

impl Outbox {
    /// Takes what an event tells about a message of a phone: an acknowledgement. `None` for an event
    /// that tells nothing of the kind. Doing it twice is doing it once, so acknowledge the event
    /// after this has returned.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: do not acknowledge the event then, and it comes again.
    pub async fn hear(&self, line: &LineName, event: &Event) -> Result<Option<Taken>, StoreError> {
        let Some(Happening::Delivery { message, delivery, .. }) = event.happening() else {
            return Ok(None);
        };
        let queue_number = match &event.content {
            Content::ChatApi(event) => match &**event {
                chat_api::Event::Ack(ack) => ack.queue_number,
                _ => None,
            },
            _ => None,
        };
        self.ack(line, &message, queue_number, &delivery).await.map(Some)
    }

    /// Takes an acknowledgement of a message of a phone, however it came. Order and repetition do
    /// not matter.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn ack(
        &self,
        line: &LineName,
        message: &MessageId,
        queue_number: Option<u64>,
        delivery: &Delivery,
    ) -> Result<Taken, StoreError> {
        self.tables.ack(line, message, queue_number, delivery).await
    }
}
