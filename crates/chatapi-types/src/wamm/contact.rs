//! Contacts: the account's address book.

use serde::{Deserialize, Serialize};

use super::envelope::NoError;
use super::{Address, Done, Limits, Wamm, user};
use crate::{BadArg, Call, Grade, InstanceId, JsonReply, Repeat, UserId, Verb, json};

/// `contact_to`: adds a contact, or changes the one that is there. wamm §1.2, grade A. All
/// messengers.
///
/// Answers [`Done`] with `insert` or `update`. The vendor checks the number by itself, which can
/// take too long: `phone not checked, please retry`. Other refusals: `phone fail`, `name fail`,
/// `no Account on the number`, `acc not authorized`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactTo {
    /// Who it is.
    pub phone: Address,
    /// The name, at most 250 characters ([`Limits::name_chars`]).
    pub name: String,
    /// Notes.
    pub info: Option<String>,
    /// The mail address, at most 150 characters ([`Limits::email_chars`]).
    pub email: Option<String>,
    /// The web address, at most 150 characters ([`Limits::web_chars`]).
    pub web: Option<String>,
}

impl ContactTo {
    /// A contact of a name.
    pub fn new(phone: impl Into<Address>, name: impl Into<String>) -> Self {
        Self { phone: phone.into(), name: name.into(), info: None, email: None, web: None }
    }

    /// Notes.
    #[must_use]
    pub fn info(mut self, info: impl Into<String>) -> Self {
        self.info = Some(info.into());
        self
    }

    /// The mail address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// The web address.
    #[must_use]
    pub fn web(mut self, web: impl Into<String>) -> Self {
        self.web = Some(web.into());
        self
    }
}

impl Call for ContactTo {
    type Dialect = Wamm;
    type Reply = Done;
    const NAME: &'static str = "contact_to";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_address(&self.phone)?;
        if self.name.trim().is_empty() {
            return Err(BadArg::new("name", "give the contact a name"));
        }
        limits.check_chars("name", Some(&self.name), limits.name_chars)?;
        limits.check_chars("email", self.email.as_deref(), limits.email_chars)?;
        limits.check_chars("web", self.web.as_deref(), limits.web_chars)
    }
}

/// `contact_delete`: removes a contact from the account; the messenger keeps its own. wamm §1.2,
/// grade A. All messengers.
///
/// Answers [`Done`] with `delete`; refusals: `phone fail`, `phone not found`, `acc not authorized`.
/// It is never repeated unasked: a second one would say `phone not found` of what the first has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactDelete {
    /// Who it is.
    pub phone: Address,
}

impl ContactDelete {
    /// Removes a contact.
    pub fn new(phone: impl Into<Address>) -> Self {
        Self { phone: phone.into() }
    }
}

impl Call for ContactDelete {
    type Dialect = Wamm;
    type Reply = Done;
    const NAME: &'static str = "contact_delete";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_address(&self.phone)
    }
}

/// `contact_get`: what the account knows about a contact or a group. wamm §1.2, grade A. All
/// messengers.
///
/// Refusals: `phone fail`, `not found`. The address always stands in the path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactGet {
    /// Who it is.
    pub phone: Address,
}

impl ContactGet {
    /// Asks about a contact or a group.
    pub fn new(phone: impl Into<Address>) -> Self {
        Self { phone: phone.into() }
    }
}

impl Call for ContactGet {
    type Dialect = Wamm;
    type Reply = FoundContact;
    const NAME: &'static str = "contact_get";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
    const SLOTS: &'static [&'static str] = &["phone"];
    const FIXED: usize = 1;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_address(&self.phone)
    }
}

/// The answer to [`ContactGet`]. wamm §1.2, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FoundContact {
    #[serde(default)]
    err: NoError,
    /// The contact.
    #[serde(rename = "data")]
    pub contact: Contact,
}

impl FoundContact {
    /// An answer.
    #[must_use]
    pub const fn new(contact: Contact) -> Self {
        Self { err: NoError, contact }
    }
}

impl JsonReply for FoundContact {}

crate::open_enum! {
    /// What a contact is (grade A).
    pub enum ContactKind {
        /// A person.
        User = "user",
        /// A group.
        Group = "group",
    }
}

