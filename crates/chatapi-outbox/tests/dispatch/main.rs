//! The dispatcher over the sandbox, on virtual time: what is accepted arrives once, whatever the
//! gateway does.

#![expect(clippy::unwrap_used, reason = "a test")]

mod bad_weather;
mod bench;
mod checks;
mod front;
mod health;
#[cfg(feature = "metrics")]
mod metrics;
mod queue;
mod rerouting;
mod rules;
mod takeover;
