//! Dispatchers, a store, a vendor, and everything that can go wrong between them.

mod dispatch;
mod flight;
mod judge;
mod misfortune;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chatapi_transport::Moment;
use chatapi_types::{ChatId, Delivery, UnixMillis};

use super::vendor::{LAG, Phone};
use super::{Lifted, Planted};
use crate::State;
use crate::machine::{Answer, Figures, Lane, Look, Step, Verdict};
use crate::record::{LineName, OutboxId, Record, Route};
use crate::rules::{Cap, Quiet, Rules};
use crate::store::{Content, Intent, Ledger, NewMessage, Review};

/// Quiet hours, by the clock of the store.
const QUIET: ((u8, u8), (u8, u8)) = ((12, 50), (13, 5));

/// The rows of the failure matrix that a simulator without disks and networks can reach. What befalls
/// events (9, 10) is for the receiver's tests; 12, 13, 14 and 20 are the residual risks.
pub(super) const ROWS: &[&str] = &[
    "1 enqueue fails before commit",
    "2 enqueue commits, the caller does not hear",
    "3 death after lease, before intent",
    "4 death after intent, before connect",
    "5 death after bytes left, before answer",
    "6 death after answer, before outcome",
    "7 death after outcome",
    "8 ack before outcome",
    "11 lease lost in flight",
    "15 queue cleared at the vendor",
    "16 records unavailable",
    "17 power lost, what was not on disk is gone",
    "17 power lost, it was on disk",
    "a rule holds a message back",
    "18 intent cannot be written",
    "the store does it, the answer is lost",
    "outcome and next intent at once",
    "19 clock jump",
    "answer lost, accepted",
    "answer lost, not accepted",
    "accepted late, within settle",
    "connection refused",
    "declined for good",
    "declined for now",
    "found in doubt",
    "absent twice, sent again",
    "two dispatchers at once",
    "frozen at the socket",
    "frozen with an intent",
    "a person decides",
    "a phone never heals",
    "enough of ours wait at the vendor",
    "others fill the vendor's queue",
    "tried again through another phone",
];

struct Dispatcher {
    lane: Lane,
    owner: String,
    line: LineName,
    /// Dead or frozen until then.
    away_until: Moment,
    /// A step that was begun: its answer comes then.
    waiting: Option<(Step, Option<Answer>, Moment)>,
    /// An intent whose bytes leave at that moment, whatever happens to the lease meanwhile.
    at_socket: Option<(Intent, Moment)>,
    /// The lease under which the vendor's queue was last seen to have no room.
    saw_full: Option<u64>,
}

/// A request on its way to the vendor.
struct Flight {
    intent: Intent,
    line: LineName,
    arrives: Moment,
    /// By whom, and whether he still listens.
    owner: String,
    answer_at: Option<Moment>,
    verdict: Option<Verdict>,
    id: OutboxId,
}

pub(super) struct World {
    random: fastrand::Rng,
    ledger: Ledger,
    figures: Figures,
    now: Moment,
    /// How far the store's clock has jumped, in milliseconds.
    jumped: i64,
    dispatchers: Vec<Dispatcher>,
    phones: BTreeMap<LineName, Phone>,
    flights: Vec<Flight>,
    texts: HashMap<OutboxId, (ChatId, String, Option<String>)>,
    enqueued: Vec<OutboxId>,
    planted: Planted,
    lifted: Lifted,
    /// At which step the last phone of several is banned for good.
    bans_at: Option<u32>,
    /// A message went into a queue that was seen to be full.
    overfilled: Option<String>,
    quiet: bool,
    born: u32,
    store_down_until: Moment,
    records_down_until: Moment,
    pub(super) steps: u32,
    pub(super) reached: BTreeMap<&'static str, u64>,
    story: Vec<String>,
    /// What a failover forgets.
    old: Option<Ledger>,
    /// What was on disk before the last transaction, where the store is one that lies about it.
    unsynced: Option<Ledger>,
}

