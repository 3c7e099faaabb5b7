//! Random things that can be done with a store.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use chatapi_client::line::{Cursor, Kind, Sighting, Sightings};
use chatapi_types::{ChatId, Delivery, FailureReason, MessageId, UnixMillis};
use fastrand::Rng;

use crate::machine::{Figures, Look, Resolution, Verdict};
use crate::record::{Cleared, LineName, OutboxId, Route, Watch, Wipe};
use crate::rules::{Cap, Rules};
use crate::store::{
    Blob, Checked, Content, Filter, Grant, HealthNote, Intend, Intended, Intent, NewMessage,
    Period, Review,
};
use crate::{OnDoubt, State};

/// Something to be done with a store.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Pass(Duration),
    AddLine(LineName, Option<Box<str>>),
    Enqueue(Vec<(OutboxId, NewMessage)>),
    Acquire(LineName, String),
    Renew(Grant),
    Release(Grant),
    Intend(Intend),
    GiveBack(Grant, Intent),
    Settle(Grant, Intent, Verdict),
    Turn(Intent, Verdict, Intend),
    Resolve(Grant, OutboxId, Resolution),
    Lost(Grant, OutboxId),
    Clear(LineName, Cleared),
    Doubts(LineName),
    Overdue(LineName),
    Claimed(LineName, Vec<MessageId>),
    Ack(LineName, MessageId, Option<u64>, Delivery),
    Seen(LineName, Sightings),
    NoteCursor(Grant, Cursor),
    NoteHealth(Grant, HealthNote),
    Tend,
    Cancel(OutboxId),
    Edit(OutboxId, Content, Look, bool),
    Review(OutboxId, Review),
    Checked(OutboxId, Checked),
    Forget(ChatId),
    Due(Vec<Route>),
    Unchecked,
    ByKey(String, String),
    Find(Filter),
    Counts(Period),
    Consume(String),
    Purge(UnixMillis),
}

/// What has happened so far, as far as the next thing to be done depends on it.
#[derive(Debug)]
pub(super) struct Past {
    random: Rng,
    pub(super) ids: Vec<OutboxId>,
    /// By which right each line is driven, and those that are over.
    grants: BTreeMap<LineName, Grant>,
    former: Vec<Grant>,
    /// What each line is sending, and what it has sent.
    intents: BTreeMap<LineName, (Grant, Intent)>,
    past_intents: Vec<(Grant, Intent)>,
    doubts: BTreeMap<LineName, (Grant, Intent)>,
    vendor_ids: u64,
    accepted: Vec<(LineName, MessageId)>,
}

const LINES: [(&str, Option<&str>); 4] =
    [("one", None), ("two", Some("pair")), ("three", Some("pair")), ("four", Some("other"))];

/// Short times, so that everything runs out now and then.
pub(super) fn figures() -> Figures {
    let mut figures = Figures::scaled(10);
    figures.high_water = 3;
    figures.attempts = 2;
    figures.backoff = Duration::from_millis(200);
    figures
}

/// Sometimes there are rules, so that it matters what each line has sent, and to whom. They count
/// more often than they hold something back.
pub(super) fn ruled(mut figures: Figures, epoch: u64) -> Figures {
    let strangers = if epoch.is_multiple_of(8) { 2 } else { 1_000 };
    if epoch.is_multiple_of(2) {
        figures.rules = Rules::none().daily(Cap::of(60)).strangers(Cap::of(strangers));
    }
    figures
}

