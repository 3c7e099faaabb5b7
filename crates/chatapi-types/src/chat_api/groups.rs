//! Making groups, joining and leaving them.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use super::declare::call_about_chat;
use super::limits::{check_given, check_url};
use super::outcome::{refused, told};
use super::{ChatApi, Limits, Outcome, PhoneList, Removed, ids};
use crate::{BadArg, Call, ChatId, Grade, JsonReply, Phone, Repeat, Verb, json};

/// `POST /group`: makes a group. Chat API §5.2, grade A.
///
/// A queued action: the answer waits 20 seconds for the group to exist and says its chat and link
/// only if it does by then. Do not list the instance's own number. That nothing says whether a
/// group was made is the reason why the call is never repeated unasked.
///
/// ```
/// use chatapi_types::Phone;
/// use chatapi_types::chat_api::CreateGroup;
///
/// let members: [Phone; 2] = ["79000000001".parse()?, "79000000002".parse()?];
/// let call = CreateGroup::new("Team", members).greeting("Welcome!");
/// # let _ = call;
/// # Ok::<(), chatapi_types::BadPhone>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreateGroup {
    /// The group's name.
    pub group_name: String,
    /// The members by phone, where no chats are given.
    pub phones: Option<PhoneList>,
    /// The members by private chat, where no phones are given.
    #[serde(default, deserialize_with = "ids::list")]
    pub chat_ids: Option<Vec<ChatId>>,
    /// The first message in the group.
    pub message_text: Option<String>,
    /// The group's picture, 640 pixels, in base64 (grade C).
    pub avatar640: Option<String>,
    /// Its preview, 96 pixels, in base64 (grade C).
    pub preview96: Option<String>,
}

impl CreateGroup {
    /// Makes a group of these phones.
    pub fn new<P: Into<Phone>>(
        name: impl Into<String>,
        phones: impl IntoIterator<Item = P>,
    ) -> Self {
        let phones = phones.into_iter().collect();
        Self { phones: Some(phones), ..Self::named(name.into()) }
    }

    /// Makes a group of the people of these private chats.
    pub fn of_chats<C: Into<ChatId>>(
        name: impl Into<String>,
        chats: impl IntoIterator<Item = C>,
    ) -> Self {
        let chats = chats.into_iter().map(Into::into).collect();
        Self { chat_ids: Some(chats), ..Self::named(name.into()) }
    }

    const fn named(group_name: String) -> Self {
        Self {
            group_name,
            phones: None,
            chat_ids: None,
            message_text: None,
            avatar640: None,
            preview96: None,
        }
    }

    /// Sends a first message.
    #[must_use]
    pub fn greeting(mut self, text: impl Into<String>) -> Self {
        self.message_text = Some(text.into());
        self
    }

    /// Gives it a picture of 640 pixels and its preview of 96, both in base64.
    #[must_use]
    pub fn picture(mut self, avatar640: impl Into<String>, preview96: impl Into<String>) -> Self {
        self.avatar640 = Some(avatar640.into());
        self.preview96 = Some(preview96.into());
        self
    }
}

impl fmt::Debug for CreateGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Pictures would fill the screen.
        f.debug_struct("CreateGroup")
            .field("group_name", &self.group_name)
            .field("phones", &self.phones)
            .field("chat_ids", &self.chat_ids)
            .field("message_text", &self.message_text)
            .finish_non_exhaustive()
    }
}

impl Call for CreateGroup {
    type Dialect = ChatApi;
    type Reply = GroupCreated;
    const NAME: &'static str = "group";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;
    /// The gateway itself waits up to 20 seconds (grade A).
    const TIMEOUT: Option<Duration> = Some(Duration::from_secs(60));

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        check_given("groupName", &self.group_name)?;
        let phones = self.phones.as_ref().map(PhoneList::as_slice).unwrap_or_default();
        let chats = self.chat_ids.as_deref().unwrap_or_default();
        match (phones, chats) {
            ([], []) => Err(BadArg::new("phones", "say who is to be in the group")),
            (phones, []) => phones
                .iter()
                .try_for_each(|phone| limits.check_phone(phone))
                .map_err(|error| BadArg::new("phones", error.problem())),
            ([], chats) => match chats.iter().all(|chat| chat.phone().is_some()) {
                true => Ok(()),
                false => Err(BadArg::new("chatIds", "a member is a person: {digits}@c.us")),
            },
            _ => Err(BadArg::new("chatIds", "give phones or chats, not both")),
        }
    }
}

/// The answer to [`CreateGroup`]. Chat API §5.2, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GroupCreated {
    /// Whether the gateway took it. Read also from `result: "failed"` (§1.2, grade C).
    pub created: bool,
    /// The vendor's sentence.
    pub message: String,
    /// The group, if it came to exist within 20 seconds; else look for it in the dialogs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<ChatId>,
    /// The address by which people join it, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_invite_link: Option<String>,
}

