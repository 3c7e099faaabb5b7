//! When nobody wants to be written to.

use chatapi_types::UnixMillis;

use super::Zone;

/// The hours in which nobody is written to, by the clock on the recipient's wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// Minutes after midnight.
    from: u16,
    to: u16,
    urgent_from: Option<i16>,
}

impl Quiet {
    /// From an hour and minute to another; over midnight where the second is the earlier one.
    ///
    /// # Errors
    ///
    /// [`BadQuiet`] for times that no clock shows, and when both are the same.
    pub fn between(from: (u8, u8), to: (u8, u8)) -> Result<Self, BadQuiet> {
        let minutes = |(hour, minute): (u8, u8)| match hour < 24 && minute < 60 {
            true => Ok(u16::from(hour) * 60 + u16::from(minute)),
            false => Err(BadQuiet),
        };
        let (from, to) = (minutes(from)?, minutes(to)?);
        match from == to {
            true => Err(BadQuiet),
            false => Ok(Self { from, to, urgent_from: None }),
        }
    }

    /// Messages of this priority and above leave at any hour: codes, for one.
    #[must_use]
    pub const fn urgent_from(mut self, priority: i16) -> Self {
        self.urgent_from = Some(priority);
        self
    }

    /// When the quiet hours end in which a message of that priority would fall now.
    pub(super) fn ends(&self, priority: i16, zone: &Zone, now: UnixMillis) -> Option<UnixMillis> {
        if self.urgent_from.is_some_and(|from| priority >= from) {
            return None;
        }
        let minute = zone.minute(now);
        let is_quiet = match self.from < self.to {
            true => (self.from..self.to).contains(&minute),
            false => minute >= self.from || minute < self.to,
        };
        is_quiet.then(|| zone.next(self.to, now))
    }
}

/// These are no quiet hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error(
    "quiet hours need two different times of day, each with an hour below 24 and a minute below 60"
)]
pub struct BadQuiet;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minutes: i64) -> UnixMillis {
        UnixMillis::from_millis(minutes * 60_000)
    }

    #[test]
    fn night_is_over_midnight_and_noon_is_not() {
        let night = Quiet::between((21, 0), (9, 0)).unwrap();
        let utc = Zone::utc();
        assert_eq!(night.ends(0, &utc, at(20 * 60 + 59)), None);
        assert_eq!(night.ends(0, &utc, at(21 * 60)), Some(at(33 * 60)));
        assert_eq!(night.ends(0, &utc, at(24 * 60)), Some(at(33 * 60)));
        assert_eq!(night.ends(0, &utc, at(33 * 60)), None);
        let noon = Quiet::between((12, 0), (13, 30)).unwrap();
        assert_eq!(noon.ends(0, &utc, at(13 * 60)), Some(at(13 * 60 + 30)));
        assert_eq!(noon.ends(0, &utc, at(13 * 60 + 30)), None);
        assert_eq!(night.urgent_from(5).ends(5, &utc, at(0)), None);
        assert!(night.urgent_from(5).ends(4, &utc, at(0)).is_some());
    }

    #[test]
    fn what_no_clock_shows_is_refused() {
        for (from, to) in [((24, 0), (8, 0)), ((21, 60), (8, 0)), ((8, 0), (8, 0))] {
            assert_eq!(Quiet::between(from, to), Err(BadQuiet));
        }
    }

    proptest! {
        #[test]
        fn quiet_hours_end_soon_and_are_over_then(
            from in 0u16..1440, to in 0u16..1440, hours in -12i8..15, time in 0i64..10_000_000_000_000
        ) {
            prop_assume!(from != to);
            let quiet = Quiet { from, to, urgent_from: None };
            let (zone, now) = (Zone::hours(hours), UnixMillis::from_millis(time));
            if let Some(end) = quiet.ends(0, &zone, now) {
                prop_assert!(end > now && end.since(now).as_secs() <= 24 * 3600);
                prop_assert_eq!(zone.minute(end), to);
                prop_assert_eq!(quiet.ends(0, &zone, end), None);
            }
        }
    }
}
