//! Requests on their way to the vendor, and answers on theirs back.

use std::time::Duration;

use chatapi_transport::Moment;
use chatapi_types::{Delivery, MessageId};

use super::{Flight, World};
use crate::machine::{Answer, Step, Verdict};
use crate::record::{LineName, OutboxId};
use crate::simulation::vendor::LAG;
use crate::store::Intent;

impl World {
    /// The deadline was checked; the bytes leave a little later, or much later.
    pub(super) fn begin_request(&mut self, which: usize, step: Step, intent: Intent) {
        // A3: the freeze between check and socket is shorter than deadline, guard and settle time
        // together, less what the vendor needs to show it.
        let longest = (self.figures.deadline + self.figures.settle).saturating_sub(LAG * 4);
        let longest = longest.as_millis() as u64;
        let freeze = match self.random.u8(0..30) {
            0 => {
                self.reach("frozen at the socket");
                self.random.u64(0..longest)
            }
            1 if self.lifted.freezes_too_long => longest * 2 + self.random.u64(0..300_000),
            _ => 0,
        };
        let leaves = self.now.plus(Duration::from_millis(freeze));
        if self.planted.intent_after_send {
            // As if the intent had not been written down yet: undone, and done again afterwards.
            let now = self.store_now();
            if let Some(grant) = self.dispatchers.get(which).and_then(|d| d.lane.grant().cloned()) {
                let _ = self.ledger.give_back(&grant, &intent, now);
            }
        }
        if let Some(dispatcher) = self.dispatchers.get_mut(which) {
            dispatcher.at_socket = Some((intent, leaves));
            dispatcher.waiting = Some((step, None, leaves));
        }
    }

    /// Bytes leave, requests arrive, answers come back.
    pub(super) fn fly(&mut self) {
        for which in 0..self.dispatchers.len() {
            let Some(dispatcher) = self.dispatchers.get_mut(which) else { continue };
            let due = dispatcher.at_socket.as_ref().is_some_and(|(_, leaves)| *leaves <= self.now);
            if due && let Some((intent, leaves)) = dispatcher.at_socket.take() {
                let (owner, line) = (dispatcher.owner.clone(), dispatcher.line.clone());
                self.leave(which, intent, leaves, owner, line);
            }
        }
        let now = self.now;
        let mut arrived = Vec::new();
        self.flights.retain_mut(|flight| {
            if flight.arrives > now {
                return true;
            }
            arrived.push((
                flight.intent.clone(),
                flight.line.clone(),
                flight.owner.clone(),
                flight.answer_at,
                flight.verdict.take(),
                flight.id,
            ));
            false
        });
        for (intent, line, owner, answer_at, verdict, id) in arrived {
            self.arrive(&intent, &line, &owner, answer_at, verdict, id);
        }
    }

    fn leave(&mut self, which: usize, intent: Intent, at: Moment, owner: String, line: LineName) {
        let ms = Duration::from_millis;
        let deadline = at.plus(self.figures.deadline);
        let banned = self.phones.get(&line).is_some_and(|phone| phone.banned);
        let chance = match self.quiet {
            // Of a phone that is banned the vendor takes nothing any more.
            _ if banned => 15,
            true => 99,
            false => self.random.u8(0..100),
        };
        let unknown = |reason: &str| Verdict::Unknown { reason: reason.to_owned() };
        // (arrives, answer at, verdict unless the vendor's)
        let (arrives, answer_at, verdict) = match chance {
            0..=7 => {
                self.reach("answer lost, accepted");
                let arrives = at.plus(ms(self.random.u64(1..30_000)));
                (Some(arrives), deadline, Some(unknown("no answer")))
            }
            8..=11 => {
                self.reach("answer lost, not accepted");
                (None, deadline, Some(unknown("reset")))
            }
            12..=14 => {
                self.reach("accepted late, within settle");
                let late = self.figures.settle.saturating_sub(LAG * 4).as_millis() as u64;
                let arrives = deadline.plus(ms(self.random.u64(0..late)));
                (Some(arrives), deadline, Some(unknown("no answer")))
            }
            15..=17 => {
                self.reach("connection refused");
                let verdict = Verdict::NotSent {
                    reason: "refused".to_owned(),
                    retry_after_ms: None,
                    pauses_phone: true,
                };
                (None, at.plus(ms(5)), Some(verdict))
            }
            18 => {
                self.reach("declined for good");
                let verdict =
                    Verdict::Refused { reason: "no such number".to_owned(), may_heal: false };
                (None, at.plus(ms(5)), Some(verdict))
            }
            19 => {
                self.reach("declined for now");
                let verdict = Verdict::Refused { reason: "busy".to_owned(), may_heal: true };
                (None, at.plus(ms(5)), Some(verdict))
            }
            20..=22 if self.lifted.accepts_too_late => {
                let arrives = deadline.plus(self.figures.settle * 3);
                (Some(arrives), deadline, Some(unknown("no answer")))
            }
            _ => {
                let arrives = at.plus(ms(self.random.u64(1..2_000)));
                (Some(arrives), arrives.plus(ms(self.random.u64(1..1_000))), None)
            }
        };
        let id = intent.id;
        match arrives {
            Some(arrives) => self.flights.push(Flight {
                intent,
                line,
                arrives,
                owner: owner.clone(),
                answer_at: Some(answer_at),
                verdict: verdict.clone(),
                id,
            }),
            None => {
                if let (Some(dispatcher), Some(verdict)) =
                    (self.dispatchers.get_mut(which), verdict.clone())
                    && let Some((step, _, _)) = dispatcher.waiting.take()
                {
                    dispatcher.waiting = Some((step, Some(Answer::Submitted(verdict)), answer_at));
                }
            }
        }
        // An answer that will not come is known at the deadline, wherever the bytes are.
        if let Some(verdict) = verdict
            && let Some(dispatcher) = self.dispatchers.get_mut(which)
            && let Some((step, None, _)) = dispatcher.waiting.take()
        {
            dispatcher.waiting = Some((step, Some(Answer::Submitted(verdict)), answer_at));
        }
    }

    fn arrive(
        &mut self,
        intent: &Intent,
        line: &LineName,
        owner: &str,
        answer_at: Option<Moment>,
        verdict: Option<Verdict>,
        id: OutboxId,
    ) {
        let Some((chat, text, _)) = self.texts.get(&id).cloned() else { return };
        let Some(phone) = self.phones.get_mut(line) else { return };
        let (vendor_id, number) = phone.take(line.as_str(), Some((id, intent.attempt)), chat, text);
        self.tell(format!("the vendor takes {id} attempt {} as {vendor_id}", intent.attempt));
        if self.random.u8(0..6) == 0 {
            // The webhook overtakes the answer.
            self.reach("8 ack before outcome");
            let now = self.store_now();
            self.ledger.ack(line, &vendor_id, None, &Delivery::Queued, now);
        }
        if verdict.is_none()
            && let Some(answer_at) = answer_at
        {
            self.answer(owner, vendor_id, number, answer_at);
        }
    }

    fn answer(&mut self, owner: &str, id: MessageId, number: u64, at: Moment) {
        let found = self.dispatchers.iter_mut().find(|dispatcher| dispatcher.owner == owner);
        if let Some(dispatcher) = found
            && let Some((step, None, _)) = dispatcher.waiting.take()
        {
            let verdict = Verdict::Accepted { id: Some(id), queue_number: Some(number) };
            dispatcher.waiting = Some((step, Some(Answer::Submitted(verdict)), at));
        }
    }
}
