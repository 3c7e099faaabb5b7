use std::sync::atomic::{AtomicBool, Ordering};

use chatapi_transport::{Fate, Rate, RateLimit, Retry, RetryPolicy};
use proptest::prelude::*;
use tokio::task::JoinSet;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Asks for everything at once, in order, and says at which second each went through.
async fn all_at_once(limit: RateLimit<MockTransport>, requests: Vec<Request>) {
    let limit = Arc::new(limit);
    let mut asking = JoinSet::new();
    for request in requests {
        let limit = Arc::clone(&limit);
        asking.spawn(async move { limit.exchange(request).await });
        tokio::task::yield_now().await;
    }
    while let Some(end) = asking.join_next().await {
        end.unwrap().unwrap();
    }
}

fn seconds(notes: &Notes) -> Vec<u64> {
    let notes = notes.lock().unwrap();
    notes.iter().map(|(at, _)| at.as_secs()).collect()
}

#[tokio::test(start_paused = true)]
async fn exchanges_are_spaced_evenly() {
    let (mock, notes) = noting();
    let limit = RateLimit::new(mock, Rate::new(5, 120 * SECOND));
    all_at_once(limit, vec![send(); 4]).await;
    assert_eq!(seconds(&notes), [0, 24, 48, 72]);
}

#[tokio::test(start_paused = true)]
async fn a_burst_goes_at_once_and_comes_back_with_time() {
    let (mock, notes) = noting();
    let limit = RateLimit::new(mock, Rate::new(1, SECOND).burst(3));
    for _ in 0..5 {
        limit.exchange(read()).await.unwrap();
    }
    assert_eq!(seconds(&notes), [0, 0, 0, 1, 2]);
    // However long the pause, the burst is three.
    TokioClock::new().sleep(98 * SECOND).await;
    for _ in 0..5 {
        limit.exchange(read()).await.unwrap();
    }
    assert_eq!(seconds(&notes)[5..], [100, 100, 100, 101, 102]);
}

#[tokio::test(start_paused = true)]
async fn only_sends_are_held_back_where_that_is_asked_for() {
    let (mock, notes) = noting();
    let limit = RateLimit::new(mock, Rate::new(1, 10 * SECOND)).only_sends();
    all_at_once(limit, vec![send(), read(), send(), read()]).await;
    assert_eq!(seconds(&notes), [0, 0, 0, 10]);
    assert_eq!(notes.lock().unwrap()[3].1, "sendMessage");
}

