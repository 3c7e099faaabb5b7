//! Looks for the causes.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use chatapi_transport::{ErrorKind, Result};
use chatapi_types::{ChatId, Phone};

use super::drain::{about_drain, about_room};
use super::links::{host, links};
use super::{Cause, Diagnosis, Finding, LinkProbe, LinkState, Severity};
use crate::line::{Health, Line, Queue, Trouble, Waiting};

/// How long lies between two looks at the queue unless [`Examination::watching`] says otherwise.
const WATCH: Duration = Duration::from_secs(30);

/// How many recipients and links are checked unless said otherwise.
const SAMPLE: usize = 20;

/// An examination of a line's queue: set what it may do, then [`run`](Self::run) it.
#[derive(Clone, Debug)]
#[must_use = "nothing is examined until it is run"]
pub struct Examination<'a> {
    line: &'a dyn Line,
    probe: Option<&'a dyn LinkProbe>,
    watch: Duration,
    sample: usize,
}

impl<'a> Examination<'a> {
    /// An examination of a line.
    pub fn new(line: &'a dyn Line) -> Self {
        Self { line, probe: None, watch: WATCH, sample: SAMPLE }
    }

    /// Checks links with this probe; without one they are not checked.
    pub const fn links(mut self, probe: &'a dyn LinkProbe) -> Self {
        self.probe = Some(probe);
        self
    }

    /// Looks at the queue twice, this far apart, to see whether it drains; 30 seconds unless given,
    /// zero for one look only. That nothing leaves is only called an error after 150 seconds: after
    /// an outage 5 messages leave in 2 minutes (help page, grade A), perhaps all at once.
    pub const fn watching(mut self, watch: Duration) -> Self {
        self.watch = watch;
        self
    }

    /// Checks at most this many recipients and links, one after another; 20 unless given. Those for
    /// which most messages wait come first. Every recipient is a call to the vendor.
    pub const fn sampling(mut self, sample: usize) -> Self {
        self.sample = sample;
        self
    }

    /// Examines.
    ///
    /// # Errors
    ///
    /// Those of a call for the health or the first look at the queue. When the second look fails the
    /// diagnosis rests on the first; a recipient that cannot be checked is counted as such.
    pub async fn run(self) -> Result<Diagnosis> {
        let health = self.line.health().await?;
        let mut findings: Vec<Finding> = about_health(&health).into_iter().collect();
        if !self.line.capabilities().shows_queue {
            let what = format!("{} has no way to show its queue", self.line.vendor());
            findings.push(Finding::note(Cause::HiddenQueue, what));
            return Ok(conclude(findings, None));
        }
        let clock = self.line.clock();
        let first = match self.line.queue().await {
            Ok(queue) => queue,
            // An unpaid instance, for one, does not show its queue: the cause is known already.
            Err(error) if error.kind() == ErrorKind::Refused && !findings.is_empty() => {
                return Ok(conclude(findings, None));
            }
            Err(error) => return Err(error),
        };
        let first_at = clock.now();
        let mut last = None;
        if first.total > 0 && !self.watch.is_zero() {
            clock.sleep(self.watch).await;
            match self.line.queue().await {
                Ok(queue) => last = Some((queue, clock.now().since(first_at))),
                Err(error) => {
                    let what = format!("the second look at the queue failed: {error}");
                    findings.push(Finding::note(Cause::NotSeenDraining, what));
                }
            }
        }
        let queue = last.as_ref().map_or(&first, |(queue, _)| queue);
        let no_account = self.no_account(queue).await;
        let dead_links = self.dead_links(queue).await;
        let clogged = no_account.iter().chain(&dead_links).any(|f| f.explains.is_some());
        if let Some((queue, watched)) = &last {
            findings.extend(about_drain(&first, queue, *watched, &health, clogged));
        }
        findings.extend(no_account);
        findings.extend(dead_links);
        findings.extend(about_room(queue, self.line.capabilities().queue_cap));
        Ok(conclude(findings, Some(Waited { count: queue.total, watched: last.is_some() })))
    }

    async fn no_account(&self, queue: &Queue) -> Option<Finding> {
        let mut waiting: BTreeMap<Phone, u64> = BTreeMap::new();
        let mut nameless = 0;
        for message in &queue.items {
            match message.chat.as_ref().map(ChatId::phone) {
                Some(Some(phone)) => *waiting.entry(phone).or_default() += 1,
                Some(None) => {}
                None => nameless += 1,
            }
        }
        if waiting.is_empty() {
            return (nameless > 0).then(|| {
                let what = "recipients not checked: the queue does not tell who they are";
                Finding::note(Cause::NoAccount, what)
            });
        }
        let mut missing = Vec::new();
        let mut tally = Tally::of("recipients", waiting.len());
        for (phone, messages) in most_first(&waiting).take(self.sample) {
            match self.line.check_phone(phone).await {
                Ok(true) => tally.checked += 1,
                Ok(false) => {
                    tally.checked += 1;
                    tally.explains += messages;
                    missing.push(phone.masked().to_string());
                }
                Err(error) => {
                    tracing::debug!(kind = ?error.kind(), "a recipient could not be checked");
                    tally.unclear += 1;
                }
            }
        }
        let remedy = "clear the queue and send again without these numbers; ask checkPhone before \
                      sending to a number that you do not know";
        tally.finding(Cause::NoAccount, "have no account", &missing, remedy)
    }

