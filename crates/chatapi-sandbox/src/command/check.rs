//! What can be said against a command before anybody knows the sandbox that it is for.

use super::instance::{chat_of, people_of};
use super::world::named;
use super::{ChannelAction, Command, CommandError, InstanceAction, WorldAction, valid_id};

impl Command {
    /// Whether it could ever be carried out.
    ///
    /// # Errors
    ///
    /// [`CommandError`] says which member is wrong.
    pub(crate) fn check(&self) -> Result<(), CommandError> {
        match self {
            Self::Clock(_) => Ok(()),
            Self::World(action) => check_world(action),
            Self::Instance(id, action) => {
                named("instance", id.as_str())?;
                check_instance(action)
            }
            Self::Channel(name, action) => {
                named("channel", name.expose())?;
                check_channel(action)
            }
        }
    }
}

fn check_world(action: &WorldAction) -> Result<(), CommandError> {
    match action {
        WorldAction::AddInstance { id, token, .. } => {
            if let Some(id) = id {
                valid_id("an instance's number", id.as_str())?;
            }
            token.as_ref().map_or(Ok(()), |token| valid_id("a token", token.expose()))
        }
        WorldAction::AddChannel { token, .. } => {
            token.as_ref().map_or(Ok(()), |token| valid_id("a token", token.expose()))
        }
        WorldAction::AddAccount { uid } => valid_id("an API key", uid.expose()),
        WorldAction::NoAccount { phone }
        | WorldAction::HasAccount { phone }
        | WorldAction::NameContact { phone, .. } => named("phone", phone).map(drop),
        WorldAction::DeadLink { url } => named("url", url).map(drop),
        WorldAction::AddFault(fault) => fault.check().map_err(CommandError::from),
        _ => Ok(()),
    }
}

fn check_instance(action: &InstanceAction) -> Result<(), CommandError> {
    match action {
        InstanceAction::Battery { percent: 101.. } => {
            Err(CommandError::invalid("`percent` must be 0 to 100"))
        }
        InstanceAction::RotateToken { token: Some(token) } => valid_id("a token", token.expose()),
        InstanceAction::Write { chat, text } => {
            named("text", text)?;
            chat_of(chat).map(drop)
        }
        InstanceAction::AddGroup { name, members } => {
            named("name", name)?;
            people_of(members).map(drop)
        }
        InstanceAction::Send { chat, .. }
        | InstanceAction::Read { chat }
        | InstanceAction::Order { chat, .. } => chat_of(chat).map(drop),
        _ => Ok(()),
    }
}

fn check_channel(action: &ChannelAction) -> Result<(), CommandError> {
    match action {
        ChannelAction::State { state } if !state.is_known() => Err(CommandError::invalid(
            "`state` must be `authorized`, `notAuthorized`, `starting` or `blocked`",
        )),
        ChannelAction::RotateToken { token: Some(token) } => valid_id("a token", token.expose()),
        ChannelAction::Write { chat, text } => {
            named("text", text)?;
            named("chat", chat).map(drop)
        }
        ChannelAction::Send { chat, .. }
        | ChannelAction::Read { chat }
        | ChannelAction::AddContact { chat, .. }
        | ChannelAction::CloseChat { chat } => named("chat", chat).map(drop),
        _ => Ok(()),
    }
}
