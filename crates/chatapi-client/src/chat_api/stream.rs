//! The endless stream of messages.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use chatapi_transport::{Gateway, Result};
use chatapi_types::chat_api::{ChatApi, ListMessages, Message};
use chatapi_types::{Item, RawJson};
use futures_core::Stream;
use futures_util::stream;
use serde::Deserialize;

/// How often is looked for new messages unless [`MessageStream::every`] says otherwise.
const POLL: Duration = Duration::from_secs(5);

/// Messages after a cursor, in order, for ever; made by
/// [`Messages::since`](super::Messages::since).
///
/// An item of a shape that this version does not know comes as
/// [`Item::Raw`](chatapi_types::Item::Raw), so that nothing is lost; one without a `messageNumber`
/// comes once, before the others of its page. After an error the stream goes
/// on where it stood: a reader that wants to stop must stop by itself. Dropping the stream loses
/// nothing, as the cursor is the reader's.
#[must_use = "nothing is read until the stream is polled"]
pub struct MessageStream {
    poll: Pace,
    inner: Pin<Box<dyn Stream<Item = Result<Item<Message>>> + Send>>,
}

impl MessageStream {
    pub(super) fn new(gateway: &Gateway<ChatApi>, cursor: u64) -> Self {
        let poll = Pace::default();
        poll.set(POLL);
        let reader = Reader {
            gateway: gateway.clone(),
            cursor,
            poll: poll.clone(),
            ready: VecDeque::new(),
            unnumbered: Vec::new(),
            idle: false,
        };
        Self { poll, inner: Box::pin(read(reader)) }
    }

    /// Looks for new messages this often, but not more often than every millisecond; every 5
    /// seconds unless given. A stream that was read from already stays where it is.
    pub fn every(self, poll: Duration) -> Self {
        self.poll.set(poll);
        self
    }
}

/// The pause between two looks, in nanoseconds: shared, as the stream owns its reader.
#[derive(Clone, Default)]
struct Pace(Arc<AtomicU64>);

impl Pace {
    fn set(&self, poll: Duration) {
        let nanos = poll.max(Duration::from_millis(1)).as_nanos();
        self.0.store(u64::try_from(nanos).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn get(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

struct Reader {
    gateway: Gateway<ChatApi>,
    cursor: u64,
    poll: Pace,
    ready: VecDeque<Item<Message>>,
    /// The items without a number that stood on the last page. No cursor passes them, so they may
    /// come again.
    unnumbered: Vec<RawJson>,
    /// Whether the last page was read to its end, so that the next look may wait.
    idle: bool,
}

fn read(reader: Reader) -> impl Stream<Item = Result<Item<Message>>> + Send {
    stream::unfold(reader, |mut reader| async move {
        loop {
            if let Some(item) = reader.ready.pop_front() {
                return Some((Ok(item), reader));
            }
            if std::mem::replace(&mut reader.idle, true) {
                reader.gateway.clock().sleep(reader.poll.get()).await;
            }
            if let Err(error) = reader.fill().await {
                return Some((Err(error), reader));
            }
        }
    })
}

impl Reader {
    async fn fill(&mut self) -> Result<()> {
        let page = self.gateway.call(&ListMessages::new().after(self.cursor)).await?;
        let mut items: Vec<_> =
            page.messages.into_iter().map(|item| (number(&item), item)).collect();
        // The order of a page is grade D. What has no number goes first: a reader that stops behind
        // it and comes back has passed nothing.
        items.sort_by_key(|(number, _)| *number);
        let newest = match items.last() {
            Some((Some(newest), _)) => *newest,
            Some((None, _)) => page.last_message_number.unwrap_or(0),
            None => 0,
        };
        let mut before = std::mem::take(&mut self.unnumbered);
        for (number, item) in items {
            match (number, &item) {
                // A vendor that ignores the cursor must not make us repeat ourselves.
                (Some(number), _) if number <= self.cursor => continue,
                (None, Item::Raw(odd)) => {
                    self.unnumbered.push(odd.clone());
                    if let Some(again) = before.iter().position(|seen| seen == odd) {
                        before.swap_remove(again);
                        continue;
                    }
                }
                _ => {}
            }
            self.ready.push_back(item);
        }
        if newest > self.cursor {
            self.cursor = newest;
            self.idle = false;
        }
        Ok(())
    }
}

/// The number of a message, also of one that cannot be read otherwise.
fn number(item: &Item<Message>) -> Option<u64> {
    #[derive(Deserialize)]
    struct Numbered {
        #[serde(rename = "messageNumber")]
        number: u64,
    }
    match item {
        Item::Known(message) => Some(message.message_number),
        Item::Raw(odd) => odd.read::<Numbered>().ok().map(|odd| odd.number),
        _ => None,
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
        f.debug_struct("MessageStream").field("poll", &self.poll.get()).finish_non_exhaustive()
    }
}
