//! Phone numbers.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A phone number in international form: digits only, country code first, 7 to 15 of them (E.164).
///
/// Parsing takes what people paste: a leading `+` or `00`, blanks, dashes, dots, slashes and brackets.
/// What it refuses it explains, see [`BadPhone`]. On the wire a phone is written as a JSON number,
/// as the vendor's specification has it (Chat API §1, grade A), and read from a number or text.
///
/// ```
/// use chatapi_types::Phone;
///
/// let phone: Phone = "+7 (900) 123-45-67".parse()?;
/// assert_eq!(phone.digits(), "79001234567");
/// assert_eq!(phone.masked().to_string(), "790…67");
///
/// let error = "8 (900) 123-45-67".parse::<Phone>().unwrap_err();
/// assert!(error.to_string().contains("write 79001234567"));
/// # Ok::<(), chatapi_types::BadPhone>(())
/// ```
///
/// `Debug` shows it masked, so that a log of anything that holds a phone does not hold the number.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(Arc<str>);

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

impl Phone {
    /// The digits, country code first, without `+`.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The number with its middle left out, for logs: `790…67`.
    #[must_use]
    pub fn masked(&self) -> Masked<'_> {
        Masked(&self.0)
    }
}

/// A phone or chat id with its middle left out.
#[derive(Clone, Copy)]
pub struct Masked<'a>(&'a str);

impl fmt::Debug for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Masked({self})")
    }
}

impl<'a> Masked<'a> {
    /// Masks any text that holds a phone, such as a chat id.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self(text)
    }
}

impl fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, rest) = self.0.split_once('@').map_or((self.0, None), |(n, r)| (n, Some(r)));
        let chars: Vec<char> = number.chars().collect();
        match chars.len() {
            0..=5 => f.write_str("…")?,
            n => {
                chars[..3].iter().try_for_each(|c| write!(f, "{c}"))?;
                f.write_str("…")?;
                chars[n - 2..].iter().try_for_each(|c| write!(f, "{c}"))?;
            }
        }
        rest.map_or(Ok(()), |rest| write!(f, "@{rest}"))
    }
}

/// Why a text is not a phone number that a gateway can use. Never holds more of the number than
/// the advice needs; what must show none of it (errors of decoding) says it in general words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadPhone {
    /// Nothing in it.
    #[error("the phone number is empty; write country code and number, digits only")]
    Empty,
    /// A trunk zero in brackets: it is dialled at home only.
    #[error("leave out the (0): it is dialled at home only, never after a country code")]
    TrunkZero,
    /// Eleven digits beginning with 89: a Russian mobile number behind the home prefix 8, which the
    /// gateway does not deliver (Chat API §1.1, grade C). A `+` before it does not help, because no
    /// country code begins with 89.
    #[error(
        "a Russian mobile number begins with 79, and with an 8 it is not delivered: write {write}"
    )]
    HomePrefix {
        /// The number as it should be written.
        write: String,
    },
    /// It begins with a zero: a home prefix, or digits are missing.
    #[error(
        "a number begins with its country code, which is never 0: write the country code instead"
    )]
    LeadingZero,
    /// Fewer than seven digits.
    #[error("{digits} digits are too few: country code and number have at least 7")]
    TooShort {
        /// How many there are.
        digits: usize,
    },
    /// More than fifteen digits.
    #[error(
        "{digits} digits are too many for a phone number (at most 15); is it a group or chat id?"
    )]
    TooLong {
        /// How many there are.
        digits: usize,
    },
    /// A chat id stands where a phone number should.
    #[error("this is a chat id, not a phone number: pass it as a chat")]
    ChatId,
    /// A character that has no place in a phone number.
    #[error(
        "{character:?} (character {position}) has no place in a phone number: digits, blanks, + - . / and brackets have"
    )]
    Character {
        /// The character.
        character: char,
        /// Where it stands, counted from 1.
        position: usize,
    },
}

