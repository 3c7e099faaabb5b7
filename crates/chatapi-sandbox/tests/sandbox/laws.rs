//! What holds whatever is done to a sandbox, in whatever order.

use std::time::Duration;

use chatapi_sandbox::{Entry, Profile, Sandbox, SentMessage, Snapshot};
use chatapi_types::MessageId;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::steps::{NOBODY, Step, begin, begin_with, log, run, same, steps};

/// A small queue, so that it is full now and then.
const CAP: usize = 12;

fn small() -> Profile {
    let mut profile = Profile::default();
    profile.chat_api.queue_cap = CAP;
    profile
}

/// Does the steps one by one and keeps the books meanwhile; gives them back.
fn live(sandbox: &Sandbox, steps: &[Step]) -> Result<Ledger, TestCaseError> {
    let (mut ledger, mut read, mut late) = (Ledger::default(), 0, 0);
    ledger.account(NOBODY, false);
    for (number, step) in steps.iter().enumerate() {
        if let Step::Account { is_open } = step {
            ledger.account(NOBODY, *is_open);
        }
        let full = sandbox.instance("123").queue_len() >= CAP;
        let answers = run(sandbox, std::slice::from_ref(step));
        let told: Option<MessageId> = answers.first().and_then(|answer| told(answer));
        let news = sandbox.journal_after(read);
        read += u64::try_from(news.len()).unwrap();
        let entries: String = news.iter().map(|entry| format!("\n  {entry}")).collect();
        let complain = |what: String| {
            TestCaseError::fail(format!("step {number}, {step:?}: {what}; it brought{entries}"))
        };
        let slice = ledger.enter(&news).map_err(complain)?;
        if let Step::Send { .. } | Step::SendFile | Step::SendWamm { .. } = step {
            late += slice.late;
        }
        // Whoever is told an id has a message in the queue; whoever has one without being told …
        let untold = slice.queued.iter().filter(|id| Some(*id) != told.as_ref()).count();
        if let Some(id) = told.filter(|id| !slice.queued.contains(id)) {
            return Err(complain(format!("{id} was taken, and never queued")));
        }
        // … a fault has kept it from him, or was put off before, or it answers somebody banned.
        let excused = slice.veiled + slice.banned;
        late = match untold.saturating_sub(excused) {
            excess if excess <= late => late - excess,
            _ => return Err(complain("queued, and nobody was told".to_owned())),
        };
        let waiting = sandbox.instance("123").queue_len();
        let on_chat_api = matches!(step, Step::Send { .. } | Step::SendFile);
        if waiting > CAP || (full && on_chat_api && !slice.queued.is_empty()) {
            return Err(complain(format!("{waiting} wait: there was no room")));
        }
        for id in ["123", "7"] {
            let instance = sandbox.instance(id);
            let whose = format!("instance {id}");
            ledger.agree(&whose, instance.queue_len(), &ids(instance.sent())).map_err(complain)?;
        }
        let channel = sandbox.channel("T");
        let whose = format!("channel {}", channel.api_id().unwrap());
        ledger.agree(&whose, channel.queue_len(), &ids(channel.sent())).map_err(complain)?;
    }
    Ok(ledger)
}

fn ids(sent: Vec<SentMessage>) -> Vec<MessageId> {
    sent.into_iter().map(|sent| sent.id).collect()
}

/// The id that the answer to a send tells.
fn told(answer: &[u8]) -> Option<MessageId> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    if answer["sent"] == true {
        return answer["id"].as_str().map(MessageId::new);
    }
    let id = answer["msg_id"].as_u64().filter(|_| answer["err"] == 0)?;
    Some(MessageId::from(id))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 20_000, ..Default::default() })]

    #[test]
    fn the_laws_hold(seed: u64, lapses: bool, steps in steps(120)) {
        let mut profile = small();
        profile.chat_api.queue_keeps = lapses.then_some(Duration::from_secs(600));
        live(&begin_with(profile, seed), &steps)?;
    }

    #[test]
    fn the_same_seed_writes_the_same_log(seed: u64, steps in steps(60)) {
        let lived = || {
            let sandbox = begin(seed);
            let answers = run(&sandbox, &steps);
            let shown: String = sandbox.journal().iter().map(|it| format!("{it}\n")).collect();
            (answers, log(&sandbox) + &shown)
        };
        same(lived(), lived())?;
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
        same((found, log(&winding)), (answers, log(&straight)))?;
    }
}

/// What the books say to a journal: events, each with its second.
fn complaint(events: &[(u64, Value)]) -> Option<String> {
    let entry = |(number, (second, event)): (usize, &(u64, Value))| -> Entry {
        let at = 1_600_000_000_000 + second * 1_000;
        let whole =
            json!({"number": number, "at": at, "subject": {"instance": "1"}, "event": event});
        serde_json::from_value(whole).unwrap()
    };
    let journal: Vec<_> = events.iter().enumerate().map(entry).collect();
    let mut ledger = Ledger::default();
    ledger.account("2", false);
    ledger.enter(&journal).err()
}

