//! An event in the consumer's hands.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use chatapi_transport::Clock;
use chatapi_types::UnixMillis;

use crate::{Content, Event, EventId, Inbox, InboxError, LeaseId, Leased};

/// An event in the consumer's hands, until it is [acknowledged](Self::ack). Dropped, it comes again
/// when its lease has run out. `Debug` shows neither texts nor phone numbers.
#[must_use = "an event that is not acknowledged comes again"]
pub struct Delivered {
    event: Event,
    lease: LeaseId,
    until: UnixMillis,
    inbox: Arc<dyn Inbox>,
    clock: Arc<dyn Clock>,
}

impl Delivered {
    pub(super) fn new(
        leased: Leased,
        content: Content,
        inbox: &Arc<dyn Inbox>,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let Leased { record, lease, until, attempt } = leased;
        let event = Event {
            id: record.id,
            line: record.line,
            vendor: record.vendor,
            origin: record.origin,
            received: record.received,
            attempt,
            content,
        };
        Self { event, lease, until, inbox: Arc::clone(inbox), clock: Arc::clone(clock) }
    }

    /// The event.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.event
    }

    /// When its lease runs out.
    #[must_use]
    pub const fn until(&self) -> UnixMillis {
        self.until
    }

    /// The work is done, the event does not come again. False when the lease ran out before and
    /// somebody else has it.
    ///
    /// # Errors
    ///
    /// Those of the inbox; the event then comes again.
    pub async fn ack(self) -> Result<bool, InboxError> {
        self.inbox.ack(&self.event.id, self.lease).await
    }

    /// The work could not be done: the event comes again after that time.
    ///
    /// # Errors
    ///
    /// Those of the inbox; the event then comes again when its lease has run out.
    pub async fn retry_after(self, wait: Duration) -> Result<bool, InboxError> {
        let at = self.clock.unix().plus(wait);
        self.inbox.release(&self.event.id, self.lease, at).await
    }

    /// The work takes longer: that much from now on. False when somebody else has the event.
    ///
    /// # Errors
    ///
    /// Those of the inbox.
    pub async fn extend(&mut self, by: Duration) -> Result<bool, InboxError> {
        let until = self.clock.unix().plus(by);
        let is_held = self.inbox.extend(&self.event.id, self.lease, until).await?;
        if is_held {
            self.until = self.until.max(until);
        }
        Ok(is_held)
    }

    /// Its id and its lease, for an application that acknowledges inside a transaction of its own.
    #[must_use]
    pub const fn lease(&self) -> (&EventId, LeaseId) {
        (&self.event.id, self.lease)
    }
}

impl Deref for Delivered {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}

impl fmt::Debug for Delivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivered").field("event", &self.event).finish_non_exhaustive()
    }
}
