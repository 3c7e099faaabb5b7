//! Dispatchers, a store, a vendor, and everything that can go wrong between them.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chatapi_transport::Moment;
use chatapi_types::{ChatId, Delivery, MessageId, UnixMillis};

use super::vendor::{LAG, Phone};
use super::{Lifted, Planted};
use crate::State;
use crate::machine::{Answer, Figures, Lane, Look, Step, Verdict};
use crate::record::{LineName, OutboxId, Route};
use crate::rules::{Cap, Quiet, Rules};
use crate::store::{Content, Intended, Intent, Ledger, NewMessage, Review};

/// Quiet hours, by the clock of the store.
const QUIET: ((u8, u8), (u8, u8)) = ((12, 50), (13, 5));

/// The rows of the failure matrix that a simulator without disks and networks can reach.
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
    "a rule holds a message back",
    "18 intent cannot be written",
    "the store does it, the answer is lost",
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
    quiet: bool,
    born: u32,
    store_down_until: Moment,
    records_down_until: Moment,
    pub(super) steps: u32,
    pub(super) reached: BTreeMap<&'static str, u64>,
    story: Vec<String>,
    /// What a failover forgets.
    old: Option<Ledger>,
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
            quiet: false,
            born: 0,
            store_down_until: Moment::default(),
            records_down_until: Moment::default(),
            steps: 0,
            reached: BTreeMap::new(),
            story: Vec::new(),
            old: None,
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

    fn all_settled(&self) -> bool {
        // The frozen wake up, too, and do what they were about to do.
        let awake = self
            .dispatchers
            .iter()
            .all(|dispatcher| self.now >= dispatcher.away_until && !dispatcher.lane.is_in_flight());
        awake
            && self.flights.is_empty()
            && self.ledger.messages().all(|record| record.state.is_settled())
    }

    fn step(&mut self) {
        self.steps += 1;
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

    fn misfortune(&mut self) {
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
            0 => {
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
        let (line, owner) = (dispatcher.line.clone(), dispatcher.owner.clone());
        let row = match (&dispatcher.waiting, &dispatcher.at_socket, dispatcher.lane.grant()) {
            (_, Some(_), _) => "4 death after intent, before connect",
            (Some((Step::Submit(_), ..)), ..) => "5 death after bytes left, before answer",
            (_, _, Some(_)) if dispatcher.lane.is_in_flight() => {
                match dispatcher.lane.clone().next(self.now) {
                    Step::Settle(..) => "6 death after answer, before outcome",
                    _ => "4 death after intent, before connect",
                }
            }
            (_, _, Some(_)) if !dispatcher.lane.has_sent() => "3 death after lease, before intent",
            (_, _, Some(_)) => "7 death after outcome",
            _ => "3 death after lease, before intent",
        };
        self.reach(row);
        self.tell(format!("{owner} dies: {row}"));
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

    /// One step of one dispatcher.
    fn dispatch(&mut self) {
        let which = self.random.usize(0..self.dispatchers.len());
        let Some(dispatcher) = self.dispatchers.get_mut(which) else { return };
        if self.now < dispatcher.away_until || dispatcher.at_socket.is_some() {
            return;
        }
        if let Some((step, answer, at)) = dispatcher.waiting.take() {
            match answer {
                Some(answer) if self.now >= at => {
                    dispatcher.lane.answered(&step, answer, self.now);
                }
                answer => dispatcher.waiting = Some((step, answer, at)),
            }
            return;
        }
        let step = dispatcher.lane.next(self.now);
        let (owner, line) = (dispatcher.owner.clone(), dispatcher.line.clone());
        let answer = match &step {
            Step::Wait(until) => {
                let until = *until;
                if self.quiet && self.now < until {
                    // Nothing else to do in calm weather: time passes.
                    let soon = until.since(self.now).min(Duration::from_secs(20));
                    self.now = self.now.plus(soon);
                }
                return;
            }
            Step::Submit(intent) => {
                let intent = intent.clone();
                return self.begin_request(which, step.clone(), intent);
            }
            Step::AskHealth => {
                let down = self.now < self.records_down_until;
                let phone = self.phones.get(&line);
                Answer::Health((!down).then(|| phone.is_some_and(|p| p.is_well(self.now))))
            }
            Step::AskQueue => {
                let down = self.now < self.records_down_until;
                let phone = self.phones.get(&line).filter(|_| !down);
                Answer::Queue(phone.map(Phone::queue))
            }
            Step::AskHistory(since) => {
                let down = self.now < self.records_down_until;
                let phone = self.phones.get(&line).filter(|_| !down);
                let sightings = phone.map(|phone| phone.sightings(since.as_ref(), self.now));
                if let Some(sightings) = &sightings {
                    self.ledger.seen(&line, sightings, self.store_now());
                }
                Answer::History(sightings)
            }
            step => {
                if self.now < self.store_down_until {
                    if matches!(step, Step::Intend(_)) {
                        self.reach("18 intent cannot be written");
                    }
                    Answer::StoreFailed { may_have_happened: self.random.bool() }
                } else {
                    let answer = self.store(step, &owner, &line);
                    let is_heard = self.quiet || self.random.u8(0..80) > 0;
                    if !is_heard {
                        self.reach("the store does it, the answer is lost");
                    }
                    match is_heard {
                        true => answer,
                        false => Answer::StoreFailed { may_have_happened: true },
                    }
                }
            }
        };
        if !matches!(step, Step::AskHealth | Step::AskQueue | Step::AskHistory(_)) {
            self.tell(format!("{owner} {line}: {step:?} -> {answer:?}"));
        }
        let now = self.now;
        let is_intent = matches!(answer, Answer::Intended(Ok(Intended::Send(_))));
        if matches!(answer, Answer::Intended(Ok(Intended::Delayed))) {
            self.reach("a rule holds a message back");
        }
        if let Some(dispatcher) = self.dispatchers.get_mut(which) {
            dispatcher.lane.answered(&step, answer, now);
        }
        // The worst moment to freeze: the intent is on disk, the deadline not yet checked.
        if is_intent && !self.quiet && self.random.u8(0..8) == 0 {
            let seconds = self.random.u64(1..1_200);
            self.reach("frozen with an intent");
            self.tell(format!("{owner} freezes for {seconds} s with an intent"));
            if let Some(dispatcher) = self.dispatchers.get_mut(which) {
                dispatcher.away_until = now.plus(Duration::from_secs(seconds));
            }
        }
    }

    fn store(&mut self, step: &Step, owner: &str, line: &LineName) -> Answer {
        let now = self.store_now();
        let figures = self.figures.clone();
        match step {
            Step::Acquire => {
                let before = self.in_state(line, State::Sending);
                let grant = self.ledger.acquire(line, owner, &figures, now);
                if grant.is_some() && before > 0 {
                    self.reach("11 lease lost in flight");
                }
                let holders = self.dispatchers.iter();
                let others = holders.filter(|d| d.line == *line && d.lane.grant().is_some());
                if grant.is_some() && others.count() > 0 {
                    self.reach("two dispatchers at once");
                }
                Answer::Acquired(grant)
            }
            Step::Renew(grant) => Answer::Renewed(self.ledger.renew(grant, &figures, now)),
            Step::Doubts => Answer::Records(self.ledger.doubts(line)),
            Step::Overdue => Answer::Records(self.ledger.overdue(line, &figures, now)),
            Step::Claimed(ids) => {
                let claimed = ids.iter().filter(|id| self.ledger.is_claimed(line, id));
                Answer::Claimed(claimed.cloned().collect())
            }
            Step::Intend(ask) => Answer::Intended(self.ledger.intend(ask, &figures, now)),
            Step::GiveBack(grant, intent) => {
                Answer::Settled(self.ledger.give_back(grant, intent, now))
            }
            Step::Settle(grant, intent, verdict) => {
                Answer::Settled(self.ledger.settle(grant, intent, verdict.clone(), &figures, now))
            }
            Step::Resolve(grant, id, resolution) => {
                use crate::machine::Resolution;
                match resolution {
                    Resolution::Adopt { .. } => self.reach("found in doubt"),
                    Resolution::Resend => self.reach("absent twice, sent again"),
                    _ => {}
                }
                Answer::Settled(self.ledger.resolve(grant, *id, resolution.clone(), now))
            }
            Step::Lost(grant, id) => Answer::Settled(self.ledger.lost(grant, *id, &figures, now)),
            _ => Answer::Woken,
        }
    }

    fn in_state(&self, line: &LineName, state: State) -> usize {
        let of = self.ledger.messages().filter(|record| record.line.as_ref() == Some(line));
        of.filter(|record| record.state == state).count()
    }

    /// The deadline was checked; the bytes leave a little later, or much later.
    fn begin_request(&mut self, which: usize, step: Step, intent: Intent) {
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
    fn fly(&mut self) {
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
        let well = self.phones.get(&line).is_some_and(|phone| phone.is_well(self.now));
        let chance = match self.quiet {
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
        let _ = well;
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

    /// What must hold at every moment.
    fn check(&self) -> Result<(), String> {
        for (line, phone) in &self.phones {
            let mut seen: HashMap<OutboxId, u32> = HashMap::new();
            for (id, _) in &phone.taken {
                *seen.entry(*id).or_default() += 1;
            }
            for (id, times) in seen {
                // What the vendor dropped may be sent once more for each time.
                let dropped = phone.dropped.iter().filter(|dropped| **dropped == id).count();
                if times as usize > 1 + dropped {
                    return Err(format!("{id} was sent twice through {line}"));
                }
            }
            if phone.waiting_of_ours() > self.figures.high_water as usize {
                return Err(format!("too many of ours wait at {line}"));
            }
        }
        for id in &self.enqueued {
            let all: usize = self.phones.values().map(|phone| count(phone, *id)).sum();
            let dropped: usize =
                self.phones.values().map(|p| p.dropped.iter().filter(|d| *d == id).count()).sum();
            if all > 1 + dropped {
                return Err(format!("{id} was sent twice"));
            }
        }
        if self.figures.rules != Rules::none() {
            let minutes = |(hour, minute): (u8, u8)| i64::from(hour) * 60 + i64::from(minute);
            let quiet = minutes(QUIET.0)..minutes(QUIET.1);
            let attempts = self.ledger.messages().flat_map(|record| &record.attempts);
            for attempt in attempts {
                let minute = attempt.intent_at.as_millis().rem_euclid(86_400_000) / 60_000;
                if quiet.contains(&minute) {
                    return Err(format!("sent in quiet hours, at {}", attempt.intent_at));
                }
            }
        }
        match self.ledger.contradiction() {
            Some(contradiction) => Err(contradiction),
            None => Ok(()),
        }
    }

    /// What must hold once all has settled.
    fn last_check(&self) -> Result<(), String> {
        for id in &self.enqueued {
            let Some(record) = self.ledger.message(*id) else {
                return Err(format!("{id} was lost by the store"));
            };
            let there = self.phones.values().any(|phone| phone.has(*id));
            let fine = match record.state {
                State::Sent | State::Delivered | State::Read => there,
                State::Failed | State::Dead => !there,
                state => return Err(format!("{id} is still {state}\n{record:?}")),
            };
            if !fine {
                return Err(format!(
                    "{id} is {} and the vendor {} it: lost",
                    record.state,
                    if there { "has" } else { "does not have" }
                ));
            }
        }
        self.check_order()
    }

    /// Messages of one order key are taken in the order in which they came, as far as they were
    /// taken once.
    fn check_order(&self) -> Result<(), String> {
        for phone in self.phones.values() {
            let mut last: HashMap<&String, u64> = HashMap::new();
            for (id, _) in &phone.taken {
                let Some((_, _, Some(key))) = self.texts.get(id) else { continue };
                let Some(record) = self.ledger.message(*id) else { continue };
                if phone.dropped.contains(id) {
                    continue;
                }
                let seq = record.seq;
                if let Some(before) = last.insert(key, seq)
                    && before > seq
                {
                    return Err(format!("{id} was overtaken"));
                }
            }
        }
        Ok(())
    }
}

fn count(phone: &Phone, id: OutboxId) -> usize {
    phone.taken.iter().filter(|(taken, _)| *taken == id).count()
}
