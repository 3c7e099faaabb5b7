//! Carrying out what the machine decides: one task per phone, and one that looks after the whole.

mod driver;
mod steps;
mod tending;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chatapi_client::line::Line;
use chatapi_transport::{Clock, TokioClock};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::checks::{Checking, Checks};
use crate::machine::{BadFigures, Figures};
use crate::record::LineName;
use crate::store::{Store as _, StoreError, Tables};

use driver::Driver;
use tending::Tending;

/// How many of its phones' calls a dispatcher waits for when it is stopped, in the worst case:
/// request, outcome, and a store that has to be asked twice.
const PATIENCE: u32 = 2;

/// Sends what an outbox holds, through the phones that it is given.
///
/// Several dispatchers may work on one PostgreSQL store, on one machine or on many: each phone is
/// driven by one of them at a time, and another takes over when that one dies.
///
/// ```
/// # use std::sync::Arc;
/// # use chatapi_client::chat_api::Client;
/// # use chatapi_sandbox::Sandbox;
/// use chatapi_outbox::dispatch::Dispatcher;
/// use chatapi_outbox::store::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::new();
/// # let shop = Client::over(sandbox.add_instance("12345", "token").gateway());
/// # let clock = Arc::new(sandbox.clock());
/// let store = Arc::new(MemoryStore::new(clock.clone()));
/// let running = Dispatcher::new(store).clock(clock).line("shop", Arc::new(shop)).start().await?;
/// // … until the process is asked to end:
/// running.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "it does nothing before it is started"]
pub struct Dispatcher {
    tables: Arc<dyn Tables>,
    clock: Arc<dyn Clock>,
    owner: Option<String>,
    figures: Figures,
    checks: Checks,
    retention: Option<Duration>,
    phones: BTreeMap<LineName, Phone>,
    random: fastrand::Rng,
}

/// A phone, and how it is driven.
#[derive(Clone, Debug)]
struct Phone {
    line: Arc<dyn Line>,
    group: Option<Box<str>>,
    figures: Option<Figures>,
}

impl Dispatcher {
    /// One that sends what stands in that store.
    pub fn new(tables: Arc<dyn Tables>) -> Self {
        Self {
            tables,
            clock: Arc::new(TokioClock::new()),
            owner: None,
            figures: Figures::default(),
            checks: Checks::default(),
            retention: None,
            phones: BTreeMap::new(),
            random: fastrand::Rng::new(),
        }
    }

    /// Through this phone, under that name. The same name must mean the same phone for as long as
    /// the database lives: messages in doubt are looked for under it.
    pub fn line(mut self, name: impl Into<LineName>, line: Arc<dyn Line>) -> Self {
        self.phones.insert(name.into(), Phone { line, group: None, figures: None });
        self
    }

    /// Through this phone, which belongs to a group: a message to the group goes through whichever
    /// of its phones can send first.
    pub fn line_of(
        mut self,
        group: impl Into<Box<str>>,
        name: impl Into<LineName>,
        line: Arc<dyn Line>,
    ) -> Self {
        let group = Some(group.into());
        self.phones.insert(name.into(), Phone { line, group, figures: None });
        self
    }

    /// By which figures phones are driven that have none of their own.
    pub fn figures(mut self, figures: Figures) -> Self {
        self.figures = figures;
        self
    }

    /// By which figures one phone is driven; nothing when it is not known.
    pub fn figures_of(mut self, name: &LineName, figures: Figures) -> Self {
        if let Some(phone) = self.phones.get_mut(name) {
            phone.figures = Some(figures);
        }
        self
    }

    /// How recipients and links are checked before a message leaves.
    pub fn checks(mut self, checks: Checks) -> Self {
        self.checks = checks;
        self
    }

    /// What is settled and was enqueued longer ago than this is deleted, by and by, as
    /// [`Outbox::purge`](crate::Outbox::purge) does: its key is free again then, and what the vendor
    /// still tells about it goes nowhere. Unless given, everything is kept. A good choice is longer
    /// than any caller may ask again, and than it takes people to read what they got: weeks, not
    /// hours. Looked after every ten minutes, or ten times within the period if that is more often.
    pub const fn retention(mut self, period: Duration) -> Self {
        self.retention = Some(period);
        self
    }

