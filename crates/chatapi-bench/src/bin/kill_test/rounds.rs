//! Killing, and counting afterwards.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use chatapi_outbox::State;
use chatapi_outbox::store::{Change, Tables};
use chatapi_transport::{Clock as _, TokioClock};

use crate::options::{Options, number_of, order_key_of};
use crate::truth::Truth;
use crate::{Anything, tally};

/// How long after the last kill it may be that nothing more settles, in real time.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// The cause that the outbox writes down for what a dead dispatcher had in flight.
const OF_THE_DEAD: &str = "the dispatcher stopped between intent and outcome";

/// A process of this test; it dies with its owner.
struct Process {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Process {
    fn start(options: &Options) -> Anything<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(options.arguments())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout: ChildStdout = child.stdout.take().ok_or("no output of a process")?;
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, lines })
    }

    fn signal(&self, name: &str) -> Anything {
        let id = self.child.id().to_string();
        match Command::new("kill").args(["-s", name, &id]).status()?.success() {
            true => Ok(()),
            false => Err(format!("the worker did not get {name}").into()),
        }
    }
}

impl Process {
    /// Kill -9, and the body is taken away. One that is gone already needs neither.
    fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) async fn play(options: &Options) -> Anything<bool> {
    let clock = TokioClock::new();
    let folder = tempfile::tempdir()?;
    let mut options = options.clone();
    if options.store == "sqlite" {
        options.store = folder.path().join("outbox.db").display().to_string();
    }
    println!(
        "{} messages, {} misfortunes, {} phones, {} at once, 1:{} of life, seed {}{}",
        options.messages,
        options.kills,
        options.phones,
        options.workers,
        options.scale,
        options.seed,
        if options.re_execute { ", re-executing what was in flight" } else { "" }
    );
    let gateway = Process::start(&Options { role: "gateway".to_owned(), ..options.clone() })?;
    options.gateway = gateway.lines.recv_timeout(Duration::from_secs(30))?;
    let truth = Truth::of(&options.gateway)?;
    let random = fastrand::Rng::with_seed(options.seed);
    let tables = tally::open(&options.store, false).await?.tables;
    let mut hunt = Hunt { clock, random, truth, accepted: 0, done: Misfortunes::default() };
    hunt.play(&options, tables.as_ref()).await?;
    let report = Report::of(&options, tables.as_ref(), &hunt.truth, hunt.done).await?;
    let good = report.tell(&options);
    println!("{} s in all", hunt.clock.now().since_start().as_secs());
    Ok(good)
}

/// What befell the workers.
#[derive(Clone, Copy, Debug, Default)]
struct Misfortunes {
    kills: u32,
    freezes: u32,
    restarts: u32,
}

struct Hunt {
    clock: TokioClock,
    random: fastrand::Rng,
    truth: Truth,
    accepted: u64,
    done: Misfortunes,
}

