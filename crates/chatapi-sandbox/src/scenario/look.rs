//! What the page shows of scenarios.

use chatapi_types::UnixMillis;
use serde_json::Value;

use super::Playing;
use super::play::{Course, Play};
use crate::command::Command;
use crate::page::view::preview;
use crate::page::words::spaced;
use crate::scenario::Deed;
use crate::world::World;

/// How many steps of a scenario are shown.
const STEPS_SHOWN: usize = 200;

/// How many letters of what a step says are shown.
const LETTERS: usize = 60;

/// What nobody needs to read.
const HIDDEN: [&str; 7] = ["do", "instance", "channel", "token", "uid", "base64", "within"];

/// A scenario that plays or did.
pub(crate) struct PlayView {
    pub(crate) playing: Playing,
    /// As they stand in the file.
    pub(crate) steps: Vec<StepView>,
    /// How many more there are.
    pub(crate) omitted: usize,
}

/// A step and how far it is.
pub(crate) struct StepView {
    /// Counted from 1.
    pub(crate) number: usize,
    /// To whom, where it is to somebody.
    pub(crate) whom: Option<String>,
    pub(crate) what: String,
    /// How often it happens altogether, and has happened.
    pub(crate) times: usize,
    pub(crate) done: usize,
    /// When it happens next, or happened last.
    pub(crate) at: Option<UnixMillis>,
}

impl World {
    /// The latest first.
    pub(crate) fn play_views(&self) -> Vec<PlayView> {
        self.scenarios.plays().rev().map(|play| self.play_view(play)).collect()
    }

    fn play_view(&self, play: &Play) -> PlayView {
        let steps = play.deeds.iter().enumerate().take(STEPS_SHOWN).map(|(place, deed)| {
            let course: Option<&Course> = play.courses.get(place);
            let (times, done) = course.map_or((1, 0), |course| (course.times, course.done));
            let (whom, what) = self.in_words(deed);
            StepView {
                number: place + 1,
                whom,
                what,
                times,
                done,
                at: course.map(|course| course.at(done.min(times.saturating_sub(1)))),
            }
        });
        PlayView {
            playing: play.playing(),
            steps: steps.collect(),
            omitted: play.deeds.len().saturating_sub(STEPS_SHOWN),
        }
    }

    /// To whom something is done, and what.
    fn in_words(&self, deed: &Deed) -> (Option<String>, String) {
        let whom = match deed {
            Deed::Do(Command::Instance(id, _)) => Some(format!("instance {id}")),
            // By its number: its token is a secret.
            Deed::Do(Command::Channel(name, _)) => {
                let found = self.find_channel(name.expose());
                let channel = found.and_then(|key| self.channels.get(key));
                Some(channel.map_or("a channel".to_owned(), |it| format!("channel {}", it.api_id)))
            }
            _ => None,
        };
        let (name, data) = match deed {
            Deed::Do(command) => {
                let data = serde_json::to_value(command).unwrap_or_default();
                let name = data.get("do").and_then(Value::as_str).unwrap_or_default();
                (name.replace('-', " "), data)
            }
            Deed::Expect(expected) => {
                ("expect".to_owned(), serde_json::to_value(expected).unwrap_or_default())
            }
        };
        let mut members = Vec::new();
        gather(&data, &mut members);
        let what = match members.is_empty() {
            true => name,
            false => format!("{name}: {}", members.join(", ")),
        };
        (whom, what)
    }
}

/// Members with their values, those of members too.
fn gather(data: &Value, into: &mut Vec<String>) {
    let members = data.as_object().into_iter().flatten();
    // Expectations are of an instance, commands have said already of which.
    let is_command = data.get("do").is_some();
    for (name, value) in members {
        if HIDDEN.contains(&&**name) && (is_command || name != "instance") {
            continue;
        }
        let name = spaced(name);
        match value {
            Value::Null | Value::Bool(false) => {}
            Value::Object(_) => gather(value, into),
            Value::Bool(true) => into.push(name),
            Value::String(text) => into.push(format!("{name} {}", preview(text, LETTERS))),
            value => into.push(format!("{name} {}", preview(&value.to_string(), LETTERS))),
        }
    }
}
