//! Webhooks through the hands of the world: in, out, again.

use std::time::Duration;

use chatapi_transport::Moment;
use chatapi_types::{MessageId, UnixMillis};
use serde::{Deserialize, Serialize};

use super::{
    Delivery, HookAttempt, HookFate, HookKind, HookOutcome, Hooks, News, Party, Stage, Taken, Terms,
};
use crate::fault::Effect;
use crate::profile::HookFigures;
use crate::world::{Event, Scene};

/// What may happen to a webhook when its time comes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum HookEvent {
    /// A fault has kept it back long enough.
    Released(u64),
    /// Whoever took it has not reported in time.
    TimedOut(u64),
}

impl Hooks {
    /// Writes a webhook down, in nobody's line yet.
    fn admit(&mut self, news: News, repeats: Option<u64>, now: UnixMillis) -> Option<u64> {
        let News { party, subject, kind, message, body } = news;
        let line = self.lines.get_mut(&party)?;
        let terms = line.terms.as_ref()?;
        let (target, notes) = (terms.target.clone(), terms.notes);
        self.last_id += 1;
        let id = self.last_id;
        if let Some(message) = &message
            && kind == HookKind::Message
            && notes
        {
            line.note(id, message.clone(), now, self.kept);
        }
        let delivery = Delivery {
            party,
            subject,
            kind,
            message,
            target,
            body,
            made: now,
            attempts: Vec::new(),
            repeats,
            stage: Stage::Dropped,
            turn: 0,
            due: Moment::default(),
            is_offered: false,
        };
        self.bytes += delivery.weight();
        self.deliveries.insert(id, delivery);
        Some(id)
    }
}

/// How long a webhook that is to be overtaken waits for the next one.
const OVERTAKEN_WITHIN: Duration = Duration::from_secs(60);

impl Scene {
    /// Whether anybody listens to the webhooks of a party.
    pub(crate) fn is_heard(&self, party: Party) -> bool {
        self.hooks.has_receiver(party)
    }

    /// Tells something to whoever listens. Gives back the number of the webhook; `None` where nobody
    /// listens.
    pub(crate) fn tell(&mut self, news: News) -> Option<u64> {
        if !self.is_heard(news.party) {
            return None;
        }
        let fate = self.fate(&news);
        let double = (fate == HookFate::Doubled).then(|| news.clone());
        let first = self.submit_hook(news, None, fate);
        if let Some(double) = double {
            self.submit_hook(double, first, HookFate::Usual);
        }
        first
    }

    /// What misfortune has in store for a webhook: the one decision about it.
    fn fate(&mut self, news: &News) -> HookFate {
        if let Some(fate) = self.hooks.fates.pop_front() {
            return fate;
        }
        match self.strike_webhook(&news.subject) {
            Some(Effect::WebhookDropped {}) => HookFate::Dropped,
            Some(Effect::WebhookDoubled {}) => HookFate::Doubled,
            Some(Effect::WebhookReordered {}) => HookFate::Reordered(OVERTAKEN_WITHIN),
            Some(Effect::WebhookDelayed { seconds }) => HookFate::Delayed(seconds),
            _ => HookFate::Usual,
        }
    }

    fn submit_hook(&mut self, news: News, repeats: Option<u64>, fate: HookFate) -> Option<u64> {
        let party = news.party;
        let (now, unix) = (self.now, self.unix());
        let id = self.hooks.admit(news, repeats, unix)?;
        match fate {
            HookFate::Usual | HookFate::Doubled => self.hooks.stand(id, now),
            HookFate::Dropped => self.hooks.settle(id, Stage::Dropped, unix),
            HookFate::Delayed(time) => self.hold(id, time),
            HookFate::Reordered(time) => {
                // One that is waiting for this very moment has been overtaken now.
                let line = self.hooks.lines.entry(party).or_default();
                match line.overtaken {
                    Some(_) => self.hooks.stand(id, now),
                    None => {
                        line.overtaken = Some(id);
                        self.hold(id, time);
                    }
                }
            }
        }
        self.hooks.make_room(unix);
        Some(id)
    }

    fn hold(&mut self, id: u64, time: Duration) {
        let ticket = self.plan_in(time, Event::Hook(HookEvent::Released(id)));
        if let Some(delivery) = self.hooks.deliveries.get_mut(&id) {
            delivery.stage = Stage::Held(ticket);
        }
    }

