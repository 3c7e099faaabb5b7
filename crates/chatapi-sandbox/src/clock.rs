//! A clock that the sandbox and its clients share.

mod mode;
mod sleeper;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use async_trait::async_trait;
use chatapi_transport::{Clock, Moment, TokioClock};
use chatapi_types::UnixMillis;
use tokio::sync::watch;

pub use mode::BadClockMode;

use sleeper::Sleeper;

/// How a [`VirtualClock`] moves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum ClockMode {
    /// Time stands still while anybody works and jumps to the next deadline as soon as everybody
    /// sleeps. With one task this is exact. With several, a sleeper first yields some rounds to the
    /// others, and waits on while they sleep, wake or talk to the sandbox; a task that meanwhile
    /// waits for something else (a socket, a file) cannot be seen, and time may pass it by.
    #[default]
    Auto,
    /// Time stands still until somebody calls [`VirtualClock::advance`].
    Frozen,
    /// Time runs this many times as fast as the machine's.
    Scaled(f64),
    /// Time runs as the machine's does.
    Real,
}

/// The clock of a sandbox, by which phones, queues and acknowledgements go. Give it to the clients
/// too, and a client that polls every 5 seconds needs no second of yours.
///
/// Cheap to clone; clones are the same clock. It begins at 2020-09-13 12:26:40 UTC (1,600,000,000 in
/// Unix time) unless told otherwise, so that runs can be repeated; in the modes that follow the
/// machine's clock it begins now.
///
/// It never goes back, but for the calendar when a [`Snapshot`](crate::Snapshot) is restored:
/// [`unix`](Clock::unix) then shows the time of the snapshot, while [`now`](Clock::now) goes on from
/// where it is, so that nobody who sleeps sleeps longer or shorter for it.
///
/// ```
/// use std::time::Duration;
/// use chatapi_sandbox::{ClockMode, VirtualClock};
/// use chatapi_transport::Clock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let clock = VirtualClock::new(ClockMode::Auto);
/// clock.sleep(Duration::from_secs(86_400)).await; // takes no time
/// assert_eq!(clock.now().since_start(), Duration::from_secs(86_400));
/// # }
/// ```
#[derive(Clone)]
pub struct VirtualClock {
    shared: Arc<Shared>,
}

struct Shared {
    machine: TokioClock,
    state: Mutex<State>,
    /// Told whenever it jumps or moves in another way from now on.
    jumps: watch::Sender<()>,
}

/// Where time begins unless told otherwise.
const START: UnixMillis = UnixMillis::from_millis(1_600_000_000_000);

impl VirtualClock {
    /// A clock that begins at the usual time.
    #[must_use]
    pub fn new(mode: ClockMode) -> Self {
        let start = match mode {
            ClockMode::Auto | ClockMode::Frozen => START,
            ClockMode::Scaled(_) | ClockMode::Real => TokioClock::new().unix(),
        };
        Self::starting_at(mode, start)
    }

    /// A clock that begins at a time of the caller's.
    #[must_use]
    pub fn starting_at(mode: ClockMode, start: UnixMillis) -> Self {
        let machine = TokioClock::new();
        let state = State {
            mode,
            start,
            seam: Seam::default(),
            base: Moment::default(),
            anchor: machine.now(),
            sleepers: BTreeMap::new(),
            registered: 0,
            activity: 0,
        };
        let jumps = watch::Sender::new(());
        Self { shared: Arc::new(Shared { machine, state: Mutex::new(state), jumps }) }
    }

    /// When it began, by the calendar; after a [`Snapshot`](crate::Snapshot) was restored, when that
    /// one's clock had.
    #[must_use]
    pub fn start(&self) -> UnixMillis {
        self.shared.lock().start
    }

    /// How it moves.
    #[must_use]
    pub fn mode(&self) -> ClockMode {
        self.shared.lock().mode
    }

    /// Moves in another way from now on. Sleepers keep their deadlines.
    pub fn switch(&self, mode: ClockMode) {
        let machine_now = self.shared.machine.now();
        let mut state = self.shared.lock();
        state.rebase(machine_now);
        state.mode = mode;
        let woken = state.nudge_all();
        drop(state);
        wake(woken);
        self.shared.jumps.send_replace(());
    }

    /// Lets time pass, whatever the mode, and wakes those whose deadline has come.
    pub fn advance(&self, by: Duration) {
        self.advance_to(self.now().plus(by));
    }

    /// Lets time pass until that moment; does nothing when it is past.
    pub fn advance_to(&self, moment: Moment) {
        let machine_now = self.shared.machine.now();
        let mut state = self.shared.lock();
        state.rebase(machine_now);
        state.base = state.base.max(moment);
        let woken = state.nudge_all();
        drop(state);
        wake(woken);
        self.shared.jumps.send_replace(());
    }

    /// How many are asleep on it.
    #[must_use]
    pub fn sleepers(&self) -> usize {
        self.shared.lock().sleepers.len()
    }

