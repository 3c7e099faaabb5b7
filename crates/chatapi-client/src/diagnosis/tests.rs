//! Diagnoses of lines that the sandbox cannot bring about.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chatapi_sandbox::Sandbox;
use chatapi_transport::{Clock, Error, Result};
use chatapi_types::{ChatId, Phone};

use super::*;
use crate::line::{
    Capabilities, Cursor, Health, Kind, Line, Outgoing, Queue, Sightings, State, Submitted,
    Trouble, Waiting,
};

/// A line that shows these queues one after another, then fails.
#[derive(Debug)]
struct Fake {
    clock: Arc<dyn Clock>,
    trouble: Trouble,
    heals_itself: bool,
    queues: Mutex<VecDeque<Queue>>,
    /// What is known of a recipient, by the last digit; an error for the rest.
    accounts: fn(&str) -> Option<bool>,
}

impl Fake {
    fn showing(queues: impl IntoIterator<Item = Queue>) -> Self {
        Self {
            clock: Arc::new(Sandbox::new().clock()),
            trouble: Trouble::None,
            heals_itself: false,
            queues: Mutex::new(queues.into_iter().collect()),
            accounts: |_| Some(true),
        }
    }

    async fn examined(&self, watch: u64) -> Diagnosis {
        Examination::new(self).watching(Duration::from_secs(watch)).run().await.unwrap()
    }
}

fn failure() -> Error {
    Error::unsupported("fake", "the line is out of order")
}

#[async_trait]
impl Line for Fake {
    fn vendor(&self) -> &'static str {
        "Fake"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { shows_queue: true, ..Capabilities::none() }
    }

    fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    async fn submit(&self, _: &Outgoing) -> Result<Submitted> {
        Err(failure())
    }

    async fn state(&self, _: &Submitted) -> Result<Option<State>> {
        Err(failure())
    }

    async fn sightings(&self, _: Option<&ChatId>, _: Option<&Cursor>) -> Result<Sightings> {
        Err(failure())
    }

    async fn queue(&self) -> Result<Queue> {
        self.queues.lock().unwrap().pop_front().ok_or_else(failure)
    }

    async fn clear_queue(&self) -> Result<Option<u64>> {
        Err(failure())
    }

    async fn health(&self) -> Result<Health> {
        Ok(Health {
            state: "fake".to_owned(),
            can_send: self.trouble == Trouble::None,
            heals_itself: self.heals_itself,
            trouble: self.trouble,
            meaning: "it is as it is".to_owned(),
            action: "nothing".to_owned(),
        })
    }

    async fn check_phone(&self, phone: &Phone) -> Result<bool> {
        (self.accounts)(phone.digits()).ok_or_else(failure)
    }
}

/// A queue of messages to the phones that end in these digits.
fn queue(recipients: &str, body: &str) -> Queue {
    let waiting = |(number, last): (usize, char)| Waiting {
        number: number as u64,
        chat: Some(format!("7900000000{last}@c.us").as_str().into()),
        body: body.to_owned(),
        kind: Kind::Text,
        last_try: None,
    };
    let items: Vec<_> = recipients.chars().enumerate().map(waiting).collect();
    Queue { total: items.len() as u64, complete: true, items }
}

/// Links with `dead` in them are dead, with `slow` unknown.
#[derive(Debug)]
struct Probe;

#[async_trait]
impl LinkProbe for Probe {
    async fn probe(&self, url: &str) -> LinkState {
        match url {
            _ if url.contains("dead") => LinkState::Dead("404".to_owned()),
            _ if url.contains("slow") => LinkState::Unknown,
            _ => LinkState::Alive,
        }
    }
}

#[tokio::test]
async fn only_a_long_watch_calls_a_queue_stuck() {
    for (watch, cause, severity) in [
        (30, Cause::NotSeenDraining, Severity::Warning),
        (149, Cause::NotSeenDraining, Severity::Warning),
        (150, Cause::Stuck, Severity::Error),
    ] {
        let line = Fake::showing([queue("123", ""), queue("123", "")]);
        let diagnosis = line.examined(watch).await;
        let first = diagnosis.first().unwrap();
        assert_eq!((first.cause, first.severity), (cause, severity), "{watch} s: {diagnosis}");
    }
}

