//! The figures by which a phone is driven.

use std::time::Duration;

use crate::OnDoubt;
use crate::rules::Rules;

/// The figures by which one phone is driven. Every one can be overridden; [`Figures::default`] says
/// where each comes from.
///
/// They hold together: `deadline < lease`, or a request could outlive the right to send it
/// ([`check`](Self::check)).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Figures {
    /// How long a dispatcher may drive a phone without renewing. Default 90 s.
    pub lease: Duration,
    /// How far two machines' clocks may differ. Default 2 s.
    pub skew: Duration,
    /// How long a request may take in all. Default 40 s: longer than the vendor's own 30 s until
    /// `timeout` (grade A).
    pub deadline: Duration,
    /// How long after a request's deadline the vendor's records may still lack what it accepted.
    /// Default 60 s. Unmeasured (grade D): if the vendor takes longer, a message that is sent again
    /// may arrive twice (residual risk R2).
    pub settle: Duration,
    /// How far apart the two looks are that prove absence. Default 30 s.
    pub between_looks: Duration,
    /// How long the vendor's records are looked through in vain before a person is asked, from when
    /// they can be trusted. Default 30 min.
    pub longest_doubt: Duration,
    /// How many of our messages may wait in the vendor's queue. Default 20: that is 8 minutes of
    /// drain at 5 per 2 minutes (grade A), and the vendor shows only the first 100.
    pub high_water: u32,
    /// How many messages the vendor's queue holds in all. Default 400 (grade A). Together with
    /// [`queue_margin`](Self::queue_margin) it holds as far as the queue could be seen: while the
    /// vendor shows none, or the look for it fails, only [`high_water`](Self::high_water) keeps ours
    /// few, and a queue that others have filled is for the vendor to decline.
    pub queue_cap: u32,
    /// How many places of it are left to others, who may add theirs between two looks. Default 20.
    pub queue_margin: u32,
    /// How old the vendor's count of its queue may be when it is new to us. Default 10 s (a sibling
    /// vendor's figure, grade D here).
    pub staleness: Duration,
    /// How often a phone's health is asked for. Default 30 s.
    pub health_every: Duration,
    /// How often the vendor's queue is looked at while messages are in it. Default 30 s.
    pub queue_every: Duration,
    /// How often the place in the vendor's history is noted before sending. Default 30 s.
    pub history_every: Duration,
    /// The pause between two messages. Default 2 s (grade D).
    pub interval: Duration,
    /// How much the pause varies: a half means from 0.5 to 1.5 times. Default 0.5.
    pub jitter: f64,
    /// The pause while a phone recovers. Default 24 s: 5 per 2 minutes (grade A).
    pub recovery_interval: Duration,
    /// How long a phone recovers after it was not able to send. Default 30 min (grade D).
    pub recovery: Duration,
    /// How often a message is tried at most. Default 10.
    pub attempts: u32,
    /// The pause after the first attempt that failed; it doubles. Default 5 s.
    pub backoff: Duration,
    /// The longest such pause. Default 10 min.
    pub longest_backoff: Duration,
    /// How long a message may be at the vendor without a sign before it is looked for. Default
    /// 16 min: twice what 20 messages take at 5 per 2 minutes.
    pub lost_after: Duration,
    /// How often to look for work when nobody calls. Default 1 s.
    pub poll: Duration,
    /// How often a phone that has nothing to send is looked at, so that its owner hears when it is
    /// not well. Default 5 min.
    pub idle_every: Duration,
    /// What becomes of a message whose fate is unknown.
    pub on_doubt: OnDoubt,
    /// Whether a message that the vendor lost is sent again, once that is proven. Default yes.
    pub resend_lost: bool,
    /// Whether a vendor's history alone proves absence where the vendor shows no queue. Default no:
    /// nobody knows whether wamm's history shows what still waits (grade D), so what cannot be found
    /// there is for a person to decide.
    pub history_proves_absence: bool,
    /// How many messages leave a day, and when. Default: no rules.
    pub rules: Rules,
}

