//! Labels.

use chatapi_types::chat_api::{
    CreateLabel, Done, Label, LabelChat, LabelCreated, Labels as Listed, Outcome, RemoveLabel,
    UpdateLabel,
};
use chatapi_types::{Item, LabelId};
use serde::{Deserialize, Serialize};

use crate::chat_api::recipient::chat_of;
use crate::chat_api::{Chat, Instance};
use crate::http::{Answer, Question};
use crate::world::Scene;

/// The labels of an account.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Labels {
    #[serde(with = "crate::world::saved::wire")]
    labels: Vec<Label>,
    #[serde(deserialize_with = "crate::world::saved::count")]
    last_number: u64,
}

impl Labels {
    /// Lets the oldest go.
    pub(super) fn keep(&mut self, most: usize) {
        self.labels.drain(..self.labels.len().saturating_sub(most));
    }
}

impl Labels {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Label> {
        self.labels.iter()
    }

    fn get_mut(&mut self, id: &LabelId) -> Option<&mut Label> {
        self.labels.iter_mut().find(|label| label.id == *id)
    }
}

pub(super) fn list(instance: &mut Instance, _: &mut Scene, _: &Question) -> Answer {
    Answer::of(&Listed::new(instance.labels.iter().cloned().collect()))
}

/// Words for `result`: `created`, `exists`, `deleted` (§5.3, grade C).
pub(super) fn create(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let name = match question.args.read() {
        Ok(CreateLabel { name, .. }) if !name.trim().is_empty() => name,
        Ok(_) => return declined("name is empty"),
        Err(error) => return declined(error.to_string()),
    };
    if let Err(refusal) = instance.may_operate(scene) {
        return declined(refusal);
    }
    let labels = &mut instance.labels;
    let existing = labels.labels.iter().find(|label| label.name == name).cloned();
    let (label, result) = match existing {
        Some(label) => (label, Outcome::Exists),
        None => {
            let colors = &scene.profile.chat_api.label_colors;
            let place = usize::try_from(labels.last_number).unwrap_or(0);
            labels.last_number += 1;
            let mut label = Label::new(labels.last_number, name);
            label.hex_color = colors.get(place % colors.len().max(1)).cloned();
            labels.labels.push(label.clone());
            (label, Outcome::Created)
        }
    };
    let mut reply = LabelCreated::default();
    reply.success = Some(true);
    reply.result = Some(result);
    reply.label = Some(Item::Known(label));
    Answer::of(&reply)
}

/// What is left out stays as it was.
pub(super) fn update(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let call: UpdateLabel = match question.args.read() {
        Ok(call) => call,
        Err(error) => return declined(error.to_string()),
    };
    if let Err(refusal) = instance.may_operate(scene) {
        return declined(refusal);
    }
    let Some(label) = instance.labels.get_mut(&call.label_id) else {
        return no_label(&call.label_id);
    };
    if let Some(name) = call.name.filter(|name| !name.is_empty()) {
        label.name = name;
    }
    if call.color.is_some() {
        label.hex_color = call.color;
    }
    Answer::of(&Done::success())
}

/// It goes from all chats, too.
pub(super) fn remove(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let call: RemoveLabel = match question.args.read() {
        Ok(call) => call,
        Err(error) => return declined(error.to_string()),
    };
    if let Err(refusal) = instance.may_operate(scene) {
        return declined(refusal);
    }
    if instance.labels.get_mut(&call.label_id).is_none() {
        return no_label(&call.label_id);
    }
    instance.labels.labels.retain(|label| label.id != call.label_id);
    for chat in instance.chats.iter_mut() {
        chat.labels.remove(&call.label_id);
    }
    let mut reply = Done::success();
    reply.result = Some(Outcome::Deleted);
    Answer::of(&reply)
}

pub(super) fn attach(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    on_chat(instance, scene, question, "labelChat", |chat, label| {
        chat.labels.insert(label);
    })
}

pub(super) fn detach(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    on_chat(instance, scene, question, "unlabelChat", |chat, label| {
        chat.labels.remove(&label);
    })
}

fn on_chat(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
    method: &'static str,
    change: impl FnOnce(&mut Chat, LabelId),
) -> Answer {
    let failed = |refusal: String| Answer::of(&Done::failed(refusal));
    if let Err(refusal) = instance.may_operate(scene) {
        return failed(refusal);
    }
    let id = match chat_of(&question.args, &scene.profile.chat_api) {
        Ok(id) => id,
        Err(refusal) => return failed(refusal),
    };
    let mut args = question.args.clone();
    args.take("phone");
    args.set("chatId", id.as_str());
    let label = match args.read::<LabelChat>() {
        Ok(call) => call.label_id,
        Err(error) => return failed(error.to_string()),
    };
    if instance.labels.get_mut(&label).is_none() {
        return failed(format!("Label {label} not found"));
    }
    let Some(chat) = instance.chats.get_mut(&id) else {
        return failed(format!("Chat {id} not found"));
    };
    change(chat, label);
    instance.note_chat(method, &id, scene);
    Answer::of(&Done::with(id))
}

fn no_label(id: &LabelId) -> Answer {
    declined(format!("Label {id} not found"))
}

/// `{success: false, result: "failed", message}`: the answer of §5.3 with the words of §1.2 (grade C).
pub(super) fn declined(message: impl Into<String>) -> Answer {
    let mut reply = Done::failed(message);
    reply.success = Some(false);
    Answer::of(&reply)
}
