//! Carrying out one step.

use std::future::Future;
use std::time::Duration;

use chatapi_client::line::{Health, Outgoing, Queue, Sightings};
use chatapi_transport::Clock;

use super::driver::Driver;
use crate::Body;
use crate::machine::{Answer, Step, Verdict};
use crate::store::{Fenced, HealthNote, Intent, Store, StoreError, StoreFault};

impl Driver {
    /// Every step but waiting and submitting.
    pub(super) async fn carry_out(&mut self, step: &Step) -> Answer {
        let (tables, figures) = (self.tables.as_ref(), &self.figures);
        let line = self.lane.line().clone();
        match step {
            Step::Acquire => told(tables.acquire(&line, &self.owner, figures).await, |grant| {
                Answer::Acquired(grant)
            }),
            Step::Renew(grant) => fenced(tables.renew(grant, figures).await, Answer::Renewed),
            Step::Doubts => told(tables.doubts(&line).await, Answer::Records),
            Step::Overdue => told(tables.overdue(&line, figures).await, Answer::Records),
            Step::Claimed(ids) => told(tables.claimed(&line, ids).await, Answer::Claimed),
            Step::Intend(ask) => fenced(tables.intend(ask, figures).await, Answer::Intended),
            Step::GiveBack(grant, intent) => {
                fenced(tables.give_back(grant, intent).await, Answer::Settled)
            }
            Step::Settle(grant, intent, verdict) => {
                fenced(tables.settle(grant, intent, verdict, figures).await, Answer::Settled)
            }
            Step::Turn(intent, verdict, ask) => {
                fenced(tables.turn(ask, intent, verdict, figures).await, Answer::Turned)
            }
            Step::Resolve(grant, id, resolution) => {
                fenced(tables.resolve(grant, *id, resolution).await, Answer::Settled)
            }
            Step::Lost(grant, id) => {
                fenced(tables.lost(grant, *id, figures).await, Answer::Settled)
            }
            Step::AskHealth => Answer::Health(self.ask_health().await),
            Step::AskQueue => Answer::Queue(self.ask_queue().await),
            Step::AskHistory(since) => Answer::History(self.ask_history(since.as_ref()).await),
            // Those two are not carried out here.
            Step::Wait(_) | Step::Submit(_) => Answer::Woken,
        }
    }

    /// Hands a message over. `None` when too little of the lease is left for it: the lane then
    /// gives the intent back.
    pub(super) async fn submit(&self, intent: &Intent) -> Option<Verdict> {
        let unsent =
            |reason: String| Verdict::NotSent { reason, retry_after_ms: None, pauses_phone: true };
        let content = match &intent.content {
            Some(content) => Ok(Some(content.as_ref().clone())),
            None => self.tables.content(intent.id).await,
        };
        let content = match content {
            Ok(Some(content)) => content,
            Ok(None) => {
                let reason = "its content is gone from the database".to_owned();
                return Some(Verdict::Refused { reason, may_heal: false });
            }
            Err(error) => return Some(unsent(error.to_string())),
        };
        let body = Body::from_json(&content.body);
        let bytes = content.blob.map(|blob| blob.bytes);
        let message = match body.and_then(|body| body.outgoing(&intent.chat, bytes)) {
            Ok(message) => message,
            Err(bad) => {
                return Some(Verdict::Refused { reason: bad.to_string(), may_heal: false });
            }
        };
        self.lane.may_submit(self.clock.now()).then_some(())?;
        Some(self.hand_over(&message).await)
    }

    async fn hand_over(&self, message: &Outgoing) -> Verdict {
        let deadline = self.figures.deadline;
        match within(self.clock.as_ref(), deadline, self.line.submit(message)).await {
            Some(answer) => Verdict::of(&answer),
            None => {
                Verdict::Unknown { reason: format!("no answer within {} ms", deadline.as_millis()) }
            }
        }
    }