impl Default for Figures {
    fn default() -> Self {
        let s = Duration::from_secs;
        Self {
            lease: s(90),
            skew: s(2),
            deadline: s(40),
            settle: s(60),
            between_looks: s(30),
            longest_doubt: s(30 * 60),
            high_water: 20,
            queue_cap: 400,
            queue_margin: 20,
            staleness: s(10),
            health_every: s(30),
            queue_every: s(30),
            history_every: s(30),
            interval: s(2),
            jitter: 0.5,
            recovery_interval: s(24),
            recovery: s(30 * 60),
            attempts: 10,
            backoff: s(5),
            longest_backoff: s(10 * 60),
            lost_after: s(16 * 60),
            poll: s(1),
            idle_every: s(5 * 60),
            on_doubt: OnDoubt::default(),
            resend_lost: true,
            history_proves_absence: false,
            rules: Rules::none(),
        }
    }
}

impl Figures {
    /// The usual figures with all times divided: for tests that cannot wait. Counts stay.
    #[must_use]
    pub fn scaled(divisor: u32) -> Self {
        let mut figures = Self::default();
        for time in figures.times_mut() {
            *time /= divisor.max(1);
        }
        figures
    }

    /// Whether the figures hold together.
    ///
    /// # Errors
    ///
    /// [`BadFigures`] names the two that do not.
    pub fn check(&self) -> Result<(), BadFigures> {
        if self.takeover_guard() >= self.lease {
            return Err(BadFigures("deadline and skew together must be shorter than lease"));
        }
        if self.high_water == 0 || self.high_water > 90 {
            return Err(BadFigures(
                "high_water must be 1 to 90: the vendor shows only the first 100 of its queue",
            ));
        }
        if self.queue_margin >= self.queue_cap {
            return Err(BadFigures("queue_margin must be smaller than queue_cap"));
        }
        if !(0.0..=1.0).contains(&self.jitter) {
            return Err(BadFigures("jitter must be between 0 and 1"));
        }
        if self.attempts == 0 {
            return Err(BadFigures("attempts must be at least 1"));
        }
        if self.poll.is_zero() {
            return Err(BadFigures("poll must be longer than nothing"));
        }
        Ok(())
    }

    /// How long a dispatcher that takes a phone over waits after the lease has run out: a request
    /// of the former owner may still be on its way.
    #[must_use]
    pub fn takeover_guard(&self) -> Duration {
        self.deadline.saturating_add(self.skew)
    }

    /// The pause after that many attempts that failed.
    #[must_use]
    pub fn backoff_after(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(20);
        self.backoff.saturating_mul(1 << doublings).min(self.longest_backoff)
    }

    fn times_mut(&mut self) -> [&mut Duration; 18] {
        [
            &mut self.lease,
            &mut self.skew,
            &mut self.deadline,
            &mut self.settle,
            &mut self.between_looks,
            &mut self.longest_doubt,
            &mut self.staleness,
            &mut self.health_every,
            &mut self.queue_every,
            &mut self.history_every,
            &mut self.interval,
            &mut self.recovery_interval,
            &mut self.recovery,
            &mut self.backoff,
            &mut self.longest_backoff,
            &mut self.lost_after,
            &mut self.poll,
            &mut self.idle_every,
        ]
    }
}

/// Figures that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the figures contradict each other: {0}")]
pub struct BadFigures(&'static str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_hold_together_at_every_scale() {
        Figures::default().check().unwrap();
        Figures::scaled(100).check().unwrap();
        let mut figures = Figures { deadline: Duration::from_secs(89), ..Figures::default() };
        assert!(figures.check().unwrap_err().to_string().contains("lease"));
        figures = Figures { high_water: 91, ..Figures::default() };
        assert!(figures.check().is_err());
    }

    #[test]
    fn a_time_without_end_is_refused_and_not_added_up() {
        let longest = Duration::MAX;
        for figures in [
            Figures { deadline: longest, ..Figures::default() },
            Figures { skew: longest, ..Figures::default() },
            Figures { deadline: longest, skew: longest, lease: longest, ..Figures::default() },
        ] {
            assert_eq!(figures.takeover_guard(), longest);
            assert!(figures.check().unwrap_err().to_string().contains("lease"));
        }
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let figures = Figures::default();
        let pauses: Vec<u64> =
            [0, 1, 2, 3, 8, 1000].map(|n| figures.backoff_after(n).as_secs()).to_vec();
        assert_eq!(pauses, [5, 5, 10, 20, 600, 600]);
    }
}
