//! Killing, and counting afterwards.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use chatapi_outbox::State;
use chatapi_outbox::store::{Change, Filter, Tables};
use chatapi_transport::{Clock as _, TokioClock};

use crate::options::{Options, number_of, order_key_of};
use crate::truth::Truth;
use crate::{Anything, tally};

/// How long after the last kill everything may take to settle.
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
}

impl Drop for Process {
    fn drop(&mut self) {
        // Kill -9, and the body is taken away. One that is gone already needs neither.
        drop(self.child.kill());
        drop(self.child.wait());
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
        "{} messages, {} kills, {} phones, 1:{} of life, seed {}{}",
        options.messages,
        options.kills,
        options.phones,
        options.scale,
        options.seed,
        if options.re_execute { ", re-executing what was in flight" } else { "" }
    );
    let gateway = Process::start(&Options { role: "gateway".to_owned(), ..options.clone() })?;
    options.gateway = gateway.lines.recv_timeout(Duration::from_secs(30))?;
    let mut truth = Truth::of(&options.gateway)?;
    let mut random = fastrand::Rng::with_seed(options.seed);
    let tables = tally::open(&options.store, false).await?.tables;
    let (mut kills, mut accepted) = (0, 0);
    let mut deadline = None;
    // The last one lives.
    loop {
        let mut worker = Process::start(&Options {
            role: "worker".to_owned(),
            from: accepted,
            ..options.clone()
        })?;
        let last = kills >= options.kills && accepted >= options.messages;
        let life = Duration::from_millis(random.u64(200..3_500));
        let born = clock.now();
        while last || clock.now().since(born) < life {
            clock.sleep(Duration::from_millis(50)).await;
            accepted = told(&worker, accepted)?;
            truth.read().await?;
            if let Some(status) = worker.child.try_wait()? {
                return Err(format!("a worker ended by itself: {status}").into());
            }
            if !last {
                continue;
            }
            let deadline = *deadline.get_or_insert(clock.now().plus(PATIENCE));
            if unsettled(tables.as_ref()).await? == 0 || clock.now() > deadline {
                break;
            }
        }
        drop(worker);
        if last {
            break;
        }
        kills += 1;
    }
    truth.read().await?;
    let report = Report::of(&options, tables.as_ref(), &truth, kills).await?;
    let good = report.tell(&options);
    println!("{} s in all", clock.now().since_start().as_secs());
    Ok(good)
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
    kills: u32,
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
        kills: u32,
    ) -> Anything<Self> {
        let mut report = Self { kills, ..Self::default() };
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
        report.review = tables.find(&Filter::all().state(State::NeedsReview)).await?.len() as u64;
        report.most_per_phone_and_kill = by_phone_and_owner.into_values().max().unwrap_or(0);
        report.inversions = inversions(options, truth);
        Ok(report)
    }

    fn tell(&self, options: &Options) -> bool {
        let states: Vec<String> =
            self.states.iter().map(|(state, count)| format!("{count} {state}")).collect();
        println!("kills                            {}", self.kills);
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
