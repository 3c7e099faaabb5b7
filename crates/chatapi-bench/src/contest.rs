//! The contest beside job queues: which messages there are, when they are due, when they were
//! accepted. `peers/` says the same in the words of each peer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinSet;

/// How many keys an end-to-end run has: phones, named queues, or whatever comes one after the other.
pub const KEYS: usize = 200;
/// How many messages it adds in a second.
pub const RATE: usize = 500;
/// How many messages are added at once where they are added many at a time.
pub const BATCH: usize = 500;

/// The text of a message: 200 bytes, of which the first are its number.
#[must_use]
pub fn text(number: usize) -> String {
    format!("{:x<200}", format!("{number} "))
}

/// The number of a message.
#[must_use]
pub fn number(text: &str) -> Option<usize> {
    text.split_once(' ')?.0.parse().ok()
}

/// The key of each message, in the same order for everybody.
pub fn keys() -> impl FnMut() -> usize {
    let mut state = 7_u32;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize % KEYS
    }
}

/// Tells `beside-job-queues.sh` a figure.
pub fn figure(measure: &str, value: f64) {
    println!("figure\t{measure}\t{value:.2}");
}

/// Tells it what an engine says about itself.
pub fn setting(name: &str, value: &str) {
    println!("setting\t{name}\t{value}");
}

/// Adds messages at a steady rate and notes how long after that each was accepted.
#[derive(Debug)]
pub struct Contest {
    count: usize,
    seen: Mutex<Seen>,
    warm: Notify,
    done: Notify,
}

#[derive(Debug, Default)]
struct Seen {
    warm: usize,
    began: Option<Instant>,
    took: Vec<Duration>,
}

impl Contest {
    /// That many messages.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { count, seen: Mutex::default(), warm: Notify::new(), done: Notify::new() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The vendor has taken a message.
    pub fn accepted(&self, number: usize) {
        let mut seen = self.seen();
        if number < KEYS {
            seen.warm += 1;
            if seen.warm == KEYS {
                self.warm.notify_one();
            }
        } else if let Some(began) = seen.began {
            seen.took.push(began.elapsed().saturating_sub(due(number - KEYS)));
            if seen.took.len() == self.count {
                self.done.notify_one();
            }
        }
    }

    /// Has a message of every key go through, so that what is made once is made; then adds the
    /// messages, each when it is due whatever became of those before it, and tells the figures.
    /// `add` is given a message's number and its key.
    ///
    /// # Errors
    ///
    /// Those of `add`.
    ///
    /// # Panics
    ///
    /// When `add` does.
    #[expect(clippy::disallowed_methods, reason = "a measurement")]
    pub async fn run<F, E>(&self, add: impl Fn(usize, usize) -> F + Send) -> Result<(), E>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Send + 'static,
    {
        for key in 0..KEYS {
            add(key, key).await?;
        }
        self.warm.notified().await;
        let mut next_key = keys();
        let began = Instant::now();
        self.seen().began = Some(began);
        let mut adding = JoinSet::new();
        for number in 0..self.count {
            tokio::time::sleep_until((began + due(number)).into()).await;
            adding.spawn(add(KEYS + number, next_key()));
        }
        while let Some(added) = adding.join_next().await {
            added.expect("it adds")?;
        }
        self.done.notified().await;
        let took = began.elapsed();
        let mut times = std::mem::take(&mut self.seen().took);
        times.sort();
        figure("p50 ms", percentile(&times, 50).as_secs_f64() * 1000.0);
        figure("p99 ms", percentile(&times, 99).as_secs_f64() * 1000.0);
        figure("accepted/s", self.count as f64 / took.as_secs_f64());
        Ok(())
    }
}

fn due(number: usize) -> Duration {
    Duration::from_secs(number as u64) / RATE as u32
}

/// The smallest time that so many of a hundred do not exceed; the times are in order.
fn percentile(times: &[Duration], percent: usize) -> Duration {
    let index = (times.len() * percent).div_ceil(100).saturating_sub(1);
    times.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_200_bytes_and_tells_its_number() {
        for given in [0, 7, 20_199] {
            assert_eq!((text(given).len(), number(&text(given))), (200, Some(given)));
        }
    }

    #[test]
    fn all_keys_come_up_about_equally_often() {
        let (mut next, mut counts) = (keys(), [0_usize; KEYS]);
        for _ in 0..KEYS * 100 {
            counts[next()] += 1;
        }
        assert!(counts.iter().all(|count| (50..=150).contains(count)), "{counts:?}");
    }

    #[test]
    fn ninety_nine_of_a_hundred_are_not_slower_than_p99() {
        let times: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 99), Duration::from_millis(198));
        assert_eq!(percentile(&times, 50), Duration::from_millis(100));
        assert_eq!(percentile(&times[..1], 99), Duration::from_millis(1));
    }
}
