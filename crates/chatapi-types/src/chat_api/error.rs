//! Chat API's refusals.

use crate::{ErrorCode as Code, Verdict};

/// Chat API's refusals, found in its texts. The text itself is kept beside the code by whoever
/// reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// `Wrong token …`: the token is wrong or missing, or there is no such instance (grade A).
    WrongToken,
    /// `… is not paid …`: the instance must be paid for (grade C).
    NotPaid,
    /// `… empty body …`: a send without text (grade C).
    EmptyBody,
    /// `phone parameter should contain only numbers …` (grade C).
    BadPhone,
    /// `Couldn't delete chat or leaving group …`: no such chat (grade C).
    BadChat,
    /// `… request not sent because …`: the instance is in no state for the command (grade A).
    WrongState,
    /// A text that this version does not know.
    Other,
}

impl Code for ErrorCode {
    fn classify(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        [
            ("wrong token", Self::WrongToken),
            ("not paid", Self::NotPaid),
            ("empty body", Self::EmptyBody),
            ("phone parameter should contain", Self::BadPhone),
            ("couldn't delete chat or leaving group", Self::BadChat),
            ("request not sent because", Self::WrongState),
        ]
        .into_iter()
        .find_map(|(words, code)| text.contains(words).then_some(code))
        .unwrap_or(Self::Other)
    }

    fn verdict(&self) -> Verdict {
        match self {
            Self::WrongToken => Verdict::Unauthorized,
            _ => Verdict::Refused,
        }
    }

    fn is_understood(&self) -> bool {
        *self != Self::Other
    }

    fn is_transient(&self) -> bool {
        // None of them changes by itself: somebody has to pay, scan, or write another number.
        false
    }

    fn concerns_line(&self) -> bool {
        matches!(self, Self::WrongToken | Self::NotPaid | Self::WrongState)
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::WrongToken => {
                "check instance number and token; the vendor may have replaced the token"
            }
            Self::NotPaid => "pay for the instance in the vendor's account",
            Self::EmptyBody => "give a text",
            Self::BadPhone => "write 9 to 14 digits, country code first, no +",
            Self::BadChat => "check the chat id",
            Self::WrongState => "read the status: the instance does not need this command now",
            Self::Other => "read the vendor's words; the same call will most likely fail again",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_texts_are_understood() {
        let phone = "phone parameter should contain only numbers, start from country code and be \
                     9-14 characters long";
        for (text, code) in [
            (
                "Wrong token \"T\" for instance \"1\". Please provide token as a GET parameter.",
                ErrorCode::WrongToken,
            ),
            ("Wrong token. Please provide token as a GET parameter.", ErrorCode::WrongToken),
            ("Instance \"123\" is not paid. Please pay at app.chat-api.com", ErrorCode::NotPaid),
            (
                "Message was not sent: empty body. Please provide message text in body parameter in JSON POST.",
                ErrorCode::EmptyBody,
            ),
            (phone, ErrorCode::BadPhone),
            ("Couldn't delete chat or leaving group. Invalid number", ErrorCode::BadChat),
            (
                "Expiry request not sent because substatus don't equals \"expired\"",
                ErrorCode::WrongState,
            ),
            ("something new", ErrorCode::Other),
        ] {
            assert_eq!(ErrorCode::classify(text), code, "{text}");
            assert_eq!(code.is_understood(), text != "something new", "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_the_instance_is_told_from_what_is_wrong_with_a_message() {
        let of_line = ["Wrong token", "Instance \"123\" is not paid", "request not sent because"];
        assert!(of_line.iter().all(|text| ErrorCode::classify(text).concerns_line()));
        let of_message = ["empty body", "phone parameter should contain", "something new"];
        assert!(!of_message.iter().any(|text| ErrorCode::classify(text).concerns_line()));
    }
}
