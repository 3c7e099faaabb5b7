//! What goes wrong by itself.

use std::time::Duration;

use chatapi_types::ChatId;

use super::World;
use crate::machine::Step;

impl World {
    pub(super) fn misfortune(&mut self) {
        let seconds = self.random.u64(1..90);
        let until = self.now.plus(Duration::from_secs(seconds));
        match self.random.u8(0..10) {
            0..=3 => self.kill(),
            4 => self.freeze(),
            5 => {
                self.jumped += self.random.i64(-600_000..3_600_000);
                self.tell("the store's clock jumps");
                self.reach("19 clock jump");
            }
            6 => {
                self.store_down_until = until;
                self.tell("the store is down");
            }
            7 => {
                self.records_down_until = until;
                self.reach("16 records unavailable");
            }
            8 => {
                let which = self.random.usize(0..self.phones.len());
                if let Some(phone) = self.phones.values_mut().nth(which) {
                    phone.ill_until = until;
                }
                self.tell("a phone is ill");
            }
            _ => self.strike(),
        }
    }

    /// Rarer misfortunes.
    fn strike(&mut self) {
        // Misfortune prefers a queue in which something of ours waits.
        let waits = self.phones.values().position(|phone| phone.waiting_of_ours() > 0);
        let which = waits.unwrap_or_else(|| self.random.usize(0..self.phones.len()));
        match self.random.u8(0..4) {
            0 | 3 => {
                let Some(phone) = self.phones.values_mut().nth(which) else { return };
                let waited = phone.waiting_of_ours() > 0;
                phone.clear();
                self.tell("somebody clears the vendor's queue");
                if waited {
                    self.reach("15 queue cleared at the vendor");
                }
            }
            1 if self.lifted.others_send_the_same => {
                let text = format!("text {}", self.random.u8(0..3));
                let chat = ChatId::new(format!("7900000000{}@c.us", self.random.u8(0..2)));
                if let Some((line, phone)) = self.phones.iter_mut().nth(which) {
                    phone.take(line.as_str(), None, chat, text);
                }
            }
            // Somebody else writes to many through the same phone.
            1 => {
                if let Some((line, phone)) = self.phones.iter_mut().nth(which) {
                    for number in 0..12 {
                        let chat = ChatId::new(format!("7911111111{number}@c.us"));
                        phone.take(line.as_str(), None, chat, "an offer".to_owned());
                    }
                }
                self.reach("others fill the vendor's queue");
            }
            2 if self.lifted.store_forgets => match self.old.take() {
                Some(old) => {
                    self.ledger = old;
                    self.tell("a failover forgets");
                }
                None => self.old = Some(self.ledger.clone()),
            },
            _ => {}
        }
    }

    /// Misfortune prefers those who have most to lose.
    fn victim(&mut self) -> usize {
        let busy: Vec<usize> = self
            .dispatchers
            .iter()
            .enumerate()
            .filter(|(_, dispatcher)| dispatcher.lane.is_in_flight())
            .map(|(which, _)| which)
            .collect();
        match self.random.u8(0..10) {
            0..=6 if !busy.is_empty() => self.random.choice(busy).unwrap_or(0),
            _ => self.random.usize(0..self.dispatchers.len()),
        }
    }

    fn kill(&mut self) {
        let which = self.victim();
        let Some(dispatcher) = self.dispatchers.get(which) else { return };
        let owner = dispatcher.owner.clone();
        let row = match (&dispatcher.waiting, &dispatcher.at_socket, dispatcher.lane.grant()) {
            (_, Some(_), _) => "4 death after intent, before connect",
            (Some((Step::Submit(_), ..)), ..) => "5 death after bytes left, before answer",
            (_, _, Some(_)) if dispatcher.lane.is_in_flight() => {
                match dispatcher.lane.clone().next(self.now) {
                    Step::Settle(..) | Step::Turn(..) => "6 death after answer, before outcome",
                    _ => "4 death after intent, before connect",
                }
            }
            (_, _, Some(_)) if !dispatcher.lane.has_sent() => "3 death after lease, before intent",
            (_, _, Some(_)) => "7 death after outcome",
            _ => "3 death after lease, before intent",
        };
        self.reach(row);
        self.tell(format!("{owner} dies: {row}"));
        self.die(which);
    }

    pub(super) fn die(&mut self, which: usize) {
        let Some(dispatcher) = self.dispatchers.get(which) else { return };
        let (line, owner) = (dispatcher.line.clone(), dispatcher.owner.clone());
        // What is on its way stays on its way; nobody listens.
        for flight in &mut self.flights {
            if flight.owner == owner {
                flight.answer_at = None;
            }
        }
        let mut heir = self.born(line);
        heir.away_until = self.now.plus(Duration::from_millis(self.random.u64(0..20_000)));
        if let Some(place) = self.dispatchers.get_mut(which) {
            *place = heir;
        }
    }

    fn freeze(&mut self) {
        let which = self.victim();
        let seconds = self.random.u64(1..1_200);
        let now = self.now;
        let Some(dispatcher) = self.dispatchers.get_mut(which) else { return };
        dispatcher.away_until = now.plus(Duration::from_secs(seconds));
        let owner = dispatcher.owner.clone();
        self.tell(format!("{owner} freezes for {seconds} s"));
    }
}