#[tokio::test]
async fn what_was_not_watched_is_not_praised() {
    let diagnosis = Fake::showing([queue("123", "")]).examined(0).await;
    let said = &diagnosis.finding(Cause::Healthy).unwrap().evidence[0];
    assert_eq!(said, "3 wait; not watched whether they leave");
}

#[tokio::test]
async fn a_failed_second_look_leaves_what_the_first_showed() {
    let line = Fake { accounts: |_| Some(false), ..Fake::showing([queue("12", "")]) };
    let diagnosis = line.examined(30).await;
    assert_eq!(diagnosis.waiting, Some(2));
    assert_eq!(diagnosis.first().unwrap().cause, Cause::NoAccount);
    let note = diagnosis.finding(Cause::NotSeenDraining).unwrap();
    assert_eq!(note.severity, Severity::Note);
    assert!(note.evidence[0].starts_with("the second look at the queue failed: "), "{note}");

    let diagnosis = Fake::showing([queue("12", "")]).examined(30).await;
    let said = &diagnosis.finding(Cause::Healthy).unwrap().evidence[0];
    assert_eq!(said, "2 wait; not watched whether they leave");
}

#[tokio::test]
async fn trouble_that_does_not_heal_is_an_error() {
    for (trouble, heals_itself, severity) in [
        (Trouble::Asleep, false, Severity::Error),
        (Trouble::Starting, false, Severity::Error),
        (Trouble::Starting, true, Severity::Warning),
    ] {
        let line = Fake { trouble, heals_itself, ..Fake::showing([Queue::default()]) };
        let diagnosis = line.examined(30).await;
        assert_eq!(diagnosis.first().unwrap().severity, severity, "{trouble:?} {heals_itself}");
    }
}

#[tokio::test]
async fn only_answers_count_as_checked() {
    let missing = |digits: &str| match digits.chars().last() {
        Some('1') => Some(false),
        Some('2') => Some(true),
        _ => None,
    };
    let line = Fake { accounts: missing, ..Fake::showing([queue("1234", "")]) };
    let diagnosis = line.examined(0).await;
    let finding = diagnosis.finding(Cause::NoAccount).unwrap();
    assert!(finding.evidence[0].starts_with("1 of 2 recipients checked (4 in"), "{finding}");
    assert_eq!(finding.evidence[1], "2 could not be checked");

    let line = Fake { accounts: |_| None, ..Fake::showing([queue("1234", "")]) };
    let diagnosis = line.examined(0).await;
    let note = diagnosis.finding(Cause::NoAccount).unwrap();
    assert_eq!(note.severity, Severity::Note);
    assert_eq!(note.evidence, ["recipients could not be checked"]);
}

#[tokio::test]
async fn links_that_give_no_answer_do_not_count_as_checked() {
    let body = "https://me:pass@dead.example/a https://slow.example/b https://fine.example/c";
    let line = Fake::showing([queue("1", body), queue("1", "https://slow.example/b")]);
    let look = || Examination::new(&line).watching(Duration::ZERO).links(&Probe);
    let diagnosis = look().run().await.unwrap();
    let finding = diagnosis.finding(Cause::DeadLinks).unwrap();
    assert!(finding.evidence[0].starts_with("1 of 2 links checked (3 in the listing)"));
    assert!(finding.evidence[0].ends_with(": dead.example (404)"), "{finding}");
    assert_eq!(finding.evidence[1], "1 could not be checked");

    let diagnosis = look().run().await.unwrap();
    let note = diagnosis.finding(Cause::DeadLinks).unwrap();
    assert_eq!((note.severity, note.evidence.len()), (Severity::Note, 1));
    assert_eq!(note.evidence[0], "links could not be checked");
}

#[tokio::test]
async fn the_recipients_with_most_messages_are_checked_first() {
    let missing = |digits: &str| Some(!digits.ends_with('9'));
    let line = Fake { accounts: missing, ..Fake::showing([queue("123499", "")]) };
    let one = Examination::new(&line).watching(Duration::ZERO).sampling(1);
    let diagnosis = one.run().await.unwrap();
    let finding = diagnosis.finding(Cause::NoAccount).unwrap();
    assert_eq!(finding.explains, Some(2), "{finding}");
}