impl Hunt {
    /// Misfortunes until there were enough, and then peace until all is settled.
    async fn play(&mut self, options: &Options, tables: &dyn Tables) -> Anything {
        let mut workers = Vec::new();
        for which in 0..options.workers {
            workers.push(self.worker(options, which)?);
        }
        while self.done.kills + self.done.freezes < options.kills
            || self.accepted < options.messages
        {
            let pause = options.real(self.random.u64(20..350));
            self.watch(&mut workers, pause).await?;
            let which = self.random.usize(0..workers.len());
            let restarts = self.random.u32(0..options.kills.max(1)) < options.restarts;
            if restarts && self.done.restarts < options.restarts {
                restart_database()?;
                self.done.restarts += 1;
            }
            let Some(worker) = workers.get_mut(which) else { continue };
            if options.freezes && self.random.bool() {
                // Longer than the lease and the guard together, shorter than what no outbox
                // survives (residual risk R1).
                let frozen = options.real(self.random.u64(135..190));
                worker.signal("STOP")?;
                let others_go_on = self.watch(&mut workers, frozen).await;
                if let Some(worker) = workers.get(which) {
                    worker.signal("CONT")?;
                }
                others_go_on?;
                self.done.freezes += 1;
            } else {
                worker.kill();
                *worker = self.worker(options, which)?;
                self.done.kills += 1;
                if self.done.kills.is_multiple_of(100) {
                    println!("{} kills, {} messages enqueued", self.done.kills, self.accepted);
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

    /// A worker in the place of another, which must be dead. The first enqueues: one that is alone
    /// only its share, so that to the last every kill finds something on its way.
    fn worker(&self, options: &Options, which: usize) -> Anything<Process> {
        let from = if which == 0 { self.accepted } else { options.messages };
        let done = u64::from(self.done.kills + self.done.freezes);
        let share = options.messages * (done + 2) / u64::from(options.kills.max(1));
        let messages = match options.workers {
            1 => share.clamp(from.max(1), options.messages),
            _ => options.messages,
        };
        Process::start(&Options { role: "worker".to_owned(), from, messages, ..options.clone() })
    }

    /// Listens to the workers and reads the gateway's log for a while.
    async fn watch(&mut self, workers: &mut [Process], time: Duration) -> Anything {
        let until = self.clock.now().plus(time);
        while self.clock.now() < until {
            self.clock.sleep(Duration::from_millis(50)).await;
            for worker in workers.iter_mut() {
                self.accepted = told(worker, self.accepted)?;
                if let Some(status) = worker.child.try_wait()? {
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

/// What a worker has told since.
fn told(worker: &Process, mut accepted: u64) -> Anything<u64> {
    for line in worker.lines.try_iter() {
        if let Some(upto) = line.strip_prefix("accepted ") {
            accepted = accepted.max(upto.parse()?);
        }
    }
    Ok(accepted)
}

async fn unsettled(tables: &dyn Tables) -> Anything<u64> {
    let counts = tables.counts(None).await?;
    let open = counts.iter().filter(|count| !is_end(count.state));
    Ok(open.map(|count| count.messages).sum())
}

const fn is_end(state: State) -> bool {
    state.is_settled() || matches!(state, State::NeedsReview)
}

#[derive(Debug, Default)]
struct Report {
    done: Misfortunes,
    lost: Vec<String>,
    twice: Vec<String>,
    unsettled: u64,
    review: u64,
    states: BTreeMap<State, u64>,
    doubts: u64,
    doubts_of_kills: u64,
    most_per_phone_and_kill: u64,
    inversions: u64,
}

impl Report {
    async fn of(
        options: &Options,
        tables: &dyn Tables,
        truth: &Truth,
        done: Misfortunes,
    ) -> Anything<Self> {
        let mut report = Self { done, ..Self::default() };
        let mut by_phone_and_owner: HashMap<(String, u64), u64> = HashMap::new();
        for n in 0..options.messages {
            let number = number_of(n);
            let times = truth.taken.get(&number).copied().unwrap_or(0);
            let record = tables.by_key("", &format!("key {n}")).await?;
            let Some(record) = record else {
                report.lost.push(format!("{n}: accepted, and not in the outbox"));
                continue;
            };
            *report.states.entry(record.state).or_default() += 1;
            let is_sent = matches!(record.state, State::Sent | State::Delivered | State::Read);
            if times == 0 && (is_sent || record.state.is_settled()) {
                report.lost.push(format!("{n}: {} and never at the gateway", record.state));
            }
            if times > 1 {
                report.twice.push(format!("{n}: {times} times"));
            }
            let history = tables.history(record.id).await?;
            let of = |change: &&Change| change.to == State::InDoubt;
            report.doubts += history.iter().filter(of).count() as u64;
            let of_the_dead = history.iter().filter(of).filter(|it| it.cause == OF_THE_DEAD);
            let of_the_dead = of_the_dead.count() as u64;
            report.doubts_of_kills += of_the_dead;
            if of_the_dead > 0
                && let Some(attempt) = record.attempts.first()
            {
                let owner = (attempt.line.to_string(), attempt.epoch);
                *by_phone_and_owner.entry(owner).or_default() += 1;
            }
        }
        report.unsettled = unsettled(tables).await?;
        report.review = report.states.get(&State::NeedsReview).copied().unwrap_or(0);
        report.most_per_phone_and_kill = by_phone_and_owner.into_values().max().unwrap_or(0);
        report.inversions = inversions(options, truth);
        Ok(report)
    }

    fn tell(&self, options: &Options) -> bool {
        let states: Vec<String> =
            self.states.iter().map(|(state, count)| format!("{count} {state}")).collect();
        println!("kills                            {}", self.done.kills);
        println!("freezes                          {}", self.done.freezes);
        println!("restarts of the database         {}", self.done.restarts);
        println!("states                           {}", states.join(", "));
        println!("lost                             {}", self.lost.len());
        println!("sent twice                       {}", self.twice.len());
        println!("order broken                     {}", self.inversions);
        println!("in doubt, by injected faults     {}", self.doubts - self.doubts_of_kills);
        println!("in doubt, by kills               {}", self.doubts_of_kills);
        println!("… at most per phone and kill     {}", self.most_per_phone_and_kill);
        println!("for a person to decide           {}", self.review);
        println!("not settled                      {}", self.unsettled);
        for problem in self.lost.iter().chain(&self.twice).take(10) {
            println!("  {problem}");
        }
        if options.re_execute {
            let seen = !self.twice.is_empty();
            println!("{}", if seen { "duplicates are seen" } else { "NO DUPLICATE WAS SEEN" });
            return seen;
        }
        let good = self.lost.is_empty()
            && self.twice.is_empty()
            && self.inversions == 0
            && self.unsettled == 0
            && self.review == 0
            && self.most_per_phone_and_kill <= 1;
        println!(
            "{}",
            if good { "nothing lost, nothing sent twice, all settled" } else { "FAILED" }
        );
        good
    }
}

/// How many messages the gateway took before an earlier one of the same order key.
fn inversions(options: &Options, truth: &Truth) -> u64 {
    let mut last: HashMap<String, u64> = HashMap::new();
    let mut broken = 0;
    for number in &truth.order {
        let Some(message) = number.parse::<u64>().ok().and_then(|n| n.checked_sub(79_000_000_000))
        else {
            continue;
        };
        let last = last.entry(order_key_of(options, message)).or_insert(message);
        broken += u64::from(message < *last);
        *last = message.max(*last);
    }
    broken
}
