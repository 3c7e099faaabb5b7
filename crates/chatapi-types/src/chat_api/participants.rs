//! The members of a group.

use serde::{Deserialize, Deserializer, Serialize};

use super::outcome::told;
use super::{ChatApi, Limits, Outcome, Recipient};
use crate::{BadArg, Call, ChatId, Grade, JsonReply, Phone, Repeat, Verb, json};

macro_rules! participant {
    ($(#[$meta:meta])* $name:ident = $wire:literal, $repeat:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[non_exhaustive]
        pub struct $name {
            /// The group.
            pub group_id: ChatId,
            /// The person's private chat, where no phone is given.
            pub participant_chat_id: Option<ChatId>,
            /// The person's phone, where no chat is given.
            pub participant_phone: Option<Phone>,
        }

        impl $name {
            /// The call, about a group and a person by phone or private chat.
            pub fn new(group: impl Into<ChatId>, person: impl Into<Recipient>) -> Self {
                let (participant_chat_id, participant_phone) = person.into().split();
                Self { group_id: group.into(), participant_chat_id, participant_phone }
            }
        }

        impl Call for $name {
            type Dialect = ChatApi;
            type Reply = ParticipantChanged;
            const NAME: &'static str = $wire;
            const VERB: Verb = Verb::Post;
            const REPEAT: Repeat = Repeat::$repeat;
            const GRADE: Grade = Grade::A;

            fn check(&self, limits: &Limits) -> Result<(), BadArg> {
                let (chat, phone) = (&self.participant_chat_id, &self.participant_phone);
                check(limits, &self.group_id, chat.as_ref(), phone.as_ref())
            }
        }
    };
}

participant! {
    /// `POST /addGroupParticipant`: adds a person to a group. A queued action. The instance must be
    /// an administrator of the group. Never repeated unasked: who left in the meantime would be
    /// added again. Chat API §5.2, grade A.
    AddGroupParticipant = "addGroupParticipant", Never
}

participant! {
    /// `POST /removeGroupParticipant`: removes a person from a group. A queued action. The instance
    /// must be an administrator of the group. Never repeated unasked: who came back in the meantime
    /// would be removed again. Chat API §5.2, grade A.
    RemoveGroupParticipant = "removeGroupParticipant", Never
}

participant! {
    /// `POST /promoteGroupParticipant`: makes a member an administrator of the group. A queued
    /// action. The instance must be one itself. Chat API §5.2, grade A.
    PromoteGroupParticipant = "promoteGroupParticipant", Safe
}

participant! {
    /// `POST /demoteGroupParticipant`: makes an administrator of the group a member again. A queued
    /// action. The instance must be an administrator itself. Chat API §5.2, grade A.
    DemoteGroupParticipant = "demoteGroupParticipant", Safe
}

fn check(
    limits: &Limits,
    group: &ChatId,
    chat: Option<&ChatId>,
    phone: Option<&Phone>,
) -> Result<(), BadArg> {
    if !group.is_group() {
        return Err(BadArg::new("groupId", "a group's id ends in @g.us"));
    }
    if chat.is_some_and(ChatId::is_group) {
        return Err(BadArg::new("participantChatId", "a member is a person: {digits}@c.us"));
    }
    limits.check_recipient(chat, phone).map_err(|error| {
        let field = if phone.is_some() { "participantPhone" } else { "participantChatId" };
        BadArg::new(field, error.problem())
    })
}

/// The answer to the four calls about members. Chat API §5.2, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ParticipantChanged {
    /// Whether the gateway took it; named so for all four calls. Read also from `result: "failed"`
    /// (§1.2, grade C).
    pub add: bool,
    /// The vendor's sentence, such as `Added to …`.
    pub message: String,
    /// The group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<ChatId>,
}

impl ParticipantChanged {
    /// An answer.
    pub fn new(taken: bool, message: impl Into<String>, group: impl Into<ChatId>) -> Self {
        Self { add: taken, message: message.into(), group_id: Some(group.into()) }
    }
}

impl<'de> Deserialize<'de> for ParticipantChanged {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire {
            add: Option<bool>,
            result: Option<Outcome>,
            #[serde(default, deserialize_with = "json::or_default")]
            message: String,
            group_id: Option<ChatId>,
        }
        let Wire { add, result, message, group_id } = Wire::deserialize(deserializer)?;
        Ok(Self { add: told("add", add, result.as_ref())?, message, group_id })
    }
}

impl JsonReply for ParticipantChanged {
    fn refusal(&self) -> Option<&str> {
        (!self.add).then_some(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_and_a_person_are_needed() {
        let group = ChatId::from("79000000001-1600000000@g.us");
        let anna: Phone = "79000000001".parse().unwrap();
        let check = |group: &ChatId, person: Recipient| {
            let call = AddGroupParticipant::new(group, person);
            call.check(&Limits::default()).map_err(|error| error.field())
        };
        assert_eq!(check(&group, (&anna).into()), Ok(()));
        assert_eq!(check(&group, ChatId::from(&anna).into()), Ok(()));
        assert_eq!(check(&ChatId::from(&anna), (&anna).into()), Err("groupId"));
        assert_eq!(check(&group, (&group).into()), Err("participantChatId"));
        let short: Phone = "4930901".parse().unwrap();
        assert_eq!(check(&group, short.into()), Err("participantPhone"));
    }
}
