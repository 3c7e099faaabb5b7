//! Does the queue drain, and has it room?

use std::time::Duration;

use super::{Cause, Finding, Severity, roughly};
use crate::line::{Health, Queue};

/// Messages per minute that leave after the phone comes back: 5 in 2 minutes (help page, grade A).
const RECOVERY_PER_MINUTE: f64 = 2.5;

/// How long nothing may leave before a queue counts as stuck: the 2 minutes in which 5 messages
/// leave after the phone comes back (help page, grade A), as these may leave all at once, and 30
/// seconds of margin, which are ours.
pub(super) const SURE: Duration = Duration::from_secs(150);

/// What two looks at the queue say about its drain; `last` still holds messages.
pub(super) fn about_drain(
    first: &Queue,
    last: &Queue,
    watched: Duration,
    health: &Health,
    clogged: bool,
) -> Option<Finding> {
    if last.total == 0 || watched.is_zero() {
        return None;
    }
    let over = roughly(watched);
    match messages_gone(first, last) {
        Some(0) => {
            // When the phone is dead, or the head of the queue cannot be sent, that is the finding.
            (health.can_send && !clogged).then(|| none_left(last.total, watched, &health.state))
        }
        Some(left) => Some(some_left(left, first.complete, last.total, watched)),
        None => {
            let what = format!(
                "{} wait, {} before {over}; the listing has changed but is too short to tell how \
                 many left",
                last.total, first.total
            );
            let remedy = "send less until the queue gets shorter, then examine again";
            Some(Finding::new(Cause::NotSeenDraining, Severity::Warning, what, remedy))
        }
    }
}

fn none_left(waiting: u64, watched: Duration, state: &str) -> Finding {
    let what = format!("{waiting} wait and none left in {}, in state {state}", roughly(watched));
    if watched < SURE {
        let sure = SURE.as_secs();
        let remedy = format!("examine again and watch for {sure} s to be sure");
        return Finding::new(Cause::NotSeenDraining, Severity::Warning, what, &remedy).with(format!(
            "after an outage 5 leave in 2 minutes, perhaps all at once: only a watch of {sure} s \
             tells"
        ));
    }
    let remedy = "look at the first messages in the queue; reboot the instance; if that does not \
                  help, clear the queue";
    Finding::new(Cause::Stuck, Severity::Error, what, remedy)
}

fn some_left(left: u64, exact: bool, waiting: u64, watched: Duration) -> Finding {
    #[expect(clippy::cast_precision_loss, reason = "a queue holds hundreds")]
    let per_minute = left as f64 * 60.0 / watched.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a queue holds hundreds")]
    let rest = Duration::from_secs_f64((waiting as f64 / per_minute * 60.0).min(1e9));
    let what = format!(
        "{}{left} left in {} ({per_minute:.1} a minute); {waiting} wait, empty in about {}",
        if exact { "" } else { "at least " },
        roughly(watched),
        roughly(rest)
    );
    let finding = Finding::new(
        Cause::SlowDrain,
        if rest > Duration::from_secs(300) { Severity::Warning } else { Severity::Note },
        what,
        "wait, or clear the queue if what waits is out of date; send less until it is empty",
    );
    if per_minute <= RECOVERY_PER_MINUTE * 1.5 {
        finding.with("after a phone comes back, 5 messages leave in 2 minutes")
    } else {
        finding
    }
}

/// How many of the messages seen first have left since. Where the first listing showed everything
/// it is compared message by message, so that new ones do not hide the drain. A listing cut short
/// proves nothing about what it did not show: there the totals count, a lower bound. `None` when
/// these do not fall and yet the listing has changed, for then new ones may hide the drain.
fn messages_gone(first: &Queue, last: &Queue) -> Option<u64> {
    let unlisted = first
        .items
        .iter()
        .filter(|before| !last.items.iter().any(|now| now.number == before.number))
        .count() as u64;
    if first.complete {
        return Some(unlisted);
    }
    let fewer = first.total.saturating_sub(last.total);
    (fewer > 0 || unlisted == 0).then_some(fewer)
}

/// Whether the queue is about to be full.
pub(super) fn about_room(queue: &Queue, cap: Option<u64>) -> Option<Finding> {
    let cap = cap.filter(|cap| *cap > 0)?;
    let severity = match u128::from(queue.total) * 100 / u128::from(cap) {
        0..=74 => return None,
        75..=94 => Severity::Warning,
        _ => Severity::Error,
    };
    let what = format!("{} of {cap} places are taken; what comes above is refused", queue.total);
    let remedy = "stop sending until it has drained, or clear it; keep few messages in the \
                  vendor's queue and the rest with you";
    Some(Finding::new(Cause::NearlyFull, severity, what, remedy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{Kind, Waiting};

    /// What a listing of these messages shows, at most 100 of them.
    fn queue(numbers: std::ops::Range<u64>) -> Queue {
        let total = numbers.end - numbers.start;
        let waiting = |number| Waiting {
            number,
            chat: None,
            body: String::new(),
            kind: Kind::Text,
            last_try: None,
        };
        Queue { total, complete: total <= 100, items: numbers.take(100).map(waiting).collect() }
    }

    #[test]
    fn new_messages_do_not_hide_the_drain() {
        assert_eq!(messages_gone(&queue(1..6), &queue(3..10)), Some(2));
        assert_eq!(messages_gone(&queue(1..6), &queue(1..10)), Some(0));
        assert_eq!(messages_gone(&queue(1..6), &queue(3..300)), Some(2));
    }

    #[test]
    fn a_listing_cut_short_is_counted_by_totals() {
        assert_eq!(messages_gone(&queue(0..300), &queue(150..300)), Some(150));
        assert_eq!(messages_gone(&queue(0..300), &queue(250..300)), Some(250), "50 wait");
        assert_eq!(messages_gone(&queue(0..300), &queue(0..310)), Some(0), "none left");
        assert_eq!(messages_gone(&queue(0..300), &queue(50..360)), None, "it cannot be told");
    }

    #[test]
    fn room_is_judged_by_share() {
        let full = |total| Queue { total, ..Queue::default() };
        assert_eq!(about_room(&full(299), Some(400)), None);
        assert_eq!(about_room(&full(300), Some(400)).unwrap().severity, Severity::Warning);
        assert_eq!(about_room(&full(380), Some(400)).unwrap().severity, Severity::Error);
        assert_eq!(about_room(&full(380), None), None);
        for cap in [1, 400, u64::MAX] {
            let severity = about_room(&full(u64::MAX), Some(cap)).unwrap().severity;
            assert_eq!(severity, Severity::Error, "a vendor may say anything");
        }
    }
}
