//! Who may stay when more come than can be served.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The places of a server. A connection whose client keeps it waiting can lose its place to the next
/// one; one that is being answered cannot.
#[derive(Clone)]
pub(super) struct Places {
    shared: Arc<Shared>,
}

struct Shared {
    count: usize,
    ledger: Mutex<Ledger>,
    /// Somebody left, or could be sent away.
    eased: Notify,
}

#[derive(Default)]
struct Ledger {
    taken: usize,
    /// Those that can be sent away, the first first: who waits for his client before who is in the
    /// middle of an answer that takes its time (events, a drip), each by how long he has done so.
    idlers: BTreeMap<Rank, Arc<Notify>>,
    ranks: u64,
}

type Rank = (bool, u64);

/// A place, given back when dropped.
pub(super) struct Seat {
    places: Places,
    notice: Arc<Notify>,
    rank: Mutex<Option<Rank>>,
}

impl Places {
    pub(super) fn new(count: usize) -> Self {
        let ledger = Mutex::new(Ledger::default());
        Self { shared: Arc::new(Shared { count, ledger, eased: Notify::new() }) }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.shared.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a new connection: a free one, or else that of whoever has idled longest. Waits
    /// only while nobody idles.
    pub(super) async fn take(&self) -> Seat {
        loop {
            let eased = self.shared.eased.notified();
            if let Some(seat) = self.try_take() {
                return seat;
            }
            eased.await;
        }
    }

    fn try_take(&self) -> Option<Seat> {
        let mut ledger = self.ledger();
        if ledger.taken >= self.shared.count && !ledger.send_one_away() {
            return None;
        }
        ledger.taken += 1;
        drop(ledger);
        let seat = Seat { places: self.clone(), notice: Arc::default(), rank: Mutex::new(None) };
        seat.idles(false);
        Some(seat)
    }

    /// Makes room in a machine that has no more: whoever has idled longest goes.
    pub(super) fn ease(&self) {
        self.ledger().send_one_away();
    }
}

impl Ledger {
    /// His place counts as free at once, although he needs a moment to go.
    fn send_one_away(&mut self) -> bool {
        match self.idlers.pop_first() {
            Some((_, notice)) => {
                self.taken -= 1;
                notice.notify_one();
                true
            }
            None => false,
        }
    }
}

impl Seat {
    fn rank(&self) -> MutexGuard<'_, Option<Rank>> {
        self.rank.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It now waits for its client, or is in the middle of an answer.
    fn idles(&self, answering: bool) {
        let mut rank = self.rank();
        let mut ledger = self.places.ledger();
        if let Some(old) = rank.take()
            && ledger.idlers.remove(&old).is_none()
        {
            // Sent away meanwhile: it stays so.
            *rank = Some(old);
            return;
        }
        ledger.ranks += 1;
        let new = (answering, ledger.ranks);
        ledger.idlers.insert(new, Arc::clone(&self.notice));
        *rank = Some(new);
        drop(ledger);
        self.places.shared.eased.notify_one();
    }

    /// The client is to make the next move.
    pub(super) fn waits(&self) {
        self.idles(false);
    }

    /// The answer has begun, and is not complete.
    pub(super) fn sends(&self) {
        self.idles(true);
    }

    /// It is being answered, and cannot lose its place until [`waits`](Self::waits). `false` when it
    /// has lost it already.
    #[must_use]
    pub(super) fn works(&self) -> bool {
        let mut rank = self.rank();
        match *rank {
            Some(old) if self.places.ledger().idlers.remove(&old).is_none() => false,
            _ => {
                *rank = None;
                true
            }
        }
    }

    /// Returns when the place is needed for another.
    pub(super) async fn is_needed(&self) {
        self.notice.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let rank = self.rank().take();
        let mut ledger = self.places.ledger();
        // Who was sent away has given it back already.
        let was_sent_away = rank.is_some_and(|rank| ledger.idlers.remove(&rank).is_none());
        if !was_sent_away {
            ledger.taken -= 1;
        }
        drop(ledger);
        self.places.shared.eased.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn now<T>(future: impl Future<Output = T>) -> Option<T> {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }

    #[test]
    fn who_idles_longest_goes_first_and_who_is_answered_stays() {
        let places = Places::new(3);
        let [first, second, third] = [(); 3].map(|()| now(places.take()).unwrap());
        assert!(second.works());
        first.waits(); // again: now after the third
        let fourth = now(places.take()).unwrap();
        assert!(now(third.is_needed()).is_some());
        assert!(now(first.is_needed()).is_none());
        let fifth = now(places.take()).unwrap();
        assert!(now(first.is_needed()).is_some());
        assert!(fourth.works() && fifth.works());
        assert!(now(places.take()).is_none(), "everybody is being answered");
        fifth.sends();
        assert!(now(second.is_needed()).is_none());
        let sixth = now(places.take()).unwrap();
        assert!(now(fifth.is_needed()).is_some());
        assert!(sixth.works());
        // Who was sent away gives nothing back, whatever it still does.
        third.waits();
        assert!(!first.works());
        drop((first, third, fifth));
        assert!(now(places.take()).is_none());
        drop(second);
        let seventh = now(places.take()).unwrap();
        assert_eq!(places.ledger().taken, 3);
        drop((fourth, sixth, seventh));
        let ledger = places.ledger();
        assert_eq!((ledger.taken, ledger.idlers.len()), (0, 0));
    }

    #[test]
    fn an_endless_answer_gives_way_only_when_nobody_merely_waits() {
        let places = Places::new(2);
        let events = now(places.take()).unwrap();
        events.sends();
        let idle = now(places.take()).unwrap();
        let _next = now(places.take()).unwrap();
        assert!(now(idle.is_needed()).is_some());
        assert!(now(events.is_needed()).is_none());
    }
}
