//! Times as numbers of seconds.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::profile::Span;

fn read<E: serde::de::Error>(seconds: f64) -> Result<Duration, E> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| E::custom(format!("{seconds} is no number of seconds")))
}

pub(super) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    time.as_secs_f64().serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    read(f64::deserialize(from)?)
}

/// A time that may be missing.
pub(super) mod maybe {
    use super::{Deserialize, Deserializer, Duration, Serialize, Serializer, read};

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(in crate::fault) fn serialize<S: Serializer>(
        time: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        time.map(|time| time.as_secs_f64()).serialize(serializer)
    }

    pub(in crate::fault) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        Option::<f64>::deserialize(from)?.map(read).transpose()
    }
}

/// One number, or two for the ends of a span.
pub(super) mod span {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Span, read};

    pub(in crate::fault) fn serialize<S: Serializer>(
        span: &Span,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let (least, most) = (span.start().as_secs_f64(), span.end().as_secs_f64());
        match least.total_cmp(&most) {
            std::cmp::Ordering::Equal => least.serialize(serializer),
            _ => [least, most].serialize(serializer),
        }
    }

    #[derive(Deserialize)]
    #[serde(untagged, expecting = "seconds must be a number, or a pair of numbers")]
    enum Ends {
        One(f64),
        Two([f64; 2]),
    }

    pub(in crate::fault) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Span, D::Error> {
        let (least, most) = match Ends::deserialize(from)? {
            Ends::One(seconds) => (seconds, seconds),
            Ends::Two([least, most]) => (least, most),
        };
        if least > most {
            return Err(serde::de::Error::custom("the span ends before it begins"));
        }
        Ok(read(least)?..=read(most)?)
    }
}
