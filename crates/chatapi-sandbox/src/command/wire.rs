//! Commands as JSON: one flat object each.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{ClockAction, Command};
use crate::telling::read;

/// The names of the commands to the clock.
const CLOCK: [&str; 3] = ["advance", "run-until-idle", "clock"];

impl<'de> Deserialize<'de> for Command {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_map(Map::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for Command {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let map = match self {
            Self::Clock(action) => of(action, None),
            Self::World(action) => of(action, None),
            Self::Instance(id, action) => of(action, Some(("instance", id.as_str()))),
            Self::Channel(name, action) => of(action, Some(("channel", name.expose()))),
        };
        map.map_err(S::Error::custom)?.serialize(serializer)
    }
}

fn of(
    action: &impl Serialize,
    target: Option<(&str, &str)>,
) -> Result<Map<String, Value>, serde_json::Error> {
    let mut map = Map::new();
    if let Some((kind, name)) = target {
        map.insert(kind.to_owned(), Value::from(name));
    }
    if let Value::Object(members) = serde_json::to_value(action)? {
        map.extend(members);
    }
    Ok(map)
}

impl Command {
    /// Reads a command; the error names what is wrong.
    pub(crate) fn from_map(mut map: Map<String, Value>) -> Result<Self, String> {
        let instance = target(&mut map, "instance")?;
        let channel = target(&mut map, "channel")?;
        let Some(what) = map.get("do").and_then(Value::as_str) else {
            return Err("`do` is missing: it says what is to be done".to_owned());
        };
        let is_clock = CLOCK.contains(&what);
        match (instance, channel) {
            (Some(_), Some(_)) => {
                Err("`instance` and `channel` cannot be given together".to_owned())
            }
            (Some(id), None) => Ok(Self::Instance(id.into(), read(map)?)),
            (None, Some(name)) => Ok(Self::Channel(name.into(), read(map)?)),
            (None, None) if is_clock => read::<ClockAction>(map).map(Self::Clock),
            (None, None) => {
                // Most likely the target was forgotten.
                let unknown = format!("unknown variant `{what}`");
                read(map).map(Self::World).map_err(|error| {
                    let is_unknown = error.starts_with(&unknown);
                    let hint = "; what is done to a phone also names its `instance` or `channel`";
                    if is_unknown { error + hint } else { error }
                })
            }
        }
    }
}

fn target(map: &mut Map<String, Value>, kind: &str) -> Result<Option<String>, String> {
    match map.remove(kind) {
        None => Ok(None),
        Some(Value::String(name)) => Ok(Some(name)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(format!("`{kind}` must be a text or a number")),
    }
}
