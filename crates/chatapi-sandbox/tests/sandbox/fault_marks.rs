//! What faults leave behind: in the journal, in the pace, in what is kept.

use std::collections::BTreeSet;
use std::time::Duration;

use chatapi_sandbox::fault::{Effect, When};
use chatapi_sandbox::{ClockMode, Fault, Happening, Profile, Sandbox};
use chatapi_types::{Delivery, Messenger};

use crate::steps::{Step, begin, run};
use crate::troubles::{on_calls, on_messages, on_views, on_webhooks};
use crate::wire::{PHONE, say};

fn all() -> Vec<Effect> {
    [on_calls(), on_messages(), on_views(), on_webhooks()].concat()
}

#[test]
fn every_effect_writes_down_that_it_happened() {
    for effect in all() {
        let sandbox = begin(1);
        sandbox.faults().add(Fault::new(effect.clone())).unwrap();
        let steps = [Step::Ask(0), Step::Ask(1), Step::Send { to: 1 }, Step::Phone(6)];
        run(&sandbox, &steps);
        let hits = sandbox.faults().list()[0].hits;
        let journal = sandbox.journal();
        let is_it = |event: &Happening| matches!(event, Happening::Fault { effect: name, .. } if *name == effect.name());
        let written = journal.iter().filter(|entry| is_it(&entry.event)).count();
        assert!(written > 0, "{effect:?}");
        assert_eq!(u64::try_from(written).unwrap(), hits, "{effect:?}");
    }
}

#[test]
fn the_random_lives_meet_every_effect_that_there_is() {
    let unknown = serde_json::from_str::<Effect>(r#"{"kind":""}"#).unwrap_err().to_string();
    let named: BTreeSet<&str> = unknown.split('`').skip(3).step_by(2).collect();
    let met: BTreeSet<&str> = all().iter().map(Effect::name).collect();
    assert_eq!((named.len(), &named), (24, &met), "{unknown}");
}

/// When messages of instance 123 left after a standstill with a backlog of so many.
fn departures(profile: Profile, effect: Effect, backlog: usize) -> Vec<i64> {
    let sandbox = Sandbox::builder().profile(profile).clock(ClockMode::Frozen).build();
    let instance = sandbox.add_instance("123", "token");
    sandbox.faults().add(Fault::new(effect).when(When::Every { n: 2 })).unwrap();
    instance.phone_offline();
    run(&sandbox, &vec![Step::Send { to: 1 }; backlog]);
    instance.phone_online();
    sandbox.clock().advance(Duration::from_secs(7_200));
    let left = |event: &Happening| matches!(event, Happening::Went { state: Delivery::Sent, .. });
    let journal = sandbox.journal();
    journal.iter().filter(|entry| left(&entry.event)).map(|entry| entry.at.as_millis()).collect()
}

#[test]
fn a_message_that_leaves_twice_counts_twice_in_the_pace_of_recovery() {
    let left = departures(Profile::default(), Effect::VendorDuplicate {}, 16);
    assert_eq!(left.len(), 24);
    for window in left.windows(6) {
        assert!(window[5] - window[0] >= 120_000, "{left:?}");
    }
    assert!(
        left.windows(5).any(|five| five[4] - five[0] < 120_000),
        "portions are made full use of"
    );
    // Where a portion has one place, the pair leaves in it, and the next waits as for one.
    let mut narrow = Profile::default();
    narrow.chat_api.recovery_burst = 1;
    let mut left = departures(narrow, Effect::VendorDuplicate {}, 4);
    assert_eq!(left.len(), 6);
    left.dedup();
    assert!(left.len() == 4 && left.windows(2).all(|two| two[1] - two[0] >= 120_000), "{left:?}");
}

#[test]
fn what_was_dropped_takes_no_room_from_what_was_not() {
    let mut profile = Profile::default();
    profile.limits.content_bytes = 1_000;
    let sandbox = Sandbox::builder().profile(profile).build();
    sandbox.add_channel("T", Messenger::WhatsApp);
    let send = |text: &str| say(&sandbox, &format!("GET /api2/msg_to/T/{PHONE}/{text}"));
    send("kept");
    let dropped = sandbox.faults().add(Fault::new(Effect::MessageDropped {})).unwrap();
    for _ in 0..50 {
        assert!(send(&"x".repeat(100)).contains(r#""err":0"#));
    }
    sandbox.faults().remove(dropped);
    send("after");
    let listed = say(&sandbox, "GET /api2/msg_get_last/T/100");
    assert!(listed.contains("kept") && listed.contains("after"), "{listed}");
    assert!(!listed.contains("xxx"), "{listed}");
}
