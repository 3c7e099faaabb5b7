//! Scenarios that play.

use std::collections::VecDeque;
use std::time::Duration;

use chatapi_types::UnixMillis;
use serde::{Deserialize, Serialize};

use super::{Deed, STEPS, Scenario};
use crate::CommandError;
use crate::command::{Command, WorldAction};
use crate::world::{Event, Happening, Subject, World};

/// How many are kept: those that play and, for a while, those that did.
const KEPT: usize = 32;

/// How many mishaps of each are kept.
const MISHAPS: usize = 100;

/// The scenarios of a world.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Scenarios {
    plays: VecDeque<Play>,
    #[serde(deserialize_with = "crate::world::saved::count")]
    last: u64,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Play {
    id: u64,
    name: Option<String>,
    began: UnixMillis,
    pub(super) deeds: Vec<Deed>,
    /// Beside each deed, how far it is. Older snapshots have none.
    #[serde(default)]
    pub(super) courses: Vec<Course>,
    total: usize,
    done: usize,
    mishaps: Vec<Mishap>,
}

/// When a step happens, and how often it has.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Course {
    first: UnixMillis,
    every: Duration,
    pub(super) times: usize,
    pub(super) done: usize,
}

/// How far a scenario is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Playing {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: Option<String>,
    /// When it began, in the sandbox's time.
    pub began: UnixMillis,
    /// How many steps there are, repetitions counted.
    pub steps: usize,
    /// How many have happened.
    pub done: usize,
    /// Whether all have.
    pub is_over: bool,
    /// What went wrong: commands that could not be done, expectations that were not met.
    pub mishaps: Vec<Mishap>,
}

/// A step that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Mishap {
    /// The step, counted from 1 as it stands in the file.
    pub step: usize,
    /// When, in the sandbox's time.
    pub at: UnixMillis,
    /// What.
    pub error: String,
}

impl Scenarios {
    pub(crate) fn list(&self) -> Vec<Playing> {
        self.plays.iter().map(Play::playing).collect()
    }

    #[cfg(feature = "page")]
    pub(super) fn plays(&self) -> impl DoubleEndedIterator<Item = &Play> {
        self.plays.iter()
    }
}

impl Play {
    pub(super) fn playing(&self) -> Playing {
        Playing {
            id: self.id,
            name: self.name.clone(),
            began: self.began,
            steps: self.total,
            done: self.done,
            is_over: self.done == self.total,
            mishaps: self.mishaps.clone(),
        }
    }
}

impl Course {
    /// When it happens for the n-th time, counted from 0.
    #[cfg(feature = "page")]
    pub(super) fn at(&self, n: usize) -> UnixMillis {
        self.first.plus(self.every.saturating_mul(u32::try_from(n).unwrap_or(u32::MAX)))
    }
}

impl World {
    pub(crate) fn play(&mut self, scenario: &Scenario) -> Result<u64, CommandError> {
        let scenarios = &mut self.scenarios;
        if scenarios.plays.len() >= KEPT {
            let over = scenarios.plays.iter().position(|play| play.done == play.total);
            let over = over.ok_or_else(|| {
                CommandError::impossible(format!("{KEPT} scenarios play: no room for more"))
            })?;
            scenarios.plays.remove(over);
        }
        let now = self.scene.unix();
        let (mut times, mut courses) = (Vec::new(), Vec::new());
        for (number, step) in scenario.steps.iter().enumerate() {
            let first = step.at.from(now);
            let repeat = step.repeat.map_or((Duration::ZERO, 1), |it| (it.every, it.times));
            courses.push(Course {
                first: now.plus(first),
                every: repeat.0,
                times: repeat.1,
                done: 0,
            });
            let mut at = first;
            for _ in 0..repeat.1.min(STEPS + 1) {
                times.push((at, number));
                at = at.saturating_add(repeat.0);
            }
        }
        if times.len() > STEPS {
            return Err(CommandError::invalid(format!("a scenario has at most {STEPS} steps")));
        }
        // Steps of one moment happen as they stand in the file.
        times.sort_by_key(|(at, number)| (*at, *number));
        scenarios.last += 1;
        let id = scenarios.last;
        scenarios.plays.push_back(Play {
            id,
            name: scenario.name.clone(),
            began: now,
            deeds: scenario.steps.iter().map(|step| step.deed.clone()).collect(),
            courses,
            total: times.len(),
            done: 0,
            mishaps: Vec::new(),
        });
        for (delay, step) in times {
            self.scene.plan_in(delay, Event::Scenario { id, step });
        }
        self.scene.note(&Subject::Sandbox, Happening::Control("scenario began".into()));
        self.tell_doubts(scenario);
        Ok(id)
    }

