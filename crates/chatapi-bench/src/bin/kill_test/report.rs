//! Counting afterwards, and the verdict.

use std::collections::{BTreeMap, HashMap};

use chatapi_outbox::State;
use chatapi_outbox::machine::Verdict;
use chatapi_outbox::record::Record;
use chatapi_outbox::store::{Change, Tables};

use crate::Anything;
use crate::options::{Options, number_of, order_key_of};
use crate::rounds::{Misfortunes, unsettled};
use crate::truth::Truth;

/// What became of everything.
#[derive(Debug, Default)]
pub(crate) struct Report {
    done: Misfortunes,
    lost: Vec<String>,
    twice: Vec<String>,
    unsettled: u64,
    review: u64,
    states: BTreeMap<State, u64>,
    doubts: u64,
    /// Doubts that a dead dispatcher left, by phone and by the lease under which it held that.
    of_the_dead: HashMap<(String, u64), u64>,
    inversions: u64,
}

impl Report {
    pub(crate) async fn of(
        options: &Options,
        tables: &dyn Tables,
        truth: &Truth,
        done: Misfortunes,
    ) -> Anything<Self> {
        let mut report = Self { done, ..Self::default() };
        let of_the_dead = cause_of_the_dead()?;
        for n in 0..options.messages {
            let times = truth.taken.get(&number_of(n)).copied().unwrap_or(0);
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
            report.count_doubts(&record, &history, &of_the_dead)?;
        }
        report.unsettled = unsettled(tables).await?;
        report.review = report.states.get(&State::NeedsReview).copied().unwrap_or(0);
        report.inversions = inversions(options, truth);
        Ok(report)
    }

    /// Each doubt is of the attempt that was begun before it.
    fn count_doubts(&mut self, record: &Record, history: &[Change], of_the_dead: &str) -> Anything {
        let mut attempts = record.attempts.iter();
        let mut attempt = None;
        for change in history {
            if change.to == State::Sending && change.from != Some(State::Sending) {
                attempt = attempts.next();
            }
            if change.to != State::InDoubt || change.from == Some(State::InDoubt) {
                continue;
            }
            self.doubts += 1;
            if change.cause == of_the_dead {
                let attempt = attempt.ok_or("a doubt without an attempt")?;
                let owner = (attempt.line.to_string(), attempt.epoch);
                *self.of_the_dead.entry(owner).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Prints it; whether all is as it must be.
    pub(crate) fn tell(&self, options: &Options) -> bool {
        let states: Vec<String> =
            self.states.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let by_kills: u64 = self.of_the_dead.values().sum();
        let injected = self.doubts - by_kills;
        let most = self.of_the_dead.values().max().copied().unwrap_or(0);
        let waiting = self.done.least_at_restart.unwrap_or(0);
        println!("kills                            {}", self.done.kills);
        println!("freezes                          {}", self.done.freezes);
        println!("… leases that others took        {}", self.done.leases_lost);
        println!("restarts of the database         {}", self.done.restarts);
        println!("… messages waiting, at least     {waiting}");
        println!("states                           {}", states.join(", "));
        println!("lost                             {}", self.lost.len());
        println!("sent twice                       {}", self.twice.len());
        println!("order broken                     {}", self.inversions);
        println!("in doubt, by injected faults     {injected}");
        println!("in doubt, by kills               {by_kills}");
        println!("… at most per phone and kill     {most}");
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
        // What did not happen was not survived either.
        let missed = [
            (injected == 0, "no answer was lost on its way"),
            (by_kills == 0, "no kill came between intent and outcome"),
            (self.done.restarts < options.restarts, "the database was not restarted as often"),
            (options.restarts > 0 && waiting == 0, "nothing waited when the database went down"),
            (options.freezes && self.done.freezes == 0, "nobody was frozen"),
            (options.freezes && self.done.leases_lost == 0, "who was frozen lost no lease"),
        ];
        for (_, what) in missed.iter().filter(|(is_so, _)| *is_so) {
            println!("NOT TRIED: {what}");
        }
        let good = self.lost.is_empty()
            && self.twice.is_empty()
            && self.inversions == 0
            && self.unsettled == 0
            && self.review == 0
            && most <= 1
            && missed.iter().all(|(is_so, _)| !is_so);
        println!(
            "{}",
            if good { "nothing lost, nothing sent twice, all settled" } else { "FAILED" }
        );
        good
    }
}

/// The cause that the outbox writes down for what a dead dispatcher had in flight.
fn cause_of_the_dead() -> Anything<String> {
    match Verdict::of_the_dead() {
        Verdict::Unknown { reason } => Ok(reason),
        other => Err(format!("of the dead nothing is in doubt: {other:?}").into()),
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