/// Each law can be broken, and the books see it.
#[test]
fn the_books_complain_about_what_is_against_the_law() {
    let queued_for = |chat: &str, id: &str| (0, json!({"queued": {"message": id, "chat": chat}}));
    let queued = |id: &str| queued_for("1@c.us", id);
    // Nobody has the second, and the third is nobody's for ten minutes.
    let for_nobody = |id: &str| queued_for("2@c.us", id);
    let for_later = |id: &str| queued_for("999000000011@c.us", id);
    let ended = |at: u64| (at, json!("recoveryEnded"));
    let fault = |effect: &str| (0, json!({"fault": {"id": 1, "effect": effect}}));
    let went = |at, id: &str, state: &str| (at, json!({"went": {"message": id, "state": state}}));
    let sent = |at, id: &str| went(at, id, "sent");
    let failed = |id: &str| (0, json!({"went": {"message": id, "state": {"failed": "noAccount"}}}));
    let cleared = |count: usize| (0, json!({ "cleared": count }));
    let lapsed = |id: &str| (0, json!({"lapsed": {"message": id}}));
    let began = (0, json!("recoveryBegan"));
    let six: Vec<_> = (0..6).map(|n| queued(&n.to_string())).collect();
    let burst =
        |gap: u64| (0..6u64).map(move |n| sent(n * gap, &n.to_string())).collect::<Vec<_>>();
    for (events, expected) in [
        (vec![queued("a"), sent(1, "a"), went(2, "a", "delivered"), went(3, "a", "read")], ""),
        (vec![queued("a"), sent(1, "a"), went(3, "a", "read"), went(3, "a", "read")], "twice"),
        (vec![queued("a"), sent(1, "a"), went(2, "a", "read"), went(3, "a", "delivered")], "back"),
        (vec![queued("a"), went(1, "a", "delivered")], "had not left"),
        (vec![queued("a"), queued("a")], "given out twice"),
        (vec![queued("a"), sent(1, "a"), sent(2, "a")], "did not wait"),
        (vec![sent(1, "a")], "nobody sent"),
        (vec![queued("a"), sent(1, "b"), sent(1, "a")], "nobody sent"),
        (vec![queued("a"), fault("vendorDuplicate"), sent(1, "b"), sent(1, "a")], ""),
        (vec![queued("a"), fault("vendorDuplicate"), sent(1, "a"), sent(1, "b")], ""),
        (vec![queued("a"), fault("vendorDuplicate"), sent(1, "a")], "left once"),
        (vec![queued("a"), fault("messageDropped")], ""),
        (vec![queued("a"), fault("messageDropped"), sent(1, "a")], "did not wait"),
        (vec![fault("messageDropped")], "befell no message"),
        (vec![queued("a"), fault("queueCleared"), cleared(1)], ""),
        (vec![queued("a"), fault("queueCleared")], "emptied the queue"),
        (vec![queued("a"), queued("b"), cleared(1)], "more or less"),
        (vec![queued("a"), cleared(1), sent(1, "a")], "did not wait"),
        (vec![queued("a"), lapsed("a")], ""),
        (vec![lapsed("a")], "too old"),
        (vec![queued("a"), failed("a")], ""),
        (vec![queued("a"), sent(1, "a"), failed("a")], "failed, and did not wait"),
        ([&six[..], std::slice::from_ref(&began), &burst(24)].concat(), ""),
        ([&six[..], std::slice::from_ref(&began), &burst(23)].concat(), "too many"),
        ([six, burst(0)].concat(), ""),
        (vec![queued("a"), began.clone(), sent(1, "a"), ended(1)], ""),
        (vec![queued("a"), began.clone(), ended(1)], "there is a backlog"),
        (vec![queued("a"), cleared(1), began.clone(), ended(1)], ""),
        (vec![queued("a"), began.clone(), failed("a"), ended(1)], ""),
        (vec![for_nobody("a"), began.clone(), ended(1)], ""),
        (vec![for_nobody("a"), queued("b"), began.clone(), ended(1)], "there is a backlog"),
        (vec![for_later("a"), began.clone(), ended(599)], ""),
        (vec![for_later("a"), began, ended(600)], "there is a backlog"),
        (vec![for_nobody("a"), sent(1, "a")], "left for nobody"),
        (vec![for_later("a"), sent(599, "a")], "left for nobody"),
        (vec![for_later("a"), sent(600, "a")], ""),
    ] {
        match (complaint(&events), expected) {
            (None, "") => {}
            (Some(what), expected) if !expected.is_empty() && what.contains(expected) => {}
            (found, _) => panic!("{events:?}: {found:?}, expected {expected:?}"),
        }
    }
}

/// The check of the recovery finds something to check.
#[test]
fn a_backlog_leaves_in_portions() {
    let sandbox = begin(1);
    let begun: Vec<_> =
        [Step::Phone(0)].into_iter().chain(vec![Step::Send { to: 1 }; 11]).collect();
    let steps = [begun, vec![Step::Phone(1), Step::Pass { millis: 1_200_000 }]].concat();
    let ledger = live(&sandbox, &steps).unwrap();
    assert_eq!((sandbox.instance("123").sent().len(), ledger.paced), (11, 11));
}