#[tokio::test(start_paused = true)]
async fn waiters_go_first_come_first_served() {
    let (clock, order) = (TokioClock::new(), Arc::<Mutex<Vec<_>>>::default());
    let (mock, _) = noting();
    let limit = Arc::new(RateLimit::new(mock, Rate::new(2, SECOND)));
    let mut asking = JoinSet::new();
    for nth in 0..50_u32 {
        let (limit, order) = (Arc::clone(&limit), Arc::clone(&order));
        asking.spawn(async move {
            clock.sleep(nth * Duration::from_millis(7)).await;
            limit.exchange(send()).await.unwrap();
            order.lock().unwrap().push(nth);
        });
    }
    asking.join_all().await;
    assert_eq!(*order.lock().unwrap(), (0..50).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_patience_fails_with_nothing_sent() {
    let (mock, notes) = noting();
    let limit = RateLimit::new(mock, Rate::new(1, 10 * SECOND)).patience(15 * SECOND);
    let limit = Arc::new(limit);
    let mut asking = JoinSet::new();
    for _ in 0..4 {
        let limit = Arc::clone(&limit);
        asking.spawn(async move { limit.exchange(send()).await });
        tokio::task::yield_now().await;
    }
    let (clock, mut failed) = (TokioClock::new(), Vec::new());
    while failed.len() < 2 {
        failed.extend(asking.join_next().await.unwrap().unwrap().err());
    }
    assert_eq!(clock.now().since_start(), Duration::ZERO, "failed late");
    for error in failed {
        assert_eq!(error.fate(), Fate::NotSent);
        assert_eq!(
            error.to_string(),
            "this client's own rate limit has no place within 15 s; the next comes in 20 s"
        );
    }
    asking.join_all().await;
    // Who was turned away has used nothing up.
    limit.exchange(send()).await.unwrap();
    assert_eq!(seconds(&notes), [0, 10, 20]);
}

#[tokio::test(start_paused = true)]
async fn whoever_gives_up_leaves_the_place_to_the_next() {
    let (mock, notes) = noting();
    let limit = Arc::new(RateLimit::new(mock, Rate::new(1, 10 * SECOND)));
    limit.exchange(send()).await.unwrap();
    let mut asking = Vec::new();
    for _ in 0..4 {
        let limit = Arc::clone(&limit);
        asking.push(tokio::spawn(async move { limit.exchange(send()).await }));
        tokio::task::yield_now().await;
    }
    // The first in the queue and one behind it.
    TokioClock::new().sleep(5 * SECOND).await;
    asking.remove(2).abort();
    asking.remove(0).abort();
    for end in asking {
        end.await.unwrap().unwrap();
    }
    limit.exchange(send()).await.unwrap();
    assert_eq!(seconds(&notes), [0, 10, 20, 30]);
}

/// Oversleeps once, as machines do.
#[derive(Debug, Default)]
struct Sleepy {
    clock: TokioClock,
    overslept: AtomicBool,
}

#[async_trait::async_trait]
impl Clock for Sleepy {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn unix(&self) -> UnixMillis {
        self.clock.unix()
    }

    async fn sleep(&self, duration: Duration) {
        let late = !self.overslept.swap(true, Ordering::Relaxed);
        self.clock.sleep(duration + if late { SECOND } else { Duration::ZERO }).await;
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_overtakes_a_waiter_that_wakes_late() {
    let (mock, notes) = noting();
    let limit = RateLimit::new(mock, Rate::new(1, 10 * SECOND)).on_clock(Sleepy::default());
    all_at_once(limit, vec![send(), send(), read(), read()]).await;
    let notes: Vec<_> =
        notes.lock().unwrap().iter().map(|(at, name)| (at.as_secs(), *name)).collect();
    let (send, read) = ("sendMessage", "showMessagesQueue");
    assert_eq!(notes, [(0, send), (11, send), (21, read), (31, read)]);
}

#[tokio::test(start_paused = true)]
async fn whoever_gives_up_does_not_try_the_patience_of_others() {
    let (mock, notes) = noting();
    let limit = RateLimit::new(mock, Rate::new(1, 10 * SECOND)).patience(10 * SECOND);
    limit.exchange(send()).await.unwrap();
    for _ in 0..5 {
        let given_up = tokio::time::timeout(SECOND, limit.exchange(send())).await;
        assert!(given_up.is_err(), "{given_up:?}");
    }
    limit.exchange(send()).await.unwrap();
    assert_eq!(seconds(&notes), [0, 10]);
}

#[tokio::test(start_paused = true)]
async fn inside_a_retry_it_counts_attempts_and_around_it_calls() {
    let rate = Rate::new(1, 10 * SECOND);
    let refused = || Err(TransportError::no_connection());
    let policy = RetryPolicy::new().base(Duration::ZERO);
    let inside = Retry::new(
        RateLimit::new(ending([refused(), refused(), status(200)]), rate),
        policy.clone(),
    );
    assert_eq!(timed(&inside, send()).await.1, 20 * SECOND);
    let around =
        RateLimit::new(Retry::new(ending([refused(), refused(), status(200)]), policy), rate);
    assert_eq!(timed(&around, send()).await.1, Duration::ZERO);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    /// Whenever they come and whoever gives up: never too many in any stretch, and nobody waits
    /// while a place is free.
    #[test]
    fn no_stretch_of_time_holds_more_than_the_rate(
        count in 1_u32..6,
        burst in 1_u32..6,
        arrivals in proptest::collection::vec((0_u64..20_000, proptest::option::of(0_u64..5_000)), 1..60),
    ) {
        let per = 4 * SECOND;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let (served, gone) = runtime.block_on(async {
            let (mock, notes) = noting();
            let limit = Arc::new(RateLimit::new(mock, Rate::new(count, per).burst(burst)));
            let clock = TokioClock::new();
            let mut asking = JoinSet::new();
            for &(at, patience) in &arrivals {
                let limit = Arc::clone(&limit);
                asking.spawn(async move {
                    clock.sleep(Duration::from_millis(at)).await;
                    let patience = Duration::from_millis(patience.unwrap_or(10_000_000));
                    tokio::time::timeout(patience, limit.exchange(send())).await.is_ok()
                });
            }
            let gone = asking.join_all().await.into_iter().filter(|served| !served).count();
            let served: Vec<_> = notes.lock().unwrap().iter().map(|(at, _)| *at).collect();
            (served, gone)
        });
        prop_assert_eq!(served.len() + gone, arrivals.len());
        let most = (count + burst - 1) as usize;
        for (nth, start) in served.iter().enumerate() {
            let within = served[nth..].iter().take_while(|at| **at < *start + per).count();
            prop_assert!(within <= most, "{} in {:?}", within, per);
        }
        // The last cannot be later than if all had come at the end of the arrivals.
        let longest = Duration::from_millis(20_000) + per / count * u32::try_from(arrivals.len()).unwrap()
            + Duration::from_millis(arrivals.len() as u64);
        prop_assert!(served.last().is_none_or(|last| *last <= longest));
    }
}