    /// The present in the time of the world, which goes back when a snapshot is restored.
    pub(crate) fn world_now(&self) -> Moment {
        let machine_now = self.shared.machine.now();
        let state = self.shared.lock();
        state.seam.to_world(state.now(machine_now))
    }

    /// A moment of the world on this clock.
    pub(crate) fn moment_of(&self, world: Moment) -> Moment {
        self.shared.lock().seam.moment_of(world)
    }

    /// From now on the world's time is `world`, in a world that began at `start`.
    pub(crate) fn set_world(&self, start: UnixMillis, world: Moment) {
        let machine_now = self.shared.machine.now();
        let mut state = self.shared.lock();
        state.start = start;
        state.seam = Seam { clock: state.now(machine_now), world };
        state.activity += 1;
        drop(state);
        self.shared.jumps.send_replace(());
    }

    /// Tells whenever the clock jumps or moves in another way, for those who do not sleep on it: in
    /// [`ClockMode::Auto`] a sleeper would make it move.
    #[cfg(feature = "server")]
    pub(crate) fn jumps(&self) -> watch::Receiver<()> {
        self.shared.jumps.subscribe()
    }

    /// How long the machine takes until a moment of the world; `None` where the clock does not go
    /// there by itself.
    #[cfg(feature = "server")]
    pub(crate) fn machine_time_to(&self, world: Moment) -> Option<Duration> {
        let machine_now = self.shared.machine.now();
        let state = self.shared.lock();
        let left = state.seam.moment_of(world).since(state.now(machine_now));
        match state.mode {
            _ if left.is_zero() => Some(left),
            ClockMode::Real => Some(left),
            ClockMode::Scaled(factor) => sleeper::nap(left, factor),
            ClockMode::Auto | ClockMode::Frozen => None,
        }
    }

    /// Somebody is at work: time must not jump under his feet.
    pub(crate) fn touch(&self) {
        self.shared.lock().activity += 1;
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Moment {
        self.shared.now()
    }

    fn unix(&self) -> UnixMillis {
        let machine_now = self.shared.machine.now();
        let state = self.shared.lock();
        state.start.plus(state.seam.to_world(state.now(machine_now)).since_start())
    }

    async fn sleep(&self, duration: Duration) {
        Sleeper::new(&self.shared, duration).sleep().await;
    }
}

impl fmt::Debug for VirtualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VirtualClock({:?}, {})", self.mode(), self.unix())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Moment {
        let machine_now = self.machine.now();
        self.lock().now(machine_now)
    }
}

/// Where a restored world was sewn to this clock: its time then was `world`.
#[derive(Clone, Copy, Default)]
struct Seam {
    clock: Moment,
    world: Moment,
}

impl Seam {
    const fn to_world(self, clock: Moment) -> Moment {
        self.world.plus(clock.since(self.clock))
    }

    const fn moment_of(self, world: Moment) -> Moment {
        self.clock.plus(world.since(self.world))
    }
}

struct State {
    mode: ClockMode,
    /// When the world began.
    start: UnixMillis,
    seam: Seam,
    /// What this clock showed …
    base: Moment,
    /// … when the machine's showed this.
    anchor: Moment,
    /// By deadline, then in the order of lying down.
    sleepers: BTreeMap<Bed, Nudge>,
    registered: u64,
    /// Grows whenever somebody lies down, gets up, or talks to the sandbox.
    activity: u64,
}

type Bed = (Moment, u64);

/// How a sleeper is told to look at the clock again.
#[derive(Default)]
struct Nudge {
    given: bool,
    waker: Option<Waker>,
}

impl Nudge {
    fn give(&mut self) -> Option<Waker> {
        self.given = true;
        self.waker.take()
    }
}

impl State {
    fn now(&self, machine_now: Moment) -> Moment {
        let elapsed = machine_now.since(self.anchor);
        match self.mode {
            ClockMode::Auto | ClockMode::Frozen => self.base,
            ClockMode::Real => self.base.plus(elapsed),
            ClockMode::Scaled(factor) => self.base.plus(times(elapsed, factor)),
        }
    }

    fn rebase(&mut self, machine_now: Moment) {
        self.base = self.now(machine_now);
        self.anchor = machine_now;
    }

    fn nudge_all(&mut self) -> Vec<Waker> {
        self.sleepers.values_mut().filter_map(Nudge::give).collect()
    }

    fn nudge_first(&mut self) -> Option<Waker> {
        self.sleepers.first_entry()?.get_mut().give()
    }
}

/// Only after the lock is given back: a waker may be the last to hold a task that sleeps here.
fn wake(wakers: impl IntoIterator<Item = Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

/// `duration` times `factor`; a factor that is not above zero, or no number, gives none.
fn times(duration: Duration, factor: f64) -> Duration {
    if factor > 0.0 {
        Duration::try_from_secs_f64(duration.as_secs_f64() * factor).unwrap_or(Duration::MAX)
    } else {
        Duration::ZERO
    }
}
