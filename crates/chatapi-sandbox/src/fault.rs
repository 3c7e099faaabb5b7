//! Misfortunes to order: what goes wrong, where and when.

mod effect;
mod seconds;
mod trigger;

use std::fmt;
use std::time::Duration;

use chatapi_types::InstanceId;
use serde::{Deserialize, Serialize};

use crate::command::Problem;

pub use effect::Effect;
pub use trigger::When;

/// A rule: where something goes wrong, when, and what.
///
/// As data it is an object in camelCase; times are numbers of seconds, and members that it does not
/// have are refused:
///
/// ```
/// use chatapi_sandbox::Fault;
///
/// let fault: Fault = serde_json::from_str(
///     r#"{"scope": {"vendor": "chatApi", "method": "sendMessage"},
///         "when": {"kind": "nth", "n": 2},
///         "effect": {"kind": "answerLost"}}"#,
/// )?;
/// assert!(fault.check().is_ok());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Each rule counts what is in its scope: calls, or accepted messages, or webhooks, as
/// [`Effect`] says. Rules are looked at in the order in which they were added. Latencies add up;
/// of everything else that would befall one call, message or webhook, the first rule wins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// Where; everywhere unless given.
    #[serde(default, skip_serializing_if = "Scope::is_everywhere")]
    pub scope: Scope,
    /// When; always unless given.
    #[serde(default)]
    pub when: When,
    /// How often at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// From when on, counted from the beginning of the world.
    #[serde(default, with = "seconds::maybe", skip_serializing_if = "Option::is_none")]
    pub from: Option<Duration>,
    /// Until when, counted likewise; that moment is no part of it.
    #[serde(default, with = "seconds::maybe", skip_serializing_if = "Option::is_none")]
    pub until: Option<Duration>,
    /// What happens.
    pub effect: Effect,
}

impl Fault {
    /// Something that happens always and everywhere.
    #[must_use]
    pub const fn new(effect: Effect) -> Self {
        let (times, from, until) = (None, None, None);
        Self { scope: Scope::everywhere(), when: When::Always {}, times, from, until, effect }
    }

    /// Only there.
    #[must_use]
    pub fn at(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Only then.
    #[must_use]
    pub const fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    /// At most so often.
    #[must_use]
    pub const fn times(mut self, most: u64) -> Self {
        self.times = Some(most);
        self
    }

    /// From then on, counted from the beginning of the world.
    #[must_use]
    pub const fn from(mut self, start: Duration) -> Self {
        self.from = Some(start);
        self
    }

    /// Until then, counted from the beginning of the world.
    #[must_use]
    pub const fn until(mut self, end: Duration) -> Self {
        self.until = Some(end);
        self
    }

    /// Whether it makes sense.
    ///
    /// # Errors
    ///
    /// [`BadFault`] says which member does not, and what it may be.
    pub fn check(&self) -> Result<(), BadFault> {
        self.effect.check()?;
        self.when.check()?;
        if self.times == Some(0) {
            return Err(BadFault::new("times is 0: the fault could never happen"));
        }
        if let (Some(from), Some(until)) = (self.from, self.until)
            && from >= until
        {
            return Err(BadFault::new("until is not after from: the fault could never happen"));
        }
        self.scope.check(&self.effect)
    }
}

/// Which vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Vendor {
    /// Chat API's instances.
    ChatApi,
    /// wamm.chat.
    Wamm,
    /// The functions of the account that owns instances.
    Admin,
}

/// Where a [`Fault`] happens. What is not given does not matter. `Debug` leaves the channel out, which
/// may be given by its token.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Scope {
    /// At one vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<Vendor>,
    /// On one Chat API instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<InstanceId>,
    /// On one wamm channel: its `api_id`, or its token, in whose place the `api_id` is then kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// In calls of one method: the vendor's name of it, or an alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

impl Scope {
    /// No limits.
    #[must_use]
    pub const fn everywhere() -> Self {
        Self { vendor: None, instance: None, channel: None, method: None }
    }

    /// One vendor.
    #[must_use]
    pub const fn vendor(vendor: Vendor) -> Self {
        Self { vendor: Some(vendor), instance: None, channel: None, method: None }
    }

    /// One Chat API instance.
    pub fn instance(id: impl Into<InstanceId>) -> Self {
        Self { instance: Some(id.into()), ..Self::everywhere() }
    }

    /// One wamm channel, by `api_id` or token.
    pub fn channel(id: impl Into<String>) -> Self {
        Self { channel: Some(id.into()), ..Self::everywhere() }
    }

    /// One method, there.
    #[must_use]
    pub fn method(mut self, name: impl Into<String>) -> Self {
        self.method = Some(name.into());
        self
    }

    fn is_everywhere(&self) -> bool {
        *self == Self::everywhere()
    }

    fn check(&self, effect: &Effect) -> Result<(), BadFault> {
        let vendors = [
            self.vendor,
            self.instance.as_ref().map(|_| Vendor::ChatApi),
            self.channel.as_ref().map(|_| Vendor::Wamm),
        ];
        let mut named = vendors.into_iter().flatten();
        let first = named.next();
        if named.any(|vendor| Some(vendor) != first) {
            return Err(BadFault::new(
                "scope: instances are Chat API's and channels wamm's: give one of them, of the \
                 vendor that is named",
            ));
        }
        match &self.method {
            Some(_) if !effect.befalls_calls() => Err(BadFault::new(
                "scope.method: this effect befalls messages or webhooks, not calls: leave it out",
            )),
            Some(name) if !is_method(first, name) => Err(BadFault::new(format!(
                "scope.method: no method is called {name:?} there (case matters)"
            ))),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { vendor, instance, channel, method } = self;
        f.debug_struct("Scope")
            .field("vendor", vendor)
            .field("instance", instance)
            .field("channel", &channel.as_ref().map(|_| format_args!("***")))
            .field("method", method)
            .finish()
    }
}

fn is_method(vendor: Option<Vendor>, name: &str) -> bool {
    let at = |one| vendor.is_none_or(|vendor| vendor == one);
    (at(Vendor::ChatApi) && crate::chat_api::method(name).is_some())
        || (at(Vendor::Wamm) && crate::wamm::method(name).is_some())
        || (at(Vendor::Admin) && crate::admin::function(name).is_some())
}

/// By which a fault is taken away, and found in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultId(u64);

impl FaultId {
    /// The id of this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A rule that is in force, and what it has done so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FaultState {
    /// Its id.
    pub id: FaultId,
    /// The rule.
    pub fault: Fault,
    /// How many calls, messages or webhooks in its scope and time it has seen.
    pub seen: u64,
    /// How often it has happened.
    pub hits: u64,
}

/// Why a [`Fault`] is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadFault {
    problem: String,
    reason: Problem,
}

impl BadFault {
    /// It makes no sense.
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), reason: Problem::Invalid }
    }

    /// It makes sense, but not as things are.
    pub(crate) fn now(reason: Problem, problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), reason }
    }

    pub(crate) const fn reason(&self) -> Problem {
        self.reason
    }
}

impl fmt::Display for BadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for BadFault {}
