//! What tells an event from its repetition, where it has no id.

use std::time::Duration;

use chatapi_sandbox::{ClockMode, VirtualClock};
use chatapi_webhook::{Builder, MemoryInbox};

use crate::{builder, messages, posted};

const RENAMED: &str =
    r#"{"chatUpdate":[{"old":null,"new":{"id":"x@c.us","name":"n"}}],"instanceId":"7"}"#;

/// How many events these payloads are, posted that many seconds after the first.
async fn events(again_after: &[u64], is_to: impl FnOnce(Builder) -> Builder) -> u64 {
    let clock = VirtualClock::new(ClockMode::Auto);
    let receiver = is_to(builder(MemoryInbox::new()).on_clock(clock.clone())).build();
    let mut at = 0;
    for &second in [0].iter().chain(again_after) {
        clock.advance(Duration::from_secs(second - at));
        at = second;
        for (seed, body) in [(1, RENAMED), (1, "no JSON"), (2, r#"{"tip":"new"}"#)] {
            assert_eq!(posted(&receiver, seed, body).await.status(), 200);
        }
        // This one has an id.
        assert_eq!(posted(&receiver, 1, messages([1])).await.status(), 200);
    }
    let counts = receiver.counts();
    assert_eq!(counts.events + counts.repeated, counts.payloads);
    (counts.events - 1) / 3
}

#[tokio::test]
async fn how_long_the_same_content_is_the_same_event_can_be_said() {
    let hour = 3600;
    assert_eq!(events(&[300, 600], |builder| builder).await, 1);
    assert_eq!(events(&[1200], |builder| builder).await, 2);
    // Attempts of a vendor that takes its time.
    let attempts = [60, hour, 6 * hour];
    assert_eq!(events(&attempts, |builder| builder).await, 3);
    let within = |hours| move |builder: Builder| builder.repeated_within(hours * HOUR);
    assert_eq!(events(&attempts, within(6)).await, 1);
    assert_eq!(events(&[12 * hour], within(6)).await, 2);
    // Nothing is a repetition, but nothing breaks either.
    assert_eq!(events(&[1, 2], within(0)).await, 3);
    assert_eq!(
        events(&[1, 1000 * hour], |builder| builder.repeated_within(Duration::MAX)).await,
        1
    );
}

const HOUR: Duration = Duration::from_secs(3600);
