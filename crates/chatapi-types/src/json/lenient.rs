//! A serde adapter that reads scalars by meaning instead of by JSON type.

use std::fmt;

use serde::de::value::MapDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::name::Name;
use super::place::{Place, Track};
use super::scalar::{AsText, Scalar};

/// Wraps a deserializer so that numbers and flags may come as strings, and text as a number.
///
/// Everything below the wrapped value is read in the same way. A struct is read from an object
/// only, never from a list of its fields; an empty list reads as an empty object, as some languages
/// write one.
#[derive(Debug)]
pub struct Lenient<'p, D> {
    inner: D,
    place: Place<'p>,
}

impl<D> Lenient<'_, D> {
    /// Reads leniently through `deserializer`.
    pub const fn new(deserializer: D) -> Self {
        Self { inner: deserializer, place: Place::Untracked }
    }
}

impl<'p, D> Lenient<'p, D> {
    /// Reads leniently through `deserializer`, and notes where it fails.
    pub(super) const fn tracked(deserializer: D, track: &'p Track) -> Self {
        Self { inner: deserializer, place: Place::Whole(track) }
    }

    const fn visitor<V>(place: Place<'p>, visitor: V) -> Values<'p, V> {
        Values { visitor, place, fields: None }
    }
}

const WHOLE_NUMBER: &str = "a whole number";
const NUMBER: &str = "a number";
const FLAG: &str = "a flag (true, false, 1 or 0)";

fn unexpected<E: de::Error>(expected: &'static str) -> E {
    // The offending value is left out on purpose: it may be private.
    E::invalid_value(de::Unexpected::Other("value"), &expected)
}

macro_rules! read_integer {
    ($($method:ident $visit:ident $type:ty),* $(,)?) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            let number = Scalar::read(self.inner, WHOLE_NUMBER)?.to_integer();
            match number.and_then(|number| <$type>::try_from(number).ok()) {
                Some(number) => visitor.$visit(number),
                None => Err(unexpected(WHOLE_NUMBER)),
            }
        }
    )* };
}

