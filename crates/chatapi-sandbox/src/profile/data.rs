//! Profiles from data: a name, or what is different from a named one.

use std::fmt;

use serde_json::{Map, Value, json};

use super::Profile;

/// Why data is no profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadProfile {
    at: String,
    problem: String,
}

impl BadProfile {
    fn new(at: &str, problem: impl Into<String>) -> Self {
        let at = if at.is_empty() { "profile".to_owned() } else { at.to_owned() };
        Self { at, problem: problem.into() }
    }
}

impl fmt::Display for BadProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.problem)
    }
}

impl std::error::Error for BadProfile {}

impl Profile {
    /// Reads a profile: a name, or an object with `base` (a name; `chat-api` unless given) and the
    /// figures that differ, named as the fields are, in camelCase. A duration is a number of
    /// seconds; one that chance chooses is a pair of them, or one number for both ends.
    ///
    /// ```
    /// use chatapi_sandbox::Profile;
    ///
    /// let data = serde_json::json!({
    ///     "base": "green-api-like",
    ///     "chatApi": { "queueCap": 10, "qrLife": 20, "pause": [0.5, 2] },
    /// });
    /// let profile = Profile::read(&data)?;
    /// assert_eq!((profile.chat_api.queue_cap, profile.chat_api.listing), (10, 500));
    /// # Ok::<(), chatapi_sandbox::profile::BadProfile>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`BadProfile`] names the field and what is wrong with it: a name that no profile and no
    /// figure has, or a value of the wrong kind.
    pub fn read(data: &Value) -> Result<Self, BadProfile> {
        match data {
            Value::String(name) => by_name(name),
            Value::Object(members) => {
                let mut members = members.clone();
                let base = match members.remove("base") {
                    Some(Value::String(name)) => by_name(&name)?,
                    Some(_) => {
                        return Err(BadProfile::new("base", "must be the name of a profile"));
                    }
                    None => Self::default(),
                };
                base.change(&members)
            }
            _ => Err(BadProfile::new("", "must be a name or an object")),
        }
    }

    fn change(&self, members: &Map<String, Value>) -> Result<Self, BadProfile> {
        let mut whole =
            serde_json::to_value(self).map_err(|error| BadProfile::new("", error.to_string()))?;
        for (name, given) in members {
            lay_over(&mut whole, name, given, "")?;
        }
        serde_json::from_value(whole).map_err(|error| BadProfile::new("", error.to_string()))
    }
}

fn by_name(name: &str) -> Result<Profile, BadProfile> {
    Profile::named(name).ok_or_else(|| {
        let known: Vec<_> = Profile::names().collect();
        BadProfile::new("", format!("none is named {name:?}; there are {}", known.join(", ")))
    })
}

/// Puts one member in the place of the one that stands in an object.
fn lay_over(object: &mut Value, name: &str, given: &Value, above: &str) -> Result<(), BadProfile> {
    let at = if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") };
    let Some(present) = object.get_mut(name) else {
        return Err(BadProfile::new(&at, "there is no figure of this name"));
    };
    let changed = match (kind(present), given) {
        (Kind::Duration, _) => duration(given),
        (Kind::Span, Value::Array(ends)) if ends.len() == 2 => {
            span(present, ends.first(), ends.get(1))
        }
        (Kind::Span, one) => span(present, Some(one), Some(one)),
        (Kind::Group, Value::Object(members)) => {
            for (name, given) in members {
                lay_over(present, name, given, &at)?;
            }
            return Ok(());
        }
        (Kind::Group, _) => None,
        // What is not set may be a duration, a pair of them, or a word.
        (Kind::Unset, Value::Array(ends)) if ends.len() == 2 => {
            let pattern = json!({ "start": { "secs": 0, "nanos": 0 } });
            span(&pattern, ends.first(), ends.get(1))
        }
        (Kind::Unset, Value::Number(_)) => duration(given),
        (Kind::Unset | Kind::Plain, _) => Some(given.clone()),
    };
    // Nothing is written down twice: only what may be unset can be unset.
    let changed = if given.is_null() { Some(Value::Null) } else { changed };
    *present = changed.ok_or_else(|| BadProfile::new(&at, wanted(present)))?;
    check(object, name, &at)
}

/// Whether the group can be read with its new member, so that errors name the member.
fn check(object: &Value, name: &str, at: &str) -> Result<(), BadProfile> {
    let mut whole = serde_json::to_value(Profile::default())
        .map_err(|error| BadProfile::new(at, error.to_string()))?;
    let group = at.strip_suffix(name).and_then(|above| above.strip_suffix('.'));
    let place = match group {
        Some(group) => whole.pointer_mut(&format!("/{}", group.replace('.', "/"))),
        None => Some(&mut whole),
    };
    if let Some(place) = place {
        *place = object.clone();
    }
    let read: Result<Profile, _> = serde_json::from_value(whole);
    read.map(drop).map_err(|error| BadProfile::new(at, error.to_string()))
}

