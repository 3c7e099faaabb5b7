//! `check_phone`, and what counts as an address.

use chatapi_types::wamm::{ErrorCode, PhoneCheck};
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
    let existence = match scene.people.has_account(&phone) {
        true => Existence::Exists,
        false => scene.profile.wamm.not_exists.as_str().into(),
    };
    Ok(Answer::of(&PhoneCheck::new(existence)))
}

/// Who `phone` names. WhatsApp knows numbers only (a group is one of 18 digits); the others know
/// chat ids and nicknames too. Blanks, brackets and dashes do not matter (§5, grade A).
pub(super) fn address_of(args: &Args, messenger: Messenger) -> Result<String, Refusal> {
    let given = args.text("phone").unwrap_or_default();
    let given = given.trim();
    // A chat id of MAX may be negative.
    let is_chat_id = messenger != Messenger::WhatsApp && given.starts_with('-');
    let address = match is_chat_id {
        true => given.to_owned(),
        false => digits_of(given),
    };
    let is_number = address.bytes().all(|b| b.is_ascii_digit());
    let is_good = match messenger {
        Messenger::WhatsApp => is_number && (7..=18).contains(&address.len()),
        _ => !address.is_empty(),
    };
    match is_good {
        true => Ok(address),
        false => Err(refuse(ErrorCode::PhoneFail)),
    }
}

/// The refusal of a number without an account.
pub(super) fn no_account(messenger: Messenger) -> Refusal {
    refuse(match messenger {
        Messenger::WhatsApp => ErrorCode::NoWhatsApp,
        _ => ErrorCode::NoAccount,
    })
}
