//! Writing what the vendors write in other types than ours.

use serde::ser::Serializer;

/// Writes a text of decimal digits as a JSON number, as the vendor does; other text as it is.
///
/// # Errors
///
/// Only those of the serializer.
pub fn number_if_digits<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    // "007" and numbers beyond 64 bits would not come back as they went.
    let canonical = !text.starts_with('0') || text == "0";
    match text.parse::<u64>() {
        Ok(number) if canonical && text.bytes().all(|b| b.is_ascii_digit()) => {
            serializer.serialize_u64(number)
        }
        _ => serializer.serialize_str(text),
    }
}

/// `#[serde(serialize_with = "json::id_as_number")]`: an identifier that this method writes as a
/// JSON number while others write it as a string.
///
/// # Errors
///
/// Only those of the serializer.
pub fn id_as_number<T: AsRef<str>, S: Serializer>(
    id: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    number_if_digits(id.as_ref(), serializer)
}

/// `#[serde(serialize_with = "json::optional_id_as_number")]`: as [`id_as_number`], or null.
///
/// # Errors
///
/// Only those of the serializer.
pub fn optional_id_as_number<T: AsRef<str>, S: Serializer>(
    id: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match id {
        Some(id) => id_as_number(id, serializer),
        None => serializer.serialize_none(),
    }
}

/// `#[serde(serialize_with = "json::flag_as_number")]`: a flag that the vendor writes as 0 or 1.
///
/// # Errors
///
/// Only those of the serializer.
pub fn flag_as_number<S: Serializer>(flag: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(u8::from(*flag))
}

/// `#[serde(serialize_with = "json::optional_flag_as_number")]`: as [`flag_as_number`], or null.
///
/// # Errors
///
/// Only those of the serializer.
pub fn optional_flag_as_number<S: Serializer>(
    flag: &Option<bool>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match flag {
        Some(flag) => flag_as_number(flag, serializer),
        None => serializer.serialize_none(),
    }
}

/// `#[serde(serialize_with = "json::flag_as_digit")]`: a flag that the vendor writes as `"0"` or
/// `"1"`.
///
/// # Errors
///
/// Only those of the serializer.
pub fn flag_as_digit<S: Serializer>(flag: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if *flag { "1" } else { "0" })
}
