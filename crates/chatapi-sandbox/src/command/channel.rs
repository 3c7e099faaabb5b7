//! What can be done to a channel.

use chatapi_types::Token;
use chatapi_types::wamm::{ChannelState, PayState};
use serde::{Deserialize, Serialize};

use super::world::named;
use super::{CommandError, Outcome, instance, valid_id};
use crate::Inbound;
use crate::wamm::address;
use crate::world::{Happening, Key, World};

/// Something that is done to a wamm channel.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(
    tag = "do",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub enum ChannelAction {
    /// Connects it, takes the connection away, blocks it.
    State {
        /// `authorized`, `notAuthorized`, `starting`, `blocked`.
        state: ChannelState,
    },
    /// Connects it anew: `starting` for a while, then `authorized`.
    Restart {},
    /// The channel rests in the archive, unpaid.
    Unpaid {},
    /// The channel is paid for again.
    Paid {},
    /// Replaces the token.
    RotateToken {
        /// The new one; one of the sandbox's choice unless given.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            serialize_with = "instance::token"
        )]
        token: Option<Token>,
    },
    /// A contact writes a text.
    Write {
        /// The contact's phone or nickname.
        chat: String,
        /// The text.
        text: String,
    },
    /// A contact does something: sends a file, edits …
    Send {
        /// The contact's phone or nickname.
        chat: String,
        /// What.
        message: Inbound,
    },
    /// Says where webhooks go, as people do in the vendor's account.
    Webhook {
        /// The address; nowhere unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// A contact reads all that has arrived or is on its way.
    Read {
        /// The contact's phone or nickname.
        chat: String,
    },
    /// Adds a contact, or gives the one that is there another name.
    AddContact {
        /// The contact's phone or nickname.
        chat: String,
        /// The name.
        name: String,
    },
    /// Closes a chat, as people do who have dealt with it.
    CloseChat {
        /// The contact's phone or nickname.
        chat: String,
    },
    /// The messenger gives no answer about numbers from now on.
    ChecksTimeOut {},
    /// The messenger answers about numbers again.
    ChecksAnswer {},
    /// Deletes the channel.
    Remove {},
}

impl World {
    /// A channel by its token or its `api_id`.
    pub(crate) fn find_channel(&self, name: &str) -> Option<Key> {
        self.channels.find(name).or_else(|| {
            let found = self.channels.iter().find(|channel| channel.api_id.as_str() == name);
            found.map(|channel| channel.key)
        })
    }

    pub(super) fn act_on_channel(
        &mut self,
        name: &Token,
        action: &ChannelAction,
    ) -> Result<Outcome, CommandError> {
        let missing = || CommandError::missing("there is no such channel");
        let key = self.find_channel(name.expose()).ok_or_else(missing)?;
        let is_taken = |token: &Token| self.channels.find(token.expose()).is_some();
        if let ChannelAction::RotateToken { token: Some(token) } = action {
            valid_id("a token", token.expose())?;
            if is_taken(token) {
                return Err(CommandError::impossible("there is a channel with this token"));
            }
        }
        let channel = self.channels.get_mut(key).ok_or_else(missing)?;
        let scene = &mut self.scene;
        let mut outcome = Outcome::default();
        let phone = |chat: &str| named("chat", chat).map(|chat| address(chat, channel.messenger));
        let (phone, what) = match action {
            ChannelAction::State { state } if !state.is_known() => {
                return Err(CommandError::invalid(
                    "`state` must be `authorized`, `notAuthorized`, `starting` or `blocked`",
                ));
            }
            ChannelAction::State { .. } => (String::new(), "connection changed"),
            ChannelAction::Restart {} => (String::new(), "restarted"),
            ChannelAction::Unpaid {} | ChannelAction::Paid {} => (String::new(), "payment changed"),
            ChannelAction::RotateToken { .. } => (String::new(), "token replaced"),
            ChannelAction::Write { chat, text } => {
                named("text", text)?;
                (phone(chat)?, "a contact writes")
            }
            ChannelAction::Send { chat, message } => {
                channel.hears(message)?;
                (phone(chat)?, "a contact acts")
            }
            ChannelAction::Webhook { .. } => (String::new(), "webhook set"),
            ChannelAction::Read { chat } => (phone(chat)?, "a contact reads"),
            ChannelAction::AddContact { chat, .. } => (phone(chat)?, "contact added"),
            ChannelAction::CloseChat { chat } => {
                let phone = phone(chat)?;
                if channel.chat(&phone).is_none() {
                    return Err(CommandError::missing("there is no such chat"));
                }
                (phone, "chat closed")
            }
            ChannelAction::ChecksTimeOut {} => (String::new(), "checks time out"),
            ChannelAction::ChecksAnswer {} => (String::new(), "checks answer"),
            ChannelAction::Remove {} => (String::new(), "removed"),
        };
        channel.note(scene, Happening::Control(what.into()));
        match action {
            ChannelAction::State { state } => channel.set_state(state.clone(), scene),
            ChannelAction::Restart {} => channel.restart(scene),
            ChannelAction::Unpaid {} => channel.pay_state = PayState::Archive,
            ChannelAction::Paid {} => channel.pay_state = PayState::Active,
            ChannelAction::RotateToken { token } => {
                let token = token.clone().unwrap_or_else(|| Token::new(scene.random.token()));
                channel.token = token.clone();
                self.channels.rename(key, token.expose());
                outcome.token = Some(token);
            }
            ChannelAction::Write { text, .. } => {
                outcome.message = Some(channel.contact_writes(&phone, text, scene));
            }
            ChannelAction::Send { message, .. } => {
                outcome.message = channel.contact_sends(&phone, message.clone(), scene);
            }
            ChannelAction::Webhook { url } => channel.set_webhook(url.clone(), scene),
            ChannelAction::Read { .. } => channel.contact_reads(&phone, scene),
            ChannelAction::AddContact { name, .. } => {
                channel.add_contact(&phone, name, scene);
            }
            ChannelAction::CloseChat { .. } => {
                if let Some(chat) = channel.chat_mut(&phone) {
                    chat.is_open = false;
                }
            }
            ChannelAction::ChecksTimeOut {} => channel.checks_time_out = true,
            ChannelAction::ChecksAnswer {} => channel.checks_time_out = false,
            ChannelAction::Remove {} => {
                channel.retire(scene);
                let token = channel.token.clone();
                self.channels.remove(token.expose());
            }
        }
        Ok(outcome)
    }
}
