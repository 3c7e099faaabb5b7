//! A snapshot that is restored goes on as the original does.

use std::time::Duration;

use chatapi_sandbox::{ClockMode, Sandbox, Snapshot};
use chatapi_transport::Clock as _;
use proptest::prelude::*;

use crate::steps::{Step, begin, log, run, same, steps};

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 20_000, ..Default::default() })]
    #[test]
    fn a_restored_sandbox_cannot_be_told_from_the_original(
        before in steps(40),
        after in steps(40),
        seed: u64,
    ) {
        let original = begin(seed);
        run(&original, &before);
        let bytes = original.snapshot().to_bytes().unwrap();
        let other = Sandbox::builder().seed(1).clock(ClockMode::Frozen).build();
        other.clock().advance(Duration::from_secs(1_000_000));
        other.restore(&Snapshot::from_bytes(&bytes).unwrap());
        prop_assert!(other.snapshot().to_bytes().unwrap() == bytes, "written again, it is another");
        prop_assert_eq!(other.clock().unix(), original.clock().unix());
        // The original again, after a life of its own.
        let own = original.snapshot();
        let first = (run(&original, &after), log(&original));
        same((run(&other, &after), log(&other)), first.clone())?;
        let (here, there) = (original.snapshot(), other.snapshot());
        prop_assert!(here.to_bytes() == there.to_bytes(), "the same life, and another world");
        original.restore(&own);
        same((run(&original, &after), log(&original)), first)?;
    }
}

#[test]
fn what_is_no_snapshot_is_refused_and_says_why() {
    let sandbox = begin(1);
    let bytes = sandbox.snapshot().to_bytes().unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    for (bad, says) in [
        ("{}".to_owned(), "not a whole snapshot"),
        ("nonsense".to_owned(), "not a whole snapshot"),
        (text[..text.len() - 9].to_owned(), "not a whole snapshot"),
        (text.replacen("\"123\"", "\"124\"", 1), "checksum"),
        (text.replacen("\"chatapiSandbox\":1", "\"chatapiSandbox\":99", 1), "form 99"),
    ] {
        let error = Snapshot::from_bytes(bad.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    let shown = format!("{:?}", Snapshot::from_bytes(&bytes).unwrap());
    assert!(!shown.contains("token") && shown.contains("instances: 2"), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn whoever_sleeps_while_time_goes_back_wakes_when_he_would_have() {
    let sandbox = Sandbox::new();
    let clock = sandbox.clock();
    let early = sandbox.snapshot();
    clock.advance(Duration::from_secs(3_600));
    let (calendar, now) = (clock.unix(), clock.now());
    let sleeper = tokio::spawn({
        let clock = clock.clone();
        async move {
            clock.sleep(Duration::from_secs(60)).await;
            clock.unix()
        }
    });
    while clock.sleepers() == 0 {
        tokio::task::yield_now().await;
    }
    sandbox.restore(&early);
    assert_eq!(clock.unix().plus(Duration::from_secs(3_600)), calendar);
    assert!(clock.now() >= now, "the monotonic side never goes back");
    assert_eq!(sleeper.await.unwrap(), clock.start().plus(Duration::from_secs(60)));
}

#[test]
fn idleness_is_found_in_a_world_that_went_back() {
    let sandbox = begin(1);
    let snapshot = sandbox.snapshot();
    sandbox.clock().advance(Duration::from_secs(86_400));
    sandbox.restore(&snapshot);
    run(&sandbox, &[Step::Send { to: 1 }]);
    let took = sandbox.run_until_idle();
    assert!(took > Duration::ZERO && took < Duration::from_secs(60), "{took:?}");
    assert_eq!(sandbox.instance("123").sent().len(), 1);
    assert_eq!(sandbox.clock().unix(), sandbox.clock().start().plus(took));
}

#[test]
fn a_handle_whose_account_is_not_in_the_snapshot_does_no_harm() {
    let sandbox = Sandbox::new();
    let empty = sandbox.snapshot();
    let account = sandbox.add_account("uid");
    sandbox.restore(&empty);
    assert!(account.instances().is_empty());
    let _ = account.gateway();
}
