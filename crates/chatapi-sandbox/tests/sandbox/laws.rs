//! What holds whatever is done to a sandbox, in whatever order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use chatapi_sandbox::{Entry, Happening, Profile, Sandbox, Snapshot, Subject};
use chatapi_types::{Delivery, MessageId, UnixMillis};
use proptest::prelude::*;

use crate::steps::{Step, begin, begin_with, log, run, steps};

/// A small queue, so that it is full now and then.
const CAP: usize = 12;

fn small() -> Profile {
    let mut profile = Profile::default();
    profile.chat_api.queue_cap = CAP;
    profile
}

/// No stretch of the recovery window that ends during recovery sees more than a burst leave.
fn recovery_is_slow(journal: &[Entry], subject: &Subject) -> Result<usize, TestCaseError> {
    let figures = Profile::default().chat_api;
    let mut recovering = false;
    let mut left: VecDeque<UnixMillis> = VecDeque::new();
    let mut checked = 0;
    for entry in journal.iter().filter(|entry| entry.subject == *subject) {
        match &entry.event {
            Happening::RecoveryBegan => recovering = true,
            Happening::RecoveryEnded => recovering = false,
            Happening::Went { state: Delivery::Sent, .. } => {
                left.push_back(entry.at);
                let window = |at: &UnixMillis| entry.at.since(*at) < figures.recovery_window;
                left.retain(window);
                // Between the departure and the end of recovery nothing else is written.
                if recovering {
                    checked += 1;
                    prop_assert!(left.len() <= figures.recovery_burst, "{entry}: {left:?}");
                }
            }
            _ => {}
        }
    }
    Ok(checked)
}

/// Every message is queued once, leaves once at most, and only ever gets further.
fn messages_keep_to_their_way(journal: &[Entry]) -> Result<(), TestCaseError> {
    let mut queued: BTreeSet<(String, &MessageId)> = BTreeSet::new();
    let mut progress: BTreeMap<(String, &MessageId), u8> = BTreeMap::new();
    for entry in journal {
        let whose = format!("{:?}", entry.subject);
        match &entry.event {
            Happening::Queued { message, .. } => {
                prop_assert!(queued.insert((whose, message)), "queued twice: {entry}");
            }
            Happening::Went { message, state } => {
                let Some(to) = state.progress() else { continue };
                let message = (whose, message);
                prop_assert!(queued.contains(&message), "never queued: {entry}");
                let from = progress.insert(message, to).unwrap_or(0);
                prop_assert!(to > from, "it went back, or twice: {entry}");
            }
            _ => {}
        }
    }
    Ok(())
}

/// What was taken has left, waits, or was cleared.
fn nothing_is_lost(sandbox: &Sandbox, journal: &[Entry]) -> Result<(), TestCaseError> {
    for id in ["123", "7"] {
        let subject = Subject::Instance(id.into());
        let count = |wanted: fn(&Happening) -> usize| -> usize {
            let own = journal.iter().filter(|entry| entry.subject == subject);
            own.map(|entry| wanted(&entry.event)).sum()
        };
        let taken = count(|event| usize::from(matches!(event, Happening::Queued { .. })));
        let cleared = count(|event| match event {
            Happening::Cleared(cleared) => *cleared,
            _ => 0,
        });
        let instance = sandbox.instance(id);
        let sent = instance.sent();
        let ids: BTreeSet<_> = sent.iter().map(|message| &message.id).collect();
        prop_assert_eq!(ids.len(), sent.len(), "sent twice");
        prop_assert_eq!(taken, sent.len() + cleared + instance.queue_len());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_laws_hold(seed: u64, steps in steps(120)) {
        let sandbox = begin_with(small(), seed);
        for step in &steps {
            let full = sandbox.instance("123").queue_len() >= CAP;
            let answers = run(&sandbox, std::slice::from_ref(step));
            prop_assert!(sandbox.instance("123").queue_len() <= CAP);
            if let (Step::Send { .. } | Step::SendFile, Some(answer)) = (step, answers.first()) {
                let taken = answer.starts_with(b"{\"sent\":true");
                prop_assert!(!(full && taken), "there was no room");
            }
        }
        let journal = sandbox.journal();
        messages_keep_to_their_way(&journal)?;
        recovery_is_slow(&journal, &Subject::Instance("123".into()))?;
        nothing_is_lost(&sandbox, &journal)?;
    }

    #[test]
    fn the_same_seed_writes_the_same_log(seed: u64, steps in steps(60)) {
        let lived = || {
            let sandbox = begin(seed);
            let answers = run(&sandbox, &steps);
            let shown = sandbox.journal().iter().map(|entry| format!("{entry}\n")).collect();
            (answers, log(&sandbox), shown)
        };
        let (first, second): ((_, _, String), _) = (lived(), lived());
        prop_assert_eq!(first, second);
    }

    #[test]
    fn going_through_a_snapshot_at_every_step_changes_nothing(seed: u64, steps in steps(30)) {
        let straight = begin(seed);
        let answers = run(&straight, &steps);
        let winding = begin(seed);
        let mut found = Vec::new();
        for step in &steps {
            let bytes = winding.snapshot().to_bytes().unwrap();
            winding.restore(&Snapshot::from_bytes(&bytes).unwrap());
            found.extend(run(&winding, std::slice::from_ref(step)));
        }
        prop_assert_eq!(found, answers);
        prop_assert_eq!(log(&winding), log(&straight));
    }
}

/// The check of the recovery finds something to check.
#[test]
fn a_backlog_leaves_in_portions() {
    let sandbox = begin(1);
    let instance = sandbox.instance("123");
    instance.phone_offline();
    let sends: Vec<_> = (0..23).map(|_| Step::Send { to: 1 }).collect();
    run(&sandbox, &sends);
    instance.phone_online();
    sandbox.clock().advance(Duration::from_secs(1_200));
    assert_eq!(instance.sent().len(), 23);
    let checked = recovery_is_slow(&sandbox.journal(), &Subject::Instance("123".into()));
    assert!(checked.unwrap() >= 22);
}
