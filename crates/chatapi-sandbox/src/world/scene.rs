//! What instances and channels share.

use std::time::Duration;

use chatapi_transport::Moment;
use chatapi_types::{ChatId, UnixMillis};
use serde::{Deserialize, Serialize};

use super::{
    Agenda, Event, Faults, File, Files, Groups, Happening, Hooks, Journal, People, Random, Subject,
    Ticket,
};
use crate::Profile;
use crate::wamm::Office;

/// Everything around an instance or a channel: time, chance, plans, people, and the book in which
/// all is written down.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Scene {
    pub(crate) profile: Profile,
    pub(crate) start: UnixMillis,
    pub(crate) now: Moment,
    pub(crate) random: Random,
    pub(crate) journal: Journal,
    pub(crate) agenda: Agenda,
    pub(crate) people: People,
    pub(crate) files: Files,
    pub(crate) groups: Groups,
    /// Webhooks on their way.
    pub(crate) hooks: Hooks,
    /// Where the sandbox can be reached: what addresses in webhooks begin with.
    pub(crate) origin: String,
    /// The wamm account that all channels belong to.
    pub(crate) office: Office,
    /// What goes wrong.
    pub(crate) faults: Faults,
    /// wamm counts the messages of all channels together.
    #[serde(deserialize_with = "crate::world::saved::count")]
    pub(crate) last_wamm_message: u64,
}

impl Scene {
    pub(crate) fn unix(&self) -> UnixMillis {
        self.start.plus(self.now.since_start())
    }

    pub(crate) fn plan(&mut self, at: Moment, event: Event) -> Ticket {
        self.agenda.plan(at, event)
    }

    pub(crate) fn plan_in(&mut self, delay: Duration, event: Event) -> Ticket {
        self.agenda.plan(self.now.plus(delay), event)
    }

    /// The name of a group, or of the contact.
    pub(crate) fn chat_name(&self, chat: &ChatId) -> String {
        match self.groups.get(chat) {
            Some(group) => group.name.clone(),
            None => self.people.name_of(chat.as_str()),
        }
    }

    /// Puts a file at an address.
    pub(crate) fn keep_file(&mut self, name: String, file: File) {
        self.files.keep(name, file, self.profile.limits.file_bytes);
    }

    pub(crate) fn note(&mut self, subject: &Subject, event: Happening) {
        let at = self.unix();
        self.journal.write(at, subject.clone(), event);
    }
}