impl Past {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: Rng::with_seed(seed),
            ids: Vec::new(),
            grants: BTreeMap::new(),
            former: Vec::new(),
            intents: BTreeMap::new(),
            past_intents: Vec::new(),
            doubts: BTreeMap::new(),
            vendor_ids: 0,
            accepted: Vec::new(),
        }
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        self.random.choice(of).cloned()
    }

    fn recent<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let from = of.len().saturating_sub(6);
        let few = of.get(from..).unwrap_or_default();
        // Mostly the latest, sometimes what is long over.
        if self.random.u8(..) < 200 { self.random.choice(few) } else { self.random.choice(of) }
            .cloned()
    }

    pub(super) fn granted(&mut self, grant: Grant) {
        self.former.extend(self.grants.insert(grant.line.clone(), grant));
    }

    pub(super) fn intended(&mut self, grant: Grant, intended: &Intended) {
        if let Intended::Send(intent) = intended {
            let line = grant.line.clone();
            self.past_intents.extend(self.intents.insert(line, (grant, intent.clone())));
        }
    }

    /// Mostly one that holds.
    fn grant(&mut self) -> Option<Grant> {
        let former = self.chance(12);
        let all =
            if former { self.former.clone() } else { self.grants.values().cloned().collect() };
        self.one(&all)
    }

    /// Mostly one that was not answered yet.
    fn intent(&mut self) -> Option<(Grant, Intent)> {
        if self.chance(8) {
            let past = self.past_intents.clone();
            return self.recent(&past);
        }
        let all: Vec<LineName> = self.intents.keys().cloned().collect();
        let line = self.one(&all)?;
        let found = self.intents.remove(&line)?;
        self.past_intents.push(found.clone());
        Some(found)
    }

    /// Mostly one that is in doubt.
    fn doubt(&mut self) -> Option<(Grant, Intent)> {
        if self.chance(8) {
            let past = self.past_intents.clone();
            return self.recent(&past);
        }
        let all: Vec<(Grant, Intent)> = self.doubts.values().cloned().collect();
        let (grant, intent) = self.one(&all)?;
        // Somebody else may drive the line by now.
        Some((self.grants.get(&grant.line).cloned().unwrap_or(grant), intent))
    }

    fn line(&mut self) -> LineName {
        self.one(&LINES).map_or("", |(name, _)| name).into()
    }

    fn chance(&mut self, of: u8) -> bool {
        self.random.u8(..of) == 0
    }

    fn chat(&mut self) -> ChatId {
        ChatId::new(format!("7900000000{}@c.us", self.random.u8(..3)))
    }

    fn text(&mut self) -> String {
        format!("text {} \u{1F600}\n'\"", self.random.u8(..3))
    }

    fn vendor_id(&mut self, is_new: bool) -> MessageId {
        if is_new {
            self.vendor_ids += 1;
            return MessageId::new(format!("v{}", self.vendor_ids));
        }
        let back = self.random.u64(..5);
        MessageId::new(format!("v{}", (self.vendor_ids + 1).saturating_sub(back)))
    }

    fn later(&mut self, now: UnixMillis) -> UnixMillis {
        now.plus(Duration::from_millis(self.random.u64(..8_000)))
    }

    fn route(&mut self) -> Route {
        match self.random.u8(..3) {
            0 => Route::Group("pair".into()),
            _ => Route::Line(self.line()),
        }
    }

    fn content(&mut self, text: &str) -> Content {
        let bytes = Bytes::from(vec![self.random.u8(..3); 40]);
        let blob = self.chance(3).then(|| Blob::new(bytes));
        Content::new(format!("{{\"text\":{text:?}}}"), blob)
    }

    fn new_message(&mut self, now: UnixMillis) -> NewMessage {
        let (chat, text) = (self.chat(), self.text());
        let key = format!("key {}", self.random.u16(..400));
        let content = self.content(&text);
        let look = Look::of_text(&chat, &text);
        let mut new = NewMessage::new(key, chat, self.route(), look, content);
        new.namespace = if self.chance(4) { "other".to_owned() } else { String::new() };
        new.content_hash = [self.random.u8(..2); 32];
        new.order_key = self.chance(3).then(|| format!("order {}", self.random.u8(..3)));
        new.priority = self.random.i16(-1..2);
        new.not_before = self.chance(6).then(|| self.later(now));
        new.expires_at = self.chance(8).then(|| self.later(now));
        new.is_file = self.chance(5);
        new.label = self.chance(2).then(|| format!("label {}", self.random.u8(..2)));
        new.on_doubt = if self.chance(3) { self.one(&OnDoubt::ALL) } else { None };
        new.unchecked = self.chance(5);
        new.watch = self.chance(6).then(|| {
            let reroute = self.chance(2).then(|| self.route());
            Watch::new(self.later(now), reroute)
        });
        new.wipe = self.one(&Wipe::ALL).unwrap_or_default();
        new
    }

    fn verdict(&mut self) -> Verdict {
        let reason = format!("reason {}", self.random.u8(..));
        match self.random.u8(..10) {
            0..6 => {
                let id = if self.chance(3) { None } else { Some(self.vendor_id(true)) };
                let queue_number = self.chance(2).then(|| self.random.u64(..5));
                Verdict::Accepted { id, queue_number }
            }
            6 => {
                let retry_after_ms = self.chance(2).then(|| self.random.u64(..5000));
                Verdict::NotSent { reason, retry_after_ms, pauses_phone: false }
            }
            7 => Verdict::Refused { reason, may_heal: self.random.bool() },
            _ => Verdict::Unknown { reason },
        }
    }

    fn resolution(&mut self, now: UnixMillis) -> Resolution {
        match self.random.u8(..4) {
            0 => {
                let is_new = self.random.bool();
                let id = if self.chance(3) { None } else { Some(self.vendor_id(is_new)) };
                Resolution::Adopt { id, queue_number: self.chance(2).then_some(3) }
            }
            1 => Resolution::Resend,
            2 => Resolution::Review("nobody knows".to_owned()),
            _ => {
                let absent_at = self.chance(2).then_some(now);
                Resolution::LookAgain { at: now, absent_at }
            }
        }
    }

    fn delivery(&mut self) -> Delivery {
        let all = [
            Delivery::Queued,
            Delivery::Sent,
            Delivery::Delivered,
            Delivery::Read,
            Delivery::Failed(FailureReason::NoAccount),
            Delivery::Other("seen by the cat".to_owned()),
        ];
        self.one(&all).unwrap_or(Delivery::Sent)
    }

    fn sightings(&mut self) -> Sightings {
        let mut sightings = Sightings::default();
        for _ in 0..self.random.u8(..3) {
            let (chat, text) = (self.chat(), self.text());
            let is_new = self.random.bool();
            let (id, ours) = (self.vendor_id(is_new), !self.chance(4));
            let mut sighting = Sighting::new(id, chat, ours, Kind::Text, text);
            sighting.delivery = self.delivery();
            sightings.items.push(sighting);
        }
        sightings
    }

    fn filter(&mut self, now: UnixMillis) -> Filter {
        let mut filter = Filter::all().limit(self.random.u32(1..20));
        if self.chance(3) {
            filter = filter.state(self.one(&State::ALL).unwrap_or(State::Ready));
            filter = filter.state(State::Ready);
        }
        if self.chance(3) {
            filter = filter.line(self.line());
        }
        if self.chance(3) {
            filter = filter.chat(self.chat());
        }
        if self.chance(3) {
            filter = filter.label("label 1");
        }
        let ago = i64::from(self.random.u32(..200_000));
        if self.chance(4) {
            filter = filter.since(UnixMillis::from_millis(now.as_millis() - ago));
        }
        if self.chance(4) {
            filter = filter.until(UnixMillis::from_millis(now.as_millis() - ago / 2));
        }
        let ids = self.ids.clone();
        match self.one(&ids) {
            Some(id) if self.chance(3) => filter.after(id),
            _ => filter,
        }
    }

    /// What to do next. `crowded` says that there are enough messages.
    pub(super) fn next(&mut self, now: UnixMillis, crowded: bool) -> Step {
        loop {
            if let Some(step) = self.maybe(now, crowded) {
                return step;
            }
        }
    }

    fn maybe(&mut self, now: UnixMillis, crowded: bool) -> Option<Step> {
        let ids = self.ids.clone();
        Some(match self.random.u8(..100) {
            0..5 => Step::Pass(Duration::from_millis(self.random.u64(..400))),
            5 => Step::Pass(Duration::from_millis(self.random.u64(..4_000))),
            6 if self.chance(4) => Step::Pass(Duration::from_millis(self.random.u64(..60_000))),
            7 => {
                let (name, group) = self.one(&LINES)?;
                let group = if self.chance(12) { None } else { group };
                Step::AddLine(name.into(), group.map(Into::into))
            }
            8..20 => {
                if crowded {
                    return None;
                }
                let count = self.random.u8(1..5);
                let batch = (0..count).map(|_| {
                    let id = OutboxId::new(now, self.random.u128(..));
                    (id, self.new_message(now))
                });
                Step::Enqueue(batch.collect())
            }
            20..26 => Step::Acquire(self.line(), format!("owner {}", self.random.u8(..2))),
            26..30 => Step::Renew(self.grant()?),
            30 => Step::Release(self.grant()?),
            31..47 => {
                let grant = self.grant()?;
                let before = self.chance(2).then(|| Cursor::new("17"));
                let wait = Duration::from_millis(self.random.u64(..300));
                Step::Intend(Intend { grant, before, next_departure: now.plus(wait) })
            }
            47..58 => {
                let (grant, intent) = self.intent()?;
                let verdict = self.verdict();
                if let Verdict::Accepted { id: Some(id), .. } = &verdict {
                    self.accepted.push((grant.line.clone(), id.clone()));
                }
                if let Verdict::Unknown { .. } = &verdict {
                    self.doubts.insert(grant.line.clone(), (grant.clone(), intent.clone()));
                }
                if self.chance(2) {
                    let wait = Duration::from_millis(self.random.u64(..300));
                    return Some(Step::Turn(intent, verdict, Intend::new(grant, now.plus(wait))));
                }
                Step::Settle(grant, intent, verdict)
            }
            58 => {
                let (grant, intent) = self.intent()?;
                Step::GiveBack(grant, intent)
            }
            59..64 => {
                let (grant, intent) = self.doubt()?;
                Step::Resolve(grant, intent.id, self.resolution(now))
            }
            64 => {
                let past = self.past_intents.clone();
                let (grant, intent) = self.recent(&past)?;
                Step::Lost(grant, intent.id)
            }
            65 if self.chance(2) => Step::Clear(self.line(), self.one(&Cleared::ALL)?),
            65 => Step::Doubts(self.line()),
            66 => Step::Overdue(self.line()),
            67 => {
                let ids = (0..4).map(|_| self.vendor_id(false)).collect();
                Step::Claimed(self.line(), ids)
            }
            68..76 => {
                let number = self.chance(2).then(|| self.random.u64(..5));
                let accepted = self.accepted.clone();
                let (line, id) = match self.recent(&accepted) {
                    Some(known) if !self.chance(3) => known,
                    _ => {
                        let is_new = self.random.bool();
                        (self.line(), self.vendor_id(is_new))
                    }
                };
                Step::Ack(line, id, number, self.delivery())
            }
            76..79 => Step::Seen(self.line(), self.sightings()),
            79 => Step::NoteCursor(self.grant()?, Cursor::new("23")),
            80 => {
                let note = HealthNote::new(now, self.random.bool(), "battery low");
                let note = note.advice(self.chance(2).then(|| "charge it".to_owned()));
                Step::NoteHealth(self.grant()?, note)
            }
            81..84 => Step::Tend,
            84 if self.chance(2) => Step::Cancel(self.recent(&ids)?),
            85 => {
                let (id, text) = (self.recent(&ids)?, self.text());
                let look = Look::of_text(&self.chat(), &text);
                Step::Edit(id, self.content(&text), look, self.chance(4))
            }
            86..88 => {
                let all = [Review::Resend, Review::MarkSent, Review::Discard];
                Step::Review(self.one(&ids)?, self.one(&all)?)
            }
            88..90 => {
                let checked = match self.random.u8(..3) {
                    0 => Checked::Passed,
                    1 => Checked::Failed("no account".to_owned()),
                    _ => Checked::Later(self.later(now)),
                };
                Step::Checked(self.recent(&ids)?, checked)
            }
            90 if self.chance(8) => Step::Forget(self.chat()),
            91 => {
                let routes = LINES.map(|(name, _)| Route::Line(name.into()));
                let mut routes = routes.to_vec();
                routes.push(Route::Group("pair".into()));
                Step::Due(routes)
            }
            92 => Step::Unchecked,
            93 => Step::ByKey(String::new(), format!("key {}", self.random.u16(..400))),
            94..96 => Step::Find(self.filter(now)),
            96 => {
                let mut ago = |most| i64::from(self.random.u32(..most));
                let (since, until) = (ago(100_000), ago(30_000));
                let at = |ago| UnixMillis::from_millis(now.as_millis() - ago);
                let mut period = Period::all();
                period.since = self.chance(2).then_some(at(since));
                period.until = self.chance(2).then_some(at(until));
                Step::Counts(period)
            }
            97 => Step::Consume(format!("consumer {}", self.random.u8(..2))),
            98.. if crowded || self.chance(8) => {
                let ago = i64::from(self.random.u32(..20_000));
                Step::Purge(UnixMillis::from_millis(now.as_millis() - ago))
            }
            _ => return None,
        })
    }
}
