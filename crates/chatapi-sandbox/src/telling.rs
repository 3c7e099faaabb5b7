//! From data that people wrote to what it means; what does not fit is told in their words.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// How many letters of a complaint are shown. It quotes what was given, which may be a whole file.
const SHOWN: usize = 300;

/// Among how many members the one is looked for that does not fit.
const MEMBERS: usize = 64;

/// Reads an object; the complaint names the member that does not fit.
pub(crate) fn read<T: DeserializeOwned>(object: Map<String, Value>) -> Result<T, String> {
    let whole = Value::Object(object);
    let error = match T::deserialize(&whole) {
        Ok(read) => return Ok(read),
        Err(error) => error.to_string(),
    };
    let is_as_bad = |value: &Value| T::deserialize(value).is_err_and(|it| it.to_string() == error);
    // These name it themselves.
    let is_clear = ["unknown field", "missing field", "duplicate field"];
    let place = match is_clear.iter().any(|clear| error.starts_with(clear)) {
        true => String::new(),
        false => place(&whole, &is_as_bad),
    };
    let said = in_words(&error);
    Err(if place.is_empty() || place == "do" { said } else { format!("`{place}`: {said}") })
}

/// The path of the member because of which an object is as bad as it is: without it, it is not, or is
/// bad for another reason. Empty where there is no such member.
fn place(object: &Value, is_as_bad: &dyn Fn(&Value) -> bool) -> String {
    let Some(members) = object.as_object().filter(|members| members.len() <= MEMBERS) else {
        return String::new();
    };
    let without = |name: &str| {
        let others = members.iter().filter(|(other, _)| *other != name);
        Value::Object(others.map(|(name, value)| (name.clone(), value.clone())).collect())
    };
    // Without these it is bad in any case.
    let (tags, others): (Vec<_>, Vec<_>) =
        members.iter().partition(|(name, _)| matches!(&***name, "do" | "kind"));
    let mut each = others.into_iter().chain(tags);
    let Some((name, value)) = each.find(|(name, _)| !is_as_bad(&without(name))) else {
        return String::new();
    };
    let inner = place(value, &|value| {
        let mut whole = members.clone();
        whole.insert(name.clone(), value.clone());
        is_as_bad(&Value::Object(whole))
    });
    if inner.is_empty() { name.clone() } else { format!("{name}.{inner}") }
}

/// A complaint without the names of types, and without the whole of what it quotes.
pub(crate) fn in_words(complaint: &str) -> String {
    const TYPES: [(&str, &str); 9] = [
        ("u8", "a whole number from 0 to 255"),
        ("u16", "a whole number from 0 to 65535"),
        ("u32", "a whole number from 0 to 4294967295"),
        ("u64", "a whole number that is not negative"),
        ("usize", "a whole number that is not negative"),
        ("i64", "a whole number"),
        ("f64", "a number"),
        ("a map", "an object"),
        ("a sequence", "a list"),
    ];
    let (given, expected) = complaint.rsplit_once(", expected ").unwrap_or((complaint, ""));
    let words = TYPES.iter().find(|(name, _)| *name == expected).map(|(_, words)| *words);
    let is_object = |kind| expected.starts_with(kind);
    let is_object = ["struct ", "internally tagged enum "].into_iter().any(is_object);
    let words = words.or_else(|| is_object.then_some("an object"));
    match words {
        Some(words) => format!("{}, expected {words}", shortened(given)),
        None if expected.is_empty() => shortened(complaint),
        // What is possible is ours, and shown whole.
        None => format!("{}, expected {expected}", shortened(given)),
    }
}

fn shortened(text: &str) -> String {
    let letters = text.chars().count();
    if letters <= SHOWN {
        return text.to_owned();
    }
    let begin: String = text.chars().take(SHOWN / 2).collect();
    let end: String = text.chars().skip(letters - SHOWN / 3).collect();
    format!("{begin} […] {end}")
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn a_complaint_does_not_quote_a_whole_file() {
        let text = format!("invalid type: string \"{}\", expected u8", "ж".repeat(10_000));
        let said = in_words(&text);
        assert!(said.chars().count() < 400 && said.contains("[…]"), "{said}");
        assert!(said.ends_with(", expected a whole number from 0 to 255"), "{said}");
        assert_eq!(in_words("nothing fits"), "nothing fits");
    }
}