impl GroupCreated {
    /// An answer without a group: it is yet to come, or was refused.
    pub fn new(created: bool, message: impl Into<String>) -> Self {
        Self { created, message: message.into(), chat_id: None, group_invite_link: None }
    }

    /// The group is there.
    #[must_use]
    pub fn group(mut self, chat: impl Into<ChatId>, invite_link: impl Into<String>) -> Self {
        self.chat_id = Some(chat.into());
        self.group_invite_link = Some(invite_link.into());
        self
    }
}

impl<'de> Deserialize<'de> for GroupCreated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire {
            created: Option<bool>,
            result: Option<Outcome>,
            #[serde(default, deserialize_with = "json::or_default")]
            message: String,
            chat_id: Option<ChatId>,
            group_invite_link: Option<String>,
        }
        let wire = Wire::deserialize(deserializer)?;
        let created = told("created", wire.created, wire.result.as_ref())?;
        let Wire { message, chat_id, group_invite_link, .. } = wire;
        Ok(Self { created, message, chat_id, group_invite_link })
    }
}

impl JsonReply for GroupCreated {
    fn refusal(&self) -> Option<&str> {
        (!self.created).then_some(&self.message)
    }
}

/// `POST /joinGroup`: joins a group by its invitation. Chat API §5.2, grade B.
///
/// What is answered where the instance is in the group already, is unknown: never repeated unasked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JoinGroup {
    /// The code at the end of the invitation's address, where no address is given.
    pub code: Option<String>,
    /// The invitation's address, where no code is given.
    pub url: Option<String>,
}

impl JoinGroup {
    /// Joins by the invitation's address, or by the code at its end.
    pub fn new(invitation: impl Into<String>) -> Self {
        let invitation = invitation.into();
        match invitation.contains("://") {
            true => Self { code: None, url: Some(invitation) },
            false => Self { code: Some(invitation), url: None },
        }
    }
}

impl Call for JoinGroup {
    type Dialect = ChatApi;
    type Reply = Joined;
    const NAME: &'static str = "joinGroup";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::B;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        match (&self.code, &self.url) {
            (Some(code), None) => check_given("code", code),
            (None, Some(url)) => check_url("url", url),
            (None, None) => Err(BadArg::new("code", "give the invitation's code or address")),
            (Some(_), Some(_)) => Err(BadArg::new("code", "give a code or an address, not both")),
        }
    }
}

/// The answer to [`JoinGroup`]. Chat API §5.2, grade B; how a refusal looks is known only from
/// other operations on chats (§1.2, grade C).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Joined {
    /// The group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<ChatId>,
    /// `failed` or `error`, where it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Outcome>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Joined {
    /// The instance is in the group now.
    pub fn new(group: impl Into<ChatId>) -> Self {
        Self { chat_id: Some(group.into()), result: None, message: None }
    }
}

impl JsonReply for Joined {
    fn refusal(&self) -> Option<&str> {
        refused(None, self.result.as_ref(), self.message.as_deref())
    }
}

call_about_chat! {
    /// `POST /leaveGroup`: leaves a group. Only an invitation brings the instance back, and a second
    /// call is refused because the group is gone: never repeated unasked. Chat API §5.2, grade C.
    LeaveGroup = Post "leaveGroup" -> Removed, Never, C
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Args;

    #[test]
    fn members_are_given_as_phones_or_as_chats() {
        let check = |call: &CreateGroup| call.check(&Limits::default()).is_ok();
        let anna: Phone = "79000000001".parse().unwrap();
        let by_phone = CreateGroup::new("Team", [anna.clone()]);
        assert!(check(&by_phone));
        assert!(check(&CreateGroup::of_chats("Team", [&anna])));
        assert!(!check(&CreateGroup::of_chats("Team", ["79000000001-1600000000@g.us"])));
        assert!(!check(&CreateGroup::new(" ", [anna])));
        assert!(!check(&CreateGroup::new("Team", [] as [Phone; 0])));
        let both =
            CreateGroup { chat_ids: Some(vec!["79000000001@c.us".into()]), ..by_phone.clone() };
        assert!(!check(&both));
        let lone: Args = [("groupName", "Team"), ("phones", "79000000001")].into_iter().collect();
        assert_eq!(lone.read::<CreateGroup>().unwrap(), by_phone);
    }

    #[test]
    fn an_invitation_is_an_address_or_a_code() {
        let url = JoinGroup::new("https://chat.example/AbCdEf");
        assert!(url.url.is_some() && url.check(&Limits::default()).is_ok());
        let code = JoinGroup::new("AbCdEf");
        assert!(code.code.is_some() && code.check(&Limits::default()).is_ok());
        assert!(JoinGroup::new("").check(&Limits::default()).is_err());
        let both = JoinGroup { code: code.code, url: url.url };
        assert!(both.check(&Limits::default()).is_err());
    }
}
