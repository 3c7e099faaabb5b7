//! The web session: from sleep over the QR code to a linked phone, and back.

use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::chat_api::picture::QrPicture;
use crate::chat_api::{Event, Instance};
use crate::world::{Scene, Ticket};

/// The web session of an instance.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) stage: Stage,
    /// Whether a second session is open, and the two interrupt each other.
    pub(super) rival: bool,
    /// How the vendor's computer is connected.
    pub(super) uplink: Uplink,
    timer: Option<Ticket>,
}

/// How the vendor's computer, on which the session runs, reaches the messenger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Uplink {
    Open,
    /// In trouble: nothing gets through.
    Poor,
    /// The messenger blocks the proxy.
    ProxyBlocked,
}

/// How far the session is.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Stage {
    /// Nobody has asked for it since it was created or logged out.
    Asleep,
    /// On its way to the QR code.
    Connecting,
    /// Shows a QR code.
    Showing { qr: QrPicture, expired: bool },
    /// Reads messages from a phone that was just linked.
    Syncing,
    /// Opens again for a phone that is linked.
    Opening,
    /// Works.
    Linked,
}

impl Session {
    pub(super) const fn asleep() -> Self {
        Self { stage: Stage::Asleep, rival: false, uplink: Uplink::Open, timer: None }
    }

    pub(super) fn retire(&mut self, scene: &mut Scene) {
        if let Some(ticket) = self.timer.take() {
            scene.agenda.take_back(ticket);
        }
    }

    fn enter(&mut self, stage: Stage, scene: &mut Scene) {
        self.retire(scene);
        self.stage = stage;
    }
}

impl Instance {
    /// Changes how the vendor's computer is connected.
    pub(crate) const fn connect_uplink(&mut self, uplink: Uplink) {
        self.session.uplink = uplink;
    }

    pub(super) fn uplink_is_open(&self) -> bool {
        self.session.uplink == Uplink::Open
    }

    /// Whether it belongs to a phone, though the session may not be open now.
    pub(super) const fn is_linked(&self) -> bool {
        matches!(self.session.stage, Stage::Linked | Stage::Opening | Stage::Syncing)
    }

    /// The QR code that is shown.
    pub(super) const fn qr(&self) -> Option<&QrPicture> {
        match &self.session.stage {
            Stage::Showing { qr, .. } => Some(qr),
            _ => None,
        }
    }

    /// Starts a sleeping instance.
    pub(crate) fn wake(&mut self, scene: &mut Scene) {
        if matches!(self.session.stage, Stage::Asleep) && self.paid {
            self.session.enter(Stage::Connecting, scene);
        }
    }

    /// The phone scans the QR code. Works only while a fresh one is shown and the phone is online.
    pub(crate) fn scan(&mut self, scene: &mut Scene) -> bool {
        let fresh = matches!(self.session.stage, Stage::Showing { expired: false, .. });
        let scanned = fresh && self.paid && self.phone.is_online() && self.uplink_is_open();
        if scanned {
            self.session.enter(Stage::Syncing, scene);
        }
        scanned
    }

    /// The QR code runs out before its time.
    pub(crate) fn expire_qr(&mut self, scene: &mut Scene) {
        if let Stage::Showing { expired, .. } = &mut self.session.stage {
            *expired = true;
            self.session.retire(scene);
        }
    }

    /// Shows a new QR code.
    pub(super) fn show_qr(&mut self, scene: &mut Scene) {
        let qr = QrPicture::new(&self.id, &mut scene.random);
        self.session.enter(Stage::Showing { qr, expired: false }, scene);
    }

    /// As if the phone had been linked long ago.
    pub(crate) fn link(&mut self, scene: &mut Scene) {
        self.session.rival = false;
        self.session.enter(Stage::Linked, scene);
    }

    /// Somebody opens the messenger in another window; only one who is linked has a session to
    /// double.
    pub(crate) fn open_rival(&mut self) {
        self.session.rival = matches!(self.session.stage, Stage::Linked);
    }

    /// The other window is closed, and the session works again.
    pub(crate) const fn close_rival(&mut self) {
        self.session.rival = false;
    }

    /// Closes the other window and opens the session again.
    pub(super) fn take_over(&mut self, scene: &mut Scene) {
        self.session.rival = false;
        self.session.enter(Stage::Opening, scene);
    }

    /// Begins reading messages from the phone anew.
    pub(super) fn sync_again(&mut self, scene: &mut Scene) {
        self.session.enter(Stage::Syncing, scene);
    }

    /// Unlinks the phone. What is queued stays.
    pub(crate) fn log_out(&mut self, scene: &mut Scene) {
        self.session.rival = false;
        self.session.enter(Stage::Asleep, scene);
    }

    /// Starts anew; a linked phone stays linked, another window stays open.
    pub(super) fn reboot(&mut self, scene: &mut Scene) {
        let stage = match self.session.stage {
            Stage::Linked | Stage::Opening | Stage::Syncing => Stage::Opening,
            _ => Stage::Connecting,
        };
        self.session.enter(stage, scene);
    }

    /// The timer of the present stage has run down.
    pub(super) fn session_goes_on(&mut self, scene: &mut Scene) {
        self.session.timer = None;
        match self.session.stage {
            Stage::Asleep => self.wake(scene),
            Stage::Connecting => self.show_qr(scene),
            Stage::Showing { .. } => self.expire_qr(scene),
            Stage::Syncing | Stage::Opening => self.session.enter(Stage::Linked, scene),
            Stage::Linked => {}
        }
    }

    /// Keeps the timer that the present stage needs. Stages that need the network or
    /// the phone wait for them.
    pub(super) fn plan_session(&mut self, scene: &mut Scene) {
        let figures = &scene.profile.chat_api;
        let connected = self.uplink_is_open();
        let online = connected && self.phone.is_online();
        let takes = match self.session.stage {
            Stage::Asleep if figures.wakes_by_itself && self.paid => Some(Duration::ZERO),
            Stage::Connecting if connected => Some(figures.connecting),
            Stage::Showing { expired: false, .. } => Some(figures.qr_life),
            Stage::Syncing if online => Some(figures.syncing),
            Stage::Opening if online => Some(figures.opening),
            _ => None,
        };
        match (takes, self.session.timer) {
            (Some(duration), None) => {
                let ticket = scene.plan_in(duration, self.event(Event::Session));
                self.session.timer = Some(ticket);
            }
            (None, Some(_)) => self.session.retire(scene),
            _ => {}
        }
    }
}