    async fn dead_links(&self, queue: &Queue) -> Option<Finding> {
        let mut holding: BTreeMap<&str, u64> = BTreeMap::new();
        for Waiting { body, .. } in &queue.items {
            for link in links(body) {
                *holding.entry(link).or_default() += 1;
            }
        }
        if holding.is_empty() {
            return None;
        }
        let Some(probe) = self.probe else {
            let what = format!("{} links wait; not checked, as no probe was given", holding.len());
            return Some(Finding::note(Cause::DeadLinks, what));
        };
        let mut dead = Vec::new();
        let mut tally = Tally::of("links", holding.len());
        for (link, messages) in most_first(&holding).take(self.sample) {
            match probe.probe(link).await {
                LinkState::Alive => tally.checked += 1,
                LinkState::Dead(reason) => {
                    tally.checked += 1;
                    tally.explains += messages;
                    dead.push(format!("{} ({reason})", host(link)));
                }
                LinkState::Unknown => tally.unclear += 1,
            }
        }
        let remedy = "clear the queue and send again with links that work";
        tally.finding(Cause::DeadLinks, "lead nowhere", &dead, remedy)
    }
}

/// What a check of recipients or links came to.
struct Tally {
    what: &'static str,
    /// How many different ones the listing holds.
    listed: usize,
    /// How many got an answer.
    checked: usize,
    /// How many got none.
    unclear: usize,
    /// How many messages wait for the bad ones.
    explains: u64,
}

impl Tally {
    const fn of(what: &'static str, listed: usize) -> Self {
        Self { what, listed, checked: 0, unclear: 0, explains: 0 }
    }

    fn finding(&self, cause: Cause, are: &str, bad: &[String], remedy: &str) -> Option<Finding> {
        let Self { what, listed, checked, unclear, explains } = self;
        if !bad.is_empty() {
            let names = bad.join(", ");
            let evidence = format!(
                "{} of {checked} {what} checked ({listed} in the listing) {are}: {names}",
                bad.len()
            );
            let finding = Finding::new(cause, Severity::Error, evidence, remedy);
            let finding = match unclear {
                0 => finding,
                _ => finding.with(format!("{unclear} could not be checked")),
            };
            return Some(finding.explaining(*explains));
        }
        match (checked, unclear) {
            (_, 0) => None,
            (0, _) => Some(Finding::note(cause, format!("{what} could not be checked"))),
            _ => Some(Finding::note(cause, format!("{unclear} {what} could not be checked"))),
        }
    }
}

/// Those for which most messages wait first; among equals, in their own order.
fn most_first<K: Ord>(waiting: &BTreeMap<K, u64>) -> impl Iterator<Item = (&K, u64)> {
    let mut sorted: Vec<_> = waiting.iter().map(|(key, messages)| (key, *messages)).collect();
    sorted.sort_by_key(|(_, messages)| Reverse(*messages));
    sorted.into_iter()
}

/// How many wait, and whether it was watched if they leave.
struct Waited {
    count: u64,
    watched: bool,
}

fn about_health(health: &Health) -> Option<Finding> {
    let cause = match health.trouble {
        Trouble::None => return None,
        Trouble::Phone => Cause::PhoneOffline,
        Trouble::Battery => Cause::Battery,
        Trouble::SecondSession => Cause::SecondSession,
        Trouble::Unpaid => Cause::Unpaid,
        Trouble::NotLinked => Cause::NotLinked,
        Trouble::Starting => Cause::Starting,
        Trouble::Asleep => Cause::Asleep,
        Trouble::Vendor => Cause::Vendor,
        Trouble::Blocked => Cause::Blocked,
        Trouble::Unknown => Cause::UnknownState,
    };
    let starting = cause == Cause::Starting && health.heals_itself;
    let harmless = health.can_send || starting;
    let severity = if harmless { Severity::Warning } else { Severity::Error };
    let what = format!("{}: {}", health.state, health.meaning);
    Some(Finding::new(cause, severity, what, &health.action))
}

fn conclude(mut findings: Vec<Finding>, waited: Option<Waited>) -> Diagnosis {
    // What stops everything comes before what is only a consequence, then what explains more.
    let weight = |finding: &Finding| {
        let stops_all = matches!(
            finding.cause,
            Cause::Unpaid
                | Cause::NotLinked
                | Cause::Asleep
                | Cause::Blocked
                | Cause::SecondSession
                | Cause::PhoneOffline
                | Cause::Battery
                | Cause::Vendor
                | Cause::UnknownState
        );
        (finding.severity, stops_all, finding.explains)
    };
    findings.sort_by_key(|finding| Reverse(weight(finding)));
    if findings.iter().all(|finding| finding.severity == Severity::Note) {
        let what = match &waited {
            Some(Waited { count: 0, .. }) => "the queue is empty".to_owned(),
            Some(Waited { count, watched: true }) => {
                format!("{count} wait and leave as they should")
            }
            Some(Waited { count, .. }) => format!("{count} wait; not watched whether they leave"),
            None => "the channel is connected".to_owned(),
        };
        findings.insert(0, Finding::note(Cause::Healthy, what));
    }
    Diagnosis { findings, waiting: waited.map(|waited| waited.count) }
}
