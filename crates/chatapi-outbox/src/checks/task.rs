//! The task that checks what is to be checked.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chatapi_client::LinkState;
use chatapi_client::line::{Kind, Line};
use chatapi_transport::{Clock, Moment};
use tokio::sync::watch;
use tokio::task::{Id, JoinSet};

use super::Checks;
use super::memory::Memory;
use super::phone::{Asked, Phones, lock};
use crate::Body;
use crate::dispatch::asked_to;
use crate::record::{LineName, OutboxId, Record, Route};
use crate::store::{Checked, Store, StoreError, Tables};

/// How many checks are made at a time.
const AT_ONCE: usize = 16;
/// How many messages are looked at for that …
const FEWEST: u32 = 64;
/// … and at most, when those at the front cannot be checked now.
const MOST: u32 = 2048;
/// How long until a phone that is not well is looked at again.
const ILL: Duration = Duration::from_secs(30);
/// How many messages are remembered that are to be tried again.
const DEFERRED: usize = 10_000;

/// The lines of a dispatcher, with their groups.
pub(crate) type Lines = BTreeMap<LineName, (Option<Box<str>>, Arc<dyn Line>)>;

/// Checks what is to be checked, a few messages at a time.
pub(crate) struct Checking {
    work: Arc<Checker>,
    lines: Lines,
    poll: Duration,
    stop: watch::Receiver<bool>,
}

/// What every check needs.
struct Checker {
    tables: Arc<dyn Tables>,
    clock: Arc<dyn Clock>,
    checks: Checks,
    phones: Phones,
    alive: Mutex<Memory<String>>,
    /// What is to be tried again: how often it was, and when it will be.
    deferred: Mutex<HashMap<OutboxId, (u32, Moment)>>,
}

/// What has not to be asked about a number.
#[derive(Clone, Copy)]
enum Known {
    /// Whether it has an account was answered before.
    Answer(bool),
    /// Nobody wants to know, or the vendor finds out by itself.
    Needless,
}

/// Who answers whether a number has an account.
type Via = Result<(LineName, Arc<dyn Line>), Known>;

/// Through which line a message's recipient may be asked for.
enum Way {
    /// Through none: nothing has to be asked.
    None(Known),
    /// Through this one.
    Line(LineName, Arc<dyn Line>),
    /// Through one of ours that has enough to ask, so a little later.
    Crowded,
    /// Through one of ours that is not well.
    Ill,
    /// Through another dispatcher's.
    Foreign,
}

impl Checking {
    pub(crate) fn new(
        tables: Arc<dyn Tables>,
        clock: Arc<dyn Clock>,
        checks: Checks,
        lines: Lines,
        poll: Duration,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let phones = Phones::new(&checks);
        let alive = Mutex::new(Memory::new(checks.remembered));
        let deferred = Mutex::default();
        let work = Arc::new(Checker { tables, clock, checks, phones, alive, deferred });
        Self { work, lines, poll, stop }
    }

    /// Until it is asked to stop; what is not written down by then is checked again by whoever
    /// comes next.
    pub(crate) async fn check(mut self) {
        let mut running = JoinSet::new();
        let mut busy: HashMap<Id, Record> = HashMap::new();
        let mut look_at = FEWEST;
        loop {
            match self.begin(&mut running, &mut busy, look_at).await {
                // Those at the front hold up nobody who could be checked now.
                Ok((0, true)) => look_at = look_at.saturating_mul(2).min(MOST),
                Ok(_) => look_at = FEWEST,
                Err(error) => tracing::warn!(%error, "what is to be checked could not be read"),
            }
            tokio::select! {
                () = self.work.clock.sleep(self.poll) => {}
                Some(done) = running.join_next_with_id() => {
                    let id = done.map_or_else(|error| error.id(), |(id, ())| id);
                    busy.remove(&id);
                }
                () = asked_to(&mut self.stop) => return,
            }
        }
    }