    pub(crate) fn on_hook(&mut self, event: HookEvent) {
        match event {
            HookEvent::Released(id) => {
                let held = self.hooks.deliveries.get(&id);
                if held.is_some_and(|held| matches!(held.stage, Stage::Held(_))) {
                    let now = self.now;
                    self.hooks.step_out(id);
                    self.hooks.stand(id, now);
                }
            }
            HookEvent::TimedOut(id) => {
                self.hook_went(id, HookOutcome::TimedOut);
            }
        }
    }

    /// From now on the webhooks of a party go this way; `None` for nowhere: those that wait are
    /// dropped.
    pub(crate) fn set_hook_terms(&mut self, party: Party, terms: Option<Terms>) {
        let (unix, now) = (self.unix(), self.now);
        let hooks = &mut self.hooks;
        let Some(line) = hooks.lines.get_mut(&party) else {
            if terms.is_some() {
                hooks.lines.entry(party).or_default().terms = terms;
            }
            return;
        };
        if line.terms == terms {
            return;
        }
        line.terms.clone_from(&terms);
        let waiting: Vec<u64> = line.waiting.values().copied().collect();
        for id in &waiting {
            hooks.withdraw(*id);
        }
        let Some(terms) = terms else {
            return self.drop_hooks(party, false);
        };
        for id in waiting {
            let tried = hooks.deliveries.get_mut(&id).map_or(0, |delivery| {
                if delivery.target != terms.target {
                    delivery.target.clone_from(&terms.target);
                    // The new receiver has given no reason to wait.
                    delivery.due = now;
                }
                delivery.attempts.len()
            });
            // Without the guarantee there is no second attempt.
            match tried > 0 && tried >= usize::try_from(terms.attempts).unwrap_or(usize::MAX) {
                true => hooks.settle(id, Stage::GivenUp, unix),
                false => hooks.offer(party, Some(id)),
            }
        }
    }

    /// What waits for a party's receiver is dropped. What is under way may still arrive, unless
    /// that, too, does not matter any more.
    fn drop_hooks(&mut self, party: Party, even_under_way: bool) {
        let unix = self.unix();
        let is_doomed = |delivery: &Delivery| match delivery.stage {
            Stage::UnderWay(..) => even_under_way,
            _ => !delivery.stage.is_settled(),
        };
        let doomed: Vec<u64> = self
            .hooks
            .deliveries
            .iter()
            .filter(|(_, delivery)| delivery.party == party && is_doomed(delivery))
            .map(|(id, _)| *id)
            .collect();
        for id in doomed {
            let stage = self.hooks.deliveries.get(&id).map(|delivery| delivery.stage.clone());
            if let Some(Stage::Held(ticket) | Stage::UnderWay(_, Some(ticket))) = stage {
                self.agenda.take_back(ticket);
            }
            self.hooks.settle(id, Stage::Dropped, unix);
        }
    }

    /// The party is about to be deleted, and its webhooks with it. The log remembers them.
    pub(crate) fn retire_hooks(&mut self, party: Party) {
        if self.hooks.lines.contains_key(&party) {
            self.drop_hooks(party, true);
            self.hooks.lines.remove(&party);
        }
    }

    /// Hands out webhooks that are due, at most so many, and of each line only until so many of it are
    /// under way.
    #[cfg(feature = "server")]
    pub(crate) fn take_hooks(&mut self, most: usize, of_each: usize) -> Vec<Taken> {
        self.take(most, of_each, false)
    }

    /// Hands out all webhooks that are due. One that is not reported in time, on the world's clock,
    /// counts as timed out.
    pub(crate) fn take_all_hooks(&mut self) -> Vec<Taken> {
        self.hooks.unpark();
        self.take(usize::MAX, usize::MAX, true)
    }

