//! Sending contacts.

use serde::{Deserialize, Serialize};

use super::{ChatApi, Ids, Limits, Recipient, Sent};
use crate::{BadArg, Call, ChatId, Grade, Phone, Repeat, Verb};

/// `POST /sendContact`: sends contacts of the messenger. Chat API §4.2, grade A.
///
/// To send somebody who has no account with the messenger, write a card: [`SendVCard`].
///
/// ```
/// use chatapi_types::Phone;
/// use chatapi_types::chat_api::SendContact;
///
/// let (anna, boris): (Phone, Phone) = ("79000000001".parse()?, "79000000002".parse()?);
/// let call = SendContact::new(&anna, &boris);
/// assert_eq!(call.contact_id.as_slice(), ["79000000002@c.us".into()]);
/// # Ok::<(), chatapi_types::BadPhone>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SendContact {
    /// The chat, where no phone is given.
    pub chat_id: Option<ChatId>,
    /// The phone, where no chat is given.
    pub phone: Option<Phone>,
    /// Who is sent, `{digits}@c.us`. Read also as `contactIds`, as one client names it (grade C).
    #[serde(alias = "contactIds")]
    pub contact_id: Ids<ChatId>,
}

impl SendContact {
    /// Sends a contact, by phone or by private chat, to a phone or a chat.
    pub fn new(to: impl Into<Recipient>, contact: impl Into<Recipient>) -> Self {
        Self::all(to, [contact])
    }

    /// Sends several contacts in one message.
    pub fn all<C: Into<Recipient>>(
        to: impl Into<Recipient>,
        contacts: impl IntoIterator<Item = C>,
    ) -> Self {
        let (chat_id, phone) = to.into().split();
        let contact_id = contacts.into_iter().map(|contact| contact.into().chat()).collect();
        Self { chat_id, phone, contact_id }
    }
}

impl Call for SendContact {
    type Dialect = ChatApi;
    type Reply = Sent;
    const NAME: &'static str = "sendContact";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_recipient(self.chat_id.as_ref(), self.phone.as_ref())?;
        let contacts = self.contact_id.as_slice();
        if contacts.is_empty() {
            return Err(BadArg::new("contactId", "say who is to be sent"));
        }
        if contacts.iter().any(|contact| contact.is_group() || !contact.as_str().contains('@')) {
            return Err(BadArg::new("contactId", "a contact is a person: {digits}@c.us"));
        }
        Ok(())
    }
}

/// `POST /sendVCard`: sends a contact card that you write, vCard 3.0. Chat API §4.2, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SendVCard {
    /// The chat, where no phone is given.
    pub chat_id: Option<ChatId>,
    /// The phone, where no chat is given.
    pub phone: Option<Phone>,
    /// The card, from `BEGIN:VCARD` to `END:VCARD`.
    pub vcard: String,
}

impl SendVCard {
    /// Sends a card to a phone or a chat.
    pub fn new(to: impl Into<Recipient>, vcard: impl Into<String>) -> Self {
        let (chat_id, phone) = to.into().split();
        Self { chat_id, phone, vcard: vcard.into() }
    }
}

impl Call for SendVCard {
    type Dialect = ChatApi;
    type Reply = Sent;
    const NAME: &'static str = "sendVCard";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_recipient(self.chat_id.as_ref(), self.phone.as_ref())?;
        let mut lines = self.vcard.lines().map(str::trim).filter(|line| !line.is_empty());
        let begins = lines.next().is_some_and(|line| line.eq_ignore_ascii_case("BEGIN:VCARD"));
        let ends = lines.next_back().is_some_and(|line| line.eq_ignore_ascii_case("END:VCARD"));
        match begins && ends {
            true => Ok(()),
            false => Err(BadArg::new(
                "vcard",
                "a card begins with the line BEGIN:VCARD and ends with the line END:VCARD",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Args;

    fn anna() -> Phone {
        "79000000001".parse().unwrap()
    }

    #[test]
    fn contacts_are_persons() {
        let check = |call: SendContact| call.check(&Limits::default()).is_ok();
        let group = ChatId::from("79000000001-1600000000@g.us");
        assert!(check(SendContact::new(&group, anna())));
        assert!(!check(SendContact::new(anna(), &group)));
        assert!(!check(SendContact::new(anna(), ChatId::from("79000000002"))));
        assert!(!check(SendContact::all(anna(), [] as [Phone; 0])));
    }

    #[test]
    fn contacts_are_read_under_either_name() {
        let call = SendContact::new(anna(), anna());
        for name in ["contactId", "contactIds"] {
            let mut args: Args = [("phone", "79000000001")].into_iter().collect();
            args.set(name, vec!["79000000001@c.us"]);
            assert_eq!(args.read::<SendContact>().unwrap(), call);
        }
    }

    #[test]
    fn a_card_is_whole() {
        let check = |card: &str| SendVCard::new(anna(), card).check(&Limits::default()).is_ok();
        assert!(check("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nEND:VCARD\r\n"));
        assert!(check("begin:vcard\nend:vcard"));
        assert!(!check("BEGIN:VCARD\nVERSION:3.0"));
        assert!(!check("BEGIN:VCARD"));
        assert!(!check("Anna"));
    }
}