    /// By which name it is known to other dispatchers and to people. Unless given, chance makes one
    /// up; two that run at once must have different ones.
    pub fn owner(mut self, name: impl Into<String>) -> Self {
        self.owner = Some(name.into());
        self
    }

    /// On which clock it waits.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Pauses and names that can be repeated, for tests. Chance decides unless given.
    pub fn seed(mut self, seed: u64) -> Self {
        self.random = fastrand::Rng::with_seed(seed);
        self
    }

    /// Begins.
    ///
    /// # Errors
    ///
    /// [`StartError`] when figures contradict each other, or the store cannot be asked. Nothing was
    /// sent.
    pub async fn start(self) -> Result<Running, StartError> {
        let mut random = self.random;
        let owner = self.owner.unwrap_or_else(|| format!("dispatcher-{:08x}", random.u32(..)));
        for (name, phone) in &self.phones {
            let figures = phone.figures.as_ref().unwrap_or(&self.figures);
            figures.check().map_err(|why| StartError::Figures { line: name.clone(), why })?;
        }
        let groups = self.phones.iter().map(|(name, phone)| (name.clone(), phone.group.clone()));
        self.tables.add_lines(groups.collect()).await?;
        let stop = watch::Sender::new(false);
        let mut tasks = JoinSet::new();
        let mut calls = BTreeMap::new();
        let mut longest = Duration::ZERO;
        for (name, phone) in &self.phones {
            let call = Arc::new(Notify::new());
            calls.insert(name.clone(), (phone.group.clone(), call.clone()));
            let figures = phone.figures.clone().unwrap_or_else(|| self.figures.clone());
            longest = longest.max(figures.takeover_guard());
            let driver = Driver::new(
                self.tables.clone(),
                self.clock.clone(),
                phone.line.clone(),
                name.clone(),
                owner.clone(),
                figures,
                random.u64(..),
                call,
                stop.subscribe(),
            );
            tasks.spawn(driver.drive());
        }
        let tending = Tending::new(
            self.tables.clone(),
            self.clock.clone(),
            self.figures.poll,
            self.retention,
            calls,
            stop.subscribe(),
        );
        tasks.spawn(tending.tend());
        let lines = self.phones.into_iter();
        let lines = lines.map(|(name, phone)| (name, (phone.group, phone.line))).collect();
        let checking = Checking::new(
            self.tables,
            self.clock.clone(),
            self.checks,
            lines,
            self.figures.poll,
            stop.subscribe(),
        );
        tasks.spawn(checking.check());
        Ok(Running {
            owner,
            clock: self.clock,
            stop,
            tasks,
            patience: longest.saturating_mul(PATIENCE),
        })
    }
}

/// A dispatcher at work. Dropped, it stops at once, as if its process had died: nothing is lost by
/// that, but what was in flight is in doubt until it is found. [`stop`](Self::stop) is the polite way.
#[must_use = "dropped, it stops at once"]
pub struct Running {
    owner: String,
    clock: Arc<dyn Clock>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    patience: Duration,
}

impl Running {
    /// By which name it is known.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Begins no new request, waits for those on their way and writes down what came of them, then
    /// gives its phones back. What takes longer than two deadlines is cut off, and is found again by
    /// whoever drives the phone next.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        tokio::select! {
            () = all => {}
            () = self.clock.sleep(self.patience) => {
                tracing::warn!(owner = self.owner, "stopped with requests on their way");
            }
        }
    }
}

/// Waits to be asked to stop; whoever could ask may be gone, which is the same.
pub(crate) async fn asked_to(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("owner", &self.owner).finish_non_exhaustive()
    }
}

/// Why a dispatcher did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Figures contradict each other.
    #[error("{line} cannot be driven: {why}")]
    Figures {
        /// Whose.
        line: LineName,
        /// Which.
        why: BadFigures,
    },
    /// The store could not be asked.
    #[error("the dispatcher did not start: {0}")]
    Store(StoreError),
}

// Its line is in ours, so that it is no source: nothing is said twice.
impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
