//! The faults of a sandbox in the hands of a test.

use crate::Sandbox;
use crate::fault::{BadFault, Fault, FaultId, FaultState};

/// What goes wrong in a sandbox, to be ordered and called off.
///
/// ```
/// use chatapi_sandbox::fault::{Effect, Scope, Vendor, When};
/// use chatapi_sandbox::{Fault, Sandbox};
///
/// let sandbox = Sandbox::new();
/// // The third send is carried out, and its answer is lost.
/// let sends = Scope::vendor(Vendor::ChatApi).method("sendMessage");
/// let lost = Fault::new(Effect::AnswerLost { hold: None }).at(sends).when(When::Nth { n: 3 });
/// let id = sandbox.faults().add(lost)?;
/// assert_eq!(sandbox.faults().list()[0].hits, 0);
/// assert!(sandbox.faults().remove(id));
/// # Ok::<(), chatapi_sandbox::fault::BadFault>(())
/// ```
#[derive(Clone, Debug)]
pub struct FaultsHandle {
    sandbox: Sandbox,
}

impl Sandbox {
    /// What goes wrong in it.
    #[must_use]
    pub fn faults(&self) -> FaultsHandle {
        FaultsHandle { sandbox: self.clone() }
    }
}

impl FaultsHandle {
    /// Puts a rule in force.
    ///
    /// # Errors
    ///
    /// [`BadFault`] says what is wrong with it, or that too many are in force (1,000); nothing has
    /// changed then.
    pub fn add(&self, fault: Fault) -> Result<FaultId, BadFault> {
        self.sandbox.with(|world| world.add_fault(fault))
    }

    /// The rules in force in the order in which they were added, and what they have done.
    #[must_use]
    pub fn list(&self) -> Vec<FaultState> {
        self.sandbox.with(|world| world.scene.faults.list().to_vec())
    }

    /// Takes a rule away; gives back whether it was there. What it has done stays done.
    pub fn remove(&self, id: FaultId) -> bool {
        self.sandbox.with(|world| world.remove_fault(id))
    }

    /// Takes all rules away; gives back how many there were.
    pub fn clear(&self) -> usize {
        self.sandbox.with(|world| world.clear_faults())
    }
}
