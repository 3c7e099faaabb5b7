//! What became of a plan.

use std::fmt;

use chatapi_transport::Error;

use super::plan::{Plan, Step};
use crate::{Admin, Created};

/// What became of a plan, step by step. `Display` is for people.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report<'a> {
    /// The steps that were done.
    pub done: Vec<Done>,
    /// The steps that were not, or of which nobody knows.
    pub troubles: Vec<Trouble>,
    admin: &'a Admin,
    at_once: usize,
}

/// A step that was done.
#[derive(Debug)]
#[non_exhaustive]
pub struct Done {
    /// The step.
    pub step: Step,
    /// The instance that it created. Keep its token: no list shows it.
    pub created: Option<Created>,
}

/// A step that failed, or whose fate is unknown.
#[derive(Debug)]
#[non_exhaustive]
pub struct Trouble {
    /// The step.
    pub step: Step,
    /// Why.
    pub error: Error,
}

impl Trouble {
    /// Whether the step may have been done all the same: survey the fleet before taking it again.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.error.may_have_taken_effect()
    }
}

impl<'a> Report<'a> {
    pub(super) const fn new(admin: &'a Admin, at_once: usize) -> Self {
        Self { done: Vec::new(), troubles: Vec::new(), admin, at_once }
    }

    /// Whether every step was done.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.troubles.is_empty()
    }

    /// The plan to go on with: the steps that were certainly not done. Steps in doubt are left out,
    /// because taking them again might do them twice.
    pub fn rest(&self) -> Plan<'a> {
        let certain = self.troubles.iter().filter(|trouble| !trouble.is_in_doubt());
        Plan::new(self.admin, self.at_once, certain.map(|trouble| trouble.step.clone()).collect())
    }

    /// The steps that may have been done: survey the fleet to know.
    pub fn in_doubt(&self) -> impl Iterator<Item = &Trouble> {
        self.troubles.iter().filter(|trouble| trouble.is_in_doubt())
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} done", self.done.len())?;
        for Trouble { step, error } in &self.troubles {
            write!(f, "\nnot done: {step}: {error}")?;
        }
        Ok(())
    }
}
