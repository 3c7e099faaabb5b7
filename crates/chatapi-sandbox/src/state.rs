//! What there is in a sandbox, at a glance.

use chatapi_transport::Clock as _;
use chatapi_types::chat_api::{AccountStatus, LoadingReason, Substatus};
use chatapi_types::wamm::{ChannelState, PayState};
use chatapi_types::{InstanceId, Messenger, Token, UnixMillis};
use serde::Serialize;

use crate::world::World;
use crate::{ClockMode, Sandbox};

/// A sandbox at a glance.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct State {
    /// Its clock.
    pub clock: ClockView,
    /// The name of its profile.
    pub profile: String,
    /// Its Chat API instances, in the order in which they were added.
    pub instances: Vec<InstanceView>,
    /// Its wamm channels, in the order in which they were added.
    pub channels: Vec<ChannelView>,
    /// The number of the latest journal entry: where an event stream goes on.
    pub entry: u64,
}

/// A clock at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClockView {
    /// The date and time in the sandbox, in milliseconds since 1970.
    pub now: UnixMillis,
    /// How it moves.
    pub mode: ClockMode,
    /// How many times as fast as the machine's it goes now; 0 while it stands.
    pub speed: f64,
}

/// An instance at a glance.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InstanceView {
    /// Its number.
    pub id: InstanceId,
    /// Its token, which clients have to name.
    #[serde(serialize_with = "Token::serialize_exposed")]
    pub token: Token,
    /// The phone's number.
    pub phone: String,
    /// The state of the account.
    pub account_status: AccountStatus,
    /// The substatus.
    pub substatus: Substatus,
    /// Why it loads, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<LoadingReason>,
    /// The charge of the phone's battery, in percent.
    pub battery: u8,
    /// Whether it is paid.
    pub is_paid: bool,
    /// Until when.
    pub paid_till: UnixMillis,
    /// Whether messages leave.
    pub can_send: bool,
    /// How many messages wait.
    pub queue: usize,
    /// How many can wait.
    pub queue_cap: usize,
    /// How many have ever waited at once.
    pub queue_peak: usize,
    /// How many that it sent are in its history.
    pub sent: usize,
}

/// A channel at a glance.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChannelView {
    /// Its `api_id`.
    pub id: InstanceId,
    /// Its token, which clients have to name.
    #[serde(serialize_with = "Token::serialize_exposed")]
    pub token: Token,
    /// Its messenger.
    pub messenger: Messenger,
    /// Our number on it.
    pub phone: String,
    /// Whether it is connected.
    pub state: ChannelState,
    /// Whether it is paid.
    pub pay_state: PayState,
    /// How many messages wait.
    pub queue: usize,
    /// How many have ever waited at once.
    pub queue_peak: usize,
    /// How many that it sent are in its history.
    pub sent: usize,
}

impl Sandbox {
    /// The sandbox at a glance.
    #[must_use]
    pub fn state(&self) -> State {
        let clock = self.clock_view();
        self.with(|world| State {
            clock,
            profile: world.scene.profile.name.clone().into_owned(),
            instances: world.instance_views(),
            channels: world.channels.iter().map(crate::wamm::Channel::view).collect(),
            entry: world.scene.journal.written(),
        })
    }

    /// The clock at a glance.
    #[must_use]
    pub fn clock_view(&self) -> ClockView {
        let clock = self.clock();
        let mode = clock.mode();
        let speed = match mode {
            ClockMode::Auto | ClockMode::Frozen => 0.0,
            ClockMode::Scaled(factor) => factor,
            ClockMode::Real => 1.0,
        };
        ClockView { now: clock.unix(), mode, speed }
    }
}

impl World {
    fn instance_views(&self) -> Vec<InstanceView> {
        self.instances.iter().map(|instance| instance.view(&self.scene)).collect()
    }
}
