//! The sandbox as its users hold it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chatapi_transport::{Address, Clock as _, Request, Response, Transport, TransportError};
use chatapi_types::UnixMillis;
use tokio::sync::watch;

use crate::conduct::Conduct;
use crate::exchanges::{Asked, Log, Seen};
use crate::world::{Entry, World};
use crate::{ClockMode, Profile, VirtualClock};

/// Chat API and wamm.chat, emulated.
///
/// It is a [`Transport`], so any client of these gateways can be built on it, and what clients do
/// can be looked at and disturbed through its handles. Cheap to clone; clones are the same sandbox.
///
/// Its time is [`clock`](Self::clock): give that to the clients, too.
#[derive(Clone)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

struct Shared {
    world: Mutex<World>,
    clock: VirtualClock,
    /// The journal of requests, unless it is switched off.
    log: Option<Mutex<Log>>,
    /// When something next happens or somebody is to be told something, for those who see to it.
    #[cfg(feature = "server")]
    next: watch::Sender<Option<chatapi_transport::Moment>>,
    /// How often somebody has looked at the world, and so may have changed it.
    looks: AtomicU64,
    /// How often another world was put in the place of this one.
    #[cfg(feature = "server")]
    replaced: AtomicU64,
    /// How many requests are kept, and in how many bytes.
    kept: (usize, usize),
    /// What [`Sandbox::reset`] goes back to.
    origin: Mutex<Arc<World>>,
    /// The number of the latest journal entry, for whoever waits for something to happen.
    news: watch::Sender<u64>,
}

impl Sandbox {
    /// A sandbox around a world, which is its origin.
    pub(crate) fn of(world: World, clock: VirtualClock, exchanges: (usize, usize)) -> Self {
        let origin = Mutex::new(Arc::new(world.clone()));
        let (count, bytes) = exchanges;
        let kept = exchanges;
        let log = (count > 0 && bytes > 0).then(|| Mutex::new(Log::new(count, bytes)));
        let news = watch::Sender::new(world.scene.journal.written());
        let world = Mutex::new(world);
        Self {
            shared: Arc::new(Shared {
                #[cfg(feature = "server")]
                next: watch::Sender::new(None),
                world,
                clock,
                log,
                kept,
                origin,
                news,
                looks: AtomicU64::new(0),
                #[cfg(feature = "server")]
                replaced: AtomicU64::new(0),
            }),
        }
    }

    /// Another sandbox around a world, which keeps as many requests as this one.
    pub(crate) fn another(&self, world: World, clock: VirtualClock) -> Self {
        Self::of(world, clock, self.shared.kept)
    }

    /// The address of every sandbox that is used in-process. It leads nowhere else: names under
    /// `.invalid` never resolve.
    pub const ADDRESS: &'static str = "http://sandbox.invalid";

