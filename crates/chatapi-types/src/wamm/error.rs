//! The vendor's `err` words.

use crate::{ErrorCode as Code, Verdict};

crate::open_enum! {
    /// The vendor's `err` words (wamm §1.4, grade A unless said otherwise).
    pub enum ErrorCode {
        /// Bad token.
        TokenFail = "token fail",
        /// The channel is not connected to its messenger.
        NotAuthorized = "acc not authorized",
        /// Bad number.
        PhoneFail = "phone fail",
        /// No WhatsApp account on the number.
        NoWhatsApp = "no WhatsApp on the number",
        /// No account of another messenger on the number.
        NoAccount = "no Account on the number",
        /// The existence check did not finish (WhatsApp).
        WhatsAppNotChecked = "phone not checked for WhatsApp, please retry",
        /// The existence check did not finish (other messengers).
        NotChecked = "phone not checked, please retry",
        /// Empty text.
        TextFail = "text fail",
        /// Text too long (grade A for `msg_edit`; with `1500`, grade C and older).
        TextTooLong = "text fail, more 4500" | "text fail, more 1500",
        /// Bad message id.
        MsgIdFail = "msg_id fail",
        /// Message not found.
        MsgNotFound = "msg not be",
        /// Wrong messenger for the method (the vendor's grammar).
        WrongMessenger = "Channel type is not support this method",
        /// Bad contact name.
        NameFail = "name fail",
        /// Contact name too long.
        NameTooLong = "name fail, more 250",
        /// Web address too long.
        WebTooLong = "web fail, more 150",
        /// Mail address too long.
        EmailTooLong = "email fail, more 150",
        /// No such contact to delete.
        PhoneNotFound = "phone not found",
        /// No such contact or chat.
        NotFound = "not found",
        /// No such user.
        UserNotFound = "user not found",
        /// The user is blocked or deleted.
        UserNotActive = "user not active",
        /// Empty tag.
        TagNotEntered = "tag not entry",
        /// Unknown user.
        UserIdFail = "user_id fail",
        /// Reading failed, or there is nothing to read: the vendor does not tell which.
        NoData = "fail get data",
        /// The messenger did not answer; trying again helps (grade B).
        ExecutionFail = "fail execution",
    }
}

impl Code for ErrorCode {
    fn classify(text: &str) -> Self {
        let text = text.trim();
        // The figure in these follows the vendor's limits, which change.
        [
            ("text fail, more ", Self::TextTooLong),
            ("name fail, more ", Self::NameTooLong),
            ("web fail, more ", Self::WebTooLong),
            ("email fail, more ", Self::EmailTooLong),
        ]
        .into_iter()
        .find_map(|(start, code)| text.starts_with(start).then_some(code))
        .unwrap_or_else(|| text.into())
    }

    fn verdict(&self) -> Verdict {
        match self {
            Self::TokenFail => Verdict::Unauthorized,
            // Nobody can say what a messenger did that gave no answer.
            Self::ExecutionFail => Verdict::Unavailable,
            _ => Verdict::Refused,
        }
    }

    fn is_understood(&self) -> bool {
        self.is_known()
    }

    fn is_transient(&self) -> bool {
        matches!(self, Self::ExecutionFail | Self::NotChecked | Self::WhatsAppNotChecked)
    }

    fn concerns_line(&self) -> bool {
        matches!(self, Self::TokenFail | Self::NotAuthorized)
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::TokenFail => "copy the token again from the channel's settings",
            Self::NotAuthorized => "connect the channel to its messenger in the vendor's account",
            Self::PhoneFail => "write country code and number, digits only",
            Self::NoWhatsApp | Self::NoAccount => {
                "the number has no account with this messenger: use another channel"
            }
            Self::NotChecked | Self::WhatsAppNotChecked => {
                "the vendor could not check the number in time: send again in a little while"
            }
            Self::TextFail => "give a text",
            Self::TextTooLong => "shorten the text or send it in parts",
            Self::MsgIdFail | Self::MsgNotFound => "check the message id and whose token is used",
            Self::WrongMessenger => "this messenger does not offer the method",
            Self::NameFail => "give a name",
            Self::NameTooLong => "shorten the name to what the vendor's words say",
            Self::WebTooLong => "shorten the web address to what the vendor's words say",
            Self::EmailTooLong => "shorten the mail address to what the vendor's words say",
            Self::PhoneNotFound | Self::NotFound => {
                "there is no such contact or chat: add it first"
            }
            Self::UserNotFound | Self::UserIdFail => "there is no such user: list the users",
            Self::UserNotActive => "the user is blocked or deleted: choose another",
            Self::TagNotEntered => "give a tag",
            Self::NoData => "there is nothing to show, or reading failed: try once more to tell",
            Self::ExecutionFail => {
                "the messenger did not answer: look whether it happened, then try again"
            }
            Self::Unknown(_) => {
                "read the vendor's words; the same call will most likely fail again"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_words_ask_for_another_try() {
        let again: Vec<_> = ErrorCode::KNOWN
            .iter()
            .filter(|word| ErrorCode::classify(word).is_transient())
            .collect();
        let expected = [
            "phone not checked for WhatsApp, please retry",
            "phone not checked, please retry",
            "fail execution",
        ];
        assert_eq!(again, expected.iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_limit_that_has_changed_is_still_a_limit() {
        assert_eq!(ErrorCode::classify("text fail, more 9000"), ErrorCode::TextTooLong);
        assert_eq!(ErrorCode::classify("name fail, more 100"), ErrorCode::NameTooLong);
        assert_eq!(ErrorCode::classify("text fail"), ErrorCode::TextFail);
        assert!(!ErrorCode::classify("Token fail").is_known());
    }

    #[test]
    fn only_known_words_are_understood() {
        assert!(ErrorCode::KNOWN.iter().all(|word| ErrorCode::classify(word).is_understood()));
        assert!(ErrorCode::classify("text fail, more 9000").is_understood());
        assert!(!ErrorCode::classify("something new").is_understood());
    }

    #[test]
    fn every_word_has_advice() {
        for word in ErrorCode::KNOWN.iter().chain(&["something new"]) {
            assert!(ErrorCode::classify(word).advice().len() > 5, "{word}");
        }
    }

    #[test]
    fn what_is_wrong_with_the_channel_is_told_from_what_is_wrong_with_a_message() {
        let concerns_line = |text| ErrorCode::classify(text).concerns_line();
        assert!(concerns_line("token fail") && concerns_line("acc not authorized"));
        for text in ["phone fail", "no WhatsApp on the number", "fail execution", "something new"] {
            assert!(!concerns_line(text), "{text}");
        }
    }
}
