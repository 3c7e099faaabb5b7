//! Reads settings, and the changed ones among them, out of one object.

use std::fmt;

use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::{ChangedSettings, Settings};

/// Reads the answer to a change: settings, among which stand `update` and `updated`.
pub(super) fn read<'de, D: Deserializer<'de>>(inner: D) -> Result<ChangedSettings, D::Error> {
    let mut changed = Changed::default();
    let settings = Settings::deserialize(Split { inner, changed: &mut changed })?;
    let changed = [changed.update, changed.updated].into_iter().flatten();
    let changed = changed.filter(|changed| *changed != Settings::default()).take(1).next();
    Ok(ChangedSettings { settings, changed: changed.unwrap_or_default() })
}

#[derive(Default)]
struct Changed {
    update: Option<Settings>,
    updated: Option<Settings>,
}

/// Passes all members of an object on but the two, which it keeps. Wraps in turn whatever reads the
/// object: deserializer, visitor, members.
struct Split<'c, T> {
    inner: T,
    changed: &'c mut Changed,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Split<'_, D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, inner: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_map(Split { inner, changed: self.changed })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        inner: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_struct(name, fields, Split { inner, changed: self.changed })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Split<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Split { inner, changed: self.changed })
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Split<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(name) = self.inner.next_key::<String>()? {
            match name.as_str() {
                "update" => self.changed.update = self.inner.next_value()?,
                "updated" => self.changed.updated = self.inner.next_value()?,
                other => return seed.deserialize(StrDeserializer::new(other)).map(Some),
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.inner.next_value_seed(seed)
    }
}