    /// Begins what can be. Gives back how many that are, and whether there may be more to look at.
    async fn begin(
        &self,
        running: &mut JoinSet<()>,
        busy: &mut HashMap<Id, Record>,
        look_at: u32,
    ) -> Result<(usize, bool), StoreError> {
        if busy.len() >= AT_ONCE {
            return Ok((0, false));
        }
        let tables = &self.work.tables;
        let found = tables.unchecked(tables.now().await?, look_at).await?;
        let is_full = found.len() >= look_at as usize;
        let ill = if found.is_empty() { BTreeSet::new() } else { self.ill().await? };
        let mut begun = 0;
        for record in found {
            if busy.len() >= AT_ONCE {
                break;
            }
            // Of two messages to one number the second will find an answer.
            let twin = |other: &Record| other.id == record.id || other.chat == record.chat;
            if busy.values().any(twin) || !self.work.is_due(record.id) {
                continue;
            }
            let via = match self.way(&record, &ill) {
                Way::Foreign | Way::Crowded => continue,
                Way::Ill => {
                    self.work.later(&record, ILL, false).await?;
                    continue;
                }
                Way::None(known) => Err(known),
                Way::Line(name, line) => Ok((name, line)),
            };
            let (work, checked) = (self.work.clone(), record.clone());
            let task = running.spawn(async move { work.check(&checked, via).await });
            busy.insert(task.id(), record);
            begun += 1;
        }
        Ok((begun, is_full))
    }

    /// Lines that were not well when they were last asked: what they say about numbers is not
    /// believed.
    async fn ill(&self) -> Result<BTreeSet<LineName>, StoreError> {
        let lines = self.work.tables.lines().await?;
        let ill = lines
            .into_iter()
            .filter(|(_, line)| line.health.as_ref().is_some_and(|health| !health.can_send));
        Ok(ill.map(|(name, _)| name).collect())
    }

    fn way(&self, record: &Record, ill: &BTreeSet<LineName>) -> Way {
        let is_on = |name: &LineName, group: Option<&str>| match (&record.line, &record.route) {
            (Some(line), _) | (None, Route::Line(line)) => line == name,
            (None, Route::Group(of)) => Some(&**of) == group,
        };
        let ours: Vec<_> =
            self.lines.iter().filter(|(name, (group, _))| is_on(name, group.as_deref())).collect();
        if ours.is_empty() {
            return Way::Foreign;
        }
        let (work, now) = (&self.work, self.work.clock.now());
        let Some(phone) = record.chat.phone().filter(|_| work.checks.phones) else {
            return Way::None(Known::Needless);
        };
        if let Some(answer) = work.phones.known(&phone, now) {
            return Way::None(Known::Answer(answer));
        }
        let mut asking = ours.into_iter().filter(|(_, (_, line))| asks_first(&**line)).peekable();
        if asking.peek().is_none() {
            return Way::None(Known::Needless);
        }
        let mut well = asking.filter(|(name, _)| !ill.contains(*name)).peekable();
        if well.peek().is_none() {
            return Way::Ill;
        }
        let free = well.filter_map(|(name, (_, line))| {
            let at = work.phones.free_at(name, &work.checks, now)?;
            Some((at, name, line))
        });
        match free.min_by_key(|(at, ..)| *at) {
            Some((_, name, line)) => Way::Line(name.clone(), line.clone()),
            None => Way::Crowded,
        }
    }
}

fn asks_first(line: &dyn Line) -> bool {
    !line.capabilities().checks_recipients
}

/// What a check came to.
enum Found {
    Fine,
    Bad(String),
    Unclear(String),
    /// It cannot be found out, now or later.
    Never(String),
}

impl Checker {
    async fn check(&self, record: &Record, via: Via) {
        if let Err(error) = self.look(record, via).await {
            tracing::warn!(id = %record.id, %error, "a check could not be written down");
        }
    }

