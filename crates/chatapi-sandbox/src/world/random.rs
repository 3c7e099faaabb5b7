//! Chance, seeded.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A source of chance that repeats itself for the same seed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
pub(crate) struct Random(fastrand::Rng);

impl From<u64> for Random {
    fn from(seed: u64) -> Self {
        Self::new(seed)
    }
}

/// Where chance stands: a source that begins there goes on in the same way.
impl From<Random> for u64 {
    fn from(random: Random) -> Self {
        random.0.get_seed()
    }
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// A duration of a span, to the millisecond; its beginning when the span is empty.
    pub(crate) fn within(&mut self, span: &RangeInclusive<Duration>) -> Duration {
        let millis = |duration: &Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let (least, most) = (millis(span.start()), millis(span.end()));
        Duration::from_millis(match least < most {
            true => self.0.u64(least..=most),
            false => least,
        })
    }

    /// A number from 0 up to but without 1.
    pub(crate) fn fraction(&mut self) -> f64 {
        self.0.f64()
    }

    /// Upper-case hexadecimal digits, as in message ids.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        self.characters(b"0123456789ABCDEF", digits)
    }

    /// A token as the vendors make them: 16 lower-case letters and digits.
    pub(crate) fn token(&mut self) -> String {
        self.characters(b"0123456789abcdefghijklmnopqrstuvwxyz", 16)
    }

    /// A code as in the addresses of invitations: 22 letters and digits.
    pub(crate) fn code(&mut self) -> String {
        let of = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        self.characters(of, 22)
    }

    fn characters(&mut self, of: &[u8], count: usize) -> String {
        (0..count).filter_map(|_| self.0.choice(of.iter().copied())).map(char::from).collect()
    }
}