/// A contact or a group, as the account knows it. wamm §1.2, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contact {
    /// The channel that it belongs to, an integer here.
    #[serde(serialize_with = "json::id_as_number")]
    pub api_id: InstanceId,
    /// What it is.
    pub tip: ContactKind,
    /// Phone, chat id or group number.
    pub phone: Address,
    /// The contact's phone or nickname, where `phone` is a chat id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_real: Option<Address>,
    /// The name.
    #[serde(default, deserialize_with = "json::or_default")]
    pub name: String,
    /// The mail address; empty for none.
    #[serde(default, deserialize_with = "json::or_default")]
    pub email: String,
    /// The web address; empty for none.
    #[serde(default, deserialize_with = "json::or_default")]
    pub web: String,
    /// Where the picture is; empty for none.
    #[serde(default, deserialize_with = "json::or_default")]
    pub avatar: String,
    /// Notes.
    #[serde(default, deserialize_with = "json::or_default")]
    pub notes: String,
    /// The user who is responsible for the chat: text here, and an empty one for nobody.
    #[serde(default, with = "user::or_nobody")]
    pub user_id: Option<UserId>,
    /// The tags in one text, `a; b`; see [`tag_list`](Self::tag_list).
    #[serde(default, deserialize_with = "json::or_default")]
    pub tags: String,
    /// Whether the chat is blocked; 0 or 1 here.
    #[serde(
        default,
        deserialize_with = "json::or_default",
        serialize_with = "json::flag_as_number"
    )]
    pub chat_banned: bool,
    /// Whether the chat is muted; 0 or 1 here.
    #[serde(
        default,
        deserialize_with = "json::or_default",
        serialize_with = "json::flag_as_number"
    )]
    pub chat_mute: bool,
    /// Whether the chat is a favourite; 0 or 1 here.
    #[serde(
        default,
        deserialize_with = "json::or_default",
        serialize_with = "json::flag_as_number"
    )]
    pub chat_favorite: bool,
}

impl Contact {
    /// A contact of a channel.
    pub fn new(
        api_id: impl Into<InstanceId>,
        tip: impl Into<ContactKind>,
        phone: impl Into<Address>,
        name: impl Into<String>,
    ) -> Self {
        Self {
            api_id: api_id.into(),
            tip: tip.into(),
            phone: phone.into(),
            phone_real: None,
            name: name.into(),
            email: String::new(),
            web: String::new(),
            avatar: String::new(),
            notes: String::new(),
            user_id: None,
            tags: String::new(),
            chat_banned: false,
            chat_mute: false,
            chat_favorite: false,
        }
    }

    /// Sets the tags, joined as the vendor joins them.
    #[must_use]
    pub fn tagged<T: AsRef<str>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        let tags: Vec<_> = tags.into_iter().map(|tag| tag.as_ref().to_owned()).collect();
        self.tags = tags.join("; ");
        self
    }

    /// The tags one by one. A tag that holds a semicolon itself cannot be told from two.
    pub fn tag_list(&self) -> impl Iterator<Item = &str> {
        self.tags.split(';').map(str::trim).filter(|tag| !tag.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_in_one_text() {
        let tags = |text: &str| {
            let mut contact = Contact::new(100, ContactKind::User, "79000000001", "Name");
            contact.tags = text.into();
            contact.tag_list().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(tags("a; b c"), ["a", "b c"]);
        assert_eq!(tags("a;b; "), ["a", "b"]);
        assert!(tags("").is_empty());
        let contact = Contact::new(100, "group", "120363000000000000", "G").tagged(["a", "b"]);
        assert_eq!(contact.tags, "a; b");
    }

    #[test]
    fn what_is_too_long_is_refused_by_name() {
        let limits = Limits::default();
        let fine = ContactTo::new("79000000001", "я".repeat(250))
            .info("x".repeat(1000))
            .email("e".repeat(150))
            .web("w".repeat(150));
        assert!(fine.check(&limits).is_ok());
        let long = ContactTo::new("79000000001", "я".repeat(251)).check(&limits).unwrap_err();
        assert_eq!(long.to_string(), "`name`: 251 characters; at most 250 are taken");
        for (contact, field) in [
            (ContactTo::new("79000000001", " "), "name"),
            (ContactTo::new("", "Name"), "phone"),
            (fine.clone().email("e".repeat(151)), "email"),
            (fine.clone().web("w".repeat(151)), "web"),
        ] {
            assert_eq!(contact.check(&limits).unwrap_err().field(), field);
        }
        let wide = Limits { name_chars: 300, ..Limits::default() };
        assert!(ContactTo::new("79000000001", "я".repeat(251)).check(&wide).is_ok());
    }
}