enum Kind {
    Duration,
    Span,
    Group,
    Unset,
    Plain,
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::Object(members) if members.contains_key("nanos") => Kind::Duration,
        Value::Object(members) if members.contains_key("start") => Kind::Span,
        Value::Object(_) => Kind::Group,
        Value::Null => Kind::Unset,
        _ => Kind::Plain,
    }
}

fn wanted(present: &Value) -> &'static str {
    match kind(present) {
        Kind::Duration => "must be a number of seconds",
        Kind::Span => "must be a number, or a pair of them of which the first is not greater",
        _ => "must be an object",
    }
}

fn duration(given: &Value) -> Option<Value> {
    let duration = std::time::Duration::try_from_secs_f64(given.as_f64()?).ok()?;
    serde_json::to_value(duration).ok()
}

fn span(present: &Value, least: Option<&Value>, most: Option<&Value>) -> Option<Value> {
    let (least, most) = (least?, most?);
    if least.as_f64()? > most.as_f64()? {
        return None;
    }
    let end = |end: &Value| match present.get("start") {
        Some(Value::Object(_)) => duration(end),
        _ => Some(end.clone()),
    };
    Some(json!({ "start": end(least)?, "end": end(most)? }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_named_profile_is_read_and_bears_its_name() {
        for name in Profile::names() {
            let read = Profile::read(&json!(name)).unwrap();
            assert_eq!(read.name, name);
            assert_eq!(Profile::read(&json!({ "base": name })).unwrap(), read);
        }
    }

    #[test]
    fn figures_of_every_kind_are_laid_over() {
        let data = json!({
            "name": "mine",
            "chatApi": {
                "queueCap": 3, "qrLife": 1.5, "pause": 2, "phoneDigits": [5, 20],
                "readAfter": null, "queueKeeps": 60, "outputIp": "198.51.100.7",
                "ackInMessages": "numbers",
            },
            "wamm": { "gap": [1, 2], "delays": [7], "absentTag": "not found", "testAccount": true },
        });
        let profile = Profile::read(&data).unwrap();
        let chat_api = &profile.chat_api;
        assert_eq!((&*profile.name, chat_api.queue_cap), ("mine", 3));
        assert_eq!(chat_api.qr_life, Duration::from_millis(1_500));
        assert_eq!(chat_api.pause, Duration::from_secs(2)..=Duration::from_secs(2));
        assert_eq!((&chat_api.phone_digits, &chat_api.read_after), (&(5..=20), &None));
        assert_eq!(chat_api.queue_keeps, Some(Duration::from_secs(60)));
        assert_eq!(profile.wamm.gap, Duration::from_secs(1)..=Duration::from_secs(2));
        assert_eq!((&*profile.wamm.delays, profile.wamm.test_account), (&[7][..], true));
        assert_eq!(profile.wamm.absent_tag.as_deref(), Some("not found"));
        // What was unset can be set again.
        let mut never = Profile::default();
        never.chat_api.read_after = None;
        let members = json!({ "chatApi": { "readAfter": [1, 2] } });
        let read = never.change(members.as_object().unwrap()).unwrap();
        let two_ends = Duration::from_secs(1)..=Duration::from_secs(2);
        assert_eq!(read.chat_api.read_after, Some(two_ends));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (data, part) in [
            (json!("green"), "none is named \"green\"; there are chat-api, "),
            (json!(7), "profile: must be a name or an object"),
            (json!({ "base": 7 }), "base: must be the name of a profile"),
            (json!({ "chatApi": { "queuecap": 7 } }), "chatApi.queuecap: there is no figure"),
            (json!({ "chatApi": 7 }), "chatApi: must be an object"),
            (json!({ "chatApi": { "queueCap": -1 } }), "chatApi.queueCap: invalid value"),
            (json!({ "chatApi": { "queueCap": null } }), "chatApi.queueCap: invalid type"),
            (json!({ "chatApi": { "qrLife": -1 } }), "chatApi.qrLife: must be a number of seconds"),
            (json!({ "wamm": { "gap": [2, 1] } }), "wamm.gap: must be a number, or a pair"),
        ] {
            let error = Profile::read(&data).unwrap_err().to_string();
            assert!(error.contains(part), "{data}: {error}");
        }
    }
}
