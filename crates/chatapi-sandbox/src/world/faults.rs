//! The faults that are in force.

use std::time::Duration;

use chatapi_transport::Moment;
use chatapi_types::{InstanceId, Operation};
use serde::{Deserialize, Serialize};

use super::{Happening, Random, Scene, Subject, World};
use crate::command::Problem;
use crate::fault::{BadFault, Effect, Fault, FaultId, FaultState, Vendor};

/// How many faults are in force at most.
const MOST: usize = 1_000;

/// All rules, in the order in which they were added.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Faults {
    rules: Vec<FaultState>,
    #[serde(deserialize_with = "crate::world::saved::count")]
    last: u64,
    /// How many bytes of calls wait to be carried out late.
    #[serde(deserialize_with = "crate::world::saved::count")]
    pub(crate) late_bytes: usize,
}

/// Whom something may befall.
#[derive(Clone, Copy)]
pub(crate) struct Whom<'a> {
    pub(crate) vendor: Vendor,
    /// The number of the instance, or the `api_id` of the channel.
    pub(crate) id: Option<&'a InstanceId>,
    /// The method that is called.
    pub(crate) method: Option<&'a Operation>,
}

impl<'a> Whom<'a> {
    pub(crate) const fn of(subject: &'a Subject) -> Option<Self> {
        let (vendor, id) = match subject {
            Subject::Instance(id) => (Vendor::ChatApi, id),
            Subject::Channel(id) => (Vendor::Wamm, id),
            _ => return None,
        };
        Some(Self { vendor, id: Some(id), method: None })
    }

    fn subject(&self) -> Subject {
        match (self.vendor, self.id) {
            (Vendor::ChatApi, Some(id)) => Subject::Instance(id.clone()),
            (Vendor::Wamm, Some(id)) => Subject::Channel(id.clone()),
            _ => Subject::Sandbox,
        }
    }
}

impl Fault {
    fn covers(&self, target: &Whom<'_>, now: Moment) -> bool {
        let scope = &self.scope;
        let since_start = now.since_start();
        let is_of = |vendor| target.vendor == vendor;
        scope.vendor.is_none_or(is_of)
            && scope
                .instance
                .as_ref()
                .is_none_or(|id| is_of(Vendor::ChatApi) && target.id == Some(id))
            && scope.channel.as_ref().is_none_or(|id| {
                is_of(Vendor::Wamm) && target.id.is_some_and(|given| given.as_str() == id)
            })
            && scope
                .method
                .as_ref()
                .is_none_or(|name| target.method.is_some_and(|operation| operation.is_named(name)))
            && self.from.is_none_or(|from| since_start >= from)
            && self.until.is_none_or(|until| since_start < until)
    }
}

impl Faults {
    pub(crate) const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a call may have to end before it was read.
    #[cfg(feature = "server")]
    pub(crate) fn may_end_early(&self) -> bool {
        self.rules.iter().any(|rule| rule.fault.effect.ends_early())
    }

    pub(crate) fn add(&mut self, fault: Fault) -> Result<FaultId, BadFault> {
        fault.check()?;
        if self.rules.len() >= MOST {
            let text = format!("{MOST} faults are in force: remove some first");
            return Err(BadFault::now(Problem::Impossible, text));
        }
        self.last += 1;
        let id = FaultId::new(self.last);
        self.rules.push(FaultState { id, fault, seen: 0, hits: 0 });
        Ok(id)
    }

    pub(crate) fn list(&self) -> &[FaultState] {
        &self.rules
    }

    pub(crate) fn remove(&mut self, id: FaultId) -> bool {
        let before = self.rules.len();
        self.rules.retain(|rule| rule.id != id);
        self.rules.len() < before
    }

    pub(crate) fn clear(&mut self) -> usize {
        std::mem::take(&mut self.rules).len()
    }

    /// What befalls `target` now: the ids and effects of the rules that strike, of those that
    /// `concern` it. Only latencies come several at a time.
    fn strike(
        &mut self,
        target: &Whom<'_>,
        concern: impl Fn(&Effect) -> bool,
        now: Moment,
        random: &mut Random,
    ) -> Vec<(FaultId, Effect)> {
        let mut struck = Vec::new();
        let mut is_decided = false;
        for rule in &mut self.rules {
            let FaultState { fault, seen, hits, id } = rule;
            if !concern(&fault.effect) || !fault.covers(target, now) {
                continue;
            }
            *seen = seen.saturating_add(1);
            let is_spent = fault.times.is_some_and(|times| *hits >= times);
            let adds_up = matches!(fault.effect, Effect::Latency { .. });
            let is_over = is_spent || (is_decided && !adds_up);
            // Chance is asked whatever came before, so that one rule does not change another's luck.
            if fault.when.is_now(*seen, || random.fraction()) && !is_over {
                *hits = hits.saturating_add(1);
                is_decided |= !adds_up;
                struck.push((*id, fault.effect.clone()));
            }
        }
        struck
    }
}

