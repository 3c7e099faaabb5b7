//! Points in time, as the vendors write them.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

macro_rules! unix {
    ($(#[$meta:meta])* $name:ident, $unit:literal, $from:ident, $as:ident) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            #[doc = concat!("That many ", $unit, " after the beginning of 1970, UTC.")]
            #[must_use]
            pub const fn $from(count: i64) -> Self {
                Self(count)
            }

            #[doc = concat!("How many ", $unit, " after the beginning of 1970, UTC.")]
            #[must_use]
            pub const fn $as(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

unix! {
    /// Unix time in **seconds**: message `time`, chat `last_time` (Chat API §1.1, grade A).
    UnixTime, "seconds", from_secs, as_secs
}

unix! {
    /// Unix time in **milliseconds**: `paidTill` (grade C), `last_try` of queued messages (grade A).
    UnixMillis, "milliseconds", from_millis, as_millis
}

impl UnixTime {
    /// This moment and `later`.
    #[must_use]
    pub fn plus(self, later: Duration) -> Self {
        Self(self.0.saturating_add_unsigned(later.as_secs()))
    }

    /// How long after `earlier` this is; zero when it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl UnixMillis {
    /// This moment and `later`.
    #[must_use]
    pub fn plus(self, later: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(later.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero when it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl From<UnixTime> for UnixMillis {
    fn from(time: UnixTime) -> Self {
        Self(time.0.saturating_mul(1000))
    }
}

impl From<UnixMillis> for UnixTime {
    fn from(time: UnixMillis) -> Self {
        Self(time.0.div_euclid(1000))
    }
}

/// A wall-clock stamp without a zone, `2023-05-24 12:35:29`, kept as it came.
///
/// wamm writes these; the zone is unstated (account zone, Moscow by default: grade D), so this type
/// refuses to guess. Stamps of the usual form from one account compare in order of time; the zero
/// stamp `0000-00-00 00:00:00`, with which databases say "never", stands before all others and is no
/// moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct LocalStamp(Box<str>);

impl LocalStamp {
    /// A stamp as it came.
    pub fn new(stamp: impl Into<String>) -> Self {
        Self(stamp.into().into())
    }

    /// A stamp of a moment, as a clock `offset_minutes` east of UTC shows it.
    #[must_use]
    pub fn at(time: UnixTime, offset_minutes: i32) -> Self {
        let seconds = time.as_secs().saturating_add(i64::from(offset_minutes) * 60);
        let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        Self::new(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
    }

    /// The stamp as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The moment, if the clock that wrote it stood `offset_minutes` east of UTC; `None` when it is
    /// not of the usual form or no day of the calendar.
    #[must_use]
    pub fn to_unix(&self, offset_minutes: i32) -> Option<UnixTime> {
        let (date, clock) = self.0.split_once([' ', 'T'])?;
        let [year, month, day] = numbers(date, '-')?;
        let [hour, minute, second] = numbers(clock, ':')?;
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let is_time = (0..24).contains(&hour) && (0..60).contains(&minute)
            // A leap second.
            && (0..=60).contains(&second);
        let date = days(year, month, day);
        let is_date = civil(date) == (year, month, day);
        let of_day = hour * 3600 + minute * 60 + second - i64::from(offset_minutes) * 60;
        (is_time && is_date).then(|| UnixTime::from_secs(date * 86_400 + of_day))
    }
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator).map(|part| part.parse().ok());
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(a), Some(b), Some(c), None) => Some([a?, b?, c?]),
        _ => None,
    }
}

/// Days since 1970-01-01 of a proleptic Gregorian date.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day since 1970-01-01.
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

impl fmt::Display for LocalStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for LocalStamp {
    fn from(stamp: &str) -> Self {
        Self::new(stamp)
    }
}

impl<'de> Deserialize<'de> for LocalStamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::json::text(deserializer, |text| Self::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_moments_once_the_zone_is_known() {
        let stamp = LocalStamp::from("2023-05-24 12:35:29");
        assert_eq!(stamp.to_unix(0), Some(UnixTime::from_secs(1_684_931_729)));
        assert_eq!(stamp.to_unix(180), Some(UnixTime::from_secs(1_684_920_929)));
        assert_eq!(LocalStamp::at(UnixTime::from_secs(1_684_920_929), 180), stamp);
        assert_eq!(LocalStamp::from("2023-05-24T12:35:29").to_unix(0), stamp.to_unix(0));
    }

    #[test]
    fn what_is_no_moment_is_kept_as_it_came() {
        for text in [
            "0000-00-00 00:00:00",
            "0000-00-00",
            "2023-02-29 12:00:00",
            "2023-13-01 12:00:00",
            "2023-05-24 24:00:00",
            "2023-05-24",
            "9223372036854775807-01-01 00:00:00",
            "yesterday",
            "",
        ] {
            let stamp: LocalStamp = serde_json::from_value(text.into()).unwrap();
            assert_eq!(stamp.to_unix(0), None, "{text}");
            assert_eq!(serde_json::to_value(&stamp).unwrap(), text);
        }
        assert!(LocalStamp::from("0000-00-00 00:00:00") < LocalStamp::from("1970-01-01 00:00:00"));
    }

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        for day in days(1900, 1, 1)..days(2300, 1, 1) {
            let time = UnixTime::from_secs(day * 86_400 + 43_200);
            assert_eq!(LocalStamp::at(time, 0).to_unix(0), Some(time));
        }
        assert_eq!(
            LocalStamp::at(UnixTime::from_secs(951_782_400), 0).as_str(),
            "2000-02-29 00:00:00"
        );
    }

    #[test]
    fn differences_never_go_below_zero() {
        let (a, b) = (UnixTime::from_secs(5), UnixTime::from_secs(9));
        assert_eq!(b.since(a), Duration::from_secs(4));
        assert_eq!(a.since(b), Duration::ZERO);
        assert_eq!(UnixTime::from(UnixMillis::from_millis(-1)), UnixTime::from_secs(-1));
    }
}