    /// An empty sandbox with the usual figures, on a clock that jumps.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A sandbox with other figures, another seed, another clock.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> VirtualClock {
        self.shared.clock.clone()
    }

    /// Where Chat API is, in-process.
    #[must_use]
    pub fn address(&self) -> Address {
        address(Self::ADDRESS)
    }

    /// Where the admin functions are, in-process.
    #[must_use]
    pub fn admin_address(&self) -> Address {
        address("http://sandbox.invalid/admin")
    }

    /// Where wamm.chat is, in-process.
    #[must_use]
    pub fn wamm_address(&self) -> Address {
        address("http://sandbox.invalid/api2")
    }

    /// Answers an HTTP request: everything that a gateway does, as a function. For those who bring
    /// their own server; clients use the sandbox as their [`Transport`].
    ///
    /// Of [faults](crate::fault) it shows what a function can: the answer comes at once, whole or
    /// cut; where none would come, it is 504 with the header `x-sandbox-fault`.
    pub fn answer(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let (answer, conduct) = self.converse(request);
        conduct.plain(answer)
    }

    /// Answers a request, and tells how the answer travels.
    pub(crate) fn converse(
        &self,
        request: http::Request<Bytes>,
    ) -> (http::Response<Bytes>, Conduct) {
        let asked = self.shared.log.as_ref().map(|_| Asked::new(&request));
        let (at, (subject, answer, conduct)) =
            self.with(|world| (world.scene.unix(), world.answer(request)));
        if let (Some(log), Some(asked)) = (&self.shared.log, asked) {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            let (answer, padded_to) = conduct.seen(answer.clone());
            log.write(at, subject, asked, &answer, padded_to);
        }
        (answer, conduct)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        let log = self.shared.log.as_ref();
        let seen = |log: &Mutex<Log>| log.lock().unwrap_or_else(PoisonError::into_inner).seen();
        log.map(seen).unwrap_or_default()
    }

    /// Lets time run, in jumps, until nothing more happens by itself: queues are as empty as they
    /// get, everything delivered and read. Messages that can never leave do not count, although
    /// they are tried for ever. A QR code that nobody scans runs out meanwhile.
    ///
    /// Gives back how much time that took.
    pub fn run_until_idle(&self) -> Duration {
        let began = self.shared.clock.now();
        while let Some(next) = self.with(|world| world.next_busy_moment()) {
            self.shared.clock.advance_to(self.shared.clock.moment_of(next));
        }
        self.shared.clock.now().since(began)
    }

    /// The latest of everything that happened, oldest first.
    #[must_use]
    pub fn journal(&self) -> Vec<Entry> {
        self.with(|world| world.scene.journal.entries().cloned().collect())
    }

    /// Of the journal, what is newer than the entry of this number, oldest first.
    #[must_use]
    pub fn journal_after(&self, number: u64) -> Vec<Entry> {
        self.with(|world| world.scene.journal.after(number).cloned().collect())
    }

    /// The world as it is now: everything that is due has happened.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        self.shared.looks.fetch_add(1, Ordering::Relaxed);
        self.quietly(look)
    }

    /// As [`with`](Self::with), for those who change nothing: no reason to save.
    pub(crate) fn quietly<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        self.shared.clock.touch();
        let mut world = self.shared.world.lock().unwrap_or_else(PoisonError::into_inner);
        let before = world.scene.journal.written();
        // Only now: a snapshot may have been restored while this waited.
        world.run_until(self.shared.clock.world_now());
        let seen = look(&mut world);
        world.tell_group_changes();
        let after = world.scene.journal.written();
        #[cfg(feature = "server")]
        self.announce(&world);
        drop(world);
        if before != after {
            self.shared.news.send_replace(after);
        }
        seen
    }

    /// Tells whenever something was written into the journal.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.shared.news.subscribe()
    }

    /// From now on [`reset`](Self::reset) leads back to how things are at this moment. Unless this
    /// was called, to an empty sandbox; serving calls it.
    pub fn keep_as_origin(&self) {
        let origin = Arc::new(self.with(|world| world.clone()));
        *self.shared.origin.lock().unwrap_or_else(PoisonError::into_inner) = origin;
    }

    pub(crate) fn origin(&self) -> Arc<World> {
        Arc::clone(&self.shared.origin.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts everything back to how it was at the beginning: instances, messages, plans, chance, and
    /// the time. A clock that runs with the machine's keeps its date and time of day. Handles stay
    /// valid for what is there then.
    pub fn reset(&self) {
        let mut world = (*self.origin()).clone();
        if let ClockMode::Real | ClockMode::Scaled(_) = self.shared.clock.mode() {
            world.begin_at(self.shared.clock.unix());
        }
        self.replace(world);
    }

    /// Tells those who let the world run when that is next needed.
    #[cfg(feature = "server")]
    fn announce(&self, world: &World) {
        if self.shared.next.receiver_count() > 0 {
            let next = world.next_need();
            self.shared.next.send_if_modified(|announced| {
                let is_news = *announced != next;
                *announced = next;
                is_news
            });
        }
    }

    /// When something next happens or somebody is to be told something, in the world's time: kept up
    /// to date as long as somebody has this.
    #[cfg(feature = "server")]
    pub(crate) fn next_moments(&self) -> watch::Receiver<Option<chatapi_transport::Moment>> {
        self.shared.next.subscribe()
    }

    /// Whether both are the same sandbox.
    #[cfg(feature = "server")]
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Where it can be reached, unless a public address says otherwise.
    #[cfg(feature = "server")]
    pub(crate) fn reachable_at(&self, origin: String) {
        self.quietly(|world| {
            let origin = world.public_url.clone().unwrap_or(origin);
            world.scene.origin = origin.trim_end_matches('/').to_owned();
        });
    }

    /// Grows whenever the world may have changed.
    #[cfg(feature = "sqlite")]
    pub(crate) fn changes(&self) -> u64 {
        self.shared.looks.load(Ordering::Relaxed)
    }

    /// On a clock that runs as the machine's does: lets the time pass that has passed there.
    #[cfg(feature = "sqlite")]
    pub(crate) fn catch_up(&self) {
        if self.shared.clock.mode() == ClockMode::Real {
            let machine = chatapi_transport::TokioClock::new().unix();
            let behind = machine.since(self.shared.clock.unix());
            self.shared.clock.advance(behind);
        }
    }

    /// Puts another world in the place of this one, and the clock to its time. The public address
    /// stays.
    pub(crate) fn replace(&self, mut world: World) {
        self.with(|present| {
            self.shared.clock.set_world(world.scene.start, world.scene.now);
            world.public_url = present.public_url.take();
            world.scene.origin = std::mem::take(&mut present.scene.origin);
            world.scene.regain_hooks();
            *present = world;
            #[cfg(feature = "server")]
            self.shared.replaced.fetch_add(1, Ordering::Relaxed);
        });
        // Those who wait look again, even where the new journal is as long as the old one.
        self.shared.news.send_modify(|_| {});
    }

    /// Grows whenever another world is put in the place of this one, while that is locked.
    #[cfg(feature = "server")]
    pub(crate) fn replacements(&self) -> u64 {
        self.shared.replaced.load(Ordering::Relaxed)
    }
}

#[expect(clippy::expect_used, reason = "ours, and tests parse all of them")]
pub(crate) fn address(text: &str) -> Address {
    text.parse().expect("scheme, host and path are an address")
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Transport for Sandbox {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let limit = request.answer_limit();
        let (answer, conduct) = self.converse(request.expose()?);
        conduct.travel(answer, &self.shared.clock, request.timeout(), limit).await
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|world| {
            f.debug_struct("Sandbox")
                .field("now", &world.scene.unix())
                .field("profile", &world.scene.profile.name)
                .field("instances", &world.instances.iter().count())
                .field("channels", &world.channels.iter().count())
                .finish_non_exhaustive()
        })
    }
}

