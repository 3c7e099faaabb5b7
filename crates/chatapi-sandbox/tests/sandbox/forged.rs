//! Snapshots that somebody has tampered with: refused, or harmless.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use chatapi_sandbox::fault::{Effect, When};
use chatapi_sandbox::{ClockMode, Fault, Sandbox, Scenario, Snapshot};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::steps::{Step, begin, run};
use crate::troubles::Rule;

/// FNV-1a, as snapshots are signed.
fn sign(world: &str) -> String {
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", world.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, fold))
}

/// A snapshot with another world in it.
fn forge(envelope: &Value, world: &Value) -> Vec<u8> {
    let mut envelope = envelope.clone();
    envelope["checksum"] = json!(sign(&world.to_string()));
    envelope["world"] = world.clone();
    serde_json::to_vec(&envelope).unwrap()
}

/// The places of all whole numbers.
fn numbers(value: &Value, path: &str, found: &mut Vec<String>) {
    let step = |name: &str| format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Number(number) if number.is_i64() || number.is_u64() => found.push(path.to_owned()),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                numbers(item, &step(&place.to_string()), found);
            }
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, item)| numbers(item, &step(name), found));
        }
        _ => {}
    }
}

/// A bit of everything, some of it under way.
fn eventful() -> Sandbox {
    let sandbox = begin(5);
    let late = Effect::AcceptedLate { after: Duration::from_secs(500), hold: None };
    let rule = |effect, when| Step::Trouble(Rule(Fault::new(effect).when(when).times(2)));
    let mut steps = vec![
        rule(Effect::VendorDuplicate {}, When::First { n: 2 }),
        rule(Effect::WebhookReordered {}, When::Every { n: 3 }),
        rule(Effect::StaleQueue { seconds: Duration::from_secs(9) }, When::Always {}),
        rule(late, When::Nth { n: 9 }),
    ];
    steps.extend((0..5).flat_map(|to| [Step::Send { to }, Step::SendWamm { to }]));
    steps.extend([Step::SendFile, Step::Pass { millis: 9_000 }, Step::Phone(0)]);
    steps.extend((0..15).map(Step::Ask));
    steps.extend((6..9).map(Step::Phone));
    steps.extend([Step::Deliver { status: 500 }, Step::Channel(2), Step::Channel(5)]);
    steps.extend([Step::Send { to: 1 }, Step::SendWamm { to: 3 }, Step::Phone(5)]);
    run(&sandbox, &steps);
    let play = "steps:\n- {at: 1h, repeat: {every: 1m, times: 2}, instance: 123, do: online}\n";
    sandbox.play(&Scenario::read(play).unwrap()).unwrap();
    sandbox
}

fn afterwards() -> Vec<Step> {
    let mut steps = vec![Step::Phone(4), Step::Phone(1), Step::Phone(11), Step::Channel(1)];
    steps.extend((0..5).flat_map(|to| [Step::Send { to }, Step::SendWamm { to }]));
    steps.extend((0..15).map(Step::Ask));
    steps.extend((6..9).map(Step::Phone));
    steps.extend([
        Step::SendFile,
        Step::Channel(5),
        Step::Channel(2),
        Step::Deliver { status: 200 },
    ]);
    steps.extend([Step::Pass { millis: 4_000_000 }, Step::Deliver { status: 500 }]);
    steps
}

/// Whether a world that somebody made up is refused; else it lives on without a panic.
fn survives(bytes: &[u8]) -> bool {
    let Ok(snapshot) = Snapshot::from_bytes(bytes) else {
        return true;
    };
    let lives = || {
        let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
        sandbox.restore(&snapshot);
        run(&sandbox, &afterwards());
        let _ = sandbox.snapshot().to_bytes();
        let _ = (sandbox.webhooks().deliveries(), sandbox.scenarios(), sandbox.clock_view());
    };
    catch_unwind(AssertUnwindSafe(lives)).is_ok()
}

#[test]
fn no_figure_of_a_snapshot_makes_the_sandbox_panic() {
    let bytes = eventful().snapshot().to_bytes().unwrap();
    let envelope: Value = serde_json::from_slice(&bytes).unwrap();
    let world = envelope["world"].clone();
    let mut found = Vec::new();
    numbers(&world, "", &mut found);
    // Figures of the profile are the user's own. Of the others one of each kind is enough.
    let own = |path: &str| !path.starts_with("/scene/profile");
    let mut paths: Vec<_> = found.iter().filter(|path| own(path)).collect();
    let mut kinds = BTreeSet::new();
    paths.retain(|path| {
        let place = |name| if str::parse::<u64>(name).is_ok() { "#" } else { name };
        kinds.insert(path.split('/').map(place).collect::<Vec<_>>())
    });
    assert!(paths.len() > 100, "{}", paths.len());
    let mut broken = Vec::new();
    for path in &paths {
        for figure in [json!(u64::MAX), json!(i64::MAX), json!(u32::MAX), json!(0), json!(i64::MIN)]
        {
            let mut forged = world.clone();
            *forged.pointer_mut(path).unwrap() = figure.clone();
            if !survives(&forge(&envelope, &forged)) {
                broken.push(format!("{path} = {figure}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_count_that_nobody_has_counted_to_is_refused_with_a_reason() {
    let bytes = eventful().snapshot().to_bytes().unwrap();
    let envelope: Value = serde_json::from_slice(&bytes).unwrap();
    let mut world = envelope["world"].clone();
    assert!(Snapshot::from_bytes(&forge(&envelope, &world)).is_ok());
    world["scene"]["hooks"]["last_id"] = json!(u64::MAX);
    let error = Snapshot::from_bytes(&forge(&envelope, &world)).unwrap_err().to_string();
    let reason = "does not fit this one: 18446744073709551615 is more than anybody has counted to";
    assert!(error.contains(reason), "{error}");
}

fn time() -> impl Strategy<Value = Duration> {
    (0u64..31_622_400, 0u32..1_000_000_000).prop_map(|(s, n)| Duration::new(s, n))
}

proptest! {
    #[test]
    fn broken_figures_come_back_to_the_last_bit(
        chance in prop_oneof![f64::MIN_POSITIVE..=1.0, Just(0.1 + 0.2), 1e-9f64..=1e-3],
        times in prop::array::uniform4(time()),
        seed: u64,
    ) {
        let sandbox = begin(seed);
        let [a, b, c, d] = times;
        for effect in [
            Effect::Latency { seconds: a.min(b)..=a.max(b) },
            Effect::AcceptedLate { after: c, hold: Some(d) },
            Effect::WebhookDelayed { seconds: d },
        ] {
            let rule = Fault::new(effect).when(When::Chance { probability: chance });
            let rule = if a < b { rule.from(a).until(b + Duration::from_secs(1)) } else { rule };
            sandbox.faults().add(rule).unwrap();
        }
        let bytes = sandbox.snapshot().to_bytes().unwrap();
        let other = Sandbox::builder().clock(ClockMode::Frozen).build();
        other.restore(&Snapshot::from_bytes(&bytes).unwrap());
        prop_assert_eq!(other.faults().list(), sandbox.faults().list());
        prop_assert!(other.snapshot().to_bytes().unwrap() == bytes);
    }
}
