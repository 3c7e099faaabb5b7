//! Killing, freezing and pulling the plug, until there was enough of it.

use std::process::{Command, Stdio};
use std::time::Duration;

use chatapi_outbox::State;
use chatapi_outbox::machine::Figures;
use chatapi_outbox::store::{Period, Tables};
use chatapi_transport::{Clock as _, TokioClock};

use crate::options::Options;
use crate::process::Process;
use crate::report::Report;
use crate::truth::Truth;
use crate::{Anything, tally};

/// How long after the last kill it may be that nothing more settles, in real time.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Between which two lie the seconds of life from one misfortune to the next.
const PAUSES: std::ops::Range<u64> = 20..350;
/// And for how many one is frozen: longer than lease and guard together, shorter than what no outbox
/// survives (residual risk R1).
const FROST: std::ops::Range<u64> = 135..190;
/// By how much the pauses grow at most on a machine that does nothing in them.
const LONGEST: u32 = 20;

pub(crate) async fn play(options: &Options) -> Anything<bool> {
    let clock = TokioClock::new();
    let folder = tempfile::tempdir()?;
    let mut options = options.clone();
    if options.store == "sqlite" {
        options.store = folder.path().join("outbox.db").display().to_string();
    }
    introduce(&options);
    let gateway = Process::start(&Options { role: "gateway".to_owned(), ..options.clone() })?;
    options.gateway = gateway.first_line()?;
    let truth = Truth::of(&options.gateway)?;
    let random = fastrand::Rng::with_seed(options.seed);
    let tables = tally::open(&options.store, false).await?.tables;
    let done = Misfortunes::default();
    let mut hunt = Hunt { clock, random, truth, accepted: 0, done, fruitless: 0, seen: 0 };
    hunt.play(&options, tables.as_ref()).await?;
    let report = Report::of(&options, tables.as_ref(), &hunt.truth, hunt.done).await?;
    let good = report.tell(&options);
    println!("{} s in all", hunt.clock.now().since_start().as_secs());
    Ok(good)
}

/// What is about to be done, and by which times.
fn introduce(options: &Options) {
    println!(
        "{} messages, {} misfortunes, {} phones, {} at once, seed {}{}",
        options.messages,
        options.kills,
        options.phones,
        options.workers,
        options.seed,
        if options.re_execute { ", re-executing what was in flight" } else { "" }
    );
    let figures = Figures::scaled(options.scale);
    println!(
        "1:{} of life: a misfortune after {:?} to {:?}; a lease is {:?}, a request may take {:?}, the \
         vendor's records may lag {:?}, looks are {:?} apart, messages {:?}",
        options.scale,
        options.real(PAUSES.start),
        options.real(PAUSES.end),
        figures.lease,
        figures.deadline,
        figures.settle,
        figures.between_looks,
        figures.interval,
    );
}

/// What befell the workers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Misfortunes {
    pub(crate) kills: u32,
    pub(crate) freezes: u32,
    /// Leases that went to somebody else while their owner was frozen.
    pub(crate) leases_lost: u64,
    pub(crate) restarts: u32,
    /// How many messages were not at the gateway yet when the database went down: the fewest.
    pub(crate) least_at_restart: Option<u64>,
}

impl Misfortunes {
    const fn of_workers(&self) -> u32 {
        self.kills + self.freezes
    }
}

struct Hunt {
    clock: TokioClock,
    random: fastrand::Rng,
    truth: Truth,
    accepted: u64,
    done: Misfortunes,
    /// How many misfortunes came one after the other with nothing done in between.
    fruitless: u32,
    /// How much was done when the last one came.
    seen: u64,
}