impl World {
    pub(super) fn new(seed: u64, planted: Planted, lifted: Lifted) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut ledger = Ledger::default();
        ledger.planted = planted;
        let mut phones = BTreeMap::new();
        let lines: Vec<LineName> =
            (0..random.usize(1..=2)).map(|n| LineName::new(format!("line{n}"))).collect();
        for line in &lines {
            ledger.add_line(line.clone(), Some("all".into()), UnixMillis::from_millis(0));
            phones.insert(line.clone(), Phone::default());
        }
        // Worlds begin at 12:43 in UTC; in every eighth it is quiet hours soon.
        let quiet = Quiet::between(QUIET.0, QUIET.1).ok().filter(|_| seed.is_multiple_of(8));
        let rules = quiet.map(|quiet| Rules::none().quiet(quiet).strangers(Cap::of(1_000)));
        let rules = rules.unwrap_or_default();
        let mut world = Self {
            random,
            ledger,
            figures: Figures {
                interval: Duration::from_secs(1),
                longest_doubt: Duration::from_secs(120),
                // Few, so that they are reached.
                high_water: 2 + (seed % 3) as u32,
                queue_cap: 14,
                queue_margin: 4,
                rules,
                ..Figures::default()
            },
            now: Moment::after_start(Duration::from_secs(1_000)),
            jumped: 0,
            dispatchers: Vec::new(),
            phones,
            flights: Vec::new(),
            texts: HashMap::new(),
            enqueued: Vec::new(),
            planted,
            lifted,
            // In every third world: what it was to send leaves through the others.
            bans_at: seed.is_multiple_of(3).then_some((seed / 3 % 200) as u32),
            overfilled: None,
            quiet: false,
            born: 0,
            store_down_until: Moment::default(),
            records_down_until: Moment::default(),
            steps: 0,
            reached: BTreeMap::new(),
            story: Vec::new(),
            old: None,
            unsynced: None,
        };
        for line in lines {
            for _ in 0..world.random.usize(1..=2) {
                let dispatcher = world.born(line.clone());
                world.dispatchers.push(dispatcher);
            }
        }
        world
    }

    fn born(&mut self, line: LineName) -> Dispatcher {
        self.born += 1;
        Dispatcher {
            lane: Lane::new(line.clone(), self.figures.clone(), self.random.u64(..)),
            owner: format!("d{}", self.born),
            line,
            away_until: self.now,
            waiting: None,
            at_socket: None,
            saw_full: None,
        }
    }

    fn store_now(&self) -> UnixMillis {
        let millis = i64::try_from(self.now.since_start().as_millis()).unwrap_or(i64::MAX);
        UnixMillis::from_millis(1_600_000_000_000 + millis + self.jumped)
    }

    fn reach(&mut self, row: &'static str) {
        *self.reached.entry(row).or_default() += 1;
    }

    fn tell(&mut self, line: impl Into<String>) {
        if self.story.len() == 400 {
            self.story.remove(0);
        }
        let line = line.into();
        self.story.push(format!("{:>9.3} {line}", self.now.since_start().as_secs_f64()));
    }

    pub(super) fn story(&self) -> String {
        self.story.join("\n")
    }

    /// Plays, then calms the weather and lets everything settle, then looks at what came of it.
    pub(super) fn run(&mut self, steps: u32) -> Result<(), String> {
        for _ in 0..steps {
            self.step();
            self.check()?;
        }
        self.quiet = true;
        for phone in self.phones.values_mut() {
            phone.ill_until = self.now;
        }
        self.store_down_until = self.now;
        self.records_down_until = self.now;
        for _ in 0..20_000 {
            self.step();
            self.check()?;
            self.operate();
            if self.all_settled() {
                break;
            }
        }
        self.last_check()
    }

    /// A person looks at the phones and decides about what is under review.
    fn operate(&mut self) {
        // He waits until nothing of it can still be on its way.
        if !self.flights.is_empty() || self.dispatchers.iter().any(|d| d.at_socket.is_some()) {
            return;
        }
        let open: Vec<OutboxId> = self
            .ledger
            .messages()
            .filter(|record| record.state == State::NeedsReview)
            .map(|record| record.id)
            .collect();
        for id in open {
            let there = self.phones.values().any(|phone| phone.has(id));
            let decision = if there { Review::MarkSent } else { Review::Resend };
            self.reach("a person decides");
            self.ledger.review(id, decision, "operator", self.store_now());
        }
    }

    /// What a phone that never heals keeps for ever: what its vendor has taken, which nobody can see
    /// leave or vanish, and what must not overtake that.
    fn is_stuck(&self, record: &Record) -> bool {
        let is_banned = |line: &LineName| self.phones.get(line).is_some_and(|phone| phone.banned);
        let is_kept = |record: &Record| {
            record.state == State::AtVendor && record.line.as_ref().is_some_and(is_banned)
        };
        let is_behind = |ahead: &Record| is_kept(ahead) && ahead.order_key == record.order_key;
        is_kept(record)
            || record.state == State::Ready
                && record.order_key.is_some()
                && self.ledger.messages().any(is_behind)
    }

    fn all_settled(&self) -> bool {
        // The frozen wake up, too, and do what they were about to do.
        let awake = self
            .dispatchers
            .iter()
            .all(|dispatcher| self.now >= dispatcher.away_until && !dispatcher.lane.is_in_flight());
        awake
            && self.flights.is_empty()
            && self.ledger.messages().all(|r| r.state.is_settled() || self.is_stuck(r))
    }

    fn step(&mut self) {
        self.steps += 1;
        if self.bans_at == Some(self.steps) && self.phones.len() > 1 {
            if let Some(mut phone) = self.phones.last_entry() {
                phone.get_mut().banned = true;
            }
            self.reach("a phone never heals");
            self.tell("the last phone is banned");
        }
        self.fly();
        let lag = Duration::from_millis(self.random.u64(0..LAG.as_millis() as u64));
        let mut acks = Vec::new();
        for (line, phone) in &mut self.phones {
            for item in phone.run(self.now, lag) {
                acks.push((line.clone(), item.id));
            }
        }
        for (line, id) in acks {
            // Webhooks: some are lost, some come twice.
            for _ in 0..self.random.u8(0..=2) {
                self.ledger.ack(&line, &id, None, &Delivery::Sent, self.store_now());
            }
        }
        match self.random.u8(0..100) {
            0..=9 if !self.quiet => self.enqueue(),
            10..=13 if !self.quiet => self.misfortune(),
            14..=60 => self.dispatch(),
            _ => self.let_time_pass(),
        }
    }

    fn let_time_pass(&mut self) {
        let most = match self.random.u8(0..10) {
            0..=6 => 1_500,
            7..=8 => 12_000,
            _ => 60_000,
        };
        self.now = self.now.plus(Duration::from_millis(self.random.u64(1..most)));
        let now = self.store_now();
        self.ledger.tend(now);
        // Somebody looks every second whether anything is due.
        for dispatcher in &mut self.dispatchers {
            dispatcher.lane.wake();
        }
    }

    fn enqueue(&mut self) {
        let n = self.enqueued.len();
        if n >= 12 {
            return;
        }
        let chat = ChatId::new(format!("7900000000{}@c.us", self.random.u8(0..2)));
        let text = format!("text {}", self.random.u8(0..3));
        let order_key = self.random.bool().then(|| chat.to_string());
        let id = OutboxId::new(self.store_now(), self.random.u128(..));
        let route = match self.random.bool() {
            true => Route::Group("all".into()),
            false => Route::Line(LineName::new("line0")),
        };
        let look = Look::of_text(&chat, &text);
        let content = Content::new(text.clone(), None);
        let mut new = NewMessage::new(format!("key {n}"), chat.clone(), route, look, content);
        new.order_key.clone_from(&order_key);
        let now = self.store_now();
        match self.random.u8(0..10) {
            // The caller gets an error and tries again with the same key.
            0 => return self.reach("1 enqueue fails before commit"),
            1 => {
                let first = self.ledger.enqueue(new.clone(), id, now);
                let other = OutboxId::new(now, self.random.u128(..));
                let again = self.ledger.enqueue(new, other, now);
                assert_eq!(first.map(|first| first.id), again.map(|again| again.id));
                self.reach("2 enqueue commits, the caller does not hear");
            }
            _ => {
                let _ = self.ledger.enqueue(new, id, now);
            }
        }
        self.texts.insert(id, (chat, text, order_key));
        self.enqueued.push(id);
        for dispatcher in &mut self.dispatchers {
            dispatcher.lane.wake();
        }
    }
}
