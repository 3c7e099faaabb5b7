//! One who sleeps on the clock.

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use chatapi_transport::Clock as _;
use tokio::task::yield_now;

use super::{Bed, ClockMode, Nudge, Shared, times, wake};

/// How often a sleeper of [`ClockMode::Auto`] lets the others go first before it moves the clock. In
/// each round the runtime also looks at its sockets, so that a request on loopback and its answer
/// mostly make it in time.
const ROUNDS: u32 = 32;

/// A scale below which virtual time practically stands still.
const SLOWEST: f64 = 1e-6;

/// How long the machine takes for so much time on a clock that is so fast.
pub(super) fn nap(time: Duration, factor: f64) -> Option<Duration> {
    // A little longer than exact, so that rounding does not wake anybody before his time.
    let exact = || times(time, factor.recip()).saturating_add(Duration::from_nanos(1));
    (factor >= SLOWEST).then(exact)
}

/// One who sleeps until a deadline. Gets out of bed when dropped.
pub(super) struct Sleeper {
    shared: Arc<Shared>,
    bed: Bed,
    /// How often it has let the others go first …
    rounds: u32,
    /// … since it saw this much activity.
    seen: u64,
}

enum Step {
    /// The deadline has come.
    Awake,
    /// The deadline has come, because this sleeper has moved the clock.
    Jumped,
    /// Let the others go first, then look again.
    Yield,
    /// Look again when nudged.
    Park,
    /// Look again when nudged, or when the machine's clock has gone this far.
    Nap(Duration),
}

impl Sleeper {
    pub(super) fn new(shared: &Arc<Shared>, duration: Duration) -> Self {
        let deadline = shared.now().plus(duration);
        let mut state = shared.lock();
        state.registered += 1;
        state.activity += 1;
        let bed = (deadline, state.registered);
        state.sleepers.insert(bed, Nudge::default());
        Self { shared: Arc::clone(shared), bed, rounds: 0, seen: state.activity }
    }

    pub(super) async fn sleep(mut self) {
        // Even a sleep of no time lets others run, or a loop of them would be deaf.
        yield_now().await;
        loop {
            match self.step() {
                Step::Awake => return,
                Step::Jumped => {
                    self.shared.jumps.send_replace(());
                    return;
                }
                Step::Yield => yield_now().await,
                Step::Park => poll_fn(|cx| self.poll_nudge(cx)).await,
                Step::Nap(machine_time) => {
                    let machine = self.shared.machine;
                    let mut nap = pin!(machine.sleep(machine_time));
                    poll_fn(|cx| match self.poll_nudge(cx) {
                        Poll::Ready(()) => Poll::Ready(()),
                        Poll::Pending => nap.as_mut().poll(cx),
                    })
                    .await;
                }
            }
        }
    }

    fn step(&mut self) -> Step {
        let machine_now = self.shared.machine.now();
        let mut state = self.shared.lock();
        let (deadline, now) = (self.bed.0, state.now(machine_now));
        if deadline <= now {
            return Step::Awake;
        }
        match state.mode {
            ClockMode::Real => Step::Nap(deadline.since(now)),
            ClockMode::Scaled(factor) => {
                nap(deadline.since(now), factor).map_or(Step::Park, Step::Nap)
            }
            ClockMode::Frozen => Step::Park,
            ClockMode::Auto => {
                let is_first = state.sleepers.keys().next() == Some(&self.bed);
                if !is_first {
                    return Step::Park;
                }
                if self.seen != state.activity {
                    self.seen = state.activity;
                    self.rounds = 0;
                }
                self.rounds += 1;
                if self.rounds <= ROUNDS {
                    return Step::Yield;
                }
                state.base = deadline;
                Step::Jumped
            }
        }
    }

    fn poll_nudge(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.shared.lock();
        match state.sleepers.get_mut(&self.bed) {
            Some(nudge) if !nudge.given => {
                let old = nudge.waker.replace(cx.waker().clone());
                drop(state);
                drop(old);
                Poll::Pending
            }
            Some(nudge) => {
                nudge.given = false;
                Poll::Ready(())
            }
            None => Poll::Ready(()),
        }
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let own = state.sleepers.remove(&self.bed);
        state.activity += 1;
        // Whoever is first now may move the clock.
        let next = state.nudge_first();
        drop(state);
        drop(own);
        wake(next);
    }
}
