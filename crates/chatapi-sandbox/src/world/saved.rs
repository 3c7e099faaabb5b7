//! How the parts of a world are written down that serde does not write by itself, or that must not
//! be written anywhere else.

/// Bytes as base64.
pub(crate) mod bytes {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        bytes: &impl AsRef<[u8]>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, T: From<Vec<u8>>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(T::from).map_err(D::Error::custom)
    }
}

/// Figures that only ever grow by counting.
///
/// Nobody counts beyond 2^53: a greater one was made up, and the next one might not be there.
pub(crate) fn count<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: TryFrom<u64>,
    D: serde::Deserializer<'de>,
{
    use serde::de::{Deserialize as _, Error as _};
    const MOST: u64 = 1 << 53;
    let count = u64::deserialize(deserializer)?;
    let counted = Some(count).filter(|count| *count <= MOST).and_then(|it| T::try_from(it).ok());
    counted.ok_or_else(|| D::Error::custom(format!("{count} is more than anybody has counted to")))
}

/// A map whose keys are no text, as pairs.
pub(crate) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// A regular expression as its text.
pub(crate) mod regex {
    use regex_lite::Regex;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        regex: &Option<Regex>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        regex.as_ref().map(Regex::as_str).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Regex>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| Regex::new(&text)).transpose().map_err(D::Error::custom)
    }
}

/// Things as a vendor writes them, which are read as leniently as the vendor needs it.
pub(crate) mod wire {
    use chatapi_types::RawJson;
    use serde::de::{DeserializeOwned, Error as _};
    use serde::{Deserialize as _, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        thing: &impl Serialize,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        thing.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        RawJson::deserialize(deserializer)?.read().map_err(D::Error::custom)
    }
}
