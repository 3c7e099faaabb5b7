//! The users of the account and the chats that are open.

use serde::{Deserialize, Serialize};

use super::envelope::NoError;
use super::{Address, Limits, Wamm};
use crate::{
    BadArg, Call, ChatId, Grade, InstanceId, JsonReply, List, LocalStamp, Repeat, UserId, Verb,
    json,
};

/// `user_list`: the users of the whole account, whichever channel's token asks; blocked and deleted
/// ones too. wamm §1.3, grade A. All messengers.
///
/// Where there is nothing to list, the vendor refuses with `fail get data`, as when reading failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UserList {}

impl UserList {
    /// The call.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Call for UserList {
    type Dialect = Wamm;
    type Reply = Users;
    const NAME: &'static str = "user_list";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
}

/// The answer to [`UserList`]. wamm §1.3, grade A.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Users {
    #[serde(default)]
    err: NoError,
    /// The users.
    #[serde(rename = "data", deserialize_with = "json::or_default")]
    pub users: List<User>,
}

impl Users {
    /// An answer.
    #[must_use]
    pub const fn new(users: List<User>) -> Self {
        Self { err: NoError, users }
    }
}

impl JsonReply for Users {}

crate::open_enum! {
    /// What a user may do in the account (grade A).
    pub enum UserRole {
        /// Writes to contacts.
        User = "user",
        /// Administers the account.
        Admin = "admin",
    }
}

/// A user of the account. wamm §1.3, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// The user's id, an integer here.
    #[serde(serialize_with = "json::id_as_number")]
    pub user_id: UserId,
    /// What the user may do.
    pub acc: UserRole,
    /// The mail address.
    #[serde(default, deserialize_with = "json::or_default")]
    pub email: String,
    /// The name.
    #[serde(default, deserialize_with = "json::or_default")]
    pub name: String,
    /// When the user was added.
    #[serde(default)]
    pub dt_reg: Option<LocalStamp>,
    /// When the user was last seen.
    #[serde(default)]
    pub dt_active: Option<LocalStamp>,
    /// Whether the user is blocked; 0 or 1 here.
    #[serde(
        default,
        deserialize_with = "json::or_default",
        serialize_with = "json::flag_as_number"
    )]
    pub lock: bool,
    /// Whether the user is deleted; 0 or 1 here.
    #[serde(
        default,
        deserialize_with = "json::or_default",
        serialize_with = "json::flag_as_number"
    )]
    pub deleted: bool,
}

impl User {
    /// A user.
    pub fn new(id: impl Into<UserId>, role: impl Into<UserRole>, name: impl Into<String>) -> Self {
        Self {
            user_id: id.into(),
            acc: role.into(),
            email: String::new(),
            name: name.into(),
            dt_reg: None,
            dt_active: None,
            lock: false,
            deleted: false,
        }
    }

    /// Whether chats can be given to the user: neither blocked nor deleted.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        !self.lock && !self.deleted
    }
}

/// `user_chats`: the open chats of a user, or of everybody. wamm §1.3, grade A. All messengers.
///
/// Refusals: `user_id fail`, `acc not authorized`, and `fail get data` where there is nothing to
/// list as well as where reading failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UserChats {
    /// Whose; `0` for all open chats, of which at most 900 are listed ([`Limits::open_chats`]).
    #[serde(default = "everybody")]
    pub user_id: UserId,
    /// Only chats of the channel that asks (true, written as 1); of all channels unless given.
    #[serde(default, serialize_with = "json::optional_flag_as_number")]
    pub by_channel: Option<bool>,
}

fn everybody() -> UserId {
    UserId::from(0)
}

impl UserChats {
    /// All open chats.
    #[must_use]
    pub fn new() -> Self {
        Self { user_id: everybody(), by_channel: None }
    }

    /// The open chats of one user.
    pub fn of(user: impl Into<UserId>) -> Self {
        Self { user_id: user.into(), by_channel: None }
    }

    /// Only those of the channel that asks.
    #[must_use]
    pub const fn of_this_channel(mut self) -> Self {
        self.by_channel = Some(true);
        self
    }
}

impl Default for UserChats {
    fn default() -> Self {
        Self::new()
    }
}

impl Call for UserChats {
    type Dialect = Wamm;
    type Reply = OpenChats;
    const NAME: &'static str = "user_chats";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
    const SLOTS: &'static [&'static str] = &["user_id", "by_channel"];
    const FIXED: usize = 2;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_user(&self.user_id)
    }
}

/// The answer to [`UserChats`]. wamm §1.3, grade A.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OpenChats {
    #[serde(default)]
    err: NoError,
    /// The chats.
    #[serde(rename = "data", deserialize_with = "json::or_default")]
    pub chats: List<OpenChat>,
}

impl OpenChats {
    /// An answer.
    #[must_use]
    pub const fn new(chats: List<OpenChat>) -> Self {
        Self { err: NoError, chats }
    }

    /// Whether the list is shorter than the vendor's longest: only then does absence prove anything.
    #[must_use]
    pub const fn is_complete(&self, limits: &Limits) -> bool {
        self.chats.len() < limits.open_chats
    }
}

impl JsonReply for OpenChats {}

/// A chat that is open. All ids are text here. wamm §1.3, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OpenChat {
    /// The account's number of the chat.
    pub chat_id: ChatId,
    /// Its name.
    #[serde(default, deserialize_with = "json::or_default")]
    pub chat_name: String,
    /// Phone, chat id or group number: what calls take.
    pub phone: Address,
    /// Where its picture is; empty for none.
    #[serde(default, deserialize_with = "json::or_default")]
    pub avatar: String,
    /// The user who is responsible for it.
    #[serde(default, with = "or_nobody")]
    pub user_id: Option<UserId>,
    /// When it had its last message.
    #[serde(default)]
    pub date_msg: Option<LocalStamp>,
    /// The channel that it belongs to.
    pub api_id: InstanceId,
}

impl OpenChat {
    /// A chat of a channel.
    pub fn new(
        chat_id: impl Into<ChatId>,
        phone: impl Into<Address>,
        chat_name: impl Into<String>,
        api_id: impl Into<InstanceId>,
    ) -> Self {
        Self {
            chat_id: chat_id.into(),
            chat_name: chat_name.into(),
            phone: phone.into(),
            avatar: String::new(),
            user_id: None,
            date_msg: None,
            api_id: api_id.into(),
        }
    }
}

/// A user's id as text, where nobody is an empty one (wamm §3, grade A).
pub(super) mod or_nobody {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::UserId;

    pub(in crate::wamm) fn serialize<S: Serializer>(
        user: &Option<UserId>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(user.as_ref().map_or("", UserId::as_str))
    }

    pub(in crate::wamm) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<UserId>, D::Error> {
        let user = Option::<UserId>::deserialize(deserializer)?;
        Ok(user.filter(|user| !user.as_str().is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_list_proves_nothing() {
        let chat = OpenChat::new("1", "79000000001", "Name", "100");
        let limits = Limits { open_chats: 2, ..Limits::default() };
        assert!(OpenChats::new(vec![chat.clone()].into()).is_complete(&limits));
        assert!(!OpenChats::new(vec![chat.clone(), chat].into()).is_complete(&limits));
    }

    #[test]
    fn blocked_and_deleted_users_are_listed_too() {
        let mut user = User::new(100, UserRole::Admin, "Name");
        assert!(user.is_active());
        user.lock = true;
        assert!(!user.is_active());
    }
}
