//! Puts a struct together from arguments.

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::Args;
use crate::json::Lenient;

/// Which argument is missing or cannot be read. Never holds the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgError {
    field: Option<Box<str>>,
    problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Missing,
    Unreadable(Box<str>),
}

impl ArgError {
    pub(super) fn shape(problem: &str) -> Self {
        Self { field: None, problem: Problem::Unreadable(problem.into()) }
    }

    /// The same error, for the argument `field`.
    pub(super) fn in_field(mut self, field: &str) -> Self {
        self.field.get_or_insert_with(|| field.into());
        self
    }

    /// The wire name of the argument, where one is to blame.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// Whether the argument was not given at all.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self.problem, Problem::Missing)
    }
}

impl fmt::Display for ArgError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = &self.field {
            write!(f, "`{field}`: ")?;
        }
        match &self.problem {
            Problem::Missing => f.write_str("missing"),
            Problem::Unreadable(problem) => f.write_str(problem),
        }
    }
}

impl std::error::Error for ArgError {}

impl serde::ser::Error for ArgError {
    fn custom<T: fmt::Display>(problem: T) -> Self {
        Self::shape(&problem.to_string())
    }
}

impl de::Error for ArgError {
    fn custom<T: fmt::Display>(_: T) -> Self {
        // A text that somebody else made up may quote the value.
        Self::shape("cannot be read")
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::shape(&format!("expected {expected}"))
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::shape(&format!("expected {expected}"))
    }

    fn invalid_length(_: usize, expected: &dyn de::Expected) -> Self {
        Self::shape(&format!("expected {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::shape(&format!("expected one of {}", expected.join(", ")))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::shape(&format!("expected only {}", expected.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self { field: Some(field.into()), problem: Problem::Missing }
    }
}

pub(super) fn read<T: DeserializeOwned>(args: &Args) -> Result<T, ArgError> {
    T::deserialize(Lenient::new(Reader(args)))
}

/// The arguments as a map, which tells an error where it happened.
struct Reader<'a>(&'a Args);

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = ArgError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgError> {
        visitor.visit_map(Pairs { pairs: self.0.0.iter(), next: None })
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ArgError> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ArgError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Pairs<'a> {
    pairs: std::slice::Iter<'a, (super::Name, Value)>,
    next: Option<&'a (super::Name, Value)>,
}

impl<'de> MapAccess<'de> for Pairs<'_> {
    type Error = ArgError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ArgError> {
        self.next = self.pairs.next();
        match self.next {
            Some((name, _)) => seed.deserialize(name.as_ref().into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ArgError> {
        match self.next.take() {
            Some((name, value)) => seed.deserialize(One(value)).map_err(|e| e.in_field(name)),
            None => Err(ArgError::shape("a value was asked for before its name")),
        }
    }
}

/// One value.
#[derive(Clone, Copy)]
struct One<'a>(&'a Value);

impl<'de> IntoDeserializer<'de, ArgError> for One<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for One<'_> {
    type Error = ArgError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgError> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (_, _, Some(number)) => visitor.visit_f64(number),
                _ => visitor.visit_string(number.to_string()),
            },
            Value::String(text) => visitor.visit_str(text),
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.iter().map(One))),
            Value::Object(members) => visitor.visit_map(MapDeserializer::new(
                members.iter().map(|(name, value)| (name.as_str(), One(value))),
            )),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgError> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ArgError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
