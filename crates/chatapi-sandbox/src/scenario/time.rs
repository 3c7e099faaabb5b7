//! Times as they stand in scenarios.

use std::time::Duration;

use chatapi_types::UnixMillis;
use serde_json::Value;

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// The longest duration that can be said: 10 years.
const MOST: f64 = 10.0 * 366.0 * 86_400.0;

/// When something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum At {
    /// So long after the scenario began.
    After(Duration),
    /// The next time that it is so late in the day, UTC: the time since midnight.
    Daytime(Duration),
}

impl At {
    /// `30s`, `1h30m`, `500ms`, `18:00`, `18:00:30`, or a number of seconds.
    pub(super) fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) if text.contains(':') => daytime(text).map(Self::Daytime),
            value => duration(value).map(Self::After),
        }
    }

    /// How long it is until then, when it is `now`.
    pub(super) fn from(self, now: UnixMillis) -> Duration {
        match self {
            Self::After(delay) => delay,
            Self::Daytime(time) => {
                let time = i64::try_from(time.as_millis()).unwrap_or(0);
                let rest = (time - now.as_millis()).rem_euclid(DAY);
                Duration::from_millis(u64::try_from(rest).unwrap_or(0))
            }
        }
    }
}

/// A number of seconds, or a text like `1h30m`.
pub(super) fn duration(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => seconds(text.trim())?,
        _ => return None,
    };
    (0.0..=MOST).contains(&seconds).then(|| Duration::from_secs_f64(seconds))
}

fn seconds(mut text: &str) -> Option<f64> {
    let mut sum = 0.0;
    if text.is_empty() {
        return None;
    }
    while !text.is_empty() {
        let unit = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, rest) = text.split_at(unit);
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, rest) = rest.split_at(end);
        let factor = match unit.trim() {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        sum += number.parse::<f64>().ok()? * factor;
        text = rest;
    }
    Some(sum)
}

fn daytime(text: &str) -> Option<Duration> {
    let parts: Vec<u64> =
        text.trim().split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match *parts {
        [hours, minutes] => (hours, minutes, 0),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let is_time = hours < 24 && minutes < 60 && seconds < 60;
    is_time.then(|| Duration::from_secs(hours * 3_600 + minutes * 60 + seconds))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_read_or_refused() {
        let after = |millis| Some(At::After(Duration::from_millis(millis)));
        for (text, at) in [
            (json!("30s"), after(30_000)),
            (json!("1h30m"), after(5_400_000)),
            (json!("1.5s"), after(1_500)),
            (json!("500ms"), after(500)),
            (json!(7), after(7_000)),
            (json!("18:00"), Some(At::Daytime(Duration::from_secs(64_800)))),
            (json!("00:00:30"), Some(At::Daytime(Duration::from_secs(30)))),
        ] {
            assert_eq!(At::read(&text), at, "{text}");
        }
        for wrong in ["", "30", "s", "-1s", "1y", "24:00", "18:60", "1:2:3:4", "18:", "1..2s"] {
            assert_eq!(At::read(&json!(wrong)), None, "{wrong}");
        }
        assert_eq!(At::read(&json!(-1)), None);
        assert_eq!(At::read(&json!(1e300)), None);
    }

    #[test]
    fn the_next_time_of_day_is_today_or_tomorrow() {
        // 12:26:40.
        let now = UnixMillis::from_millis(1_600_000_000_000);
        let until =
            |hours: u64| At::Daytime(Duration::from_secs(hours * 3_600)).from(now).as_secs();
        assert_eq!((until(13), until(12)), (2_000, 84_800));
    }
}
