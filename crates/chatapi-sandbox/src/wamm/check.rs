//! `check_phone`, and what counts as an address.

use chatapi_types::wamm::{ContactKind, ErrorCode, PhoneCheck};
use chatapi_types::{Args, Existence, Messenger};

use crate::http::{Answer, Question};
use crate::wamm::{Channel, Refusal, refuse};
use crate::world::{Scene, digits_of};

pub(super) fn check_phone(
    channel: &mut Channel,
    scene: &mut Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let phone = address_of(&question.args, channel.messenger)?;
    let existence = match channel.has_account(&phone, scene) {
        Some(true) => Existence::Exists,
        Some(false) => scene.profile.wamm.not_exists.as_str().into(),
        None => return Err(refuse(ErrorCode::ExecutionFail)),
    };
    Ok(Answer::of(&PhoneCheck::new(existence)))
}

/// Who `phone` names. WhatsApp knows numbers only (a group is one of 18 digits); the others know
/// chat ids and nicknames too.
pub(super) fn address_of(args: &Args, messenger: Messenger) -> Result<String, Refusal> {
    let address = address(&args.text("phone").unwrap_or_default(), messenger);
    let is_number = address.bytes().all(|b| b.is_ascii_digit());
    let is_good = match messenger {
        Messenger::WhatsApp => is_number && (7..=18).contains(&address.len()),
        _ => (1..=64).contains(&address.len()),
    };
    match is_good {
        true => Ok(address),
        false => Err(refuse(ErrorCode::PhoneFail)),
    }
}

/// An address as the account keeps it. Blanks, brackets and dashes do not matter (§5, grade A), but
/// on other messengers than WhatsApp a chat id may be negative.
pub(crate) fn address(given: &str, messenger: Messenger) -> String {
    let given = given.trim();
    match messenger {
        Messenger::WhatsApp => digits_of(given.trim_start_matches('-')),
        _ => digits_of(given),
    }
}

/// A group of WhatsApp is longer than any phone number (§5, grade C); elsewhere groups are negative
/// (§5, grade D).
pub(super) fn kind_of(address: &str, messenger: Messenger) -> ContactKind {
    let is_group = match messenger {
        Messenger::WhatsApp => address.len() > 15,
        _ => address.starts_with('-'),
    };
    match is_group {
        true => ContactKind::Group,
        false => ContactKind::User,
    }
}

/// Refuses a number without an account, and one that the messenger says nothing about.
pub(super) fn verify(channel: &Channel, phone: &str, scene: &Scene) -> Result<(), Refusal> {
    let is_whatsapp = channel.messenger == Messenger::WhatsApp;
    Err(refuse(match channel.has_account(phone, scene) {
        Some(true) => return Ok(()),
        Some(false) if is_whatsapp => ErrorCode::NoWhatsApp,
        Some(false) => ErrorCode::NoAccount,
        None if is_whatsapp => ErrorCode::WhatsAppNotChecked,
        None => ErrorCode::NotChecked,
    }))
}
