//! Many instances at once.

mod days;
mod plan;
mod report;
mod survey;

use std::collections::BTreeMap;

use chatapi_transport::{Error, Result};
use chatapi_types::admin::TransferDays;
use chatapi_types::chat_api::{ApiUrl, ReadStatus};
use chatapi_types::{Call, Dialect, InstanceId, Token};
use futures_util::{StreamExt, stream};

use crate::connect::client;
use crate::{Admin, Platform};

pub use plan::{Plan, Step};
pub use report::{Done, Report, Trouble};
pub use survey::{LiveState, Member, Survey};

/// How many calls are under way at once unless [`Fleet::at_once`] says otherwise.
const AT_ONCE: usize = 8;

/// All instances of an account; see [`Admin::fleet`].
///
/// Nothing here acts unseen. A [`survey`](Self::survey) looks; a plan says what would be done to
/// which instance, and prints; only [`Plan::run`] does it, and its [`Report`] says of every single
/// step what became of it and holds the plan of what is left.
#[derive(Clone, Debug)]
pub struct Fleet<'a> {
    admin: &'a Admin,
    tokens: BTreeMap<InstanceId, Token>,
    at_once: usize,
}

impl<'a> Fleet<'a> {
    pub(crate) const fn new(admin: &'a Admin) -> Self {
        Self { admin, tokens: BTreeMap::new(), at_once: AT_ONCE }
    }

    /// Gives the token of an instance, without which its live state cannot be read: the vendor's
    /// list shows none.
    #[must_use]
    pub fn token(mut self, instance: impl Into<InstanceId>, token: impl Into<Token>) -> Self {
        self.tokens.insert(instance.into(), token.into());
        self
    }

    /// Makes at most this many calls at once; 8 unless given.
    #[must_use]
    pub const fn at_once(mut self, calls: usize) -> Self {
        self.at_once = if calls == 0 { 1 } else { calls };
        self
    }

    /// Lists the instances and reads, side by side, the state of each whose token is known. Wakes
    /// none that sleeps.
    ///
    /// # Errors
    ///
    /// Those of listing. A state that cannot be read is part of the survey.
    pub async fn survey(&self) -> Result<Survey> {
        let list = self.admin.instances().list().await?;
        let unreadable = list.raw().map(str::to_owned).collect();
        let members = stream::iter(list.into_known())
            .map(|instance| async move {
                let live = match self.tokens.get(&instance.id) {
                    Some(token) => self.live(&instance.id, &instance.api_url, token).await,
                    None => LiveState::NoToken,
                };
                Member { instance, live }
            })
            .buffered(self.at_once)
            .collect()
            .await;
        Ok(Survey { members, unreadable, at: self.admin.gateway().clock().unix() })
    }

    async fn live(&self, id: &InstanceId, url: &ApiUrl, token: &Token) -> LiveState {
        let client = match client(self.admin, id, url, token.clone()) {
            Ok(client) => client,
            Err(error) => return LiveState::Unread(error),
        };
        match client.gateway().call(&ReadStatus::new().full().no_wakeup()).await {
            Ok(status) => LiveState::Read(Box::new(status)),
            Err(error) => LiveState::Unread(error),
        }
    }

    /// A plan to create that many instances. Each is paid for by the account.
    pub fn plan_creation(&self, platform: &Platform, count: usize) -> Plan<'a> {
        self.plan((0..count).map(|_| Step::Create(platform.clone())))
    }

    /// A plan to restart instances (`reloadInstance`).
    pub fn plan_restart<'m>(&self, members: impl IntoIterator<Item = &'m Member>) -> Plan<'a> {
        self.plan(members.into_iter().map(|member| Step::Restart(member.instance.id.clone())))
    }

    /// A plan to clean instances (`cleanInstance`). What the vendor cleans is not documented; one
    /// client calls it to unlink a phone for good (grade C).
    pub fn plan_cleaning<'m>(&self, members: impl IntoIterator<Item = &'m Member>) -> Plan<'a> {
        self.plan(members.into_iter().map(|member| Step::Clean(member.instance.id.clone())))
    }

    /// A plan to delete instances. It cannot be undone: such a plan runs only after
    /// [`Plan::confirm_deletions`].
    pub fn plan_deletion<'m>(&self, members: impl IntoIterator<Item = &'m Member>) -> Plan<'a> {
        self.plan(members.into_iter().map(|member| Step::Delete(member.instance.id.clone())))
    }

    /// A plan to transfer paid days from one instance to another.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when the account is too small
    /// (the vendor opens this to accounts with more than 25 instances; help page "API
    /// customization", grade A), when the survey does not show both instances, or when the source
    /// would keep less than one day (grade C). The limits are the dialect's and can be overridden.
    pub fn plan_transfer(
        &self,
        survey: &Survey,
        source: impl Into<InstanceId>,
        receiver: impl Into<InstanceId>,
        days: u32,
    ) -> Result<Plan<'a>> {
        let (source, receiver) = (source.into(), receiver.into());
        let limits = self.admin.gateway().dialect().limits();
        days::allowed(survey, limits)?;
        days::enough(survey, &source, &receiver, days, limits)?;
        Ok(self.plan([Step::Transfer { source, receiver, days }]))
    }

    /// A plan that shares the paid days evenly: from the instances that have the most to those that
    /// have the least, whole days, no more transfers than needed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when the account is too small;
    /// see [`plan_transfer`](Self::plan_transfer).
    pub fn plan_even_days(&self, survey: &Survey) -> Result<Plan<'a>> {
        let limits = self.admin.gateway().dialect().limits();
        days::allowed(survey, limits)?;
        Ok(self.plan(days::even(survey, limits)))
    }

    fn plan(&self, steps: impl IntoIterator<Item = Step>) -> Plan<'a> {
        Plan::new(self.admin, self.at_once, steps.into_iter().collect())
    }
}

impl Admin {
    /// All instances at once: survey, plans, reports.
    #[must_use]
    pub const fn fleet(&self) -> Fleet<'_> {
        Fleet::new(self)
    }
}

/// The refusal of a transfer before anything is sent.
fn refuse(problem: String) -> Error {
    Error::invalid(TransferDays::NAME, problem)
}
