//! Order, attempts, time limits, misfortunes, bounds: on virtual time.

use std::time::Duration;

use chatapi_sandbox::fault::{Effect, Scope, When};
use chatapi_sandbox::{Fault, HookFate, HookOutcome, HookState, Sandbox, Snapshot};
use chatapi_types::Messenger;

use super::{URL, last, received};
use crate::wire::{PHONE, ask, call, with_instance};

fn listening(settings: &str) -> Sandbox {
    let sandbox = with_instance();
    call(&sandbox, "settings", &format!("webhookUrl={URL}&webhookStatuses=1&{settings}"));
    sandbox
}

/// Answers everything that is due with `outcome`; gives back how many attempts that were.
fn answer(sandbox: &Sandbox, outcome: &HookOutcome) -> usize {
    let due = sandbox.webhooks().due();
    let count = due.len();
    for hook in due {
        assert!(sandbox.webhooks().report(hook.id, outcome.clone()));
    }
    count
}

/// Lets time run from attempt to attempt, each ending so; gives back the seconds between them.
fn exhaust(sandbox: &Sandbox, outcome: &HookOutcome) -> Vec<u64> {
    let mut gaps = Vec::new();
    while let Some(due) = sandbox.webhooks().next_due() {
        let before = chatapi_transport::Clock::unix(&sandbox.clock());
        let gap = due.since(before);
        sandbox.clock().advance(gap);
        if !gap.is_zero() {
            gaps.push(gap.as_secs());
        }
        assert_eq!(answer(sandbox, outcome), 1);
    }
    gaps
}

