//! The name of a member.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

/// Reads the name of a struct's member and notes which declared name it is, so that places can be
/// told without quoting the document. Wraps in turn seed, deserializer and visitor.
pub(super) struct Name<'n, T> {
    pub(super) inner: T,
    pub(super) fields: &'static [&'static str],
    pub(super) found: &'n mut Option<&'static str>,
}

impl<T> Name<'_, T> {
    fn note(&mut self, name: &str) {
        *self.found = self.fields.iter().copied().find(|field| *field == name);
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Name<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        let Name { inner: seed, fields, found } = self;
        seed.deserialize(Name { inner: deserializer, fields, found })
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Name<'_, D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let Name { inner: deserializer, fields, found } = self;
        deserializer.deserialize_identifier(Name { inner: visitor, fields, found })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Name<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_str<E: de::Error>(mut self, name: &str) -> Result<V::Value, E> {
        self.note(name);
        self.inner.visit_str(name)
    }

    fn visit_u64<E: de::Error>(self, index: u64) -> Result<V::Value, E> {
        self.inner.visit_u64(index)
    }
}