macro_rules! read_inside {
    ($($method:ident($($arg:ident: $type:ty),*)),* $(,)?) => { $(
        fn $method<V: Visitor<'de>>(self, $($arg: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method($($arg,)* Self::visitor(self.place, visitor))
        }
    )* };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Lenient<'_, D> {
    type Error = D::Error;

    read_inside! {
        deserialize_any(), deserialize_option(), deserialize_seq(), deserialize_map(),
        deserialize_newtype_struct(name: &'static str), deserialize_tuple(len: usize),
        deserialize_tuple_struct(name: &'static str, len: usize),
        deserialize_enum(name: &'static str, variants: &'static [&'static str]),
    }

    read_integer! {
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32, deserialize_i64 visit_i64 i64,
        deserialize_i128 visit_i128 i128,
        deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
        deserialize_u128 visit_u128 u128,
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        match Scalar::read(self.inner, FLAG)?.to_flag() {
            Some(flag) => visitor.visit_bool(flag),
            None => Err(unexpected(FLAG)),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        match Scalar::read(self.inner, NUMBER)?.to_float() {
            Some(number) => visitor.visit_f64(number),
            None => Err(unexpected(NUMBER)),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(AsText(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let mut visitor = Self::visitor(self.place, visitor);
        visitor.fields = Some(fields);
        self.inner.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_identifier(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_ignored_any(visitor)
    }

    forward_to_deserialize_any! { char bytes byte_buf unit unit_struct }
}

/// Passes scalars through and wraps everything that can hold further values.
struct Values<'p, V> {
    visitor: V,
    place: Place<'p>,
    /// The names that the type declares, where a struct is read.
    fields: Option<&'static [&'static str]>,
}

macro_rules! pass_scalar {
    ($($method:ident $type:ty),* $(,)?) => { $(
        fn $method<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.visitor.$method(value)
        }
    )* };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Values<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    pass_scalar! {
        visit_bool bool, visit_i64 i64, visit_i128 i128, visit_u64 u64, visit_u128 u128,
        visit_f64 f64, visit_char char, visit_str &str, visit_borrowed_str &'de str,
        visit_string String, visit_bytes &[u8], visit_borrowed_bytes &'de [u8],
        visit_byte_buf Vec<u8>,
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let place = self.place;
        self.visitor.visit_some(Lenient { inner, place })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let place = self.place;
        self.visitor.visit_newtype_struct(Lenient { inner, place })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<V::Value, A::Error> {
        if self.fields.is_some() {
            return match seq.next_element::<IgnoredAny>()? {
                None => {
                    let nothing = std::iter::empty::<(&str, &str)>();
                    self.visitor.visit_map(MapDeserializer::new(nothing))
                }
                Some(_) => Err(de::Error::invalid_type(de::Unexpected::Seq, &self)),
            };
        }
        self.visitor.visit_seq(Items { seq, place: self.place, next: 0 })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Members { map, place: self.place, fields: self.fields, name: None })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(Variants { inner: data, place: self.place })
    }
}

/// One value, and where it stands.
struct Seed<'p, S> {
    seed: S,
    place: Place<'p>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        let place = self.place;
        let read = self.seed.deserialize(Lenient { inner, place });
        match &read {
            Ok(_) => place.passed(),
            Err(_) => place.failed(),
        }
        read
    }
}

struct Items<'p, A> {
    seq: A,
    place: Place<'p>,
    next: usize,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Items<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let place = Place::Item(&self.place, self.next);
        self.next += 1;
        self.seq.next_element_seed(Seed { seed, place })
    }

    fn size_hint(&self) -> Option<usize> {
        self.seq.size_hint()
    }
}

struct Members<'p, A> {
    map: A,
    place: Place<'p>,
    fields: Option<&'static [&'static str]>,
    /// The declared name whose value comes next.
    name: Option<&'static str>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        // Keys are names; they are read as they stand.
        self.name = None;
        match self.fields {
            Some(fields) => {
                let name = Name { inner: seed, fields, found: &mut self.name };
                self.map.next_key_seed(name)
            }
            None => self.map.next_key_seed(seed),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let place = match self.name {
            Some(name) => Place::Field(&self.place, name),
            None => Place::Member(&self.place),
        };
        self.map.next_value_seed(Seed { seed, place })
    }

    fn size_hint(&self) -> Option<usize> {
        self.map.size_hint()
    }
}

struct Variants<'p, A> {
    inner: A,
    place: Place<'p>,
}

impl<'de, 'p, A: EnumAccess<'de>> EnumAccess<'de> for Variants<'p, A> {
    type Error = A::Error;
    type Variant = Variants<'p, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let place = self.place;
        let (value, inner) = self.inner.variant_seed(seed)?;
        Ok((value, Variants { inner, place }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Variants<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        let place = self.place;
        self.inner.newtype_variant_seed(Seed { seed, place })
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        let visitor = Lenient::<()>::visitor(self.place, visitor);
        self.inner.tuple_variant(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let mut visitor = Lenient::<()>::visitor(self.place, visitor);
        visitor.fields = Some(fields);
        self.inner.struct_variant(fields, visitor)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, MapDeserializer};

    use super::*;
    use crate::json::scalar::PRECISE_NUMBER;

    #[test]
    fn numbers_of_an_arbitrary_precision_build_are_read() {
        let precise =
            || MapDeserializer::<_, Error>::new(std::iter::once((PRECISE_NUMBER, "79000000000")));
        assert_eq!(u64::deserialize(Lenient::new(precise())).unwrap(), 79_000_000_000);
        assert_eq!(String::deserialize(Lenient::new(precise())).unwrap(), "79000000000");
        assert!(u8::deserialize(Lenient::new(precise())).is_err());
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for wrong in ["", "seven", "1.5", "99999999999999999999999999999999999999999999"] {
            let text: de::value::StrDeserializer<'_, Error> = wrong.into_deserializer();
            assert!(i64::deserialize(Lenient::new(text)).is_err(), "{wrong:?}");
        }
    }
}
