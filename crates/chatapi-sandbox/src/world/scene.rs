//! What instances and channels share.

use std::time::Duration;

use chatapi_transport::Moment;
use chatapi_types::UnixMillis;

use super::{Agenda, Event, Files, Happening, Journal, People, Random, Subject, Ticket};
use crate::Profile;

/// Everything around an instance or a channel: time, chance, plans, people, and the book in which
/// all is written down.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) profile: Profile,
    pub(crate) start: UnixMillis,
    pub(crate) now: Moment,
    pub(crate) random: Random,
    pub(crate) journal: Journal,
    pub(crate) agenda: Agenda,
    pub(crate) people: People,
    pub(crate) files: Files,
    /// wamm counts the messages of all channels together.
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

    pub(crate) fn note(&mut self, subject: &Subject, event: Happening) {
        let at = self.unix();
        self.journal.write(at, subject.clone(), event);
    }
}
