//! The endless stream of messages.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use chatapi_transport::{Gateway, Result};
use chatapi_types::Item;
use chatapi_types::chat_api::{ChatApi, ListMessages, Message};
use futures_core::Stream;
use futures_util::stream;

/// How often is looked for new messages unless [`MessageStream::every`] says otherwise.
const POLL: Duration = Duration::from_secs(5);

/// Messages after a cursor, in order, for ever; made by
/// [`Messages::since`](super::Messages::since).
///
/// An item of a shape that this version does not know comes as
/// [`Item::Raw`](chatapi_types::Item::Raw), so that nothing is lost. After an error the stream goes
/// on where it stood: a reader that wants to stop must stop by itself. Dropping the stream loses
/// nothing, as the cursor is the reader's.
#[must_use = "nothing is read until the stream is polled"]
pub struct MessageStream {
    source: Source,
    inner: Pin<Box<dyn Stream<Item = Result<Item<Message>>> + Send>>,
}

#[derive(Clone)]
struct Source {
    gateway: Gateway<ChatApi>,
    cursor: u64,
    poll: Duration,
}

impl MessageStream {
    pub(super) fn new(gateway: &Gateway<ChatApi>, cursor: u64) -> Self {
        Self::of(Source { gateway: gateway.clone(), cursor, poll: POLL })
    }

    fn of(source: Source) -> Self {
        Self { inner: Box::pin(read(source.clone())), source }
    }

    /// Looks for new messages this often; every 5 seconds unless given.
    pub fn every(self, poll: Duration) -> Self {
        Self::of(Source { poll, ..self.source })
    }
}

struct Reader {
    source: Source,
    ready: VecDeque<Item<Message>>,
    /// Whether the last page was read to its end, so that the next look may wait.
    idle: bool,
}

fn read(source: Source) -> impl Stream<Item = Result<Item<Message>>> + Send {
    let reader = Reader { source, ready: VecDeque::new(), idle: false };
    stream::unfold(reader, |mut reader| async move {
        loop {
            if let Some(item) = reader.ready.pop_front() {
                return Some((Ok(item), reader));
            }
            if std::mem::replace(&mut reader.idle, true) {
                reader.source.gateway.clock().sleep(reader.source.poll).await;
            }
            if let Err(error) = reader.fill().await {
                return Some((Err(error), reader));
            }
        }
    })
}

impl Reader {
    async fn fill(&mut self) -> Result<()> {
        let cursor = self.source.cursor;
        let page = self.source.gateway.call(&ListMessages::new().after(cursor)).await?;
        let mut newest = cursor;
        for item in page.messages {
            match &item {
                // A vendor that ignores the cursor must not make us repeat ourselves.
                Item::Known(message) if message.message_number <= cursor => continue,
                Item::Known(message) => newest = newest.max(message.message_number),
                _ => {}
            }
            self.ready.push_back(item);
        }
        // An empty page may set the cursor to 0 (grade D): it never goes back.
        let stated = page.last_message_number.unwrap_or(0);
        self.source.cursor = newest.max(stated);
        if self.source.cursor == cursor {
            // Nothing but odd items without a number: they would come again for ever.
            self.ready.clear();
        } else {
            self.idle = false;
        }
        Ok(())
    }
}

impl Stream for MessageStream {
    type Item = Result<Item<Message>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.as_mut().poll_next(context)
    }
}

impl fmt::Debug for MessageStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageStream").field("poll", &self.source.poll).finish_non_exhaustive()
    }
}