impl BadPhone {
    /// The error of a reader that must not show any of the number.
    pub(crate) fn unread<E: serde::de::Error>(self) -> E {
        let expected = match self {
            Self::Empty => "a phone, not an empty text",
            Self::TrunkZero => "a phone without a (0)",
            Self::HomePrefix { .. } => "a phone that begins with 7 instead of 8",
            Self::LeadingZero => "a phone that begins with its country code",
            Self::TooShort { .. } | Self::TooLong { .. } => "a phone of 7 to 15 digits",
            Self::ChatId => "a phone, not a chat id",
            Self::Character { .. } => "a phone, digits only",
        };
        E::invalid_value(serde::de::Unexpected::Other("text"), &expected)
    }
}

impl FromStr for Phone {
    type Err = BadPhone;

    fn from_str(text: &str) -> Result<Self, BadPhone> {
        let trimmed = text.trim();
        if trimmed.ends_with(".us") && trimmed.contains('@') {
            return Err(BadPhone::ChatId);
        }
        let mut digits = String::with_capacity(15);
        let mut plus = false;
        // A line end or a tab in the middle stands between two numbers, not within one.
        let leading = text.chars().take_while(|c| c.is_whitespace()).count();
        for (at, c) in trimmed.chars().enumerate() {
            match c {
                '0'..='9' => digits.push(c),
                '+' if digits.is_empty() && !plus => plus = true,
                // Also the blanks, dashes and direction marks that word processors and address
                // books put in.
                ' '
                | '\u{a0}'
                | '\u{2007}'
                | '\u{2009}'
                | '\u{202f}'
                | '-'
                | '\u{2010}'..='\u{2015}'
                | '\u{2212}'
                | '.'
                | '/'
                | '('
                | ')'
                | '['
                | ']'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}' => {}
                _ => {
                    return Err(BadPhone::Character { character: c, position: leading + at + 1 });
                }
            }
        }
        let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if bare.contains("(0)") || bare.contains("[0]") {
            return Err(BadPhone::TrunkZero);
        }
        if !plus && digits.starts_with("00") {
            digits.drain(..2);
        }
        Self::from_digits(digits)
    }
}

impl Phone {
    fn from_digits(digits: String) -> Result<Self, BadPhone> {
        match digits.len() {
            0 => return Err(BadPhone::Empty),
            11 if is_home_prefixed(&digits) => {
                return Err(BadPhone::HomePrefix { write: format!("7{}", &digits[1..]) });
            }
            _ if digits.starts_with('0') => return Err(BadPhone::LeadingZero),
            n @ 1..=6 => return Err(BadPhone::TooShort { digits: n }),
            7..=15 => {}
            n => return Err(BadPhone::TooLong { digits: n }),
        }
        Ok(Self(digits.into()))
    }
}

/// Whether eleven digits are a Russian mobile number (9xx) behind the home prefix 8. No country code
/// begins with 89. Other numbers behind an 8 are let pass: with eleven digits they may as well be
/// Vietnamese (84), Chinese (86), or of a satellite (88).
fn is_home_prefixed(digits: &str) -> bool {
    digits.starts_with("89")
}

impl TryFrom<&str> for Phone {
    type Error = BadPhone;

