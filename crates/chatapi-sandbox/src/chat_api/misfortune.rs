//! Misfortunes and their cures, as commands order them.

use chatapi_types::chat_api::{LoadingReason, Substatus};

use crate::InstanceAction;
use crate::chat_api::session::Stage;
use crate::chat_api::{Cable, Instance, Network, Uplink};
use crate::world::{Happening, Scene};

impl Instance {
    /// Why it cannot be done as things are.
    pub(crate) fn permits(&self, action: &InstanceAction, scene: &Scene) -> Result<(), String> {
        let state = self.state(&scene.profile.chat_api);
        let now = format!("it is {}, {}", state.account, state.substatus);
        let stage = &self.session.stage;
        let (possible, needs) = match action {
            InstanceAction::Wake {} => {
                (matches!(stage, Stage::Asleep) && self.paid, "it must be asleep, and paid")
            }
            InstanceAction::ScanQr {} => (
                matches!(stage, Stage::Showing { expired: false, .. })
                    && self.paid
                    && self.phone.is_online()
                    && self.uplink_is_open(),
                "it must show a fresh QR code, and its phone and server must be online",
            ),
            InstanceAction::ExpireQr {} => (
                matches!(stage, Stage::Showing { expired: false, .. }),
                "it must show a fresh QR code",
            ),
            InstanceAction::NewQr {} => (
                matches!(stage, Stage::Showing { .. }) && state.substatus == Substatus::Expired,
                "its QR code must have run out",
            ),
            InstanceAction::LogOut {} => (self.is_linked(), "it must be linked to a phone"),
            InstanceAction::Offline {}
            | InstanceAction::Poor {}
            | InstanceAction::Silent {}
            | InstanceAction::Online {} => {
                (self.phone.battery() > 0, "the battery of its phone must not be empty")
            }
            InstanceAction::Battery { percent } => (*percent <= 100, "`percent` must be 0 to 100"),
            InstanceAction::SecondSession {} => (
                matches!(stage, Stage::Linked) && !self.session.rival,
                "it must have a working session",
            ),
            InstanceAction::CloseSecondSession {} => {
                (self.session.rival, "a second session must be open")
            }
            InstanceAction::Takeover {} => {
                let conflict = state.reason == Some(LoadingReason::Conflict);
                (conflict, "a second session must be in its way")
            }
            _ => (true, ""),
        };
        match possible {
            true => Ok(()),
            false => Err(format!("instance {}: {now}; {needs}", self.id)),
        }
    }

    /// Does what [`permits`](Self::permits) allows. Gives back how many messages were dropped, where
    /// that is what it does.
    pub(crate) fn suffer(&mut self, action: &InstanceAction, scene: &mut Scene) -> Option<usize> {
        let what = match action {
            InstanceAction::Wake {} => "woken",
            InstanceAction::ScanQr {} => "QR code scanned",
            InstanceAction::ExpireQr {} => "QR code expired",
            InstanceAction::NewQr {} => "new QR code",
            InstanceAction::LogOut {} => "logged out",
            InstanceAction::Offline {} => "phone offline",
            InstanceAction::Poor {} => "phone badly connected",
            InstanceAction::Silent {} => "phone silent",
            InstanceAction::Unplug {} => "unplugged",
            InstanceAction::PlugIn {} => "plugged in",
            InstanceAction::ServerOffline {} => "server offline",
            InstanceAction::BlockProxy {} => "proxy blocked",
            InstanceAction::ServerOnline {} => "server online",
            InstanceAction::Webhook { .. } => "webhook set",
            InstanceAction::Online {} => "phone online",
            InstanceAction::Battery { .. } => "battery",
            InstanceAction::SecondSession {} => "second session opened",
            InstanceAction::CloseSecondSession {} => "second session closed",
            InstanceAction::Takeover {} => "taken over",
            InstanceAction::Unpaid {} => "unpaid",
            InstanceAction::Paid {} => "paid",
            InstanceAction::ClearQueue {} => "queue cleared",
            // These do not end here.
            InstanceAction::RotateToken { .. }
            | InstanceAction::Write { .. }
            | InstanceAction::Send { .. }
            | InstanceAction::AddGroup { .. }
            | InstanceAction::Read { .. }
            | InstanceAction::Order { .. }
            | InstanceAction::Remove {} => return None,
        };
        let what = match action {
            InstanceAction::Battery { percent } => format!("{what} at {percent} %").into(),
            _ => what.into(),
        };
        self.note(scene, Happening::Control(what));
        match action {
            InstanceAction::Wake {} => self.wake(scene),
            InstanceAction::ScanQr {} => {
                self.scan(scene);
            }
            InstanceAction::ExpireQr {} => self.expire_qr(scene),
            InstanceAction::NewQr {} => self.show_qr(scene),
            InstanceAction::LogOut {} => self.log_out(scene),
            InstanceAction::Offline {} => self.phone.connect(Network::Offline),
            InstanceAction::Poor {} => self.phone.connect(Network::Poor),
            InstanceAction::Unplug {} => self.cable(Cable::Unplugged, scene),
            InstanceAction::PlugIn {} => self.cable(Cable::PluggedIn, scene),
            InstanceAction::ServerOffline {} => self.connect_uplink(Uplink::Poor),
            InstanceAction::BlockProxy {} => self.connect_uplink(Uplink::ProxyBlocked),
            InstanceAction::ServerOnline {} => self.connect_uplink(Uplink::Open),
            InstanceAction::Webhook { url } => self.set_webhook(url.as_deref(), scene),
            InstanceAction::Silent {} => self.phone.connect(Network::Silent { timed_out: false }),
            InstanceAction::Online {} => self.phone.connect(Network::Online),
            InstanceAction::Battery { percent } => self.charge(*percent),
            InstanceAction::SecondSession {} => self.open_rival(),
            InstanceAction::CloseSecondSession {} => self.close_rival(),
            InstanceAction::Takeover {} => self.take_over(scene),
            InstanceAction::Unpaid {} => {
                self.paid = false;
                self.paid_till = scene.unix();
            }
            InstanceAction::Paid {} => {
                self.paid = true;
                self.paid_till = scene.unix().plus(scene.profile.chat_api.paid_for);
            }
            InstanceAction::ClearQueue {} => {
                return Some(super::queue::drop_all(self, scene).len());
            }
            _ => {}
        }
        None
    }
}