    async fn ask_health(&mut self) -> Option<bool> {
        let name = self.lane.line().clone();
        let asked = within(self.clock.as_ref(), self.figures.deadline, self.line.health()).await;
        let (note, well) = match asked {
            Some(Ok(health)) => (self.note(&health).await, Some(health.can_send)),
            Some(Err(error)) => (self.note_trouble(&error.to_string()).await, None),
            None => (self.note_trouble("it did not answer in time").await, None),
        };
        if let Err(error) = note {
            tracing::debug!(line = %name, %error, "the phone's state is not written down");
        }
        well
    }

    async fn note(&mut self, health: &Health) -> Result<(), StoreError> {
        let advice = (!health.can_send).then(|| format!("{}: {}", health.meaning, health.action));
        self.write_down(health.state.clone(), health.can_send, advice).await
    }

    async fn note_trouble(&mut self, reason: &str) -> Result<(), StoreError> {
        self.write_down(format!("unknown: {reason}"), false, None).await
    }

    /// Writes the phone's state down, when it is another one or the last note is old.
    async fn write_down(
        &mut self,
        state: String,
        can_send: bool,
        advice: Option<String>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let is_new = self.noted.as_ref().is_none_or(|(noted, _)| *noted != state);
        let is_old = self.noted.as_ref().is_none_or(|(_, at)| {
            // While a phone is ill its recovery begins anew with every look.
            let every = if can_send { self.figures.idle_every } else { Duration::ZERO };
            now.since(*at) >= every
        });
        let Some(grant) = self.lane.grant().filter(|_| is_new || is_old).cloned() else {
            return Ok(());
        };
        if is_new {
            let (line, advice) = (&grant.line, advice.as_deref().unwrap_or_default());
            match can_send {
                true => tracing::info!(%line, %state, "the phone sends"),
                false => tracing::warn!(%line, %state, advice, "the phone does not send"),
            }
        }
        let note = HealthNote::new(self.tables.now().await?, can_send, &*state).advice(advice);
        self.tables.note_health(&grant, &note).await?;
        self.noted = Some((state, now));
        Ok(())
    }

    async fn ask_queue(&self) -> Option<Queue> {
        if !self.line.capabilities().shows_queue {
            let mut empty = Queue::default();
            empty.complete = true;
            return self.figures.history_proves_absence.then_some(empty);
        }
        within(self.clock.as_ref(), self.figures.deadline, self.line.queue()).await?.ok()
    }

    /// What the history shows is evidence: it is written down before anything is concluded from it.
    async fn ask_history(&self, since: Option<&chatapi_client::line::Cursor>) -> Option<Sightings> {
        let asking = self.line.sightings(None, since);
        let sightings = within(self.clock.as_ref(), self.figures.deadline, asking).await?.ok()?;
        if sightings.items.iter().any(|sighting| sighting.ours) {
            self.tables.seen(self.lane.line(), &sightings).await.ok()?;
        }
        if let (Some(grant), Some(cursor)) = (self.lane.grant(), &sightings.cursor)
            && Some(cursor) != since
        {
            // A place that is not noted is found again.
            drop(self.tables.note_cursor(grant, cursor).await);
        }
        Some(sightings)
    }
}

/// Waits no longer than that.
async fn within<T>(clock: &dyn Clock, limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = work => Some(done),
        () = clock.sleep(limit) => None,
    }
}

fn told<T>(asked: Result<T, StoreError>, answer: impl FnOnce(T) -> Answer) -> Answer {
    asked.map_or_else(|error| failed(&error), answer)
}

fn fenced<T>(
    asked: Result<T, StoreError>,
    answer: impl FnOnce(Result<T, Fenced>) -> Answer,
) -> Answer {
    match asked {
        Ok(done) => answer(Ok(done)),
        Err(error) if error.is_fenced() => answer(Err(Fenced)),
        Err(error) => failed(&error),
    }
}

fn failed(error: &StoreError) -> Answer {
    tracing::warn!(%error, "the store does not answer");
    Answer::StoreFailed { may_have_happened: error.fault() == StoreFault::Unknown }
}
