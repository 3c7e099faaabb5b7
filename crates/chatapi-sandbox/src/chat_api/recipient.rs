//! Who a message is for, and whether he can be reached.

use chatapi_types::chat_api::PhoneCheck;
use chatapi_types::{Args, ChatId, Existence};

use crate::MagicRecipient;
use crate::chat_api::Instance;
use crate::http::{Answer, Question};
use crate::profile::ChatApiFigures;
use crate::world::Scene;

/// How many characters a number may have, a group's too: 64, ours.
const LONGEST: usize = 64;

/// The chat that `chatId`, `chatID` or `phone` names; the vendor's refusal where none does.
///
/// A chat wins over a phone (§4.1, grade D); a chat in `phone` is a chat (§1, grade A); a bare
/// number in `chatId` is a phone (grade D).
pub(super) fn chat_of(args: &Args, figures: &ChatApiFigures) -> Result<ChatId, String> {
    let given = ["chatId", "chatID", "phone"]
        .into_iter()
        .filter_map(|name| args.text(name))
        .find(|text| !text.is_empty())
        .unwrap_or_default();
    let (number, kind) = given.split_once('@').unwrap_or((&given, "c.us"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_good = match kind {
        "c.us" if given.contains('@') => is_number(number),
        "c.us" => is_number(number) && figures.phone_digits.contains(&number.len()),
        "g.us" => number.split('-').all(is_number),
        _ => false,
    };
    // Nobody is called by more.
    if is_good && number.len() <= LONGEST {
        return Ok(ChatId::new(format!("{number}@{kind}")));
    }
    let (least, most) = (figures.phone_digits.start(), figures.phone_digits.end());
    Err(format!(
        "phone parameter should contain only numbers, start from country code and be \
         {least}-{most} characters long"
    ))
}

/// Whether a message to a chat would arrive.
pub(super) fn is_reachable(chat: &ChatId, scene: &Scene) -> bool {
    let number = chat.as_str().strip_suffix("@c.us");
    let at_home = number.is_some_and(|number| number.len() == 11 && number.starts_with("89"));
    scene.has_account(chat.as_str()) && (scene.profile.chat_api.home_prefix_reaches || !at_home)
}

pub(super) fn check_phone(_: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let figures = &scene.profile.chat_api;
    let check = match chat_of(&question.args, figures) {
        Ok(chat) if scene.profile.is_magic(chat.as_str(), MagicRecipient::Unchecked) => {
            // How the vendor says that it does not know was never seen (grade D).
            let mut failed = PhoneCheck::new("error".into());
            failed.message = Some("The phone could not be checked, please retry".to_owned());
            failed
        }
        Ok(chat) if is_reachable(&chat, scene) => PhoneCheck::new(Existence::Exists),
        Ok(_) => PhoneCheck::new(Existence::NotExists),
        Err(refusal) => {
            let mut failed = PhoneCheck::new("failed".into());
            failed.message = Some(refusal);
            failed
        }
    };
    Answer::of(&check)
}
