//! What a look at all instances shows.

use std::fmt;
use std::time::Duration;

use chatapi_transport::Error;
use chatapi_types::chat_api::Status;
use chatapi_types::{InstanceId, UnixMillis};

use crate::Instance;

/// What a look at all instances shows. `Display` is a table for people.
#[derive(Debug)]
#[non_exhaustive]
pub struct Survey {
    /// The instances, in the vendor's order.
    pub members: Vec<Member>,
    /// Entries of the vendor's list of a shape that this version does not know, as JSON.
    pub unreadable: Vec<String>,
    /// When it was made.
    pub at: UnixMillis,
}

/// An instance and its live state.
#[derive(Debug)]
#[non_exhaustive]
pub struct Member {
    /// What the owner's list says of it.
    pub instance: Instance,
    /// What it says itself.
    pub live: LiveState,
}

/// What an instance says itself.
#[derive(Debug)]
#[non_exhaustive]
pub enum LiveState {
    /// Its status.
    Read(Box<Status>),
    /// It could not be read.
    Unread(Error),
    /// Its token is not known, so it was not asked.
    NoToken,
}

impl Survey {
    /// The members that a filter keeps.
    pub fn select(&self, keep: impl Fn(&Member) -> bool) -> Vec<&Member> {
        self.members.iter().filter(|member| keep(member)).collect()
    }

    /// A member by its number.
    #[must_use]
    pub fn member(&self, id: &InstanceId) -> Option<&Member> {
        self.members.iter().find(|member| member.instance.id == *id)
    }

    /// The members that are paid for the shortest time, soonest first; those without a date come
    /// last.
    #[must_use]
    pub fn soonest_to_expire(&self) -> Vec<&Member> {
        let mut members: Vec<_> = self.members.iter().collect();
        members.sort_by_key(|member| {
            let till = member.instance.paid_till;
            (till.is_none(), till)
        });
        members
    }

    /// For how long a member is still paid; `None` where the list does not say.
    #[must_use]
    pub fn paid_for(&self, member: &Member) -> Option<Duration> {
        member.instance.paid_till.map(|till| till.since(self.at))
    }
}

impl Member {
    /// Its status, where it was read.
    #[must_use]
    pub const fn status(&self) -> Option<&Status> {
        match &self.live {
            LiveState::Read(status) => Some(status),
            LiveState::Unread(_) | LiveState::NoToken => None,
        }
    }

    /// Whether messages are known to leave.
    #[must_use]
    pub fn sends(&self) -> bool {
        self.status().is_some_and(|status| status.advice().can_send)
    }

    /// Whether a person or a command is known to be needed: messages do not leave, and that does not
    /// pass by itself.
    #[must_use]
    pub fn needs_help(&self) -> bool {
        let advice = self.status().map(Status::advice);
        advice.is_some_and(|advice| !advice.can_send && !advice.heals_itself)
    }
}

impl fmt::Display for LiveState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(status) => {
                write!(f, "{}", status.account_status)?;
                match status.substatus() {
                    Some(substatus) => write!(f, "/{substatus}"),
                    None => Ok(()),
                }
            }
            Self::Unread(error) => write!(f, "not read ({:?})", error.kind()),
            Self::NoToken => f.write_str("no token"),
        }
    }
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<10} {:<8} {:>9}  {:<28} name", "instance", "runs", "days left", "state")?;
        for member in &self.members {
            let Member { instance, live } = member;
            let runs = if instance.stopped { "stopped" } else { "yes" };
            let days =
                self.paid_for(member).map_or("?".to_owned(), |paid| whole_days(paid).to_string());
            let (id, state) = (&instance.id, live.to_string());
            writeln!(f, "{id:<10} {runs:<8} {days:>9}  {state:<28} {}", instance.name)?;
        }
        Ok(())
    }
}

/// How many whole days.
pub(super) const fn whole_days(duration: Duration) -> u64 {
    duration.as_secs() / 86_400
}
