//! Where it is what time.

use std::time::Duration;

use chatapi_types::UnixMillis;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Where it is what time: so far from UTC, or (feature `zones`) a place with its summer time.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(Inner);

#[derive(Clone, Debug, PartialEq)]
enum Inner {
    /// Minutes east of Greenwich.
    Fixed(i16),
    #[cfg(feature = "zones")]
    Place(jiff::tz::TimeZone),
}

impl Default for Zone {
    fn default() -> Self {
        Self::utc()
    }
}

impl Zone {
    /// UTC.
    #[must_use]
    pub const fn utc() -> Self {
        Self::minutes(0)
    }

    /// So many hours east of Greenwich, all year.
    #[must_use]
    pub const fn hours(east: i8) -> Self {
        Self::minutes(east as i16 * 60)
    }

    /// So many minutes east of Greenwich, all year.
    #[must_use]
    pub const fn minutes(east: i16) -> Self {
        Self(Inner::Fixed(east))
    }

    /// A place of the IANA database, which comes with this crate: `Europe/Berlin`.
    ///
    /// # Errors
    ///
    /// [`UnknownZone`] when the database does not know it.
    #[cfg(feature = "zones")]
    #[cfg_attr(docsrs, doc(cfg(feature = "zones")))]
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        let zone = jiff::tz::TimeZone::get(name).map_err(|_| UnknownZone(name.into()))?;
        Ok(Self(Inner::Place(zone)))
    }

    /// Milliseconds since the beginning of 1970 by the clocks there.
    fn local(&self, at: UnixMillis) -> i64 {
        let east = match &self.0 {
            Inner::Fixed(minutes) => i64::from(*minutes) * MINUTE,
            #[cfg(feature = "zones")]
            Inner::Place(zone) => jiff::Timestamp::from_millisecond(at.as_millis())
                .map_or(0, |at| i64::from(zone.to_offset(at).seconds()) * 1000),
        };
        at.as_millis().saturating_add(east)
    }

    /// The number of the day.
    pub(super) fn day(&self, at: UnixMillis) -> i64 {
        self.local(at).div_euclid(DAY)
    }

    /// The minute of the day.
    pub(super) fn minute(&self, at: UnixMillis) -> u16 {
        u16::try_from(self.local(at).rem_euclid(DAY) / MINUTE).unwrap_or(0)
    }

    /// When the next day begins.
    pub(super) fn next_day(&self, now: UnixMillis) -> UnixMillis {
        self.next(0, now)
    }

    /// When it is that minute of the day next. On a day on which clocks skip it, when they have.
    pub(super) fn next(&self, minute: u16, now: UnixMillis) -> UnixMillis {
        let local = self.local(now);
        let wanted = i64::from(minute) * MINUTE;
        let ahead = (wanted - local.rem_euclid(DAY)).rem_euclid(DAY);
        let ahead = if ahead == 0 { DAY } else { ahead };
        let guess = now.plus(Duration::from_millis(ahead.unsigned_abs()));
        // Between now and then the clocks may be put forward or back.
        let shown = self.local(guess) - local;
        let mended = guess.as_millis().saturating_add(ahead - shown);
        match self.local(UnixMillis::from_millis(mended)) - local == ahead {
            true => UnixMillis::from_millis(mended),
            // That minute is skipped: the later of the two is after the gap.
            false => UnixMillis::from_millis(mended.max(guess.as_millis())),
        }
    }
}

/// The database of time zones does not know that name.
#[cfg(feature = "zones")]
#[cfg_attr(docsrs, doc(cfg(feature = "zones")))]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time zone of the IANA database; write one such as Europe/Berlin")]
pub struct UnknownZone(Box<str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_when_they_do_there() {
        let at = |hours: i64| UnixMillis::from_millis(hours * 60 * MINUTE);
        let (utc, tokyo, ny) = (Zone::utc(), Zone::hours(9), Zone::hours(-5));
        assert_eq!([utc.day(at(20)), tokyo.day(at(20)), ny.day(at(4))], [0, 1, -1]);
        assert_eq!([utc.next_day(at(20)), tokyo.next_day(at(20))], [at(24), at(39)]);
        assert_eq!(utc.next_day(at(24)), at(48), "the day that has just begun is not the next");
        assert_eq!(Zone::minutes(345).minute(at(0)), 345);
    }

    #[cfg(feature = "zones")]
    #[test]
    fn a_place_keeps_its_summer_time() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let at = |text: &str| {
            let time: jiff::Timestamp = text.parse().unwrap();
            UnixMillis::from_millis(time.as_millisecond())
        };
        assert_eq!(berlin.minute(at("2026-01-15T08:00:00Z")), 9 * 60);
        assert_eq!(berlin.minute(at("2026-07-15T08:00:00Z")), 10 * 60);
        // On 29 March 2026 clocks are put forward from 2 to 3, on 25 October back from 3 to 2.
        let (spring, autumn) = (at("2026-03-28T21:00:00Z"), at("2026-10-24T20:00:00Z"));
        assert_eq!(berlin.next(9 * 60, spring), at("2026-03-29T07:00:00Z"));
        assert_eq!(berlin.next(9 * 60, autumn), at("2026-10-25T08:00:00Z"));
        assert_eq!(berlin.next_day(at("2026-03-29T10:00:00Z")), at("2026-03-29T22:00:00Z"));
        // Half past two does not come that night.
        assert_eq!(berlin.next(150, spring), at("2026-03-29T01:30:00Z"));
        let error = Zone::named("Europe/Nowhere").unwrap_err();
        assert!(error.to_string().contains("Europe/Nowhere"));
    }
}