impl Hunt {
    /// Misfortunes until there were enough, and then peace until all is settled.
    async fn play(&mut self, options: &Options, tables: &dyn Tables) -> Anything {
        let mut workers = Vec::new();
        for _ in 0..options.workers {
            workers.push(self.worker(options)?);
        }
        while self.done.of_workers() < options.kills || self.accepted < options.messages {
            let pause = self.pause(options);
            self.watch(&mut workers, pause).await?;
            let which = self.random.usize(0..workers.len());
            if self.is_restart_due(options) {
                let waiting = self.accepted.saturating_sub(self.truth.taken.len() as u64);
                let least = self.done.least_at_restart.unwrap_or(waiting);
                self.done.least_at_restart = Some(least.min(waiting));
                restart_database()?;
                self.done.restarts += 1;
            }
            if options.freezes && self.random.bool() {
                self.freeze(options, tables, &mut workers, which).await?;
            } else if let Some(worker) = workers.get_mut(which) {
                worker.kill();
                *worker = self.worker(options)?;
                self.done.kills += 1;
                if self.done.kills.is_multiple_of(100) {
                    let taken = self.truth.taken.len();
                    let (kills, accepted) = (self.done.kills, self.accepted);
                    println!("{kills} kills, {accepted} messages enqueued, {taken} sent");
                }
            }
        }
        let (mut left, mut deadline) = (u64::MAX, self.clock.now().plus(PATIENCE));
        while left > 0 && self.clock.now() < deadline {
            self.watch(&mut workers, Duration::from_millis(500)).await?;
            let open = unsettled(tables).await.unwrap_or(left);
            if open < left {
                (left, deadline) = (open, self.clock.now().plus(PATIENCE));
            }
        }
        self.truth.read().await
    }

    /// How long until the next misfortune. On a machine so slow that nothing at all was done before
    /// the last ones, longer each time: else the test would go on for ever, and show nothing.
    fn pause(&mut self, options: &Options) -> Duration {
        let done = self.accepted + self.truth.taken.len() as u64;
        self.fruitless = if done > self.seen { 0 } else { (self.fruitless + 1).min(LONGEST) };
        self.seen = done;
        options.real(self.random.u64(PAUSES)) * self.fruitless.max(1)
    }

    /// Restarts lie evenly between the other misfortunes.
    fn is_restart_due(&self, options: &Options) -> bool {
        let next = options.kills * (self.done.restarts + 1) / (options.restarts + 1);
        self.done.restarts < options.restarts && self.done.of_workers() >= next
    }

    /// Stops a worker for a while, and lets it go on in the belief that nothing happened.
    async fn freeze(
        &mut self,
        options: &Options,
        tables: &dyn Tables,
        workers: &mut [Process],
        which: usize,
    ) -> Anything {
        let Some(worker) = workers.get(which) else { return Ok(()) };
        worker.signal("STOP")?;
        let before = epochs(tables).await;
        let frozen = options.real(self.random.u64(FROST));
        let others_go_on = self.watch(workers, frozen).await;
        let after = epochs(tables).await;
        if let Some(worker) = workers.get(which) {
            worker.signal("CONT")?;
        }
        others_go_on?;
        self.done.leases_lost += after?.saturating_sub(before?);
        self.done.freezes += 1;
        Ok(())
    }

    /// A worker, which enqueues its share only, so that to the last every misfortune finds something
    /// on its way. What two enqueue at once is the same under the same keys.
    fn worker(&self, options: &Options) -> Anything<Process> {
        let from = self.accepted;
        let done = u64::from(self.done.of_workers());
        let share = options.messages * (done + 2) / u64::from(options.kills.max(1));
        let messages = share.clamp(from.max(1), options.messages);
        Process::start(&Options { role: "worker".to_owned(), from, messages, ..options.clone() })
    }

    /// Listens to the workers and reads the gateway's log for a while.
    async fn watch(&mut self, workers: &mut [Process], time: Duration) -> Anything {
        let until = self.clock.now().plus(time);
        while self.clock.now() < until {
            self.clock.sleep(Duration::from_millis(50)).await;
            for worker in workers.iter_mut() {
                self.accepted = self.accepted.max(worker.told("accepted")?.unwrap_or(0));
                if let Some(status) = worker.ended()? {
                    return Err(format!("a worker ended by itself: {status}").into());
                }
            }
            self.truth.read().await?;
        }
        Ok(())
    }
}

fn restart_database() -> Anything {
    let program = std::env::var("POSTGRES_RESTART")
        .map_err(|_| "--restarts needs POSTGRES_RESTART: the program that restarts it")?;
    match Command::new(program).stdout(Stdio::null()).status()?.success() {
        true => Ok(()),
        false => Err("the database was not restarted".into()),
    }
}

/// How often the leases of all phones have changed hands.
async fn epochs(tables: &dyn Tables) -> Anything<u64> {
    Ok(tables.lines().await?.iter().map(|(_, line)| line.epoch).sum())
}

pub(crate) async fn unsettled(tables: &dyn Tables) -> Anything<u64> {
    let counts = tables.counts(&Period::all()).await?;
    let open = counts.iter().filter(|count| !is_end(count.state));
    Ok(open.map(|count| count.messages).sum())
}

const fn is_end(state: State) -> bool {
    state.is_settled() || matches!(state, State::NeedsReview)
}
