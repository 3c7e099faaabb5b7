//! What can be done to the sandbox as a whole.

use chatapi_types::{ApiKey, InstanceId, Messenger, Token};
use serde::{Deserialize, Serialize};

use super::{CommandError, Outcome, valid_id};
use crate::fault::{Fault, FaultId};
use crate::world::{Account, Happening, Subject, World};

/// How many instances, channels and accounts commands can make, each: nothing grows without end.
const MOST: usize = 10_000;

/// Something that is done to the sandbox as a whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(
    tag = "do",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub enum WorldAction {
    /// Adds a Chat API instance: authenticated, its phone online and charged.
    AddInstance {
        /// Its number; one of the sandbox's choice unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<InstanceId>,
        /// Its token; one of the sandbox's choice unless given.
        #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "self::token")]
        token: Option<Token>,
        /// The API key of the account that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "self::key")]
        account: Option<ApiKey>,
    },
    /// Adds a wamm channel, authorized.
    AddChannel {
        /// Its token; one of the sandbox's choice unless given.
        #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "self::token")]
        token: Option<Token>,
        /// Its messenger.
        messenger: Messenger,
    },
    /// Adds an account through which instances are created and deleted.
    AddAccount {
        /// Its API key (`uid`).
        #[serde(serialize_with = "ApiKey::serialize_exposed")]
        uid: ApiKey,
    },
    /// From now on the messenger knows nobody by this number.
    NoAccount {
        /// The number, or a chat.
        phone: String,
    },
    /// The number has an account again.
    HasAccount {
        /// The number, or a chat.
        phone: String,
    },
    /// Gives a contact a name.
    NameContact {
        /// The number, or a chat.
        phone: String,
        /// The name.
        name: String,
    },
    /// Puts a fault in force: the command's other members are the fault's.
    AddFault(Box<Fault>),
    /// Takes a fault away. What it has done stays done.
    RemoveFault {
        /// Its id.
        id: FaultId,
    },
    /// Takes all faults away.
    ClearFaults {},
    /// Makes the wamm account, to which all channels belong, a test account.
    TestAccount {},
    /// Makes the wamm account a paid one.
    PaidAccount {},
    /// From now on the file at this address cannot be had.
    DeadLink {
        /// The address.
        url: String,
    },
    /// Puts everything back to how it was at the beginning; see [`Sandbox::reset`](crate::Sandbox::reset).
    Reset {},
}

impl World {
    pub(super) fn act(&mut self, action: &WorldAction) -> Result<Outcome, CommandError> {
        match action {
            WorldAction::AddInstance { id, token, account } => {
                return self.add_instance(id.as_ref(), token.as_ref(), account.as_ref());
            }
            WorldAction::AddChannel { token, messenger } => {
                return self.add_channel(token.as_ref(), *messenger);
            }
            WorldAction::AddAccount { uid } => {
                valid_id("an API key", uid.expose())?;
                has_room("accounts", self.accounts.len())?;
                if self.account(uid).is_some() {
                    return Err(CommandError::impossible("there is an account with this API key"));
                }
                self.accounts.push(Account { key: uid.clone() });
                self.note("account added");
            }
            WorldAction::NoAccount { phone } => {
                self.scene.people.close_account(named("phone", phone)?);
                self.note("number without account");
            }
            WorldAction::HasAccount { phone } => {
                self.scene.people.open_account(named("phone", phone)?);
                // What waits for it has a prospect again.
                self.instances.iter_mut().for_each(|instance| instance.settle(&mut self.scene));
                self.note("number with account");
            }
            WorldAction::NameContact { phone, name } => {
                self.scene.people.name(named("phone", phone)?, name);
                self.note("contact named");
            }
            WorldAction::DeadLink { url } => {
                self.scene.people.break_link(named("url", url)?);
                self.note("link broken");
            }
            WorldAction::AddFault(fault) => {
                let fault = Some(self.add_fault(Fault::clone(fault))?);
                return Ok(Outcome { fault, ..Outcome::default() });
            }
            WorldAction::RemoveFault { id } => {
                if !self.remove_fault(*id) {
                    return Err(CommandError::missing(format!("there is no fault {id}")));
                }
            }
            WorldAction::ClearFaults {} => {
                let cleared = Some(self.clear_faults());
                return Ok(Outcome { cleared, ..Outcome::default() });
            }
            WorldAction::TestAccount {} => self.test_account(true),
            WorldAction::PaidAccount {} => self.test_account(false),
            WorldAction::Reset {} => {
                let text = "a scenario cannot reset the sandbox that it plays in";
                return Err(CommandError::invalid(text));
            }
        }
        Ok(Outcome::default())
    }

