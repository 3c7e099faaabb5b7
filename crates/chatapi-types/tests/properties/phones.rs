//! Phone numbers, however they are written.

use chatapi_types::{ChatId, Masked, Phone, json};
use proptest::prelude::*;

use crate::{phone, text};

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in text()) {
        match text.parse::<Phone>() {
            Ok(phone) => prop_assert!(phone.digits().bytes().all(|byte| byte.is_ascii_digit())),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
        let _ = Masked::new(&text).to_string();
    }

    #[test]
    fn digits_and_marks_are_read_or_refused(text in "[+0-9 ()./\u{a0}-]{0,24}") {
        if let Ok(phone) = text.parse::<Phone>() {
            prop_assert!((7..=15).contains(&phone.digits().len()));
            prop_assert!(!phone.digits().starts_with('0'));
        }
    }

    #[test]
    fn a_phone_is_read_back_from_what_it_shows(phone in phone()) {
        prop_assert_eq!(&phone.to_string().parse::<Phone>().unwrap(), &phone);
        let json = serde_json::to_string(&phone).unwrap();
        prop_assert_eq!(&json, phone.digits(), "a number on the wire");
        prop_assert_eq!(&json::from_str::<Phone>(&json).unwrap(), &phone);
        prop_assert_eq!(ChatId::from(&phone).phone(), Some(phone));
    }

    #[test]
    fn separators_and_prefixes_do_not_matter(
        phone in phone(),
        prefix in proptest::sample::select(vec!["", "+", "00", " +", "(+", "\u{202a}+"]),
        separators in proptest::collection::vec(
            proptest::sample::select(vec!["", "", " ", "-", ".", "/", "\u{a0}", "\u{2011}", "  - "]),
            16),
        bracket in 0..4_usize,
    ) {
        let mut written = prefix.to_owned();
        for (at, (digit, separator)) in phone.digits().chars().zip(&separators).enumerate() {
            // An area code of three digits in brackets; a lone zero in them is another matter.
            if at == bracket {
                written.push('(');
            }
            if at == bracket + 3 {
                written.push(')');
            }
            written.push(digit);
            written.push_str(separator);
        }
        prop_assert_eq!(written.parse::<Phone>(), Ok(phone), "{:?}", written);
    }

    #[test]
    fn a_mask_hides_the_middle(phone in phone()) {
        let masked = phone.masked().to_string();
        let digits = phone.digits();
        let ends = format!("{}…{}", &digits[..3], &digits[digits.len() - 2..]);
        prop_assert_eq!(masked, ends);
    }
}
