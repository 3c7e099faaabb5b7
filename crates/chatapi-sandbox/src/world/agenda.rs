//! What will happen, in order of time.

use std::collections::BTreeMap;

use chatapi_transport::Moment;
use serde::{Deserialize, Serialize};

use crate::chat_api;
use crate::wamm;

/// Something that happens to one instance or channel when its time comes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Event {
    Instance(super::Key, chat_api::Event),
    Channel(super::Key, wamm::Event),
    /// A step of a scenario.
    Scenario {
        id: u64,
        step: usize,
    },
    Hook(super::HookEvent),
    /// A call is carried out late.
    Late(Box<super::Late>),
}

impl Event {
    /// Whether it goes on for ever without getting anywhere, so that a world in which nothing else
    /// is due counts as idle.
    const fn is_idle(&self) -> bool {
        match self {
            Self::Instance(_, event) => event.is_idle(),
            Self::Channel(..) | Self::Hook(_) | Self::Scenario { .. } | Self::Late(_) => false,
        }
    }
}

/// By which an event is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Ticket(Moment, u64);

impl Ticket {
    pub(crate) const fn at(self) -> Moment {
        self.0
    }
}

/// Events by time, those of one moment in the order in which they were planned.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Agenda {
    #[serde(with = "super::saved::pairs")]
    events: BTreeMap<Ticket, Event>,
    #[serde(deserialize_with = "crate::world::saved::count")]
    planned: u64,
    /// How many of them are not idle.
    #[serde(deserialize_with = "crate::world::saved::count")]
    busy: usize,
}

impl Agenda {
    pub(crate) fn plan(&mut self, at: Moment, event: Event) -> Ticket {
        self.planned += 1;
        let ticket = Ticket(at, self.planned);
        self.busy += usize::from(!event.is_idle());
        self.events.insert(ticket, event);
        ticket
    }

    pub(crate) fn take_back(&mut self, ticket: Ticket) {
        if let Some(event) = self.events.remove(&ticket) {
            self.busy = self.busy.saturating_sub(usize::from(!event.is_idle()));
        }
    }

    /// Takes the first event that is due at `now`.
    pub(crate) fn next_due(&mut self, now: Moment) -> Option<(Moment, Event)> {
        let first = self.events.first_entry()?;
        if first.key().at() > now {
            return None;
        }
        let (ticket, event) = first.remove_entry();
        self.busy = self.busy.saturating_sub(usize::from(!event.is_idle()));
        Some((ticket.at(), event))
    }

    /// When the next event is due.
    pub(crate) fn next_moment(&self) -> Option<Moment> {
        self.events.keys().next().map(|ticket| ticket.at())
    }

    /// When the next event is due, unless only idle ones are planned.
    pub(crate) fn next_busy_moment(&self) -> Option<Moment> {
        if self.busy == 0 {
            return None;
        }
        self.events.keys().next().map(|ticket| ticket.at())
    }
}
