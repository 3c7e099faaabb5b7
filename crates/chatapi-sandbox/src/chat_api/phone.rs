//! The phone in the user's pocket.

use serde::{Deserialize, Serialize};

use crate::chat_api::power::Power;
use crate::chat_api::{Event, Instance};
use crate::profile::ChatApiFigures;
use crate::world::{Key, Scene, Ticket};
use chatapi_types::chat_api::Substatus;

/// The phone that an instance is linked to.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Phone {
    /// Its number.
    pub(crate) number: String,
    network: Network,
    pub(super) power: Power,
    timeout: Option<Ticket>,
}

/// Whether the phone can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Network {
    Online,
    /// Switched off or without network, and the messenger says so.
    Offline,
    /// Its connection comes and goes, and the messenger says so.
    Poor,
    /// It gives no answer, and nobody knows why.
    Silent {
        timed_out: bool,
    },
}

impl Phone {
    /// A charged phone with network. Its number is made up from the instance's place.
    pub(super) fn new(key: Key) -> Self {
        Self {
            number: format!("7999{:07}", key.number()),
            network: Network::Online,
            power: Power::full(),
            timeout: None,
        }
    }

    pub(crate) fn connect(&mut self, network: Network) {
        // An empty battery cannot be talked into life.
        if self.power.switch_on() {
            self.network = network;
        }
    }

    /// In percent.
    pub(crate) const fn battery(&self) -> u8 {
        self.power.percent()
    }

    pub(super) fn time_out(&mut self) {
        self.timeout = None;
        if let Network::Silent { timed_out } = &mut self.network {
            *timed_out = true;
        }
    }

    /// What stands between the phone and the messenger; a phone that is off is offline.
    pub(super) const fn network(&self) -> Network {
        match self.power.is_on() {
            true => self.network,
            false => Network::Offline,
        }
    }

    pub(super) const fn is_online(&self) -> bool {
        matches!(self.network(), Network::Online)
    }

    /// Whether messages leave through it.
    pub(super) const fn sends(&self, figures: &ChatApiFigures) -> bool {
        self.is_online()
            && (self.battery() >= figures.battery_very_low || figures.sends_on_very_low_battery)
    }

    /// What ails it, in the vendor's word.
    pub(super) const fn substatus(&self, figures: &ChatApiFigures) -> Substatus {
        match self.network() {
            Network::Offline => Substatus::Offline,
            Network::Poor => Substatus::Phone,
            Network::Silent { timed_out: true } => Substatus::Timeout,
            _ if self.battery() < figures.battery_very_low => Substatus::BatteryLow2,
            _ if self.battery() <= figures.battery_low => Substatus::BatteryLow1,
            _ => Substatus::Normal,
        }
    }

    pub(super) fn retire(&mut self, scene: &mut Scene) {
        self.power.retire(scene);
        if let Some(ticket) = self.timeout.take() {
            scene.agenda.take_back(ticket);
        }
    }
}

impl Instance {
    pub(super) fn plan_phone_timeout(&mut self, scene: &mut Scene) {
        let waits = self.phone.network() == Network::Silent { timed_out: false };
        match (waits, self.phone.timeout) {
            (true, None) => {
                let patience = scene.profile.chat_api.phone_timeout;
                let ticket = scene.plan_in(patience, self.event(Event::PhoneTimeout));
                self.phone.timeout = Some(ticket);
            }
            (false, Some(ticket)) => {
                scene.agenda.take_back(ticket);
                self.phone.timeout = None;
            }
            _ => {}
        }
    }
}
