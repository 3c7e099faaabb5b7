//! Any scalar, and what it may mean.

use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};

/// The key under which `serde_json` passes a number when some other crate of the build has
/// switched `arbitrary_precision` on.
pub(super) const PRECISE_NUMBER: &str = "$serde_json::private::Number";

/// Any scalar as it stands in a document.
pub(super) enum Scalar {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
}

impl Scalar {
    /// Reads any scalar where `expected` is wanted.
    pub(super) fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
        expected: &'static str,
    ) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor { expected })
    }

    pub(super) fn to_flag(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            Self::Signed(0) | Self::Unsigned(0) => Some(false),
            Self::Signed(1) | Self::Unsigned(1) => Some(true),
            Self::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn to_integer(&self) -> Option<i128> {
        match self {
            Self::Bool(flag) => Some(i128::from(*flag)),
            Self::Signed(number) => Some(i128::from(*number)),
            Self::Unsigned(number) => Some(i128::from(*number)),
            Self::Float(number) => whole(*number),
            Self::Text(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| text.parse().ok().and_then(whole))
            }
        }
    }

    pub(super) fn to_float(&self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok().filter(|f: &f64| f.is_finite()),
            other => other.to_integer().map(|i| i as f64),
        }
    }
}

/// A number without fraction, as far as a float can tell (2⁵³).
fn whole(number: f64) -> Option<i128> {
    (number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0).then_some(number as i128)
}

struct ScalarVisitor {
    expected: &'static str,
}

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Scalar, E> {
        Ok(Scalar::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Scalar, E> {
        Ok(Scalar::Signed(v))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Scalar, E> {
        Ok(Scalar::Unsigned(v))
    }

    fn visit_f64<E>(self, v: f64) -> Result<Scalar, E> {
        Ok(Scalar::Float(v))
    }

    fn visit_str<E>(self, v: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(v.to_owned()))
    }

    fn visit_string<E>(self, v: String) -> Result<Scalar, E> {
        Ok(Scalar::Text(v))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        match map.next_key::<String>() {
            Ok(Some(key)) if key == PRECISE_NUMBER => map.next_value().map(Scalar::Text),
            // The value is not read: an error in it would name the key, which is private.
            _ => Err(de::Error::invalid_type(de::Unexpected::Map, &self)),
        }
    }
}

/// Passes text on as it is, without a copy, and anything else that has a plain form as text.
pub(super) struct AsText<V>(pub(super) V);

macro_rules! as_text {
    ($($method:ident $type:ty),* $(,)?) => { $(
        fn $method<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.visit_string(value.to_string())
        }
    )* };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for AsText<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number or a flag")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<V::Value, E> {
        self.0.visit_str(text)
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<V::Value, E> {
        self.0.visit_borrowed_str(text)
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<V::Value, E> {
        self.0.visit_string(text)
    }

    as_text! { visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64 }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V::Value, A::Error> {
        match map.next_key::<String>() {
            Ok(Some(key)) if key == PRECISE_NUMBER => self.0.visit_string(map.next_value()?),
            _ => Err(de::Error::invalid_type(de::Unexpected::Map, &self)),
        }
    }
}
