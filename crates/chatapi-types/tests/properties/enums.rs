//! Open enums lose no word.

use std::fmt::Debug;

use chatapi_types::{Existence, admin, chat_api, json, wamm};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::text;

/// An unknown word comes back to the letter, a known one in its canonical spelling.
fn survives<E>(
    word: &str,
    of: fn(&str) -> E,
    as_str: fn(&E) -> &str,
    is_known: fn(&E) -> bool,
    known: &[&str],
) -> Result<(), TestCaseError>
where
    E: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let value = of(word);
    let decoded: E = json::from_str(&serde_json::to_string(word).unwrap()).unwrap();
    prop_assert_eq!(&decoded, &value);
    prop_assert_eq!(serde_json::to_value(&value).unwrap(), as_str(&value));
    prop_assert_eq!(&of(as_str(&value)), &value);
    if is_known(&value) {
        prop_assert!(known.contains(&as_str(&value)));
    } else {
        prop_assert_eq!(as_str(&value), word);
    }
    for word in known {
        let value = of(word);
        prop_assert!(is_known(&value), "{}", word);
        prop_assert_eq!(as_str(&value), *word);
    }
    Ok(())
}

macro_rules! each {
    ($word:expr, $($enum:ty),* $(,)?) => { $(
        prop_assert_eq!(<$enum>::from($word.to_owned()), <$enum>::from($word));
        survives::<$enum>(
            $word,
            |word| word.into(),
            <$enum>::as_str,
            <$enum>::is_known,
            <$enum>::KNOWN,
        )?;
    )* };
}

fn every_enum(word: &str) -> Result<(), TestCaseError> {
    each! {
        word,
        Existence,
        admin::CreationState,
        admin::Platform,
        chat_api::AccountStatus,
        chat_api::Ack,
        chat_api::ActionKind,
        chat_api::LoadingReason,
        chat_api::MessageKind,
        chat_api::Outcome,
        chat_api::Substatus,
        chat_api::WebhookState,
        wamm::ChannelFilter,
        wamm::ChannelKind,
        wamm::ChannelState,
        wamm::ContactKind,
        wamm::ErrorCode,
        wamm::MessageKind,
        wamm::MessageState,
        wamm::PayState,
        wamm::UserRole,
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_word_comes_back(word in text()) {
        every_enum(&word)?;
    }

    #[test]
    fn numbers_and_flags_come_back_as_words(number: i64, flag: bool) {
        let ack: chat_api::Ack = json::from_str(&number.to_string()).unwrap();
        prop_assert_eq!(ack.as_str(), number.to_string());
        let ack: chat_api::Ack = json::from_str(&flag.to_string()).unwrap();
        prop_assert_eq!(ack.as_str(), flag.to_string());
    }
}

/// The words of every other enum, in three cases each, so that all known ones are met.
#[test]
fn known_words_come_back_in_any_case() {
    let words = [
        Existence::KNOWN,
        admin::CreationState::KNOWN,
        admin::Platform::KNOWN,
        chat_api::AccountStatus::KNOWN,
        chat_api::Ack::KNOWN,
        chat_api::ActionKind::KNOWN,
        chat_api::LoadingReason::KNOWN,
        chat_api::MessageKind::KNOWN,
        chat_api::Outcome::KNOWN,
        chat_api::Substatus::KNOWN,
        chat_api::WebhookState::KNOWN,
        wamm::ChannelFilter::KNOWN,
        wamm::ChannelKind::KNOWN,
        wamm::ChannelState::KNOWN,
        wamm::ContactKind::KNOWN,
        wamm::ErrorCode::KNOWN,
        wamm::MessageKind::KNOWN,
        wamm::MessageState::KNOWN,
        wamm::PayState::KNOWN,
        wamm::UserRole::KNOWN,
    ];
    for word in words.into_iter().flatten() {
        every_enum(word).unwrap();
        every_enum(&word.to_uppercase()).unwrap();
        every_enum(&word.to_lowercase()).unwrap();
    }
}
