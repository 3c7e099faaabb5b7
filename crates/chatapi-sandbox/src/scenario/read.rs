//! From text to scenario.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::time::duration;
use super::{At, Deed, Repeat, STEPS, Scenario, Step};
use crate::command::{ClockAction, Command, WorldAction};
use crate::telling;

/// How many bytes a scenario may have.
const BYTES: usize = 1024 * 1024;

/// Why a text is no scenario, with the line and the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadScenario(String);

impl fmt::Display for BadScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadScenario {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Option<String>,
    steps: Vec<Step>,
}

pub(super) fn read(text: &str) -> Result<Scenario, BadScenario> {
    if text.len() > BYTES {
        return Err(BadScenario(format!("a scenario has at most {BYTES} bytes")));
    }
    let file: File = serde_yaml_ng::from_str(text).map_err(|error| describe(&error))?;
    let count = file.steps.iter().map(|step| step.repeat.map_or(1, |repeat| repeat.times));
    let count = count.fold(0_usize, usize::saturating_add);
    if count > STEPS {
        let text = format!("a scenario has at most {STEPS} steps, this one has {count}");
        return Err(BadScenario(text));
    }
    Ok(Scenario { name: file.name, steps: file.steps })
}

/// `steps[2]: …` counts from 0; people do not.
fn describe(error: &serde_yaml_ng::Error) -> BadScenario {
    let line = error.location().map(|at| format!("line {}: ", at.line())).unwrap_or_default();
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(&*text, |(text, _)| text);
    let step = text.strip_prefix("steps[").and_then(|rest| {
        let (number, rest) = rest.split_once(']')?;
        let number: usize = number.parse().ok()?;
        Some(format!("step {}{rest}", number + 1))
    });
    let text = step.as_deref().unwrap_or(text);
    // Any text is YAML: most likely it is another file.
    if text.ends_with(", expected struct File") {
        let text =
            "a scenario is an object with `steps` (and `name`), in YAML or JSON; this is none";
        return BadScenario(text.to_owned());
    }
    BadScenario(format!("{line}{}", telling::in_words(text)))
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(StepVisitor)
    }
}

/// Reads a step whole, and complains while the reader still knows in which line it is.
struct StepVisitor;

impl<'de> Visitor<'de> for StepVisitor {
    type Value = Step;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a step: `at`, and what is to be done")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Step, A::Error> {
        let mut members = Map::new();
        while let Some((name, value)) = access.next_entry::<String, Value>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format!("`{name}` is given twice")));
            }
            members.insert(name, value);
        }
        Step::of(members).map_err(A::Error::custom)
    }
}

impl Step {
    fn of(mut members: Map<String, Value>) -> Result<Self, String> {
        let at = match members.remove("at") {
            None => At::After(std::time::Duration::ZERO),
            Some(at) => At::read(&at).ok_or(
                "`at` must be a time after the beginning (30s, 2m, 1h30m) or of the day (18:00)",
            )?,
        };
        let repeat = members.remove("repeat").map(|repeat| read_repeat(&repeat)).transpose()?;
        let deed = match members.remove("expect") {
            Some(_) if !members.is_empty() => {
                return Err("a step expects something or does something, not both".to_owned());
            }
            Some(expected) => {
                let Value::Object(expected) = expected else {
                    return Err("`expect` must be an object".to_owned());
                };
                let expectation: crate::Expectation =
                    telling::read(expected).map_err(|error| format!("expect: {error}"))?;
                if expectation.within > 0.0 {
                    let text = "a step cannot wait (`within`): it looks at its moment";
                    return Err(text.to_owned());
                }
                expectation.filter.compile().map_err(|error| format!("expect: {error}"))?;
                Deed::Expect(Box::new(expectation))
            }
            None => Deed::Do(playable(Command::from_map(members)?)?),
        };
        Ok(Self { at, repeat, deed })
    }
}

fn playable(command: Command) -> Result<Command, String> {
    match command {
        Command::Clock(
            ClockAction::Advance { .. } | ClockAction::RunUntilIdle {} | ClockAction::Clock { .. },
        ) => Err("a scenario goes by the clock and cannot move it".to_owned()),
        Command::World(WorldAction::Reset {}) => {
            Err("a scenario cannot reset the sandbox that it plays in".to_owned())
        }
        command => match command.check() {
            Ok(()) => Ok(command),
            Err(error) => Err(error.to_string()),
        },
    }
}

fn read_repeat(value: &Value) -> Result<Repeat, String> {
    let wrong = || "`repeat` must be like { every: 10s, times: 3 }".to_owned();
    let members = value.as_object().filter(|members| members.len() == 2).ok_or_else(wrong)?;
    let every = members.get("every").and_then(duration).ok_or_else(wrong)?;
    let times = members.get("times").and_then(Value::as_u64).filter(|times| *times > 0);
    let times = times.and_then(|times| usize::try_from(times).ok()).ok_or_else(wrong)?;
    Ok(Repeat { every, times })
}
