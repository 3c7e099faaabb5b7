//! Labels of a business account.

use serde::{Deserialize, Serialize};

use super::declare::call_without_arguments;
use super::limits::check_given;
use super::outcome::refused;
use super::{ChatApi, Done, Limits, Outcome, Recipient};
use crate::{
    BadArg, Call, ChatId, Grade, Item, JsonReply, LabelId, List, Phone, Repeat, Verb, json,
};

call_without_arguments! {
    /// `GET /labelsList`: the labels of the account. For business accounts. One client says it with
    /// POST (grade C). Chat API §5.3, grade B.
    ListLabels = Get "labelsList" -> Labels, Safe, B
}

/// Labels. Chat API §5.3, grade B. An answer without a list is no list without labels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Labels {
    /// The labels.
    #[serde(deserialize_with = "json::or_default")]
    pub labels: List<Label>,
}

impl Labels {
    /// Labels.
    #[must_use]
    pub const fn new(labels: List<Label>) -> Self {
        Self { labels }
    }
}

impl JsonReply for Labels {}

/// A label. Chat API §5.3, grade B.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Label {
    /// Its id.
    pub id: LabelId,
    /// Its name.
    #[serde(default, deserialize_with = "json::or_default")]
    pub name: String,
    /// Its colour; that it is written `#rrggbb` is our inference (grade D).
    #[serde(default)]
    pub hex_color: Option<String>,
}

impl Label {
    /// A label.
    pub fn new(id: impl Into<LabelId>, name: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into(), hex_color: None }
    }
}

/// `POST /createLabel`: makes a label. For business accounts. Chat API §5.3, grade B.
///
/// What is answered where there is one of that name, is unknown (`result` may be `exists`, grade C).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateLabel {
    /// Its name.
    pub name: String,
}

impl CreateLabel {
    /// Makes a label of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Call for CreateLabel {
    type Dialect = ChatApi;
    type Reply = LabelCreated;
    const NAME: &'static str = "createLabel";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::B;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        check_given("name", &self.name)
    }
}

/// The answer to [`CreateLabel`]. Chat API §5.3, grade B.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LabelCreated {
    /// Whether it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// The vendor's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Outcome>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The new label. Its shape was never seen: read as one of the list, else kept as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Item<Label>>,
}

impl LabelCreated {
    /// There is a new label.
    #[must_use]
    pub const fn new(label: Label) -> Self {
        Self {
            success: Some(true),
            result: Some(Outcome::Success),
            message: None,
            label: Some(Item::Known(label)),
        }
    }
}

impl JsonReply for LabelCreated {
    fn refusal(&self) -> Option<&str> {
        refused(self.success, self.result.as_ref(), self.message.as_deref())
    }
}

/// `POST /updateLabel`: gives a label another name or colour. For business accounts. Chat API §5.3,
/// grade B.
///
/// The colour's name is in conflict: a client of the live service sends `color`, another one
/// `hexColor`. This call sends `color`; a server reads either. Whether what is left out stays as it
/// was, is unknown.
///
/// ```
/// use chatapi_types::Call;
/// use chatapi_types::chat_api::{Limits, UpdateLabel};
///
/// assert!(UpdateLabel::new("1").color("#ff9485").check(&Limits::default()).is_ok());
/// // Nothing would change.
/// assert!(UpdateLabel::new("1").check(&Limits::default()).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UpdateLabel {
    /// The label.
    pub label_id: LabelId,
    /// Its new name.
    pub name: Option<String>,
    /// Its new colour.
    #[serde(alias = "hexColor")]
    pub color: Option<String>,
}

impl UpdateLabel {
    /// Changes a label: give a name, a colour, or both.
    pub fn new(label: impl Into<LabelId>) -> Self {
        Self { label_id: label.into(), name: None, color: None }
    }

    /// Gives it another name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Gives it another colour, in the form of [`Label::hex_color`].
    #[must_use]
    pub fn color(mut self, color: impl Into<String>) -> Self {
        self.color = Some(color.into());
        self
    }
}

impl Call for UpdateLabel {
    type Dialect = ChatApi;
    type Reply = Done;
    const NAME: &'static str = "updateLabel";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::B;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        check_given("labelId", self.label_id.as_str())?;
        if self.name.is_none() && self.color.is_none() {
            return Err(BadArg::new("name", "neither name nor colour is given: nothing changes"));
        }
        self.name.as_deref().map_or(Ok(()), |name| check_given("name", name))
    }
}

/// `POST /removeLabel`: removes a label, also from the chats that have it. For business accounts.
/// It cannot be undone; what a second call answers is unknown: never repeated unasked. Chat API
/// §5.3, grade B.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RemoveLabel {
    /// The label.
    pub label_id: LabelId,
}

impl RemoveLabel {
    /// Removes a label.
    pub fn new(label: impl Into<LabelId>) -> Self {
        Self { label_id: label.into() }
    }
}

impl Call for RemoveLabel {
    type Dialect = ChatApi;
    type Reply = Done;
    const NAME: &'static str = "removeLabel";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::B;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        check_given("labelId", self.label_id.as_str())
    }
}

macro_rules! label_on_chat {
    ($(#[$meta:meta])* $name:ident = $wire:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[non_exhaustive]
        pub struct $name {
            /// The chat, where no phone is given.
            pub chat_id: Option<ChatId>,
            /// The phone, where no chat is given.
            pub phone: Option<Phone>,
            /// The label.
            pub label_id: LabelId,
        }

        impl $name {
            /// The call, about the chat with a phone, or about a chat, and a label.
            pub fn new(chat: impl Into<Recipient>, label: impl Into<LabelId>) -> Self {
                let (chat_id, phone) = chat.into().split();
                Self { chat_id, phone, label_id: label.into() }
            }
        }

        impl Call for $name {
            type Dialect = ChatApi;
            type Reply = Done;
            const NAME: &'static str = $wire;
            const VERB: Verb = Verb::Post;
            const REPEAT: Repeat = Repeat::Safe;
            const GRADE: Grade = Grade::B;

            fn check(&self, limits: &Limits) -> Result<(), BadArg> {
                limits.check_recipient(self.chat_id.as_ref(), self.phone.as_ref())?;
                check_given("labelId", self.label_id.as_str())
            }
        }
    };
}

label_on_chat! {
    /// `POST /labelChat`: puts a label on a chat. For business accounts. Chat API §5.3, grade B.
    LabelChat = "labelChat"
}

label_on_chat! {
    /// `POST /unlabelChat`: takes a label off a chat. For business accounts. Chat API §5.3, grade B.
    UnlabelChat = "unlabelChat"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Args;

    #[test]
    fn a_colour_is_read_under_either_name() {
        for name in ["color", "hexColor"] {
            let args: Args = [("labelId", "1"), (name, "#ff0000")].into_iter().collect();
            assert_eq!(args.read::<UpdateLabel>().unwrap(), UpdateLabel::new("1").color("#ff0000"));
        }
        assert!(UpdateLabel::new("1").check(&Limits::default()).is_err());
        assert!(UpdateLabel::new("1").name("new").check(&Limits::default()).is_ok());
        assert!(UpdateLabel::new("1").name("").check(&Limits::default()).is_err());
    }
}
