//! The members of a group. Every change is an action of the queue.

use chatapi_types::chat_api::{ActionKind, ParticipantChanged};
use chatapi_types::{Args, ChatId, RawJson};
use serde::{Deserialize, Serialize};

use crate::chat_api::Instance;
use crate::chat_api::actions::Deed;
use crate::chat_api::groups::{number_of, person_of};
use crate::chat_api::queue::raw;
use crate::chat_api::recipient::is_reachable;
use crate::http::{Answer, Question};
use crate::world::Scene;

/// What is to be changed.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Change {
    pub(super) kind: Kind,
    group_id: ChatId,
    participant_chat_id: ChatId,
}

impl Change {
    /// The arguments of the call.
    pub(super) fn arguments(&self) -> Option<RawJson> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Arguments<'a> {
            group_id: &'a ChatId,
            participant_chat_id: &'a ChatId,
        }
        let Self { group_id, participant_chat_id, .. } = self;
        raw(&Arguments { group_id, participant_chat_id })
    }
}

/// In which way.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum Kind {
    Add,
    Remove,
    Promote,
    Demote,
}

impl Kind {
    pub(super) const fn action(self) -> ActionKind {
        match self {
            Self::Add => ActionKind::AddGroupParticipant,
            Self::Remove => ActionKind::RemoveGroupParticipant,
            Self::Promote => ActionKind::PromoteGroupParticipant,
            Self::Demote => ActionKind::DemoteGroupParticipant,
        }
    }

    /// The first is the vendor's (§5.2, grade A), the others are made after it.
    const fn sentence(self) -> &'static str {
        match self {
            Self::Add => "Added to",
            Self::Remove => "Removed from",
            Self::Promote => "Promoted in",
            Self::Demote => "Demoted in",
        }
    }
}

pub(super) fn add(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    change(Kind::Add, instance, scene, question)
}

pub(super) fn remove(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    change(Kind::Remove, instance, scene, question)
}

pub(super) fn promote(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    change(Kind::Promote, instance, scene, question)
}

pub(super) fn demote(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    change(Kind::Demote, instance, scene, question)
}

/// The key is `add` for all four (§5.2, grade A). Refused is what can be seen to be wrong now; what
/// turns out to be impossible when its turn comes only shows in the group and in the journal.
fn change(kind: Kind, instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let group = question.args.text("groupId").unwrap_or_default();
    Answer::of(&match read(kind, &group, instance, scene, &question.args) {
        Ok(change) => {
            instance.add_action(Deed::Participant(change), scene);
            ParticipantChanged::new(true, format!("{} {group}", kind.sentence()), group)
        }
        Err(refusal) => {
            let mut declined = ParticipantChanged::new(false, refusal, &*group);
            declined.group_id = declined.group_id.filter(|_| !group.is_empty());
            declined
        }
    })
}

fn read(
    kind: Kind,
    group: &str,
    instance: &Instance,
    scene: &Scene,
    args: &Args,
) -> Result<Change, String> {
    if group.is_empty() {
        return Err("groupId is missing".to_owned());
    }
    let group_id = ChatId::new(group);
    let is_member =
        |id: &ChatId| scene.groups.get(id).is_some_and(|g| g.has_member(&instance.phone.number));
    if !is_member(&group_id) {
        return Err(format!("Group {group} not found"));
    }
    let given = ["participantChatId", "participantPhone"];
    let given = given.into_iter().filter_map(|name| args.text(name)).find(|text| !text.is_empty());
    let participant_chat_id = person_of(&given.unwrap_or_default(), scene)?;
    Ok(Change { kind, group_id, participant_chat_id })
}

impl Instance {
    /// Gives back whether it could be done: the instance must be an administrator, who is added must
    /// have an account, all others must be members.
    pub(super) fn change_participant(&self, change: &Change, scene: &mut Scene) -> bool {
        let person = &change.participant_chat_id;
        let reachable = is_reachable(person, scene);
        let most = scene.profile.limits.group_members;
        let Some(group) = scene.groups.get_mut(&change.group_id) else {
            return false;
        };
        if !group.is_admin(&self.phone.number) {
            return false;
        }
        let number = number_of(person);
        match change.kind {
            Kind::Add => reachable && group.add(number, most),
            Kind::Remove => group.remove(number),
            Kind::Promote => group.promote(number, true),
            Kind::Demote => group.promote(number, false),
        }
    }
}