impl World {
    /// Puts a rule in force, as it stands in data: of very long times a number of seconds does not
    /// hold every nanosecond, and a restored world must not be another.
    pub(crate) fn add_fault(&mut self, fault: Fault) -> Result<FaultId, BadFault> {
        fault.check()?;
        let mut fault: Fault = serde_json::to_value(fault)
            .and_then(serde_json::from_value)
            .map_err(|error| BadFault::new(format!("it cannot be written down: {error}")))?;
        if let Some(channel) = &mut fault.scope.channel {
            // No token is kept, nor shown in lists.
            let found = self.find_channel(channel).and_then(|key| self.channels.get(key));
            let Some(found) = found else {
                let text = "scope.channel: there is no such channel";
                return Err(BadFault::now(Problem::Missing, text));
            };
            *channel = found.api_id.as_str().to_owned();
        }
        let what = format!("fault added: {}", fault.effect.name());
        let id = self.scene.faults.add(fault)?;
        self.scene.note(&Subject::Sandbox, Happening::Control(what.into()));
        Ok(id)
    }

    /// Takes a rule away; gives back whether it was there.
    pub(crate) fn remove_fault(&mut self, id: FaultId) -> bool {
        let is_removed = self.scene.faults.remove(id);
        if is_removed {
            let what = format!("fault {id} removed").into();
            self.scene.note(&Subject::Sandbox, Happening::Control(what));
        }
        is_removed
    }

    /// Takes all rules away; gives back how many there were.
    pub(crate) fn clear_faults(&mut self) -> usize {
        let count = self.scene.faults.clear();
        if count > 0 {
            self.scene.note(&Subject::Sandbox, Happening::Control("faults cleared".into()));
        }
        count
    }
}

impl Scene {
    /// What befalls a call.
    pub(crate) fn strike_call(&mut self, target: &Whom<'_>) -> Vec<(FaultId, Effect)> {
        self.strike(target, Effect::befalls_calls)
    }

    /// What befalls a message that is being accepted.
    pub(crate) fn strike_message(&mut self, subject: &Subject) -> Option<Effect> {
        self.strike_one(subject, Effect::befalls_messages)
    }

    /// What befalls a webhook that is about to be sent: nothing, or one of the effects on webhooks.
    /// It is written down.
    pub(crate) fn strike_webhook(&mut self, subject: &Subject) -> Option<Effect> {
        self.strike_one(subject, Effect::befalls_webhooks)
    }

    /// How old what `showMessagesQueue` shows is to be.
    pub(crate) fn queue_age(&mut self, subject: &Subject) -> Option<Duration> {
        let is_stale = |effect: &Effect| matches!(effect, Effect::StaleQueue { .. });
        match self.strike_one(subject, is_stale) {
            Some(Effect::StaleQueue { seconds }) => Some(seconds),
            _ => None,
        }
    }

    /// Whether somebody may want to see the queue as it was.
    pub(crate) fn remembers_queue(&self, subject: &Subject) -> bool {
        Whom::of(subject).is_some_and(|target| {
            let is_stale = |effect: &Effect| matches!(effect, Effect::StaleQueue { .. });
            let mut rules = self.faults.rules.iter();
            rules.any(|rule| {
                let timeless = Fault { from: None, until: None, ..rule.fault.clone() };
                is_stale(&rule.fault.effect) && timeless.covers(&target, self.now)
            })
        })
    }

    /// By how much the history is behind.
    pub(crate) fn history_lag(&mut self, subject: &Subject) -> Duration {
        let is_lag = |effect: &Effect| matches!(effect, Effect::HistoryLag { .. });
        match self.strike_one(subject, is_lag) {
            Some(Effect::HistoryLag { seconds }) => seconds,
            _ => Duration::ZERO,
        }
    }

    fn strike_one(
        &mut self,
        subject: &Subject,
        concern: impl Fn(&Effect) -> bool,
    ) -> Option<Effect> {
        let target = Whom::of(subject)?;
        self.strike(&target, concern).pop().map(|(_, effect)| effect)
    }

    fn strike(
        &mut self,
        target: &Whom<'_>,
        concern: impl Fn(&Effect) -> bool,
    ) -> Vec<(FaultId, Effect)> {
        if self.faults.is_empty() {
            return Vec::new();
        }
        let struck = self.faults.strike(target, concern, self.now, &mut self.random);
        for (id, effect) in &struck {
            let (id, effect) = (*id, effect.name().into());
            self.note(&target.subject(), Happening::Fault { id, effect });
        }
        struck
    }
}