    async fn look(&self, record: &Record, via: Via) -> Result<(), StoreError> {
        let content = self.tables.content(record.id).await?;
        // What cannot be read is not for us to judge: sending it will say so.
        let body = content.and_then(|content| Body::from_json(&content.body).ok());
        let mut found = match body.as_ref().and_then(Body::address) {
            Some(address) => self.link(address).await,
            None => Found::Fine,
        };
        let is_more_than_text = body.is_some_and(|body| body.kind() != Kind::Text);
        if is_more_than_text && !matches!(found, Found::Bad(_)) {
            match (self.phone(record, via).await, found) {
                (Found::Fine, link) => found = link,
                (phone, _) => found = phone,
            }
        }
        let checked = match found {
            Found::Fine => Checked::Passed,
            Found::Bad(reason) => Checked::Failed(reason),
            Found::Never(reason) => Checked::Unknown(reason),
            Found::Unclear(reason) => {
                let tries = self.tries(record.id) + 1;
                if tries < self.checks.tries {
                    return self.later(record, self.checks.pause(tries), true).await;
                }
                Checked::Unknown(format!("{tries} tries; last: {reason}"))
            }
        };
        lock(&self.deferred).remove(&record.id);
        self.tables.checked(record.id, checked).await.map(drop)
    }

    async fn link(&self, address: &str) -> Found {
        let Some(probe) = &self.checks.probe else { return Found::Fine };
        let known = lock(&self.alive).answer(&address.to_owned(), self.clock.now());
        if known == Some(true) {
            return Found::Fine;
        }
        match probe.probe(address).await {
            LinkState::Alive => {
                let now = self.clock.now();
                let until = now.plus(self.checks.link_for);
                lock(&self.alive).keep(address.to_owned(), true, until, now);
                Found::Fine
            }
            LinkState::Dead(reason) => Found::Bad(format!("its link leads nowhere: {reason}")),
            _ => Found::Unclear("its link could not be checked".to_owned()),
        }
    }

    async fn phone(&self, record: &Record, via: Via) -> Found {
        let Some(phone) = record.chat.phone() else { return Found::Fine };
        let asked = match via {
            Err(Known::Needless) => return Found::Fine,
            Err(Known::Answer(has_account)) => Asked::Known(has_account),
            Ok((name, line)) => {
                self.phones.ask(&phone, (&name, &*line), &self.checks, &*self.clock).await
            }
        };
        match asked {
            Asked::Known(true) => Found::Fine,
            Asked::Known(false) => {
                Found::Bad(format!("{} has no account with the messenger", phone.masked()))
            }
            Asked::Unclear(reason) => {
                Found::Unclear(format!("whether the number has an account is unknown: {reason}"))
            }
            Asked::Never(reason) => {
                Found::Never(format!("whether the number has an account is unknown: {reason}"))
            }
        }
    }

    fn is_due(&self, id: OutboxId) -> bool {
        let now = self.clock.now();
        lock(&self.deferred).get(&id).is_none_or(|(_, at)| *at <= now)
    }

    fn tries(&self, id: OutboxId) -> u32 {
        lock(&self.deferred).get(&id).map_or(0, |(tries, _)| *tries)
    }

    async fn later(
        &self,
        record: &Record,
        pause: Duration,
        counts: bool,
    ) -> Result<(), StoreError> {
        let tries = self.tries(record.id) + u32::from(counts);
        {
            let mut deferred = lock(&self.deferred);
            // Messages that were cancelled meanwhile are never asked for again: rather than keep
            // them all, everything is tried anew.
            if deferred.len() >= DEFERRED {
                deferred.clear();
            }
            deferred.insert(record.id, (tries, self.clock.now().plus(pause)));
        }
        // With a later time it would lose its place among those of its order key.
        if record.order_key.is_some() {
            return Ok(());
        }
        let at = self.tables.now().await?.plus(pause);
        self.tables.checked(record.id, Checked::Later(at)).await.map(drop)
    }
}
