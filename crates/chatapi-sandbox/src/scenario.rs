//! Files that say what happens when.

#[cfg(feature = "page")]
mod look;
mod play;
mod read;
mod time;

use std::time::Duration;

use crate::expect::Expectation;
use crate::{Command, Sandbox};

pub use play::{Mishap, Playing};
pub use read::BadScenario;

#[cfg(feature = "page")]
pub(crate) use look::{PlayView, StepView};
pub(crate) use play::Scenarios;
pub use time::At;

/// How many steps a scenario can have, repetitions counted.
pub(crate) const STEPS: usize = 10_000;

/// What happens when: commands with times, from a file in YAML or JSON.
///
/// ```yaml
/// name: a phone dies in the evening
/// steps:
///   - at: 30s
///     instance: 123
///     do: battery
///     percent: 4
///   - at: 18:00          # the next time it is 6 p.m. (UTC) in the sandbox
///     instance: 123
///     do: offline
///   - at: 18:05
///     repeat: { every: 10s, times: 3 }
///     instance: 123
///     do: write
///     chat: "79000000001"
///     text: Where is my order?
///   - at: 20:00
///     expect: { match: { chat: "79000000001" }, count: { atLeast: 1 } }
/// ```
///
/// A step is a [`Command`] and `at`: so long after the scenario began (`30s`, `2m`, `1h30m`, or a
/// number of seconds; at once unless given), or the next time of day. `repeat` does it again. Instead
/// of a command it may `expect` something of that moment. Steps belong to the plans of the sandbox:
/// they happen at their moment however time comes to pass, and are kept in snapshots.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scenario {
    /// Its name.
    pub name: Option<String>,
    /// Its steps, in any order.
    pub steps: Vec<Step>,
}

/// Something that happens in a scenario.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Step {
    /// When.
    pub at: At,
    /// How often again, and at what distance.
    pub repeat: Option<Repeat>,
    /// What.
    pub deed: Deed,
}

/// How often a step happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repeat {
    /// The time from one to the next.
    pub every: Duration,
    /// How often altogether.
    pub times: usize,
}

/// What a step does.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Deed {
    /// Does something.
    Do(Command),
    /// Looks whether something is so.
    Expect(Box<Expectation>),
}

impl Scenario {
    /// Reads a scenario in YAML, or in JSON, which is YAML.
    ///
    /// # Errors
    ///
    /// [`BadScenario`] names the line, the step and what is wrong with it.
    pub fn read(text: &str) -> Result<Self, BadScenario> {
        read::read(text)
    }
}

impl Sandbox {
    /// Plays a scenario from now on. Gives back its number in [`scenarios`](Self::scenarios).
    ///
    /// # Errors
    ///
    /// [`CommandError`](crate::CommandError) when as many play already as can. A step that cannot be
    /// done when its time comes stops nothing: it stands among the scenario's
    /// [mishaps](Playing::mishaps), and in the journal with the reason. The journal also tells at
    /// once which steps are for an instance or channel that is not there.
    pub fn play(&self, scenario: &Scenario) -> Result<u64, crate::CommandError> {
        self.with(|world| world.play(scenario))
    }

    /// The scenarios that play, and the latest that did.
    #[must_use]
    pub fn scenarios(&self) -> Vec<Playing> {
        self.with(|world| world.scenarios.list())
    }
}
