//! What is to be done next, as pure functions and a pure state machine: no I/O, no clock, no chance
//! but what is handed in. The dispatcher carries it out; the simulator tries to break it.

mod acks;
mod classify;
mod figures;
mod lane;
mod look;
mod pacing;
mod reconcile;

pub use acks::{Tells, after_ack};
pub use classify::Verdict;
pub use figures::{BadFigures, Figures};
pub use lane::{Answer, Lane, Step};
pub use look::{Likeness, Look};
pub use pacing::{next_departure, recovers};
pub use reconcile::{Finding, Observation, Resolution, find, resolve};
