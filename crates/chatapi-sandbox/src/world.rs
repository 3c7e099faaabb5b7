//! The emulated world: a pure state machine. No I/O, no clock of its own, no threads.

mod agenda;
mod faults;
mod files;
mod groups;
mod hooks;
mod journal;
mod late;
mod people;
mod progress;
mod random;
mod roster;
pub(crate) mod saved;
mod scene;

use chatapi_transport::Moment;
use chatapi_types::{ApiKey, InstanceId, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::Profile;
use crate::chat_api::Instance;
use crate::scenario::Scenarios;
use crate::wamm::{Channel, Office};

pub use hooks::{HookAttempt, HookDelivery, HookFate, HookKind, HookOutcome, HookState, Target};
pub use journal::{Entry, Happening, Obstacle, Subject};

pub(crate) use agenda::{Event, Ticket};
pub(crate) use faults::{Faults, Whom};
pub(crate) use files::{File, extension};
pub(crate) use groups::{Group, Groups};
pub(crate) use hooks::{HookEvent, Hooks, News, Party, Taken, Terms};
pub(crate) use late::Late;
pub(crate) use people::{People, digits_of};
pub(crate) use progress::Progress;
pub(crate) use random::Random;
pub(crate) use roster::{Key, Roster};
pub(crate) use scene::Scene;

use agenda::Agenda;
use files::Files;
use journal::Journal;

/// How many webhooks the log keeps unless told otherwise.
const DELIVERIES: usize = 10_000;

/// The emulated world. Time moves only by [`run_until`](Self::run_until), and everything that is
/// due by then happens in order; the same calls at the same times with the same seed give the same
/// world.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct World {
    /// Everything that instances and channels share.
    pub(crate) scene: Scene,
    pub(crate) accounts: Vec<Account>,
    /// Chat API instances by number.
    pub(crate) instances: Roster<Instance>,
    /// wamm channels by token.
    pub(crate) channels: Roster<Channel>,
    #[serde(default)]
    pub(crate) scenarios: Scenarios,
    /// The number of the instance created last.
    #[serde(deserialize_with = "crate::world::saved::count")]
    pub(crate) last_instance: u64,
    /// The number of the channel created last.
    #[serde(deserialize_with = "crate::world::saved::count")]
    pub(crate) last_channel: u64,
    /// What stands in replies as the address of the gateway, instead of the one that was called.
    pub(crate) public_url: Option<String>,
}

/// Somebody who owns instances.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    // The sandbox's own secret: without it, a restored account could not be called.
    #[serde(serialize_with = "ApiKey::serialize_exposed")]
    pub(crate) key: ApiKey,
}

impl World {
    pub(crate) fn new(profile: Profile, seed: u64, start: UnixMillis, journal: usize) -> Self {
        let mut office = Office::default();
        office.test(profile.wamm.test_account, Moment::default());
        Self {
            scene: Scene {
                profile,
                start,
                now: Moment::default(),
                random: Random::new(seed),
                journal: Journal::new(journal),
                agenda: Agenda::default(),
                people: People::default(),
                files: Files::default(),
                groups: Groups::default(),
                office,
                hooks: Hooks::new(DELIVERIES),
                origin: "http://sandbox.invalid".to_owned(),
                faults: Faults::default(),
                last_wamm_message: 1_000_000,
            },
            accounts: Vec::new(),
            instances: Roster::default(),
            channels: Roster::default(),
            scenarios: Scenarios::default(),
            last_instance: 100_000,
            last_channel: 100,
            public_url: None,
        }
    }

    /// Lets everything happen that is due by `now`, each thing at its own time.
    pub(crate) fn run_until(&mut self, now: Moment) {
        while let Some((at, event)) = self.scene.agenda.next_due(now) {
            self.scene.now = self.scene.now.max(at);
            match event {
                Event::Instance(key, event) => {
                    if let Some(instance) = self.instances.get_mut(key) {
                        instance.on(event, &mut self.scene);
                    }
                }
                Event::Hook(event) => self.scene.on_hook(event),
                Event::Scenario { id, step } => self.play_step(id, step),
                Event::Late(late) => self.catch_up_on(*late),
                Event::Channel(key, event) => {
                    if let Some(channel) = self.channels.get_mut(key) {
                        channel.on(event, &mut self.scene);
                    }
                }
            }
            self.tell_group_changes();
        }
        self.scene.now = self.scene.now.max(now);
    }

    /// Whoever has changed a group, all its members that are instances here hear of it.
    pub(crate) fn tell_group_changes(&mut self) {
        for (id, old) in self.scene.groups.take_changed() {
            for instance in self.instances.iter() {
                instance.tell_group_change(&id, &old, &mut self.scene);
            }
        }
    }

    /// Moves the calendar so that it is `now` at the present moment.
    pub(crate) fn begin_at(&mut self, now: UnixMillis) {
        let passed = i64::try_from(self.scene.now.since_start().as_millis()).unwrap_or(i64::MAX);
        self.scene.start = UnixMillis::from_millis(now.as_millis().saturating_sub(passed));
    }

    /// When something next happens, be it in vain.
    pub(crate) fn next_moment(&self) -> Option<Moment> {
        self.scene.agenda.next_moment()
    }

    /// The number of a new instance. Numbers are not given out twice.
    pub(crate) fn next_instance_id(&mut self) -> InstanceId {
        loop {
            self.last_instance += 1;
            let id = InstanceId::from(self.last_instance);
            if self.instances.find(id.as_str()).is_none() {
                return id;
            }
        }
    }

    /// When something next happens or somebody is to be told something; `None` for never.
    #[cfg(feature = "server")]
    pub(crate) fn next_need(&self) -> Option<Moment> {
        let hook = self.scene.hooks.next_due();
        [self.scene.agenda.next_moment(), hook].into_iter().flatten().min()
    }

    /// When something next happens; `None` when nothing does, or only tries without prospect.
    pub(crate) fn next_busy_moment(&self) -> Option<Moment> {
        self.scene.agenda.next_busy_moment()
    }
}
