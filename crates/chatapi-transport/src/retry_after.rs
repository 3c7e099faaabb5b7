//! How long a gateway asks to wait.

use std::time::{Duration, UNIX_EPOCH};

use chatapi_types::UnixMillis;
use http::HeaderMap;
use http::header::RETRY_AFTER;

/// `Retry-After`, in seconds or as a date; `None` when it is missing or unreadable. A date that has
/// passed means now.
pub(crate) fn retry_after(headers: &HeaderMap, now: UnixMillis) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let then = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
    let then = UnixMillis::from_millis(i64::try_from(then.as_millis()).ok()?);
    Some(then.since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, value.parse().unwrap());
        retry_after(&headers, UnixMillis::from_millis(1_600_000_000_000))
    }

    #[test]
    fn seconds_and_dates() {
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read("Sun, 13 Sep 2020 12:27:10 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(read("Sun, 13 Sep 2020 12:00:00 GMT"), Some(Duration::ZERO));
        for odd in ["soon", "-5", "1.5", ""] {
            assert_eq!(read(odd), None, "{odd}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), UnixMillis::from_millis(0)), None);
    }
}
