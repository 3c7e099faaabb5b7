//! The faults of a sandbox in the hands of a test.

use crate::Sandbox;
use crate::fault::{BadFault, Fault, FaultId, FaultState};
use crate::world::{Happening, Subject};

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
        self.sandbox.with(|world| {
            let mut fault = fault;
            if let Some(channel) = &mut fault.scope.channel {
                // No token is kept, nor shown in lists.
                let by_token = world.channels.find(channel);
                let by_token = by_token.and_then(|key| world.channels.get(key));
                let by_id = world.channels.iter().find(|it| it.api_id.as_str() == channel);
                match by_token.or(by_id) {
                    Some(found) => *channel = found.api_id.as_str().to_owned(),
                    None => return Err(BadFault::new("scope.channel: there is no such channel")),
                }
            }
            let what = format!("fault added: {}", fault.effect.name());
            let id = world.scene.faults.add(fault)?;
            world.scene.note(&Subject::Sandbox, Happening::Control(what.into()));
            Ok(id)
        })
    }

    /// The rules in force in the order in which they were added, and what they have done.
    #[must_use]
    pub fn list(&self) -> Vec<FaultState> {
        self.sandbox.with(|world| world.scene.faults.list().to_vec())
    }

    /// Takes a rule away; gives back whether it was there. What it has done stays done.
    pub fn remove(&self, id: FaultId) -> bool {
        self.sandbox.with(|world| {
            let removed = world.scene.faults.remove(id);
            if removed {
                let what = format!("fault {id} removed").into();
                world.scene.note(&Subject::Sandbox, Happening::Control(what));
            }
            removed
        })
    }

    /// Takes all rules away; gives back how many there were.
    pub fn clear(&self) -> usize {
        self.sandbox.with(|world| {
            let count = world.scene.faults.clear();
            if count > 0 {
                let what = "faults cleared".into();
                world.scene.note(&Subject::Sandbox, Happening::Control(what));
            }
            count
        })
    }
}
