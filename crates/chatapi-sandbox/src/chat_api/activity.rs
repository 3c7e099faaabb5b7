//! `typing`, `recording`, `userStatus`.

use std::time::Duration;

use chatapi_types::chat_api::{Done, ShowTyping, Unspecified};
use chatapi_types::{ChatId, UnixTime};
use serde::{Deserialize, Serialize};

use crate::chat_api::labels::declined;
use crate::chat_api::recipient::{chat_of, is_reachable};
use crate::chat_api::{Event, Instance, queue::raw};
use crate::http::{Answer, Question};
use crate::world::{Scene, Ticket};

/// What an instance is seen to do in a chat.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Doing {
    Typing,
    Recording,
}

impl Doing {
    /// The method's name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Typing => "typing",
            Self::Recording => "recording",
        }
    }
}

/// What the contact sees above the chat.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Activity {
    pub(crate) chat: ChatId,
    pub(crate) what: Doing,
    ends: Ticket,
}

pub(super) fn typing(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    show(Doing::Typing, instance, scene, question)
}

pub(super) fn recording(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    show(Doing::Recording, instance, scene, question)
}

/// Without `on` it starts (grade D). A phone writes in one chat at a time.
fn show(what: Doing, instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    if let Err(refusal) = instance.may_operate(scene) {
        return declined(refusal);
    }
    let chat = match chat_of(&question.args, &scene.profile.chat_api) {
        Ok(chat) => chat,
        Err(refusal) => return declined(refusal),
    };
    let mut args = question.args.clone();
    args.take("phone");
    args.set("chatId", chat.as_str());
    // Both methods have the same arguments.
    let call: ShowTyping = match args.read() {
        Ok(call) => call,
        Err(error) => return declined(error.to_string()),
    };
    instance.stop_activity(scene);
    if call.on != Some(false) {
        let usual = scene.profile.chat_api.activity;
        let seconds = call.duration.map(u64::from).map(Duration::from_secs);
        let ends = scene.plan_in(seconds.unwrap_or(usual), instance.event(Event::ActivityEnds));
        instance.note_chat(what.as_str(), &chat, scene);
        instance.activity = Some(Activity { chat, what, ends });
    }
    Answer::of(&Done::success())
}

impl Instance {
    pub(super) fn stop_activity(&mut self, scene: &mut Scene) {
        if let Some(activity) = self.activity.take() {
            scene.agenda.take_back(activity.ends);
        }
    }
}

/// The answer was never seen: ours says `available` for some time after the contact wrote or read,
/// and when that was last (seconds; grade D).
pub(super) fn user_status(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Presence<'a> {
        chat_id: &'a ChatId,
        status: &'a str,
        last_seen: Option<UnixTime>,
    }
    let figures = &scene.profile.chat_api;
    let chat_id = &match chat_of(&question.args, figures) {
        Ok(chat) if !is_reachable(&chat, scene) => {
            return Answer::of(&Done::failed(format!("{chat} has no account")));
        }
        Ok(chat) => chat,
        Err(refusal) => return Answer::of(&Done::failed(refusal)),
    };
    let sign_of_life = instance.chat(chat_id).and_then(|chat| chat.sign_of_life);
    let is_there = sign_of_life.is_some_and(|at| scene.unix().since(at) <= figures.online_for);
    let status = if is_there { "available" } else { "unavailable" };
    let last_seen = sign_of_life.map(Into::into);
    match raw(&Presence { chat_id, status, last_seen }) {
        Some(presence) => Answer::of(&Unspecified::new(presence)),
        None => Answer::error(500, "the answer cannot be written"),
    }
}
