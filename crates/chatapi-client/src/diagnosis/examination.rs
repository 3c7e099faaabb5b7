//! Looks for the causes.

use std::collections::BTreeMap;
use std::time::Duration;

use chatapi_transport::{ErrorKind, Result};
use chatapi_types::Phone;

use super::links::links;
use super::{Cause, Diagnosis, Finding, LinkProbe, LinkState, Severity, roughly};
use crate::line::{Health, Line, Queue, Trouble, Waiting};

/// How long lies between two looks at the queue unless [`Examination::watching`] says otherwise.
const WATCH: Duration = Duration::from_secs(30);

/// How many recipients and links are checked unless said otherwise.
const SAMPLE: usize = 20;

/// Messages per minute that leave after the phone comes back: 5 in 2 minutes (help page, grade A).
const RECOVERY_PER_MINUTE: f64 = 2.5;

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
    /// zero for one look only.
    pub const fn watching(mut self, watch: Duration) -> Self {
        self.watch = watch;
        self
    }

    /// Checks at most this many recipients and links, one after another; 20 unless given. Every
    /// recipient is a call to the vendor.
    pub const fn sampling(mut self, sample: usize) -> Self {
        self.sample = sample;
        self
    }

    /// Examines.
    ///
    /// # Errors
    ///
    /// Those of a call. A recipient that cannot be checked is left out, not an error.
    pub async fn run(self) -> Result<Diagnosis> {
        let health = self.line.health().await?;
        let mut findings: Vec<Finding> = about_health(&health).into_iter().collect();
        if !self.line.capabilities().shows_queue {
            let what = format!("{} has no way to show its queue", self.line.vendor());
            findings.push(Finding::new(Cause::HiddenQueue, Severity::Note, what, "nothing"));
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
        let mut queue = first.clone();
        if first.total > 0 && !self.watch.is_zero() {
            clock.sleep(self.watch).await;
            queue = self.line.queue().await?;
        }
        let watched = clock.now().since(first_at);
        let no_account = self.no_account(&queue).await?;
        let dead_links = self.dead_links(&queue).await;
        let clogged = no_account.iter().chain(&dead_links).any(|f| f.explains.is_some());
        findings.extend(about_drain(&first, &queue, watched, &health, clogged));
        findings.extend(no_account);
        findings.extend(dead_links);
        findings.extend(about_room(&queue, self.line.capabilities().queue_cap));
        Ok(conclude(findings, Some(queue.total)))
    }

    async fn no_account(&self, queue: &Queue) -> Result<Option<Finding>> {
        let mut waiting: BTreeMap<Phone, u64> = BTreeMap::new();
        let mut nameless = 0;
        for message in &queue.items {
            match message.chat.as_ref().map(|chat| (chat.phone(), chat)) {
                Some((Some(phone), _)) => *waiting.entry(phone).or_default() += 1,
                Some(_) => {}
                None => nameless += 1,
            }
        }
        if waiting.is_empty() {
            return Ok((nameless > 0).then(|| {
                let what = "recipients not checked: the queue does not tell who they are";
                Finding::new(Cause::NoAccount, Severity::Note, what, "nothing")
            }));
        }
        let mut missing = Vec::new();
        let mut explains = 0;
        let checked = waiting.len().min(self.sample);
        for (phone, messages) in waiting.iter().take(self.sample) {
            match self.line.check_phone(phone).await {
                Ok(true) => {}
                Ok(false) => {
                    missing.push(phone.masked().to_string());
                    explains += messages;
                }
                Err(error) => {
                    tracing::debug!(kind = ?error.kind(), "a recipient could not be checked");
                }
            }
        }
        if missing.is_empty() {
            return Ok(None);
        }
        let of = waiting.len();
        let what = format!(
            "{} of {checked} recipients checked ({of} in the listing) have no account: {}",
            missing.len(),
            missing.join(", ")
        );
        let remedy = "clear the queue and send again without these numbers; ask checkPhone before \
                      sending to a number that you do not know";
        let finding = Finding::new(Cause::NoAccount, Severity::Error, what, remedy);
        Ok(Some(finding.explaining(explains)))
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
            return Some(Finding::new(Cause::DeadLinks, Severity::Note, what, "nothing"));
        };
        let mut dead = Vec::new();
        let mut explains = 0;
        for (link, messages) in holding.iter().take(self.sample) {
            if let LinkState::Dead(reason) = probe.probe(link).await {
                let host = link.split('/').nth(2).unwrap_or_default();
                dead.push(format!("{host} ({reason})"));
                explains += messages;
            }
        }
        if dead.is_empty() {
            return None;
        }
        let checked = holding.len().min(self.sample);
        let what = format!("{} of {checked} links lead nowhere: {}", dead.len(), dead.join(", "));
        let remedy = "clear the queue and send again with links that work";
        let finding = Finding::new(Cause::DeadLinks, Severity::Error, what, remedy);
        Some(finding.explaining(explains))
    }
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
        Trouble::Vendor => Cause::Vendor,
        Trouble::Blocked => Cause::Blocked,
        Trouble::Unknown => Cause::UnknownState,
    };
    let harmless = health.can_send || cause == Cause::Starting;
    let severity = if harmless { Severity::Warning } else { Severity::Error };
    let what = format!("{}: {}", health.state, health.meaning);
    Some(Finding::new(cause, severity, what, &health.action))
}

