//! Everything that can be done to a sandbox, as data.

mod channel;
mod check;
mod clock;
mod instance;
mod outcome;
mod wire;
mod world;

use chatapi_types::{InstanceId, Token};

use crate::Sandbox;
use crate::world::World;

pub use channel::ChannelAction;
pub use clock::ClockAction;
pub use instance::InstanceAction;
pub use outcome::{CommandError, Outcome, Problem};
pub use world::WorldAction;

pub(crate) use outcome::valid_id;

/// Something that is done to a sandbox, as data: what tests, scenarios, the control API and the page
/// share. [`Sandbox::apply`] does it.
///
/// In JSON a command is one flat object. `do` says what; `instance` or `channel`, where it is done to
/// one; the other members are the command's own. Members that nobody knows are refused.
///
/// ```
/// use chatapi_sandbox::{Command, Sandbox};
///
/// let sandbox = Sandbox::new();
/// for command in [
///     r#"{"do":"add-instance","id":"123","token":"secret"}"#,
///     r#"{"instance":"123","do":"battery","percent":4}"#,
///     r#"{"do":"advance","seconds":60}"#,
/// ] {
///     sandbox.apply(serde_json::from_str::<Command>(command)?)?;
/// }
/// let wrong: Command = serde_json::from_str(r#"{"instance":"7","do":"offline"}"#)?;
/// assert_eq!(sandbox.apply(wrong).unwrap_err().to_string(), "there is no instance 7");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Command {
    /// To the sandbox's clock.
    Clock(ClockAction),
    /// To the sandbox as a whole.
    World(WorldAction),
    /// To a Chat API instance and its phone.
    Instance(InstanceId, InstanceAction),
    /// To a wamm channel, by its token or its `api_id`.
    Channel(Token, ChannelAction),
}

impl From<ClockAction> for Command {
    fn from(action: ClockAction) -> Self {
        Self::Clock(action)
    }
}

impl From<WorldAction> for Command {
    fn from(action: WorldAction) -> Self {
        Self::World(action)
    }
}

impl Sandbox {
    /// Does something to the sandbox.
    ///
    /// # Errors
    ///
    /// [`CommandError`] when it cannot be done as things are; nothing has changed then.
    pub fn apply(&self, command: impl Into<Command>) -> Result<Outcome, CommandError> {
        match command.into() {
            Command::Clock(action) => self.apply_to_clock(action),
            Command::World(WorldAction::Reset {}) => {
                self.reset();
                Ok(Outcome::default())
            }
            command => self.with(|world| world.apply(&command)),
        }
    }
}

impl World {
    /// Does what needs neither a clock nor another world.
    pub(crate) fn apply(&mut self, command: &Command) -> Result<Outcome, CommandError> {
        command.check()?;
        match command {
            Command::Clock(_) => Err(CommandError::invalid(
                "a scenario cannot move the clock: it goes by it. Give its steps other times",
            )),
            Command::World(action) => self.act(action),
            Command::Instance(id, action) => self.act_on_instance(id, action),
            Command::Channel(name, action) => self.act_on_channel(name, action),
        }
    }
}