    fn try_from(text: &str) -> Result<Self, BadPhone> {
        text.parse()
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Phone {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&Self> for Phone {
    fn from(phone: &Self) -> Self {
        phone.clone()
    }
}

impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::json::number_if_digits(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::json::text(deserializer, str::parse)?.map_err(BadPhone::unread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Phone, BadPhone> {
        text.parse()
    }

    #[test]
    fn two_numbers_are_not_one() {
        for text in ["7900123\n4567890", "7900123\t4567890"] {
            let error = text.parse::<Phone>().unwrap_err();
            assert!(matches!(error, BadPhone::Character { position: 8, .. }), "{text:?}");
        }
        let pasted: Phone = "\t79001234567\r\n".parse().unwrap();
        assert_eq!(pasted.digits(), "79001234567");
    }

    #[test]
    fn logs_do_not_hold_the_number() {
        let phone: Phone = "79001234567".parse().unwrap();
        assert_eq!(format!("{phone:?} {:?}", phone.masked()), "Phone(790…67) Masked(790…67)");
    }

    #[test]
    fn what_people_paste_is_understood() {
        for text in [
            "79001234567",
            "+79001234567",
            "+7 900 123-45-67",
            " +7 (900) 123-45-67 ",
            "007 900 123 45 67",
            "00 7 (900) 123.45.67",
            "+7\u{a0}900\u{2011}123\u{2013}45\u{2212}67",
            "\u{202a}+79001234567\u{202c}",
        ] {
            assert_eq!(parse(text).unwrap().digits(), "79001234567", "{text:?}");
        }
        assert_eq!(parse("+49 30/901820").unwrap().digits(), "4930901820");
    }

    #[test]
    fn what_is_refused_is_explained() {
        assert_eq!(parse("  "), Err(BadPhone::Empty));
        assert_eq!(parse("+44 (0) 20 7946 0000"), Err(BadPhone::TrunkZero));
        assert_eq!(parse("+44 ( 0 ) 20 7946 0000"), Err(BadPhone::TrunkZero));
        let write = "79001234567".to_owned();
        assert_eq!(parse("8 900 123-45-67"), Err(BadPhone::HomePrefix { write }));
        assert_eq!(parse("0900 1234567"), Err(BadPhone::LeadingZero));
        assert_eq!(parse("000 900 1234567"), Err(BadPhone::LeadingZero));
        assert_eq!(parse("12345"), Err(BadPhone::TooShort { digits: 5 }));
        assert_eq!(parse("120363000000000000"), Err(BadPhone::TooLong { digits: 18 }));
        assert_eq!(parse("79001234567@c.us"), Err(BadPhone::ChatId));
        let error = BadPhone::Character { character: 'x', position: 12 };
        assert_eq!(parse("79001234567x12"), Err(error));
        assert_eq!(parse("7+9001234567"), Err(BadPhone::Character { character: '+', position: 2 }));
    }

    #[test]
    fn country_codes_that_begin_with_8_are_believed() {
        // With eleven digits, +84 and +86 are Vietnam and China; +89 is nobody.
        assert!(parse("84901234567").is_ok());
        assert!(parse("+8613012345678").is_ok());
        assert!(parse("+89001234567").is_err());
        assert!(parse("0089001234567").is_err());
    }

    #[test]
    fn the_wire_form_is_a_number_and_text_is_read_too() {
        let phone = parse("79001234567").unwrap();
        assert_eq!(serde_json::to_string(&phone).unwrap(), "79001234567");
        assert_eq!(serde_json::from_str::<Phone>("79001234567").unwrap(), phone);
        assert_eq!(serde_json::from_str::<Phone>("\"+7 900 1234567\"").unwrap(), phone);
        let error = crate::json::from_str::<Phone>("\"8 900 123-45-67\"").unwrap_err();
        let says = "expected a phone that begins with 7 instead of 8 at the top level";
        assert_eq!(error.to_string(), says);
        for (text, says) in [
            ("", "a phone, not an empty text"),
            ("+44 (0) 20 7946 0000", "a phone without a (0)"),
            ("0900 1234567", "a phone that begins with its country code"),
            ("1234", "a phone of 7 to 15 digits"),
            ("79001234567@c.us", "a phone, not a chat id"),
            ("abc", "a phone, digits only"),
        ] {
            let error = crate::json::from_str::<Phone>(&format!("\"{text}\"")).unwrap_err();
            assert!(error.to_string().starts_with(&format!("expected {says} at ")), "{error}");
        }
    }

    #[test]
    fn masks_keep_the_ends_only() {
        assert_eq!(Masked::new("79001234567@c.us").to_string(), "790…67@c.us");
        assert_eq!(Masked::new("12345").to_string(), "…");
    }
}
