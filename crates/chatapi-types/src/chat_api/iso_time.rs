//! Moments in ISO 8601.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{LocalStamp, UnixMillis, UnixTime};

/// A moment in ISO 8601, `2020-09-13T12:26:40.000Z`, kept as it came: in the journals of an
/// instance's states and of webhooks (Chat API §1.1, grade A).
///
/// ```
/// use chatapi_types::UnixMillis;
/// use chatapi_types::chat_api::IsoTime;
///
/// let time = IsoTime::at(UnixMillis::from_millis(1_600_000_000_000));
/// assert_eq!(time.as_str(), "2020-09-13T12:26:40.000Z");
/// assert_eq!(time.to_unix_millis(), Some(UnixMillis::from_millis(1_600_000_000_000)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct IsoTime(Box<str>);

impl IsoTime {
    /// A moment as it came.
    pub fn new(time: impl Into<String>) -> Self {
        Self(time.into().into())
    }

    /// A moment as the vendor writes it: with milliseconds, in UTC.
    #[must_use]
    pub fn at(time: UnixMillis) -> Self {
        let stamp = LocalStamp::at(UnixTime::from(time), 0);
        let millis = time.as_millis().rem_euclid(1000);
        Self::new(format!("{}.{millis:03}Z", stamp.as_str().replace(' ', "T")))
    }

    /// The moment as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The moment; `None` when it is of another form, names no zone, or is no day of the calendar.
    /// What is finer than a millisecond is dropped.
    #[must_use]
    pub fn to_unix_millis(&self) -> Option<UnixMillis> {
        let (stamp, east) = split_zone(&self.0)?;
        let (seconds, fraction) = stamp.split_once('.').unwrap_or((stamp, "0"));
        let seconds = LocalStamp::from(seconds).to_unix(east)?.as_secs();
        Some(UnixMillis::from_millis(seconds * 1000 + thousandths(fraction)?))
    }
}

/// The stamp without its zone, and how many minutes the zone lies east of UTC.
fn split_zone(text: &str) -> Option<(&str, i32)> {
    if let Some(stamp) = text.strip_suffix(['Z', 'z']) {
        return Some((stamp, 0));
    }
    let (date, clock) = text.split_once('T')?;
    let at = clock.find(['+', '-'])?;
    let (hours, minutes) = clock[at + 1..].split_once(':')?;
    let (hours, minutes) = (hours.parse::<u8>().ok()?, minutes.parse::<u8>().ok()?);
    let east = i32::from(hours) * 60 + i32::from(minutes);
    let sign = if clock[at..].starts_with('-') { -1 } else { 1 };
    (hours < 24 && minutes < 60).then(|| (&text[..date.len() + 1 + at], sign * east))
}

fn thousandths(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    Some(digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

impl fmt::Display for IsoTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for IsoTime {
    fn from(time: &str) -> Self {
        Self::new(time)
    }
}

impl From<UnixMillis> for IsoTime {
    fn from(time: UnixMillis) -> Self {
        Self::at(time)
    }
}

impl<'de> Deserialize<'de> for IsoTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::json::text(deserializer, |text| Self::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_every_zone() {
        for (text, millis) in [
            ("2020-09-13T12:26:40.000Z", Some(1_600_000_000_000)),
            ("2020-09-13T12:26:40Z", Some(1_600_000_000_000)),
            ("2020-09-13T12:26:40.5z", Some(1_600_000_000_500)),
            ("2020-09-13T12:26:40.123456Z", Some(1_600_000_000_123)),
            ("2020-09-13T15:26:40+03:00", Some(1_600_000_000_000)),
            ("2020-09-13T08:56:40.007-03:30", Some(1_600_000_000_007)),
            ("1969-12-31T23:59:59.999Z", Some(-1)),
            ("2020-09-13T12:26:40", None),
            ("2020-09-13T12:26:40.Z", None),
            ("2020-02-30T12:26:40Z", None),
            ("2020-09-13T12:26:40+99:00", None),
            ("эТ+1:1", None),
            ("yesterday", None),
            ("", None),
        ] {
            let time: IsoTime = serde_json::from_value(text.into()).unwrap();
            assert_eq!(time.to_unix_millis().map(UnixMillis::as_millis), millis, "{text}");
            assert_eq!(serde_json::to_value(&time).unwrap(), text);
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for millis in [-1, 0, 1, 999, 1_600_000_000_123, 253_402_300_799_999] {
            let time = UnixMillis::from_millis(millis);
            assert_eq!(IsoTime::at(time).to_unix_millis(), Some(time), "{millis}");
        }
    }
}
