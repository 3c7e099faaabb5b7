//! What the vendor takes.

use std::ops::RangeInclusive;

use crate::{BadArg, ChatId, Phone};

/// The vendor's limits. Every figure can be overridden, because none was ever confirmed.
///
/// That exactly one of `chatId` and `phone` is given (Chat API §4.1, grade A) and that a file name
/// has an extension (§4.2, grade A) is checked always.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many digits a phone has: 9 to 14 (§1.1, grade C, from an error text).
    pub phone_digits: RangeInclusive<usize>,
    /// How many characters a text may have; unlimited, because no limit is known.
    pub text_chars: usize,
    /// How many bytes a data URI may have; unlimited, because no limit is known.
    pub data_uri_bytes: usize,
    /// How many lines the address of a place may have: 2 (§4.2, grade A).
    pub address_lines: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            phone_digits: 9..=14,
            text_chars: usize::MAX,
            data_uri_bytes: usize::MAX,
            address_lines: 2,
        }
    }
}

impl Limits {
    pub(super) fn check_recipient(
        &self,
        chat: Option<&ChatId>,
        phone: Option<&Phone>,
    ) -> Result<(), BadArg> {
        match (chat, phone) {
            (Some(chat), None) if chat.as_str().contains('@') => Ok(()),
            (Some(_), None) => Err(BadArg::new(
                "chatId",
                "a chat id ends in @c.us (a person) or @g.us (a group); is this a phone?",
            )),
            (None, Some(phone)) => self.check_phone(phone),
            (None, None) => Err(BadArg::new("chatId", "say who it is for: a chat or a phone")),
            (Some(_), Some(_)) => Err(BadArg::new("chatId", "give a chat or a phone, not both")),
        }
    }

    pub(super) fn check_phone(&self, phone: &Phone) -> Result<(), BadArg> {
        let digits = phone.digits().len();
        if self.phone_digits.contains(&digits) {
            return Ok(());
        }
        let (least, most) = (self.phone_digits.start(), self.phone_digits.end());
        Err(BadArg::new(
            "phone",
            format!("{digits} digits; the gateway takes {least} to {most}, country code first"),
        ))
    }

    pub(super) fn check_text(&self, field: &'static str, text: &str) -> Result<(), BadArg> {
        if text.trim().is_empty() {
            return Err(BadArg::new(field, "the text is empty"));
        }
        let chars = text.chars().count();
        if chars > self.text_chars {
            let most = self.text_chars;
            return Err(BadArg::new(
                field,
                format!("{chars} characters; at most {most} are taken"),
            ));
        }
        Ok(())
    }

    pub(super) fn check_file(&self, field: &'static str, body: &str) -> Result<(), BadArg> {
        if body.starts_with("data:") {
            let encoded = body.split_once(',').filter(|(head, _)| head.ends_with(";base64"));
            if encoded.is_none_or(|(_, data)| data.is_empty()) {
                return Err(BadArg::new(field, "a data URI must read data:{mime};base64,{data}"));
            }
            if body.len() > self.data_uri_bytes {
                return Err(BadArg::new(
                    field,
                    format!("{} bytes; at most {} are taken", body.len(), self.data_uri_bytes),
                ));
            }
            return Ok(());
        }
        check_url(field, body).map_err(|_| {
            BadArg::new(field, "must be an http:// or https:// address, or a data URI")
        })
    }
}

/// A text that says something.
pub(super) fn check_given(field: &'static str, text: &str) -> Result<(), BadArg> {
    match text.trim() {
        "" => Err(BadArg::new(field, "is empty, and the gateway needs it")),
        _ => Ok(()),
    }
}

/// An absolute http or https address.
pub(crate) fn check_url(field: &'static str, url: &str) -> Result<(), BadArg> {
    let host = url.split_once("://").filter(|(scheme, host)| {
        ["http", "https"].iter().any(|http| scheme.eq_ignore_ascii_case(http))
            && !host.is_empty()
            && !host.starts_with('/')
    });
    match host {
        Some(_) if !url.contains(char::is_whitespace) => Ok(()),
        _ => Err(BadArg::new(field, "must be an http:// or https:// address")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_recipient_is_needed_and_one_only() {
        let limits = Limits::default();
        let phone: Phone = "79000000001".parse().unwrap();
        let chat = ChatId::from(&phone);
        assert!(limits.check_recipient(Some(&chat), None).is_ok());
        assert!(limits.check_recipient(None, Some(&phone)).is_ok());
        assert!(limits.check_recipient(Some(&chat), Some(&phone)).is_err());
        assert!(limits.check_recipient(None, None).is_err());
        let bare = ChatId::from("79000000001");
        let error = limits.check_recipient(Some(&bare), None).unwrap_err();
        assert!(error.problem().contains("@c.us"), "{error}");
    }

    #[test]
    fn figures_can_be_overridden() {
        let phone: Phone = "4930901".parse().unwrap();
        assert!(Limits::default().check_phone(&phone).is_err());
        let wide = Limits { phone_digits: 7..=15, text_chars: 3, ..Limits::default() };
        assert!(wide.check_phone(&phone).is_ok());
        assert!(wide.check_text("body", "эхо").is_ok());
        let error = wide.check_text("body", "long").unwrap_err();
        assert_eq!(error.to_string(), "`body`: 4 characters; at most 3 are taken");
    }

    #[test]
    fn a_file_is_an_address_or_a_data_uri() {
        let limits = Limits { data_uri_bytes: 40, ..Limits::default() };
        for fine in ["https://h.example/a.pdf", "HTTP://h/a", "data:text/plain;base64,aGk="] {
            assert!(limits.check_file("body", fine).is_ok(), "{fine}");
        }
        for wrong in [
            "",
            "a.pdf",
            "ftp://h/a",
            "https://",
            "https:///a",
            "https://h/a b",
            "data:text/plain,hi",
            "data:text/plain;base64,",
            "data:text/plain;base64,aGkgaGkgaGkgaGkgaGkgaGk=",
        ] {
            assert!(limits.check_file("body", wrong).is_err(), "{wrong}");
        }
    }
}
