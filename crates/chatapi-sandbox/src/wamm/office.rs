//! What all channels of the account share: its users, and the numbers and messages it counts.

use std::collections::BTreeMap;

use chatapi_transport::Moment;
use chatapi_types::wamm::{User, UserRole};
use chatapi_types::{LocalStamp, UnixTime, UserId};
use serde::{Deserialize, Serialize};

use crate::profile::WammFigures;
use crate::wamm::Refusal;
use crate::world::Scene;

/// The account of all channels.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Office {
    #[serde(with = "crate::world::saved::wire")]
    users: BTreeMap<u64, User>,
    #[serde(deserialize_with = "crate::world::saved::count")]
    last_user: u64,
    #[serde(deserialize_with = "crate::world::saved::count")]
    last_chat: u64,
    /// The day on which a message was last sent over the API, and how many were on it.
    sent_on: (i64, usize),
    /// Since when it is a test account.
    test_since: Option<Moment>,
}

impl Default for Office {
    fn default() -> Self {
        Self {
            users: BTreeMap::new(),
            last_user: 100,
            last_chat: 10_000,
            sent_on: (0, 0),
            test_since: None,
        }
    }
}

impl Office {
    /// Makes the account a test account from now on, or a paid one. One that is on trial already
    /// goes on with it.
    pub(crate) fn test(&mut self, on: bool, now: Moment) {
        self.test_since = on.then_some(self.test_since.unwrap_or(now));
    }

    /// Whether the account was on trial, and that is over.
    pub(crate) fn trial_is_over(&self, now: Moment, figures: &WammFigures) -> bool {
        self.test_since.is_some_and(|since| since.plus(figures.trial) <= now)
    }

    pub(crate) fn users(&self) -> impl ExactSizeIterator<Item = &User> {
        self.users.values()
    }

    pub(crate) fn user(&self, id: &str) -> Option<&User> {
        self.users.get(&number(id)?)
    }

    pub(crate) fn user_mut(&mut self, id: &str) -> Option<&mut User> {
        self.users.get_mut(&number(id)?)
    }

    pub(crate) fn add_user(&mut self, role: UserRole, name: &str, now: LocalStamp) -> UserId {
        self.last_user += 1;
        let mut user = User::new(self.last_user, role, name);
        user.dt_reg = Some(now.clone());
        user.dt_active = Some(now);
        self.users.insert(self.last_user, user);
        self.last_user.into()
    }

    /// The number of a new chat. The account counts the chats of all channels together.
    pub(super) const fn next_chat(&mut self) -> u64 {
        self.last_chat += 1;
        self.last_chat
    }
}

fn number(id: &str) -> Option<u64> {
    id.trim().parse().ok()
}

/// Counts a message that is about to be sent over the API. Test accounts have so many a day; where
/// their day begins is our choice.
pub(super) fn count_message(scene: &mut Scene) -> Result<(), Refusal> {
    let time = UnixTime::from(scene.unix()).as_secs();
    let figures = &scene.profile.wamm;
    let day = (time + i64::from(figures.utc_offset_minutes) * 60).div_euclid(86_400);
    let (last_day, count) = scene.office.sent_on;
    let count = if last_day == day { count } else { 0 };
    if scene.office.test_since.is_some() && count >= figures.test_messages_a_day {
        return Err(figures.over_test_cap.clone());
    }
    scene.office.sent_on = (day, count.saturating_add(1));
    Ok(())
}
