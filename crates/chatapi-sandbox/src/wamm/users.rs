//! `user_list` and `user_chats`: the account, whichever channel's token asks.

use std::cmp::Reverse;

use chatapi_types::wamm::{ErrorCode, OpenChat, OpenChats, Users};
use chatapi_types::{List, LocalStamp};

use crate::http::{Answer, Question};
use crate::wamm::chats::Chat;
use crate::wamm::{Channel, Refusal, refuse};
use crate::world::{Key, Roster, Scene};

pub(super) fn user_list(
    _: &Roster<Channel>,
    _: Key,
    scene: &Scene,
    _: &Question,
) -> Result<Answer, Refusal> {
    let users: List<_> = scene.office.users().cloned().collect();
    match users.is_empty() {
        true => Err(refuse(ErrorCode::NoData)),
        false => Ok(Answer::of(&Users::new(users))),
    }
}

/// Those with the newest message first: the page does not tell the order.
pub(super) fn user_chats(
    channels: &Roster<Channel>,
    asking: Key,
    scene: &Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let given = question.args.text("user_id").unwrap_or_default();
    let user = match given.trim() {
        "" | "0" => None,
        id => match scene.office.user(id) {
            Some(user) => Some(&user.user_id),
            None => return Err(refuse(ErrorCode::UserIdFail)),
        },
    };
    let only_asking = question.args.text("by_channel").is_some_and(|flag| flag.trim() == "1");
    let channels = channels.iter().filter(|channel| !only_asking || channel.key == asking);
    let chats = channels.flat_map(|channel| channel.chats().map(move |chat| (channel, chat)));
    let is_wanted = |chat: &Chat| {
        chat.is_open && user.is_none_or(|user| chat.contact.user_id.as_ref() == Some(user))
    };
    let mut chats: Vec<_> = chats.filter(|(_, chat)| is_wanted(chat)).collect();
    chats.sort_by_key(|(_, chat)| (Reverse(chat.last_message), chat.number));
    let most = scene.profile.wamm.open_chats;
    let chats = chats.into_iter().take(most).map(|(channel, chat)| channel.show(chat, scene));
    let chats: List<_> = chats.collect();
    match chats.is_empty() {
        true => Err(refuse(ErrorCode::NoData)),
        false => Ok(Answer::of(&OpenChats::new(chats))),
    }
}

impl Channel {
    fn show(&self, chat: &Chat, scene: &Scene) -> OpenChat {
        let contact = &chat.contact;
        let name = self.name_of(contact.phone.as_str(), &scene.people);
        let mut shown = OpenChat::new(chat.number, &contact.phone, name, &self.api_id);
        shown.avatar.clone_from(&contact.avatar);
        shown.user_id.clone_from(&contact.user_id);
        let offset = scene.profile.wamm.utc_offset_minutes;
        shown.date_msg = chat.last_message.map(|at| LocalStamp::at(at.into(), offset));
        shown
    }
}
