//! What is done to a chat of the account: opening, assigning, untagging.

use serde::{Deserialize, Serialize};

use super::{Address, Done, Limits, Wamm};
use crate::{BadArg, Call, Grade, Repeat, UserId, Verb};

/// `contact_open`: sets a chat back to "open". wamm §1.2, grade A. All messengers.
///
/// Answers [`Done`] with `success`; refusals: `phone fail`, `not found`. A counterpart that closes a
/// chat must exist, but its name was never seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactOpen {
    /// The chat.
    pub phone: Address,
}

impl ContactOpen {
    /// Opens a chat.
    pub fn new(phone: impl Into<Address>) -> Self {
        Self { phone: phone.into() }
    }
}

impl Call for ContactOpen {
    type Dialect = Wamm;
    type Reply = Done;
    const NAME: &'static str = "contact_open";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
    const SLOTS: &'static [&'static str] = &["phone"];
    const FIXED: usize = 1;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_address(&self.phone)
    }
}

/// `contact_to_user`: makes a user of the account responsible for a chat, or nobody. wamm §1.2,
/// grade A. All messengers; personal chats only, not groups.
///
/// Answers [`Done`] with `success`; refusals: `phone fail`, `not found`, `user not found`,
/// `user not active`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactToUser {
    /// The chat.
    pub phone: Address,
    /// The user's id, or the word `none` for nobody.
    pub user_id: UserId,
}

impl ContactToUser {
    /// The word for nobody (grade A).
    pub const NOBODY: &'static str = "none";

    /// Makes a user responsible.
    pub fn new(phone: impl Into<Address>, user: impl Into<UserId>) -> Self {
        Self { phone: phone.into(), user_id: user.into() }
    }

    /// Makes nobody responsible.
    pub fn nobody(phone: impl Into<Address>) -> Self {
        Self::new(phone, Self::NOBODY)
    }

    /// The user who becomes responsible; `None` for nobody.
    #[must_use]
    pub fn user(&self) -> Option<&UserId> {
        (self.user_id.as_str() != Self::NOBODY).then_some(&self.user_id)
    }
}

impl Call for ContactToUser {
    type Dialect = Wamm;
    type Reply = Done;
    const NAME: &'static str = "contact_to_user";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
    const SLOTS: &'static [&'static str] = &["phone", "user_id"];
    const FIXED: usize = 2;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_address(&self.phone)?;
        self.user().map_or(Ok(()), |user| limits.check_user(user))
    }
}

/// `contact_tag_delete`: takes a tag from a chat. wamm §1.2, grade A. All messengers.
///
/// Answers [`Done`] with `success`; refusals: `phone fail`, `not found`, `tag not entry`. Calls that
/// add or list tags must exist, but their names were never seen; [`ContactGet`](super::ContactGet)
/// tells a chat's tags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactTagDelete {
    /// The chat.
    pub phone: Address,
    /// The tag.
    pub tag: String,
}

impl ContactTagDelete {
    /// Takes a tag from a chat.
    pub fn new(phone: impl Into<Address>, tag: impl Into<String>) -> Self {
        Self { phone: phone.into(), tag: tag.into() }
    }
}

impl Call for ContactTagDelete {
    type Dialect = Wamm;
    type Reply = Done;
    const NAME: &'static str = "contact_tag_delete";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
    const SLOTS: &'static [&'static str] = &["phone", "tag"];
    const FIXED: usize = 2;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_address(&self.phone)?;
        if self.tag.trim().is_empty() {
            return Err(BadArg::new("tag", "say which tag"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_a_word() {
        let nobody = ContactToUser::nobody("79000000001");
        assert_eq!((nobody.user_id.as_str(), nobody.user()), ("none", None));
        assert!(nobody.check(&Limits::default()).is_ok());
        let user = ContactToUser::new("79000000001", 100);
        assert_eq!(user.user(), Some(&UserId::from(100)));
        for wrong in ["", "None", "anna", "-1"] {
            let user = ContactToUser::new("79000000001", wrong);
            assert_eq!(user.check(&Limits::default()).unwrap_err().field(), "user_id", "{wrong}");
        }
    }

    #[test]
    fn a_tag_is_wanted() {
        let error = ContactTagDelete::new("79000000001", " ").check(&Limits::default());
        assert_eq!(error.unwrap_err().field(), "tag");
    }
}
