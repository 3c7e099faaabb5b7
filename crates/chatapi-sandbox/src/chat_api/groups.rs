//! `group`, `joinGroup`, `leaveGroup`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatapi_types::chat_api::{CreateGroup, Done, GroupCreated, JoinGroup, Joined, Removed};
use chatapi_types::{Args, ChatId, RawJson};
use serde::{Deserialize, Serialize};

use crate::chat_api::Instance;
use crate::chat_api::actions::Deed;
use crate::chat_api::chats::{cannot_remove, invite_link};
use crate::chat_api::history::Content;
use crate::chat_api::queue::raw;
use crate::chat_api::recipient::{chat_of, is_reachable};
use crate::http::{Answer, Question};
use crate::world::{File, Scene};

/// A group that is to be made.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct NewGroup {
    group_name: String,
    chat_ids: Vec<ChatId>,
    message_text: Option<String>,
    picture: Option<File>,
}

impl NewGroup {
    /// The arguments of the call, but for the picture.
    pub(super) fn arguments(&self) -> Option<RawJson> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Arguments<'a> {
            group_name: &'a str,
            chat_ids: &'a [ChatId],
            #[serde(skip_serializing_if = "Option::is_none")]
            message_text: Option<&'a str>,
        }
        let Self { group_name, chat_ids, message_text, .. } = self;
        raw(&Arguments { group_name, chat_ids, message_text: message_text.as_deref() })
    }
}

/// A queued action, for which the vendor waits 20 seconds (§5.2, grade A). Nothing waits here: where
/// the group would exist by then, it and all that was to be done before it is done at once, and the
/// answer tells its chat; else the action stays in the queue.
pub(super) fn group(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let group = match new_group(instance, scene, &question.args) {
        Ok(group) => group,
        Err(refusal) => return Answer::of(&GroupCreated::new(false, refusal)),
    };
    let number = instance.add_action(Deed::CreateGroup(group), scene);
    let made = instance.hurry(number, scene);
    let made = made.and_then(|id| Some((scene.groups.get(&id)?, id)));
    // The vendor's sentences were never seen.
    Answer::of(&match made {
        Some((group, id)) => {
            let link = invite_link(&group.code, &question.origin);
            GroupCreated::new(true, "Group created").group(id, link)
        }
        None => GroupCreated::new(true, "Group will be created"),
    })
}

fn new_group(instance: &Instance, scene: &Scene, args: &Args) -> Result<NewGroup, String> {
    let unread = |error| format!("Group was not created: {error}");
    let call: CreateGroup = args.read().map_err(|error| unread(error.to_string()))?;
    if call.group_name.trim().is_empty() {
        return Err(unread("groupName is empty".to_owned()));
    }
    let phones = call.phones.iter().flat_map(|phones| phones.as_slice()).map(ChatId::from);
    let chats = call.chat_ids.unwrap_or_default();
    let mut members: Vec<ChatId> = Vec::new();
    for person in phones.chain(chats) {
        let person = person_of(person.as_str(), scene)?;
        if number_of(&person) != instance.phone.number && !members.contains(&person) {
            members.push(person);
        }
    }
    if members.is_empty() {
        return Err(unread("phones is empty".to_owned()));
    }
    let picture = call.avatar640.and_then(|picture| {
        let bytes = STANDARD.decode(picture.trim()).ok();
        let bare = bytes.map(|bytes| File { mime: "image/jpeg".to_owned(), bytes: bytes.into() });
        File::from_data_uri(&picture).or(bare)
    });
    Ok(NewGroup {
        group_name: call.group_name,
        chat_ids: members,
        message_text: call.message_text.filter(|text| !text.is_empty()),
        picture,
    })
}

/// The private chat that a phone or a chat id names.
pub(super) fn person_of(given: &str, scene: &Scene) -> Result<ChatId, String> {
    let args: Args = [("chatId", given)].into_iter().collect();
    let chat = chat_of(&args, &scene.profile.chat_api)?;
    match chat.is_group() {
        true => Err(format!("{chat} is not a person")),
        false => Ok(chat),
    }
}

pub(super) fn number_of(person: &ChatId) -> &str {
    person.as_str().strip_suffix("@c.us").unwrap_or(person.as_str())
}

impl Instance {
    /// Makes a group of those who have an account.
    pub(super) fn found_group(&mut self, new: NewGroup, scene: &mut Scene) -> ChatId {
        let picture = new.picture.map(|file| {
            let name = format!("{}.jpg", scene.random.hex(32));
            scene.keep_file(name.clone(), file);
            name
        });
        let now = scene.unix();
        let reached = |person: &&ChatId| is_reachable(person, scene);
        let people: Vec<&ChatId> = new.chat_ids.iter().filter(reached).collect();
        let Scene { groups, random, profile, .. } = scene;
        groups.keep(profile.limits.groups.saturating_sub(1));
        let (id, group) = groups.found(&self.phone.number, &new.group_name, now.into(), random);
        for person in people {
            group.add(number_of(person), profile.limits.group_members);
        }
        group.picture = picture;
        self.chats.open(&id).last_message = Some(now);
        if let Some(text) = new.message_text {
            // A full queue has no room for it, and nobody is left to be told.
            let _ = self.submit(id.clone(), Content::text(text), None, scene);
        }
        id
    }
}

pub(super) fn join(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let call: JoinGroup = match question.args.read() {
        Ok(call) => call,
        Err(error) => return Answer::of(&Done::failed(error.to_string())),
    };
    if let Err(refusal) = instance.may_operate(scene) {
        return Answer::of(&Done::failed(refusal));
    }
    let given = [call.code, call.url].into_iter().flatten().find(|given| !given.is_empty());
    let given = given.unwrap_or_default();
    let code = given.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let code = code.split(['?', '#']).next().unwrap_or_default();
    let Some(id) = scene.groups.invited(code).cloned() else {
        return Answer::of(&Done::failed("There is no group with this invitation"));
    };
    let most = scene.profile.limits.group_members;
    if let Some(group) = scene.groups.get_mut(&id) {
        group.add(&instance.phone.number, most);
    }
    let now = scene.unix();
    let chat = instance.chats.open(&id);
    chat.last_message = chat.last_message.or(Some(now));
    instance.note_chat("joinGroup", &id, scene);
    Answer::of(&Joined::new(id))
}

pub(super) fn leave(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    if let Err(refusal) = instance.may_operate(scene) {
        return Answer::of(&cannot_remove(&refusal));
    }
    let id = chat_of(&question.args, &scene.profile.chat_api).ok();
    let id = id.filter(|id| id.is_group() && instance.chats.get(id).is_some());
    let Some(id) = id else {
        return Answer::of(&cannot_remove("Invalid number"));
    };
    instance.remove_chat(&id, scene);
    instance.note_chat("leaveGroup", &id, scene);
    Answer::of(&Removed::new("success"))
}
