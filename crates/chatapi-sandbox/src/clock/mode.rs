//! The modes of a clock as words.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ClockMode;

/// The fastest that a clock can be asked to go.
const FASTEST: f64 = 1_000_000.0;

/// `real`, `frozen`, `auto`, `x60`: what [`FromStr`] reads.
impl fmt::Display for ClockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Frozen => f.write_str("frozen"),
            Self::Scaled(factor) => write!(f, "x{factor}"),
            Self::Real => f.write_str("real"),
        }
    }
}

/// Why a word is no [`ClockMode`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadClockMode(());

impl fmt::Display for BadClockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = FASTEST;
        write!(
            f,
            "a clock's mode is `real`, `frozen`, `auto`, or `x60` for 60 times as fast (above 0, up to {most})"
        )
    }
}

impl std::error::Error for BadClockMode {}

impl FromStr for ClockMode {
    type Err = BadClockMode;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.trim().to_ascii_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "frozen" => Ok(Self::Frozen),
            "real" => Ok(Self::Real),
            word => {
                let factor = word.strip_prefix('x').and_then(|factor| factor.parse::<f64>().ok());
                let factor = factor.filter(|factor| *factor > 0.0 && *factor <= FASTEST);
                factor.map(Self::Scaled).ok_or(BadClockMode(()))
            }
        }
    }
}

impl Serialize for ClockMode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ClockMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_as_they_are_written() {
        let modes = [ClockMode::Auto, ClockMode::Frozen, ClockMode::Real, ClockMode::Scaled(0.5)];
        for mode in modes {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        for wrong in ["", "x", "x0", "x-1", "xinf", "xNaN", "60", "x1e9", "fast"] {
            assert!(wrong.parse::<ClockMode>().is_err(), "{wrong}");
        }
    }
}