#[test]
fn without_the_guarantee_there_is_one_attempt() {
    let sandbox = listening("");
    let id = sandbox.instance("123").contact_writes(PHONE, "hi").unwrap();
    let status = || ask(&sandbox, "webhookStatus", &format!("msgId={id}"));
    assert!(status().ends_with(r#""status":"queued"}"#));
    assert_eq!(exhaust(&sandbox, &HookOutcome::Status(500)), [0_u64; 0]);
    assert_eq!(last(&sandbox).state, HookState::GivenUp);
    assert!(status().ends_with(r#""status":"not sent"}"#), "{}", status());
    // Said again on demand.
    call(&sandbox, "repeatHook", &format!("messageId={id}"));
    assert!(status().ends_with(r#""status":"queued"}"#));
    assert_eq!(received(&sandbox).len(), 1);
    assert!(status().ends_with(r#""status":"sent"}"#));
    assert_eq!(last(&sandbox).repeats, Some(1));
}

#[test]
fn with_the_guarantee_there_are_twenty() {
    for outcome in [HookOutcome::Status(500), HookOutcome::Status(302), HookOutcome::Status(204)] {
        let sandbox = listening("guaranteedHooks=1");
        sandbox.instance("123").contact_writes(PHONE, "hi");
        let gaps = exhaust(&sandbox, &outcome);
        assert_eq!(gaps.len(), 19);
        assert!(gaps.windows(2).all(|two| two[0] <= two[1]), "{gaps:?}");
        let hook = last(&sandbox);
        assert_eq!((hook.attempts.len(), hook.state), (20, HookState::GivenUp));
        assert!(hook.attempts.iter().all(|attempt| attempt.outcome == outcome));
    }
    // A receiver that comes to its senses.
    let sandbox = listening("guaranteedHooks=1");
    sandbox.instance("123").contact_writes(PHONE, "hi");
    assert_eq!(answer(&sandbox, &HookOutcome::Refused("closed".into())), 1);
    assert_eq!(answer(&sandbox, &HookOutcome::Status(200)), 0, "not yet");
    sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(answer(&sandbox, &HookOutcome::Status(200)), 1);
    assert_eq!(last(&sandbox).state, HookState::Delivered);
    assert_eq!(sandbox.webhooks().next_due(), None);
}

#[test]
fn a_receiver_that_never_answers_has_so_much_time_and_no_more() {
    let sandbox = listening("guaranteedHooks=1");
    sandbox.instance("123").contact_writes(PHONE, "hi");
    let [hook] = &sandbox.webhooks().due()[..] else { panic!("one") };
    assert_eq!(hook.within, Duration::from_secs(30));
    assert_eq!(last(&sandbox).state, HookState::UnderWay);
    sandbox.clock().advance(Duration::from_secs(29));
    assert_eq!(last(&sandbox).attempts, []);
    sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(last(&sandbox).attempts[0].outcome, HookOutcome::TimedOut);
    assert_eq!(last(&sandbox).state, HookState::Waiting);
    assert!(!sandbox.webhooks().report(hook.id, HookOutcome::Status(200)), "too late");
}

#[test]
fn a_slow_receiver_holds_up_its_line_and_no_other() {
    let sandbox = listening("guaranteedHooks=1");
    let instance = sandbox.instance("123");
    instance.contact_writes(PHONE, "1");
    instance.contact_writes(PHONE, "2");
    let channel = sandbox.add_channel("T", Messenger::WhatsApp);
    channel.webhook(Some(URL));
    channel.contact_writes(PHONE, "3");
    let ids = |sandbox: &Sandbox| -> Vec<u64> {
        sandbox.webhooks().due().iter().map(|hook| hook.id).collect()
    };
    assert_eq!(ids(&sandbox), [1, 3]);
    sandbox.webhooks().report(3, HookOutcome::Status(200));
    sandbox.webhooks().report(1, HookOutcome::Status(500));
    assert_eq!(ids(&sandbox), [0_u64; 0], "the second waits for the first");
    sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(ids(&sandbox), [1]);
    // Side by side from now on.
    call(&sandbox, "settings", "parallelHooks=1");
    assert_eq!(ids(&sandbox), [2]);
    instance.contact_writes(PHONE, "4");
    instance.contact_writes(PHONE, "5");
    assert_eq!(ids(&sandbox), [4, 5]);
    // And back: the rest wait until nothing is under way.
    call(&sandbox, "settings", "parallelHooks=0");
    instance.contact_writes(PHONE, "6");
    assert_eq!(ids(&sandbox), [0_u64; 0]);
    for id in [1, 2, 4, 5] {
        sandbox.webhooks().report(id, HookOutcome::Status(200));
    }
    assert_eq!(ids(&sandbox), [6]);
}

#[test]
fn wamm_tries_six_times_with_growing_gaps_and_drops() {
    let sandbox = Sandbox::new();
    let channel = sandbox.add_channel("T", Messenger::WhatsApp);
    channel.webhook(Some(URL));
    channel.contact_writes(PHONE, "hi");
    let [hook] = &sandbox.webhooks().due()[..] else { panic!("one") };
    assert_eq!(hook.within, Duration::from_secs(10));
    sandbox.webhooks().report(hook.id, HookOutcome::TimedOut);
    let gaps = exhaust(&sandbox, &HookOutcome::TimedOut);
    assert_eq!(gaps.len(), 5);
    assert!(gaps.windows(2).all(|two| two[0] < two[1]), "{gaps:?}");
    assert_eq!(last(&sandbox).state, HookState::GivenUp);
}

#[test]
fn what_waits_goes_where_the_settings_say_now() {
    let sandbox = listening("guaranteedHooks=1");
    let instance = sandbox.instance("123");
    instance.contact_writes(PHONE, "hi");
    answer(&sandbox, &HookOutcome::Status(404));
    call(&sandbox, "settings", "webhookUrl=http://u:secret@other.test/x?key=secret");
    let [hook] = &sandbox.webhooks().due()[..] else { panic!("at once") };
    assert_eq!(hook.request.uri().host(), Some("other.test"));
    assert_eq!(last(&sandbox).target.to_string(), "http://…@other.test/x?key=…");
    assert!(!format!("{:?} {}", last(&sandbox).target, last(&sandbox)).contains("secret"));
    sandbox.webhooks().report(hook.id, HookOutcome::Status(404));
    // Without the guarantee it has had its attempt.
    call(&sandbox, "settings", "guaranteedHooks=0");
    assert_eq!(last(&sandbox).state, HookState::GivenUp);
    // No address at all.
    call(&sandbox, "settings", "webhookUrl=nonsense");
    instance.contact_writes(PHONE, "hi");
    assert!(sandbox.webhooks().due().is_empty());
    let hook = last(&sandbox);
    assert!(matches!(hook.attempts[0].outcome, HookOutcome::Forbidden(_)));
    assert_eq!(hook.state, HookState::GivenUp);
}

#[test]
fn an_instance_that_is_deleted_takes_its_webhooks_along() {
    let sandbox = Sandbox::new();
    let account = sandbox.add_account("uid");
    let instance = account.add_instance("123", "token");
    instance.webhook(Some(URL));
    instance.contact_writes(PHONE, "1");
    instance.contact_writes(PHONE, "2");
    let under_way = sandbox.webhooks().due();
    crate::wire::say(&sandbox, "GET /admin/deleteInstance?uid=uid&instanceId=123");
    assert!(!sandbox.webhooks().report(under_way[0].id, HookOutcome::Status(500)));
    let states: Vec<_> = sandbox.webhooks().deliveries().iter().map(|hook| hook.state).collect();
    assert_eq!(states, [HookState::Dropped; 2]);
    assert_eq!(sandbox.webhooks().replay(1), None, "nobody listens any more");
    assert_eq!(sandbox.webhooks().next_due(), None);
}

#[test]
fn a_replay_says_the_same_word_for_word() {
    let sandbox = listening("");
    sandbox.instance("123").contact_writes(PHONE, "hi");
    let first = received(&sandbox);
    assert_eq!(sandbox.webhooks().replay(1), Some(2));
    assert_eq!(received(&sandbox), first);
    assert_eq!(sandbox.webhooks().replay(99), None);
    let log = sandbox.webhooks().deliveries();
    assert_eq!((log.len(), log[1].repeats), (2, Some(1)));
}

#[test]
fn misfortunes_drop_double_reorder_and_delay() {
    let texts = |fates: &[HookFate], wait: u64| {
        let sandbox = listening("");
        for fate in fates {
            sandbox.webhooks().next_meets(*fate);
        }
        for text in ["one", "two", "three"] {
            sandbox.instance("123").contact_writes(PHONE, text);
        }
        let mut bodies = received(&sandbox);
        sandbox.clock().advance(Duration::from_secs(wait));
        bodies.extend(received(&sandbox));
        let text = |body: &String| {
            ["one", "two", "three"].into_iter().find(|text| body.contains(text)).unwrap()
        };
        bodies.iter().map(text).collect::<Vec<_>>()
    };
    let second = Duration::from_secs(1);
    assert_eq!(texts(&[], 0), ["one", "two", "three"]);
    assert_eq!(texts(&[HookFate::Usual, HookFate::Dropped], 9), ["one", "three"]);
    assert_eq!(texts(&[HookFate::Doubled], 0), ["one", "one", "two", "three"]);
    assert_eq!(texts(&[HookFate::Reordered(second)], 0), ["two", "one", "three"]);
    let last = [HookFate::Usual, HookFate::Usual, HookFate::Reordered(second)];
    assert_eq!(texts(&last, 0), ["one", "two"]);
    assert_eq!(texts(&last, 1), ["one", "two", "three"]);
    assert_eq!(texts(&[HookFate::Delayed(second)], 0), ["two", "three"]);
    assert_eq!(texts(&[HookFate::Delayed(second)], 1), ["two", "three", "one"]);
}

#[test]
fn a_receiver_that_is_dead_costs_no_end_of_memory() {
    let sandbox = listening("guaranteedHooks=1");
    let instance = sandbox.instance("123");
    for _ in 0..100_000 {
        instance.contact_writes(PHONE, "hi");
    }
    let log = sandbox.webhooks().deliveries();
    assert_eq!((log.len(), log[0].id), (10_000, 90_001));
    assert_eq!(sandbox.webhooks().overflowed(), 90_000);
    // What is left comes in its order once the receiver lives again.
    assert_eq!(received(&sandbox).len(), 10_000);
    assert_eq!(sandbox.webhooks().next_due(), None);
}

#[test]
fn a_snapshot_keeps_what_waits_and_takes_back_what_was_under_way() {
    let sandbox = listening("guaranteedHooks=1&ackNotificationsOn=1");
    sandbox.instance("123").contact_writes(PHONE, "1");
    sandbox.instance("123").contact_writes(PHONE, "2");
    answer(&sandbox, &HookOutcome::Status(500));
    let snapshot = Snapshot::from_bytes(&sandbox.snapshot().to_bytes().unwrap()).unwrap();
    let before = sandbox.webhooks().deliveries();
    sandbox.clock().advance(Duration::from_secs(1));
    let bodies = received(&sandbox);
    let other = Sandbox::new();
    other.restore(&snapshot);
    assert_eq!(other.webhooks().deliveries(), before);
    other.clock().advance(Duration::from_secs(1));
    assert_eq!(received(&other), bodies);
}

#[test]
fn faults_do_it_by_rule() {
    let delayed = Effect::WebhookDelayed { seconds: Duration::from_secs(5) };
    for (effect, now, later) in [
        (Effect::WebhookDropped {}, &["one", "three"][..], &[][..]),
        (Effect::WebhookDoubled {}, &["one", "two", "two", "three"], &[]),
        (Effect::WebhookReordered {}, &["one", "three", "two"], &[]),
        (delayed, &["one", "three"], &["two"]),
    ] {
        let sandbox = listening("");
        let second = Fault::new(effect.clone()).when(When::Nth { n: 2 });
        sandbox.faults().add(second.at(Scope::instance("123"))).unwrap();
        for text in ["one", "two", "three"] {
            sandbox.instance("123").contact_writes(PHONE, text);
        }
        let text = |body: &String| {
            ["one", "two", "three"].into_iter().find(|text| body.contains(text)).unwrap()
        };
        let texts = || received(&sandbox).iter().map(text).collect::<Vec<_>>();
        assert_eq!(texts(), now, "{effect:?}");
        sandbox.clock().advance(Duration::from_secs(5));
        assert_eq!(texts(), later, "{effect:?}");
        let [rule] = &*sandbox.faults().list() else { panic!("one rule") };
        assert_eq!((rule.seen, rule.hits), (3, 1));
    }
}