    /// Makes the wamm account a test account, or a paid one.
    pub(crate) fn test_account(&mut self, on: bool) {
        self.note(if on { "test account" } else { "paid account" });
        self.scene.office.test(on, self.scene.now);
    }

    fn note(&mut self, what: &'static str) {
        self.scene.note(&Subject::Sandbox, Happening::Control(what.into()));
    }

    fn account(&self, key: &ApiKey) -> Option<usize> {
        self.accounts.iter().position(|account| account.key.expose() == key.expose())
    }

    fn add_instance(
        &mut self,
        id: Option<&InstanceId>,
        token: Option<&Token>,
        account: Option<&ApiKey>,
    ) -> Result<Outcome, CommandError> {
        has_room("instances", self.instances.iter().count())?;
        if let Some(id) = id {
            valid_id("an instance's number", id.as_str())?;
            if self.instances.find(id.as_str()).is_some() {
                return Err(CommandError::impossible(format!("there is an instance {id} already")));
            }
        }
        if let Some(token) = token {
            valid_id("a token", token.expose())?;
        }
        let owner = match account {
            Some(key) => Some(self.account(key).ok_or_else(|| {
                CommandError::missing("there is no account with this API key: add it first")
            })?),
            None => None,
        };
        let id = id.cloned().unwrap_or_else(|| self.next_instance_id());
        let token = token.cloned().unwrap_or_else(|| Token::new(self.scene.random.token()));
        self.place_instance(id.clone(), token.clone(), owner);
        Ok(Outcome { instance: Some(id), token: Some(token), ..Outcome::default() })
    }

    fn add_channel(
        &mut self,
        token: Option<&Token>,
        messenger: Messenger,
    ) -> Result<Outcome, CommandError> {
        has_room("channels", self.channels.iter().count())?;
        if let Some(token) = token {
            valid_id("a token", token.expose())?;
            if self.channels.find(token.expose()).is_some() {
                return Err(CommandError::impossible("there is a channel with this token"));
            }
        }
        let token = token.cloned().unwrap_or_else(|| Token::new(self.scene.random.token()));
        let key = self.place_channel(token.clone(), messenger);
        let channel = self.channels.get(key).map(|channel| channel.api_id.clone());
        Ok(Outcome { channel, token: Some(token), ..Outcome::default() })
    }
}

/// A text that is there and not without measure.
pub(super) fn named<'a>(what: &str, text: &'a str) -> Result<&'a str, CommandError> {
    match (1..=4_096).contains(&text.trim().len()) {
        true => Ok(text),
        false => Err(CommandError::invalid(format!("`{what}` must have 1 to 4096 bytes"))),
    }
}

fn has_room(what: &str, there: usize) -> Result<(), CommandError> {
    match there < MOST {
        true => Ok(()),
        false => {
            Err(CommandError::impossible(format!("there are {MOST} {what}: no room for more")))
        }
    }
}

fn token<S: serde::Serializer>(token: &Option<Token>, to: S) -> Result<S::Ok, S::Error> {
    token.as_ref().map(Token::expose).serialize(to)
}

fn key<S: serde::Serializer>(key: &Option<ApiKey>, to: S) -> Result<S::Ok, S::Error> {
    key.as_ref().map(ApiKey::expose).serialize(to)
}
