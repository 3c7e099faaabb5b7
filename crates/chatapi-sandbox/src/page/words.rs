//! Times, spans and states as people read them.

use std::time::{Duration, UNIX_EPOCH};

use chatapi_types::UnixMillis;

/// A span of time in its two largest units: `1 min 20 s`.
pub(crate) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let first = units.iter().position(|(unit, _)| seconds >= *unit);
    let Some(first) = first else {
        return match span.as_millis() {
            0 => "a moment".to_owned(),
            millis => format!("{millis} ms"),
        };
    };
    let (large, name) = units[first];
    let rest = seconds % large;
    match units.get(first + 1) {
        Some((small, next)) if rest / small > 0 => {
            format!("{} {name} {} {next}", seconds / large, rest / small)
        }
        _ => format!("{} {name}", seconds / large),
    }
}

/// `Sun, 13 Sep 2020 12:26:40 GMT`; years beyond 9999 have no date.
fn http_date(at: UnixMillis) -> String {
    let millis = u64::try_from(at.as_millis()).unwrap_or(0).min(253_402_300_799_000);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(millis))
}

/// `13 Sep 2020`.
pub(crate) fn date(at: UnixMillis) -> String {
    http_date(at).get(5..16).unwrap_or_default().to_owned()
}

/// `12:26:40`.
pub(crate) fn time(at: UnixMillis) -> String {
    http_date(at).get(17..25).unwrap_or_default().to_owned()
}

/// `2020-09-13T12:26:40Z`, for machines.
pub(crate) fn iso(at: UnixMillis) -> String {
    let text = http_date(at);
    let part = |from, to| text.get(from..to).unwrap_or_default();
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = months.find(part(8, 11)).unwrap_or_default() / 3 + 1;
    format!("{}-{month:02}-{}T{}Z", part(12, 16), part(5, 7), part(17, 25))
}

/// `12:26`.
pub(crate) fn short_time(at: UnixMillis) -> String {
    http_date(at).get(17..22).unwrap_or_default().to_owned()
}

/// `12:26` on the day of `now`, `13 Sep` on others.
pub(crate) fn when(at: UnixMillis, now: UnixMillis) -> String {
    match date(at) == date(now) {
        true => short_time(at),
        false => date(at).get(..6).unwrap_or_default().to_owned(),
    }
}

/// `1 message`, `2 messages`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        number => format!("{number} {thing}s"),
    }
}

/// `retryAfter` as people write it.
pub(crate) fn spaced(name: &str) -> String {
    let mut spaced = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            spaced.push(' ');
        }
        spaced.extend(letter.to_lowercase());
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_units() {
        for (seconds, text) in
            [(0, "a moment"), (59, "59 s"), (80, "1 min 20 s"), (3_600, "1 h"), (90_061, "1 d 1 h")]
        {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
        assert_eq!(span(Duration::from_millis(400)), "400 ms");
    }

    #[test]
    fn a_day_that_is_not_today_is_named() {
        let (at, later) = (
            UnixMillis::from_millis(1_600_000_000_000),
            UnixMillis::from_millis(1_600_100_000_000),
        );
        assert_eq!((time(at), date(at)), ("12:26:40".to_owned(), "13 Sep 2020".to_owned()));
        assert_eq!(iso(at), "2020-09-13T12:26:40Z");
        assert_eq!((when(at, at), when(at, later)), ("12:26".to_owned(), "13 Sep".to_owned()));
    }
}
