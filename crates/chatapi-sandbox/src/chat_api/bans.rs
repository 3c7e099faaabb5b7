//! `banSettings` and `banTest`: numbers from which the instance hears nothing.

use std::collections::BTreeSet;

use chatapi_types::ChatId;
use chatapi_types::chat_api::{BanSettings, BanTest, SetBanSettings};
use regex_lite::Regex;
use serde::{Deserialize, Serialize};

use crate::chat_api::Instance;
use crate::chat_api::history::Content;
use crate::chat_api::recipient::chat_of;
use crate::http::{Answer, Question};
use crate::world::{Happening, Scene};

/// The filter of an instance.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Bans {
    /// As it was set; empty bans nobody (grade D).
    mask: String,
    /// The same, understood.
    #[serde(with = "crate::world::saved::regex")]
    regex: Option<Regex>,
    message: String,
    /// Who was told.
    told: BTreeSet<ChatId>,
}

impl Bans {
    /// Forgets some who were told.
    pub(super) fn keep(&mut self, most: usize) {
        while self.told.len() > most {
            self.told.pop_first();
        }
    }

    /// Whether a number fits the mask anywhere, as regular expressions do unless anchored.
    fn bans(&self, number: &str) -> bool {
        self.regex.as_ref().is_some_and(|regex| regex.is_match(number))
    }
}

/// Reading and setting share a name: a `POST` sets, and so does a mask that is given.
pub(super) fn settings(instance: &mut Instance, _: &mut Scene, question: &Question) -> Answer {
    let bans = &mut instance.bans;
    if !question.is_post && question.args.get("banPhoneMask").is_none() {
        return Answer::of(&BanSettings::new(&*bans.mask, &*bans.message, false));
    }
    let call: SetBanSettings = match question.args.read() {
        Ok(call) => call,
        Err(error) => return Answer::bad_argument(&error),
    };
    let (mask, message) = (call.ban_phone_mask, call.pre_ban_message);
    let regex = match mask.is_empty() {
        true => None,
        false => match Regex::new(&mask) {
            Ok(regex) => Some(regex),
            // The vendor's text was never seen.
            Err(_) => return Answer::error(400, "banPhoneMask is not a regular expression"),
        },
    };
    let changed = bans.mask != mask || bans.message != message;
    if changed {
        *bans = Bans { mask, regex, message, told: BTreeSet::new() };
    }
    Answer::of(&BanSettings::new(&*bans.mask, &*bans.message, changed))
}

/// `message` is what a banned number is told (grade D).
pub(super) fn test(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let bans = &instance.bans;
    let phone = chat_of(&question.args, &scene.profile.chat_api).ok().and_then(|id| id.phone());
    let Some(phone) = phone else {
        return Answer::error(400, "phone must be a number with its country code");
    };
    let banned = bans.bans(phone.digits());
    let mut reply = BanTest::new(banned, &phone, &*bans.mask);
    if banned {
        reply.message.clone_from(&bans.message);
    }
    Answer::of(&reply)
}

impl Instance {
    /// Whether a message from a chat is kept from the instance. Whoever is banned is told so once,
    /// through the queue; another mask or message begins anew (grade D).
    pub(super) fn keeps_out(&mut self, chat: &ChatId, scene: &mut Scene) -> bool {
        let number = chat.as_str().strip_suffix("@c.us");
        if !number.is_some_and(|number| self.bans.bans(number)) {
            return false;
        }
        self.note(scene, Happening::Banned { chat: chat.clone() });
        if self.bans.told.insert(chat.clone()) && !self.bans.message.is_empty() {
            let message = Content::text(&*self.bans.message);
            // A full queue has no room for it, and nobody is left to be told.
            let _ = self.submit(chat.clone(), message, None, scene);
        }
        scene.profile.chat_api.drops_banned
    }
}
