//! The phone, its battery and the connections, in the hands of a test.

use chatapi_types::chat_api::LoadingReason;

use crate::chat_api::{Cable, Instance, Network, Uplink};
use crate::control::InstanceHandle;

impl InstanceHandle {
    /// Switches the phone off, or takes its network away: the substatus is `offline` at once.
    pub fn phone_offline(&self) {
        self.change("phone offline", |instance, _| instance.phone.connect(Network::Offline));
    }

    /// Makes the phone's connection bad: the substatus is `phone` at once, and nothing leaves
    /// (grade D for that).
    pub fn phone_poor(&self) {
        self.change("phone badly connected", |instance, _| instance.phone.connect(Network::Poor));
    }

    /// Lets the phone fall silent without a reason that the gateway knows: the substatus becomes
    /// `timeout` when the gateway has waited for 30 seconds.
    pub fn phone_silent(&self) {
        let network = Network::Silent { timed_out: false };
        self.change("phone silent", |instance, _| instance.phone.connect(network));
    }

    /// Brings the phone back, unless its battery is empty. What waits then leaves in portions of 5
    /// in 2 minutes.
    pub fn phone_online(&self) {
        self.change("phone online", |instance, _| instance.phone.connect(Network::Online));
    }

    /// Sets the charge of the phone's battery, in percent. At 0 the phone goes off. The charge stays
    /// so until the phone is [unplugged](Self::unplug) or [plugged in](Self::plug_in).
    pub fn battery(&self, percent: u8) {
        let what = format!("battery at {percent} %");
        self.change(what, |instance, _| instance.charge(percent));
    }

    /// Pulls the cable out: from now on the battery runs down, a percent in every
    /// [`battery_falls`](crate::profile::ChatApiFigures::battery_falls), and at last the phone goes
    /// off. [`run_until_idle`](crate::Sandbox::run_until_idle) does not wait for that.
    pub fn unplug(&self) {
        self.change("unplugged", |instance, scene| instance.cable(Cable::Unplugged, scene));
    }

    /// Plugs the cable in: the battery charges, and a phone that went off for want of it starts.
    pub fn plug_in(&self) {
        self.change("plugged in", |instance, scene| instance.cable(Cable::PluggedIn, scene));
    }

    /// The charge of the battery in percent; `None` on an instance that does not exist.
    #[must_use]
    pub fn battery_level(&self) -> Option<u8> {
        self.read(|instance, _| instance.phone.battery())
    }

    /// Takes the network away from the vendor's computer, on which the web session runs: the
    /// substatus is `computer`, nothing leaves, and what was being opened waits.
    pub fn server_offline(&self) {
        self.change("server offline", |instance, _| instance.connect_uplink(Uplink::Poor));
    }

    /// Lets the messenger block the proxy of the instance: it is `loading` because of `proxyblock`.
    pub fn block_proxy(&self) {
        self.change("proxy blocked", |instance, _| instance.connect_uplink(Uplink::ProxyBlocked));
    }

    /// Ends [`server_offline`](Self::server_offline) and [`block_proxy`](Self::block_proxy).
    pub fn server_online(&self) {
        self.change("server online", |instance, _| instance.connect_uplink(Uplink::Open));
    }

    /// Wakes an instance that is asleep, as asking for its status does.
    pub fn wake(&self) {
        self.change("woken", Instance::wake);
    }

    /// Unlinks the phone, as somebody can on the phone itself. What is queued stays.
    pub fn log_out(&self) {
        self.change("logged out on the phone", Instance::log_out);
    }

    /// Why it is `loading`, where it is.
    #[must_use]
    pub fn reason(&self) -> Option<LoadingReason> {
        self.read(|instance, scene| instance.state(&scene.profile.chat_api).reason)?
    }
}
