//! What can be done to an instance and its phone.

use chatapi_types::{ChatId, InstanceId, Token};
use serde::{Deserialize, Serialize};

use super::world::named;
use super::{CommandError, Outcome, valid_id};
use crate::Inbound;
use crate::world::{Happening, World, digits_of};

/// Something that is done to a Chat API instance or its phone. What follows from it takes its time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(
    tag = "do",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub enum InstanceAction {
    /// Wakes an instance that is asleep.
    Wake {},
    /// Scans the QR code with the phone.
    ScanQr {},
    /// Lets the QR code run out before its time.
    ExpireQr {},
    /// Shows a new QR code in place of one that has run out.
    NewQr {},
    /// Unlinks the phone. What is queued stays.
    LogOut {},
    /// Switches the phone off, or takes its network away.
    Offline {},
    /// Leaves the phone with a bad network.
    Poor {},
    /// Pulls the cable out: from now on the battery runs down.
    Unplug {},
    /// Plugs the cable in.
    PlugIn {},
    /// Takes the network away from the vendor's computer.
    ServerOffline {},
    /// Lets the messenger block the instance's proxy.
    BlockProxy {},
    /// Ends `server-offline` and `block-proxy`.
    ServerOnline {},
    /// Says where webhooks go.
    Webhook {
        /// The address; nowhere unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// Lets the phone fall silent without a reason that the gateway knows.
    Silent {},
    /// Brings the phone back.
    Online {},
    /// Sets the charge of the battery; at 0 the phone goes off.
    Battery {
        /// 0 to 100.
        percent: u8,
    },
    /// Opens the messenger in another window, which interrupts the session.
    SecondSession {},
    /// Closes the other window.
    CloseSecondSession {},
    /// Closes the other window from here, and opens the session again.
    Takeover {},
    /// The instance is not paid for any more.
    Unpaid {},
    /// The instance is paid for again.
    Paid {},
    /// Replaces the token.
    RotateToken {
        /// The new one; one of the sandbox's choice unless given.
        #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "self::token")]
        token: Option<Token>,
    },
    /// Drops everything that waits.
    ClearQueue {},
    /// A contact writes a text.
    Write {
        /// The contact's phone, or a chat.
        chat: ChatId,
        /// The text.
        text: String,
    },
    /// A contact does something: sends a file, a place, calls, joins a group, edits …
    Send {
        /// The contact's phone, or a chat.
        chat: ChatId,
        /// What.
        message: Inbound,
    },
    /// A contact makes a group and takes the account into it.
    AddGroup {
        /// The group's name.
        name: String,
        /// Who is in it besides the account: phones. The first makes it.
        members: Vec<String>,
    },
    /// A contact reads all that has arrived or is on its way.
    Read {
        /// The contact's phone, or a chat.
        chat: ChatId,
    },
    /// A contact orders products of the catalogue.
    Order {
        /// The contact's phone, or a chat.
        chat: ChatId,
        /// The products' ids.
        products: Vec<String>,
    },
    /// Deletes the instance.
    Remove {},
}

pub(super) fn token<S: serde::Serializer>(token: &Option<Token>, to: S) -> Result<S::Ok, S::Error> {
    token.as_ref().map(Token::expose).serialize(to)
}

/// A chat from its id or from a phone number however it is written.
pub(super) fn chat_of(chat: &ChatId) -> Result<ChatId, CommandError> {
    let text = named("chat", chat.as_str())?;
    match text.contains('@') {
        true => Ok(chat.clone()),
        false => match digits_of(text) {
            digits if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(ChatId::new(format!("{digits}@c.us")))
            }
            _ => Err(CommandError::invalid("`chat` must be a phone number or a chat's id")),
        },
    }
}

/// The numbers of people, however their phones are written.
pub(super) fn people_of(phones: &[String]) -> Result<Vec<String>, CommandError> {
    let numbers = phones.iter().map(|phone| {
        let chat = chat_of(&ChatId::new(phone.as_str())).ok();
        let number = chat.and_then(|chat| Some(chat.as_str().strip_suffix("@c.us")?.to_owned()));
        number.ok_or_else(|| CommandError::invalid("`members` must be phone numbers"))
    });
    let numbers: Vec<_> = numbers.collect::<Result<_, _>>()?;
    match numbers.is_empty() {
        true => Err(CommandError::invalid("`members` must have at least one: who makes the group")),
        false => Ok(numbers),
    }
}

impl World {
    pub(super) fn act_on_instance(
        &mut self,
        id: &InstanceId,
        action: &InstanceAction,
    ) -> Result<Outcome, CommandError> {
        let missing = || CommandError::missing(format!("there is no instance {id}"));
        if let InstanceAction::Remove {} = action {
            let mut instance = self.instances.remove(id.as_str()).ok_or_else(missing)?;
            instance.note(&mut self.scene, Happening::Control("removed".into()));
            instance.retire(&mut self.scene);
            return Ok(Outcome::default());
        }
        let key = self.instances.find(id.as_str()).ok_or_else(missing)?;
        let instance = self.instances.get_mut(key).ok_or_else(missing)?;
        let scene = &mut self.scene;
        let mut outcome = Outcome::default();
        match action {
            InstanceAction::Write { chat, text } => {
                let (chat, text) = (chat_of(chat)?, named("text", text)?);
                instance.note(scene, Happening::Control("a contact writes".into()));
                outcome.message = Some(instance.contact_writes(chat, text, scene));
            }
            InstanceAction::Send { chat, message } => {
                let chat = chat_of(chat)?;
                instance.hears(&chat, message, scene)?;
                instance.note(scene, Happening::Control("a contact acts".into()));
                outcome.message = instance.contact_sends(chat, message.clone(), scene);
            }
            InstanceAction::AddGroup { name, members } => {
                let (name, members) = (named("name", name)?, people_of(members)?);
                if members.contains(&instance.phone.number) {
                    let text = "`members` are those besides the account itself";
                    return Err(CommandError::invalid(text));
                }
                instance.note(scene, Happening::Control("a contact makes a group".into()));
                outcome.chat = Some(instance.contact_founds(name, &members, scene));
            }
            InstanceAction::Read { chat } => {
                let chat = chat_of(chat)?;
                instance.note(scene, Happening::Control("a contact reads".into()));
                instance.contact_reads(&chat, scene);
            }
            InstanceAction::Order { chat, products } => {
                let chat = chat_of(chat)?;
                let products: Vec<_> = products.iter().map(|product| &**product).collect();
                instance.note(scene, Happening::Control("a contact orders".into()));
                outcome.message = Some(instance.contact_orders(chat, &products, scene));
            }
            InstanceAction::RotateToken { token } => {
                if let Some(token) = token {
                    valid_id("a token", token.expose())?;
                }
                let token = token.clone().unwrap_or_else(|| Token::new(scene.random.token()));
                instance.note(scene, Happening::Control("token replaced".into()));
                instance.token = token.clone();
                outcome.token = Some(token);
            }
            action => {
                instance.permits(action, scene).map_err(CommandError::impossible)?;
                outcome.dropped = instance.suffer(action, scene);
            }
        }
        instance.settle(scene);
        Ok(outcome)
    }
}
