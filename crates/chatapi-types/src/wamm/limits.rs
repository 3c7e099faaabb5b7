//! What the vendor takes.

use super::Address;
use crate::{BadArg, MessageId, UserId};

/// The vendor's limits. All differ between generations of its pages, so all can be overridden (wamm
/// §5).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many characters a text may have: 4500 (grade A; 1500 in 2021).
    pub text_chars: usize,
    /// The delays that are taken, in seconds: 15, 20, 30, 45, 60, 120, 180 (grade A; an older page
    /// has 20, 30 and 60 only).
    pub delays: Vec<u32>,
    /// How many messages one call may list: 1 to 100 (grade A).
    pub listing: u32,
    /// How many characters a contact's name may have: 250 (grade A).
    pub name_chars: usize,
    /// How many characters a contact's mail address may have: 150 (grade A).
    pub email_chars: usize,
    /// How many characters a contact's web address may have: 150 (grade A).
    pub web_chars: usize,
    /// How many open chats the vendor lists at most: 900 (grade A).
    pub open_chats: usize,
    /// How many bytes a file in base64 may have; unlimited, because no limit is known.
    pub file_base64_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_chars: 4500,
            delays: vec![15, 20, 30, 45, 60, 120, 180],
            listing: 100,
            name_chars: 250,
            email_chars: 150,
            web_chars: 150,
            open_chats: 900,
            file_base64_bytes: usize::MAX,
        }
    }
}

impl Limits {
    pub(super) fn check_address(&self, address: &Address) -> Result<(), BadArg> {
        match address.as_str().trim() {
            "" => Err(BadArg::new("phone", "say who it is for: a phone, a chat id or a nickname")),
            group if group.ends_with("@g.us") => {
                Err(BadArg::new("phone", "write a group as its bare number, without @g.us"))
            }
            person if person.ends_with("@c.us") => {
                Err(BadArg::new("phone", "write a person as bare digits, without @c.us"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_text(&self, text: &str) -> Result<(), BadArg> {
        let chars = text.chars().count();
        if text.trim().is_empty() {
            Err(BadArg::new("text", "the text is empty"))
        } else if chars > self.text_chars {
            let most = self.text_chars;
            Err(BadArg::new("text", format!("{chars} characters; at most {most} are taken")))
        } else {
            Ok(())
        }
    }

    pub(super) fn check_delay(&self, delay: Option<u32>) -> Result<(), BadArg> {
        match delay {
            Some(delay) if !self.delays.contains(&delay) => {
                let taken: Vec<_> = self.delays.iter().map(ToString::to_string).collect();
                let taken = taken.join(", ");
                Err(BadArg::new("delay", format!("{delay} s; only {taken} are taken")))
            }
            _ => Ok(()),
        }
    }

    /// Ids are whole numbers (grade A); another vendor's would name nothing here.
    pub(super) fn check_id(&self, field: &'static str, id: &MessageId) -> Result<(), BadArg> {
        let id = id.as_str();
        if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(())
        } else {
            Err(BadArg::new(field, "the vendor's message ids are whole numbers, such as 1234567"))
        }
    }

    pub(super) fn check_count(&self, count: u32) -> Result<(), BadArg> {
        let most = self.listing;
        if (1..=most).contains(&count) {
            Ok(())
        } else {
            Err(BadArg::new("col", format!("{count} messages; 1 to {most} can be asked for")))
        }
    }

    /// `most` is one of the figures above, named by the caller.
    pub(super) fn check_chars(
        &self,
        field: &'static str,
        text: Option<&str>,
        most: usize,
    ) -> Result<(), BadArg> {
        match text.map_or(0, |text| text.chars().count()) {
            chars if chars > most => {
                Err(BadArg::new(field, format!("{chars} characters; at most {most} are taken")))
            }
            _ => Ok(()),
        }
    }

    /// Users are numbered (grade A); a name would name nobody.
    pub(super) fn check_user(&self, user: &UserId) -> Result<(), BadArg> {
        let user = user.as_str();
        if !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(())
        } else {
            Err(BadArg::new(
                "user_id",
                "the vendor numbers its users: list them to find the number",
            ))
        }
    }

    /// The standard alphabet, without a prefix (grade C).
    pub(super) fn check_base64(&self, content: &str) -> Result<(), BadArg> {
        let wrong = |problem: &str| Err(BadArg::new("file_base64", problem));
        let digits = content.trim_end_matches('=');
        let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        if content.starts_with("data:") {
            wrong("leave out the prefix data:…;base64, and give the content alone")
        } else if content.is_empty() {
            wrong("the file is empty")
        } else if content.len() > self.file_base64_bytes {
            let (bytes, most) = (content.len(), self.file_base64_bytes);
            wrong(&format!("{bytes} bytes; at most {most} are taken"))
        } else if !content.len().is_multiple_of(4)
            || content.len() - digits.len() > 2
            || !digits.bytes().all(is_digit)
        {
            wrong("must be base64 in the standard alphabet (A-Z a-z 0-9 + /), padded with =")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_other_vendor_are_refused() {
        let check = |address: &str| Limits::default().check_address(&Address::new(address));
        for fine in ["79000000001", "120363000000000000", "@nickname", "-70000000000000"] {
            assert!(check(fine).is_ok(), "{fine}");
        }
        for wrong in ["", " ", "79000000001@c.us", "120363000000000000@g.us"] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn texts_are_counted_in_characters() {
        let limits = Limits::default();
        assert!(limits.check_text(&"я".repeat(4500)).is_ok());
        assert!(limits.check_text(&"😀".repeat(4500)).is_ok());
        let error = limits.check_text(&"я".repeat(4501)).unwrap_err();
        assert_eq!(error.to_string(), "`text`: 4501 characters; at most 4500 are taken");
        assert!(limits.check_text("\n ").is_err());
        let old = Limits { text_chars: 1500, ..Limits::default() };
        assert!(old.check_text(&"x".repeat(1501)).is_err());
    }

    #[test]
    fn delays_counts_and_ids_are_those_of_the_vendor() {
        let limits = Limits::default();
        for delay in [15, 20, 30, 45, 60, 120, 180] {
            assert!(limits.check_delay(Some(delay)).is_ok(), "{delay}");
        }
        assert!(limits.check_delay(None).is_ok());
        let error = limits.check_delay(Some(10)).unwrap_err();
        let says = "`delay`: 10 s; only 15, 20, 30, 45, 60, 120, 180 are taken";
        assert_eq!(error.to_string(), says);
        assert!(limits.check_count(1).is_ok() && limits.check_count(100).is_ok());
        assert!(limits.check_count(0).is_err() && limits.check_count(101).is_err());
        assert!(limits.check_id("msg_id", &7.into()).is_ok());
        for wrong in ["", "..", "-7", "true_79000000001@c.us_3EB0"] {
            assert!(limits.check_id("msg_id", &wrong.into()).is_err(), "{wrong}");
        }
    }
}