/// What a [`Sandbox`] is to be.
#[derive(Clone, Debug)]
#[must_use = "call `build`"]
pub struct Builder {
    profile: Profile,
    seed: u64,
    mode: ClockMode,
    start: Option<UnixMillis>,
    journal: usize,
    exchanges: (usize, usize),
    public_url: Option<String>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            seed: 1,
            mode: ClockMode::Auto,
            start: None,
            journal: 10_000,
            exchanges: (500, 4 * 1024 * 1024),
            public_url: None,
        }
    }
}

impl Builder {
    /// The vendors' figures.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The seed of everything that is left to chance: ids, tokens, delays. The same seed and the
    /// same calls at the same times give the same sandbox, to the byte.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How the clock moves.
    pub const fn clock(mut self, mode: ClockMode) -> Self {
        self.mode = mode;
        self
    }

    /// When time begins.
    pub const fn starting_at(mut self, start: UnixMillis) -> Self {
        self.start = Some(start);
        self
    }

    /// How many journal entries are kept; 10,000 unless given.
    pub const fn journal(mut self, entries: usize) -> Self {
        self.journal = entries;
        self
    }

    /// How many requests with their answers are kept, and in how many bytes altogether, for
    /// [`Sandbox::exchanges`]; 500 in 4 MiB unless given, and 0 for none.
    pub const fn exchanges(mut self, count: usize, bytes: usize) -> Self {
        self.exchanges = (count, bytes);
        self
    }

    /// What addresses in replies (`apiUrl`, files) begin with, instead of the address that was
    /// called.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// The sandbox.
    #[must_use]
    pub fn build(self) -> Sandbox {
        let clock = match self.start {
            Some(start) => VirtualClock::starting_at(self.mode, start),
            None => VirtualClock::new(self.mode),
        };
        let mut world = World::new(self.profile, self.seed, clock.start(), self.journal);
        if let Some(url) = &self.public_url {
            world.scene.origin = url.trim_end_matches('/').to_owned();
        }
        world.public_url = self.public_url;
        Sandbox::of(world, clock, self.exchanges)
    }
}
