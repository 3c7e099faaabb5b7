//! What would be done, before it is.

use std::fmt;

use chatapi_transport::{Error, Result};
use chatapi_types::admin::{
    CleanInstance, DeleteInstance, NewInstance, ReloadInstance, TransferDays,
};
use chatapi_types::{Call, InstanceId};
use futures_util::{StreamExt, stream};

use super::report::{Done, Report, Trouble};
use crate::{Admin, Platform};

/// What would be done to which instances. Making one does nothing: print it, show it to somebody,
/// then [`run`](Self::run) it, or drop it. That is the dry run.
#[derive(Clone, Debug)]
#[must_use = "a plan does nothing until it is run"]
pub struct Plan<'a> {
    admin: &'a Admin,
    at_once: usize,
    steps: Vec<Step>,
    confirmed: bool,
}

/// One step of a plan: one call to the vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Create an instance.
    Create(Platform),
    /// Restart an instance.
    Restart(InstanceId),
    /// Clean an instance.
    Clean(InstanceId),
    /// Delete an instance. It cannot be undone.
    Delete(InstanceId),
    /// Transfer paid days.
    Transfer {
        /// Who gives.
        source: InstanceId,
        /// Who takes.
        receiver: InstanceId,
        /// How many days.
        days: u32,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(platform) => write!(f, "create an instance on {platform}"),
            Self::Restart(id) => write!(f, "restart instance {id}"),
            Self::Clean(id) => write!(f, "clean instance {id}"),
            Self::Delete(id) => write!(f, "DELETE instance {id} for good"),
            Self::Transfer { source, receiver, days } => {
                write!(f, "transfer {days} days from instance {source} to {receiver}")
            }
        }
    }
}

impl<'a> Plan<'a> {
    pub(super) const fn new(admin: &'a Admin, at_once: usize, steps: Vec<Step>) -> Self {
        Self { admin, at_once, steps, confirmed: false }
    }

    /// The steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Confirms that this many instances shall be deleted for good, by saying their number again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when the plan deletes another
    /// number.
    pub fn confirm_deletions(mut self, instances: usize) -> Result<Self> {
        let deletions = self.deletions();
        if deletions != instances {
            return Err(Error::invalid(
                DeleteInstance::NAME,
                format!("the plan deletes {deletions} instances, but {instances} were confirmed"),
            ));
        }
        self.confirmed = true;
        Ok(self)
    }

    fn deletions(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::Delete(_))).count()
    }

    /// Does it: independent steps side by side, transfers one after another, because each may need
    /// the days that the one before has brought.
    ///
    /// A step that fails does not stop the others. The report says of each what became of it, and
    /// [`Report::rest`] is the plan to go on with.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when instances would be deleted
    /// and [`confirm_deletions`](Self::confirm_deletions) was not called. Nothing is done then.
    pub async fn run(self) -> Result<Report<'a>> {
        let deletions = self.deletions();
        if deletions > 0 && !self.confirmed {
            return Err(Error::invalid(
                DeleteInstance::NAME,
                format!("the plan deletes {deletions} instances for good: confirm that first"),
            ));
        }
        let side_by_side = match self.steps.iter().any(|step| matches!(step, Step::Transfer { .. }))
        {
            true => 1,
            false => self.at_once,
        };
        let admin = self.admin;
        let results: Vec<_> = stream::iter(self.steps)
            .map(|step| async move {
                let result = take(admin, &step).await;
                (step, result)
            })
            .buffered(side_by_side)
            .collect()
            .await;
        let mut report = Report::new(admin, self.at_once);
        for (step, result) in results {
            match result {
                Ok(created) => report.done.push(Done { step, created }),
                Err(error) => report.troubles.push(Trouble { step, error }),
            }
        }
        Ok(report)
    }
}

async fn take(admin: &Admin, step: &Step) -> Result<Option<crate::Created>> {
    let gateway = admin.gateway();
    match step {
        Step::Create(platform) => {
            return admin.instances().create(platform.clone()).await.map(Some);
        }
        Step::Restart(id) => gateway.call(&ReloadInstance::new(id)).await.map(drop)?,
        Step::Clean(id) => gateway.call(&CleanInstance::new(id)).await.map(drop)?,
        Step::Delete(id) => gateway.call(&DeleteInstance::new(id)).await.map(drop)?,
        Step::Transfer { source, receiver, days } => {
            gateway.call(&TransferDays::new(source, receiver, *days)).await.map(drop)?;
        }
    }
    Ok(None)
}

impl Step {
    /// The vendor's name for the call.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => NewInstance::NAME,
            Self::Restart(_) => ReloadInstance::NAME,
            Self::Clean(_) => CleanInstance::NAME,
            Self::Delete(_) => DeleteInstance::NAME,
            Self::Transfer { .. } => TransferDays::NAME,
        }
    }
}

impl fmt::Display for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return f.write_str("nothing to do");
        }
        for (at, step) in self.steps.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{:>4}. {step}", at + 1)?;
        }
        Ok(())
    }
}