fn about_drain(
    first: &Queue,
    last: &Queue,
    watched: Duration,
    health: &Health,
    clogged: bool,
) -> Option<Finding> {
    if last.total == 0 || watched.is_zero() {
        return None;
    }
    let left = messages_gone(first, last);
    let over = roughly(watched);
    if left == 0 {
        // When the phone is dead, or the head of the queue cannot be sent, that is the finding.
        if !health.can_send || clogged {
            return None;
        }
        let what =
            format!("{} wait and none left in {over}, in state {}", last.total, health.state);
        let remedy = "look at the first messages in the queue; reboot the instance; if that does \
                      not help, clear the queue";
        return Some(Finding::new(Cause::Stuck, Severity::Error, what, remedy));
    }
    #[expect(clippy::cast_precision_loss, reason = "a queue holds hundreds")]
    let per_minute = left as f64 * 60.0 / watched.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a queue holds hundreds")]
    let rest = Duration::from_secs_f64((last.total as f64 / per_minute * 60.0).min(1e9));
    let what = format!(
        "{left} left in {over} ({per_minute:.1} a minute); {} wait, empty in about {}",
        last.total,
        roughly(rest)
    );
    let finding = Finding::new(
        Cause::SlowDrain,
        if rest > Duration::from_secs(300) { Severity::Warning } else { Severity::Note },
        what,
        "wait, or clear the queue if what waits is out of date; send less until it is empty",
    );
    Some(if per_minute <= RECOVERY_PER_MINUTE * 1.5 {
        finding.with("after a phone comes back, 5 messages leave in 2 minutes")
    } else {
        finding
    })
}

/// How many of the messages seen first have left since. Where the listings show everything they
/// are compared message by message, so that new ones do not hide the drain.
fn messages_gone(first: &Queue, last: &Queue) -> u64 {
    let gone = first
        .items
        .iter()
        .filter(|before| !last.items.iter().any(|now| now.number == before.number))
        .count() as u64;
    if first.complete || last.complete {
        gone
    } else {
        gone.max(first.total.saturating_sub(last.total))
    }
}

fn about_room(queue: &Queue, cap: Option<u64>) -> Option<Finding> {
    let cap = cap.filter(|cap| *cap > 0)?;
    let share = queue.total * 100 / cap;
    let severity = match share {
        0..=74 => return None,
        75..=94 => Severity::Warning,
        _ => Severity::Error,
    };
    let what = format!("{} of {cap} places are taken; what comes above is refused", queue.total);
    let remedy = "stop sending until it has drained, or clear it; keep few messages in the \
                  vendor's queue and the rest with you";
    Some(Finding::new(Cause::NearlyFull, severity, what, remedy))
}

fn conclude(mut findings: Vec<Finding>, waiting: Option<u64>) -> Diagnosis {
    // What stops everything comes before what is only a consequence, then what explains more.
    let weight = |finding: &Finding| {
        let stops_all = matches!(
            finding.cause,
            Cause::Unpaid
                | Cause::NotLinked
                | Cause::Blocked
                | Cause::SecondSession
                | Cause::PhoneOffline
                | Cause::Battery
                | Cause::Vendor
                | Cause::UnknownState
        );
        (finding.severity, stops_all, finding.explains)
    };
    findings.sort_by_key(|finding| std::cmp::Reverse(weight(finding)));
    if findings.iter().all(|finding| finding.severity == Severity::Note) {
        let what = match waiting {
            Some(0) => "the queue is empty".to_owned(),
            Some(count) => format!("{count} wait and leave as they should"),
            None => "the channel is connected".to_owned(),
        };
        findings.insert(0, Finding::new(Cause::Healthy, Severity::Note, what, "nothing"));
    }
    Diagnosis { findings, waiting }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(numbers: impl IntoIterator<Item = u64>) -> Queue {
        let items: Vec<_> = numbers
            .into_iter()
            .map(|number| Waiting {
                number,
                chat: None,
                body: String::new(),
                is_file: false,
                last_try: None,
            })
            .collect();
        Queue { total: items.len() as u64, complete: true, items }
    }

    #[test]
    fn new_messages_do_not_hide_the_drain() {
        assert_eq!(messages_gone(&queue(1..=5), &queue(3..=9)), 2);
        assert_eq!(messages_gone(&queue(1..=5), &queue(1..=9)), 0);
        let long =
            |first: u64| Queue { total: 300 - first, complete: false, ..queue(first..first + 100) };
        assert_eq!(messages_gone(&long(0), &long(150)), 150);
    }

    #[test]
    fn room_is_judged_by_share() {
        let full = |total| Queue { total, ..Queue::default() };
        assert_eq!(about_room(&full(299), Some(400)), None);
        assert_eq!(about_room(&full(300), Some(400)).unwrap().severity, Severity::Warning);
        assert_eq!(about_room(&full(380), Some(400)).unwrap().severity, Severity::Error);
        assert_eq!(about_room(&full(380), None), None);
    }
}