    fn take(&mut self, most: usize, of_each: usize, limit_on_world_clock: bool) -> Vec<Taken> {
        let mut taken = Vec::new();
        while taken.len() < most {
            let due = self.hooks.offered.first().filter(|(at, _)| *at <= self.now);
            let Some((at, id)) = due.copied() else {
                break;
            };
            let party = self.hooks.deliveries.get(&id).map(|delivery| delivery.party);
            let Some(party) = party else {
                break;
            };
            let line = self.hooks.lines.get(&party);
            if line.is_some_and(|line| line.under_way >= of_each) {
                self.hooks.park(party);
                continue;
            }
            // Whatever the delivery says of itself, its offer is taken.
            self.hooks.offered.remove(&(at, id));
            self.hooks.step_out(id);
            let within = self.hook_figures(party).answer_within;
            let ticket = limit_on_world_clock
                .then(|| self.plan_in(within, Event::Hook(HookEvent::TimedOut(id))));
            let unix = self.unix();
            if let Some(line) = self.hooks.lines.get_mut(&party) {
                line.under_way += 1;
            }
            if let Some(delivery) = self.hooks.deliveries.get_mut(&id) {
                delivery.stage = Stage::UnderWay(unix, ticket);
                let (target, body) = (delivery.target.clone(), delivery.body.clone());
                taken.push(Taken { id, target, body, within });
            }
        }
        taken
    }

    /// What became of an attempt. Gives back whether that webhook was under way.
    pub(crate) fn hook_went(&mut self, id: u64, outcome: HookOutcome) -> bool {
        let Some(delivery) = self.hooks.deliveries.get_mut(&id) else {
            return false;
        };
        let Stage::UnderWay(at, ticket) = delivery.stage.clone() else {
            return false;
        };
        if let Some(ticket) = ticket {
            self.agenda.take_back(ticket);
        }
        let (succeeded, forbidden) =
            (outcome.is_success(), matches!(outcome, HookOutcome::Forbidden(_)));
        delivery.attempts.push(HookAttempt { at, outcome });
        let (party, tried) = (delivery.party, delivery.attempts.len());
        let turn = delivery.turn;
        let (now, unix) = (self.now, self.unix());
        let terms = self.hooks.lines.get(&party).and_then(|line| line.terms.as_ref());
        let again =
            terms.is_some_and(|terms| usize::try_from(terms.attempts).is_ok_and(|n| tried < n));
        if succeeded {
            self.hooks.settle(id, Stage::Delivered, unix);
        } else if forbidden || !again {
            self.hooks.settle(id, Stage::GivenUp, unix);
        } else {
            let gap = self.hook_figures(party).gap(tried);
            self.hooks.step_out(id);
            if let Some(delivery) = self.hooks.deliveries.get_mut(&id) {
                delivery.stage = Stage::Waiting;
                delivery.due = now.plus(gap);
            }
            // It keeps its turn: those behind it wait.
            if let Some(line) = self.hooks.lines.get_mut(&party) {
                line.waiting.insert(turn, id);
            }
            self.hooks.offer(party, Some(id));
        }
        true
    }

    /// Tells something again that was told before, to whoever listens now. Gives back the number of
    /// the new webhook.
    pub(crate) fn tell_again(&mut self, id: u64) -> Option<u64> {
        let Delivery { party, subject, kind, message, body, .. } =
            self.hooks.deliveries.get(&id)?;
        let news = News {
            party: *party,
            subject: subject.clone(),
            kind: *kind,
            message: message.clone(),
            body: body.clone(),
        };
        self.submit_hook(news, Some(id), HookFate::Usual)
    }

    /// The latest webhook of a message.
    pub(crate) fn hook_of(&self, party: Party, message: &MessageId) -> Option<u64> {
        let mut latest = self.hooks.deliveries.iter().rev().filter(|(_, delivery)| {
            delivery.party == party
                && delivery.kind == HookKind::Message
                && delivery.message.as_ref() == Some(message)
        });
        latest.next().map(|(id, _)| *id)
    }

    /// What was in somebody's hands comes back into its line: whoever had it is gone.
    pub(crate) fn regain_hooks(&mut self) {
        self.hooks.unpark();
        let lost: Vec<u64> = self
            .hooks
            .deliveries
            .iter()
            .filter(|(_, delivery)| matches!(delivery.stage, Stage::UnderWay(_, None)))
            .map(|(id, _)| *id)
            .collect();
        for id in lost {
            self.hooks.step_out(id);
            let Some(delivery) = self.hooks.deliveries.get_mut(&id) else {
                continue;
            };
            delivery.stage = Stage::Waiting;
            let (party, turn) = (delivery.party, delivery.turn);
            if let Some(line) = self.hooks.lines.get_mut(&party) {
                line.waiting.insert(turn, id);
            }
            self.hooks.offer(party, Some(id));
        }
    }

    fn hook_figures(&self, party: Party) -> &HookFigures {
        match party {
            Party::Instance(_) => &self.profile.chat_api.hooks,
            Party::Channel(_) => &self.profile.wamm.hooks,
        }
    }
}
