//! Takes a struct or map apart into arguments.

use serde::ser::{Impossible, Serialize, SerializeMap, SerializeStruct, Serializer};
use serde_json::Value;

use super::{ArgError, Args, Name};

pub(super) struct ArgsSerializer;

fn not_a_struct<T>() -> Result<T, ArgError> {
    Err(ArgError::shape("a call must be a struct or a map"))
}

macro_rules! refuse {
    ($($method:ident $type:ty),* $(,)?) => { $(
        fn $method(self, _: $type) -> Result<Args, ArgError> {
            not_a_struct()
        }
    )* };
}

impl Serializer for ArgsSerializer {
    type Ok = Args;
    type Error = ArgError;
    type SerializeSeq = Impossible<Args, ArgError>;
    type SerializeTuple = Impossible<Args, ArgError>;
    type SerializeTupleStruct = Impossible<Args, ArgError>;
    type SerializeTupleVariant = Impossible<Args, ArgError>;
    type SerializeMap = Pairs;
    type SerializeStruct = Pairs;
    type SerializeStructVariant = Impossible<Args, ArgError>;

    refuse! {
        serialize_bool bool, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32,
        serialize_i64 i64, serialize_u8 u8, serialize_u16 u16, serialize_u32 u32,
        serialize_u64 u64, serialize_f32 f32, serialize_f64 f64, serialize_char char,
        serialize_str &str, serialize_bytes &[u8],
    }

    fn serialize_none(self) -> Result<Args, ArgError> {
        Ok(Args::new())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Args, ArgError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Args, ArgError> {
        Ok(Args::new())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Args, ArgError> {
        Ok(Args::new())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<Args, ArgError> {
        not_a_struct()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Args, ArgError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Args, ArgError> {
        not_a_struct()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, ArgError> {
        not_a_struct()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, ArgError> {
        not_a_struct()
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, ArgError> {
        not_a_struct()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, ArgError> {
        not_a_struct()
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Pairs, ArgError> {
        Ok(Pairs { pairs: Vec::with_capacity(len.unwrap_or(0)), key: None })
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Pairs, ArgError> {
        Ok(Pairs { pairs: Vec::with_capacity(len), key: None })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, ArgError> {
        not_a_struct()
    }
}

/// Collects names and values.
pub(super) struct Pairs {
    pairs: Vec<(Name, Value)>,
    key: Option<Name>,
}

impl Pairs {
    fn push<T: Serialize + ?Sized>(&mut self, name: Name, value: &T) -> Result<(), ArgError> {
        match serde_json::to_value(value) {
            Ok(Value::Null) => Ok(()),
            Ok(value) => {
                self.pairs.push((name, value));
                Ok(())
            }
            Err(_) => Err(ArgError::shape("a value cannot be expressed in JSON").in_field(&name)),
        }
    }
}

impl SerializeStruct for Pairs {
    type Ok = Args;
    type Error = ArgError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), ArgError> {
        self.push(Name::Borrowed(name), value)
    }

    fn end(self) -> Result<Args, ArgError> {
        Ok(Args(self.pairs))
    }
}

impl SerializeMap for Pairs {
    type Ok = Args;
    type Error = ArgError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ArgError> {
        match serde_json::to_value(key) {
            Ok(Value::String(key)) => {
                self.key = Some(Name::Owned(key));
                Ok(())
            }
            _ => Err(ArgError::shape("a name must be text")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ArgError> {
        match self.key.take() {
            Some(name) => self.push(name, value),
            None => Err(ArgError::shape("a value came before its name")),
        }
    }

    fn end(self) -> Result<Args, ArgError> {
        Ok(Args(self.pairs))
    }
}