    /// Writes down which steps are for an instance or channel that is not there, and that no step
    /// adds: somebody else may still add it, more likely its name is wrong.
    fn tell_doubts(&mut self, scenario: &Scenario) {
        let adds = |wanted: &dyn Fn(&WorldAction) -> bool| {
            scenario.steps.iter().any(
                |step| matches!(&step.deed, Deed::Do(Command::World(action)) if wanted(action)),
            )
        };
        let mut doubts = Vec::new();
        for (number, step) in scenario.steps.iter().enumerate() {
            let (is_doubtful, whom) = match &step.deed {
                Deed::Do(Command::Instance(id, _)) => {
                    let comes = adds(&|action| {
                        matches!(action, WorldAction::AddInstance { id: new, .. }
                            if new.as_ref().is_none_or(|new| new == id))
                    });
                    let is_there = self.instances.find(id.as_str()).is_some();
                    (!is_there && !comes, format!("instance {id}"))
                }
                Deed::Do(Command::Channel(name, _)) => {
                    let comes = adds(&|action| matches!(action, WorldAction::AddChannel { .. }));
                    let is_there = self.find_channel(name.expose()).is_some();
                    (!is_there && !comes, "a channel".to_owned())
                }
                _ => continue,
            };
            if is_doubtful && doubts.len() < MISHAPS {
                doubts.push(format!(
                    "scenario: step {} is for {whom} that is not there yet",
                    number + 1
                ));
            }
        }
        for doubt in doubts {
            self.scene.note(&Subject::Sandbox, Happening::Control(doubt.into()));
        }
    }

    /// The time of a step has come.
    pub(crate) fn play_step(&mut self, id: u64, step: usize) {
        let find = |play: &&Play| play.id == id;
        let deed = self.scenarios.plays.iter().find(find).and_then(|play| play.deeds.get(step));
        let Some(deed) = deed.cloned() else {
            return;
        };
        let error = match &deed {
            Deed::Do(command) => self.apply(command).err().map(|error| error.to_string()),
            Deed::Expect(expectation) => {
                crate::expect::now(expectation, self).err().map(|unmet| unmet.to_string())
            }
        };
        let at = self.scene.unix();
        let Some(play) = self.scenarios.plays.iter_mut().find(|play| play.id == id) else {
            return;
        };
        play.done = play.done.saturating_add(1);
        if let Some(course) = play.courses.get_mut(step) {
            course.done = course.done.saturating_add(1);
        }
        let is_over = play.done == play.total;
        // Of an expectation the journal tells no more: what was found there are people's messages.
        let why = error.as_deref().map(|error| match deed {
            Deed::Do(_) => error.to_owned(),
            Deed::Expect(_) => "an expectation was not met".to_owned(),
        });
        if let Some(error) = error
            && play.mishaps.len() < MISHAPS
        {
            play.mishaps.push(Mishap { step: step + 1, at, error });
        }
        let mut note = |what: String| {
            self.scene.note(&Subject::Sandbox, Happening::Control(what.into()));
        };
        if let Some(why) = why {
            note(format!("scenario: step {} went wrong: {why}", step + 1));
        }
        if is_over {
            note("scenario over".to_owned());
        }
    }
}
