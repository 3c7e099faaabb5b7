//! What can be done to the clock.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{CommandError, Outcome};
use crate::world::{Happening, Subject};
use crate::{ClockMode, Sandbox};

/// The longest time that one command lets pass: 10 years.
const MOST: f64 = 10.0 * 366.0 * 86_400.0;

/// Something that is done to the clock.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "do",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub enum ClockAction {
    /// Lets so many seconds pass.
    Advance {
        /// 0 or more.
        seconds: f64,
    },
    /// Lets time pass until nothing more happens by itself; see [`Sandbox::run_until_idle`].
    RunUntilIdle {},
    /// Lets time go in another way from now on.
    Clock {
        /// `real`, `frozen`, `auto`, or `x60` for sixty times as fast.
        mode: ClockMode,
    },
}

impl Sandbox {
    pub(super) fn apply_to_clock(&self, action: ClockAction) -> Result<Outcome, CommandError> {
        let passed = match action {
            ClockAction::Advance { seconds } => {
                if !(0.0..=MOST).contains(&seconds) {
                    let text = format!("time can be moved by 0 to {MOST} seconds at once");
                    return Err(CommandError::invalid(text));
                }
                self.clock().advance(Duration::from_secs_f64(seconds));
                Some(seconds)
            }
            ClockAction::RunUntilIdle {} => Some(self.run_until_idle().as_secs_f64()),
            ClockAction::Clock { mode } => {
                self.clock().switch(mode);
                None
            }
        };
        let what = match action {
            ClockAction::Advance { .. } => "clock advanced".into(),
            ClockAction::RunUntilIdle {} => "run until idle".into(),
            ClockAction::Clock { mode } => format!("clock: {mode}").into(),
        };
        self.with(|world| world.scene.note(&Subject::Sandbox, Happening::Control(what)));
        Ok(Outcome { passed, ..Outcome::default() })
    }
}
