//! What the phone lives on.

use serde::{Deserialize, Serialize};

use crate::chat_api::{Event, Instance};
use crate::world::{Scene, Ticket};

/// The battery and what it hangs on.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Power {
    percent: u8,
    cable: Cable,
    /// Whether the phone has gone off for want of charge, and not come back yet.
    is_off: bool,
    next: Option<Ticket>,
}

/// Which way the charge goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Cable {
    /// It stays where it was set.
    Held,
    /// It falls.
    Unplugged,
    /// It rises.
    PluggedIn,
}

impl Power {
    /// A charged battery that stays so.
    pub(super) const fn full() -> Self {
        Self { percent: 100, cable: Cable::Held, is_off: false, next: None }
    }

    pub(super) const fn percent(&self) -> u8 {
        self.percent
    }

    #[cfg(feature = "page")]
    pub(super) const fn cable(&self) -> Cable {
        self.cable
    }

    pub(super) const fn is_on(&self) -> bool {
        !self.is_off
    }

    /// Somebody presses the button. Gives back whether the phone is on.
    pub(super) const fn switch_on(&mut self) -> bool {
        self.is_off &= self.percent == 0;
        self.is_on()
    }

    pub(super) fn retire(&mut self, scene: &mut Scene) {
        if let Some(ticket) = self.next.take() {
            scene.agenda.take_back(ticket);
        }
    }

    const fn set(&mut self, percent: u8) {
        self.percent = if percent > 100 { 100 } else { percent };
        self.is_off |= self.percent == 0;
    }
}

impl Instance {
    /// Sets the charge; the cable stays as it is.
    pub(crate) const fn charge(&mut self, percent: u8) {
        self.phone.power.set(percent);
    }

    /// Plugs the cable in or out.
    pub(crate) fn cable(&mut self, cable: Cable, scene: &mut Scene) {
        // What was on its way to the next percent is lost: a percent is not much.
        self.phone.power.retire(scene);
        self.phone.power.cable = cable;
    }

    /// One percent less, or more. A phone that went off comes back by itself once it has charge
    /// enough to start.
    pub(super) fn charge_moves(&mut self, scene: &Scene) {
        let power = &mut self.phone.power;
        power.next = None;
        match power.cable {
            Cable::Held => {}
            Cable::Unplugged => power.set(power.percent.saturating_sub(1)),
            Cable::PluggedIn => {
                power.set(power.percent.saturating_add(1));
                power.is_off &= power.percent < scene.profile.chat_api.battery_starts_at;
            }
        }
    }

    /// Keeps the plan for the next percent.
    pub(super) fn plan_charge(&mut self, scene: &mut Scene) {
        let figures = &scene.profile.chat_api;
        let power = &self.phone.power;
        let takes = match power.cable {
            Cable::Unplugged if power.percent > 0 => Some(figures.battery_falls),
            Cable::PluggedIn if power.percent < 100 => Some(figures.battery_rises),
            _ => None,
        };
        match (takes, power.next) {
            (Some(duration), None) => {
                let ticket = scene.plan_in(duration, self.event(Event::Charge));
                self.phone.power.next = Some(ticket);
            }
            (None, Some(_)) => self.phone.power.retire(scene),
            _ => {}
        }
    }
}
