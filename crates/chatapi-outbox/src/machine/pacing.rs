//! How fast a phone sends.

use std::time::Duration;

use chatapi_types::UnixMillis;

use super::Figures;

/// When a phone may send again: the generic cell rate algorithm with a burst of one, so that a
/// single moment is all that has to be stored.
/// `chance`, from 0 to 1, decides where in its span the pause falls.
///
/// Pauses vary, but never below the recovery interval while the phone recovers: that one is the
/// vendor's limit, not a matter of looking natural.
#[must_use]
pub fn next_departure(
    figures: &Figures,
    now: UnixMillis,
    recovers: bool,
    chance: f64,
) -> UnixMillis {
    let (pause, least) = match recovers {
        true => (figures.recovery_interval, 1.0),
        false => (figures.interval, 1.0 - figures.jitter),
    };
    let most = 1.0 + figures.jitter;
    // Rounded up: a pause must not fall short of the vendor's limit by a part of a millisecond.
    let millis =
        (pause.as_secs_f64() * 1000.0 * (least + chance.clamp(0.0, 1.0) * (most - least))).ceil();
    now.plus(Duration::try_from_secs_f64(millis / 1000.0).unwrap_or(Duration::MAX))
}

/// Whether a phone that was last unable to send at that time still recovers.
#[must_use]
pub fn recovers(figures: &Figures, last_trouble: Option<UnixMillis>, now: UnixMillis) -> bool {
    last_trouble.is_some_and(|at| now < at.plus(figures.recovery))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_window_of_two_minutes_holds_more_than_five_in_recovery(seed: u64) {
            let figures = Figures::default();
            let mut random = fastrand::Rng::with_seed(seed);
            let mut times = vec![UnixMillis::from_millis(0)];
            for _ in 0..50 {
                let last = *times.last().unwrap();
                times.push(next_departure(&figures, last, true, random.f64()));
            }
            for window in times.windows(6) {
                prop_assert!(window[5].since(window[0]) >= Duration::from_secs(120));
            }
        }

        #[test]
        fn pauses_vary_within_their_span(seed: u64) {
            let figures = Figures::default();
            let mut random = fastrand::Rng::with_seed(seed);
            let zero = UnixMillis::from_millis(0);
            let pause = next_departure(&figures, zero, false, random.f64()).since(zero);
            prop_assert!(pause >= Duration::from_secs(1) && pause <= Duration::from_secs(3));
        }
    }

    #[test]
    fn recovery_ends() {
        let figures = Figures::default();
        let at = |s: i64| UnixMillis::from_millis(s * 1000);
        assert!(!recovers(&figures, None, at(0)));
        assert!(recovers(&figures, Some(at(0)), at(1799)));
        assert!(!recovers(&figures, Some(at(0)), at(1800)));
    }
}
