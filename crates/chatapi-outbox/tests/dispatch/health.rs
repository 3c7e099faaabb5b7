use std::sync::Arc;
use std::time::Duration;

use chatapi_outbox::store::Tables;
use chatapi_outbox::{Message, State};
use chatapi_sandbox::InstanceHandle;
use chatapi_transport::Clock;
use chatapi_types::wamm::ChannelState;
use chatapi_types::{Messenger, UnixMillis};

use crate::bench::{Bench, MINUTE, anna};

/// What befalls a phone, how the vendor calls it, what is advised, and how it ends.
type Case = (fn(&InstanceHandle), &'static str, &'static str, fn(&InstanceHandle));

#[tokio::test]
async fn a_phone_that_does_not_send_pauses_and_its_owner_is_told_what_to_do() {
    let cases: [Case; 7] = [
        (
            InstanceHandle::phone_offline,
            "offline",
            "switch the phone on",
            InstanceHandle::phone_online,
        ),
        (InstanceHandle::phone_silent, "timeout", "the phone is on", InstanceHandle::phone_online),
        (
            InstanceHandle::phone_poor,
            "phone",
            "the phone's internet connection",
            InstanceHandle::phone_online,
        ),
        (
            InstanceHandle::server_offline,
            "computer",
            "wait a little; reboot",
            InstanceHandle::server_online,
        ),
        (
            |phone| phone.battery(3),
            "battery_low_2",
            "charge the phone now",
            |phone| {
                phone.battery(80);
            },
        ),
        (
            InstanceHandle::open_second_session,
            "pairing",
            "call takeover",
            InstanceHandle::close_second_session,
        ),
        (InstanceHandle::unpaid, "expired", "pay for the instance", InstanceHandle::paid),
    ];
    for (befall, word, advice, end) in cases {
        let bench = Bench::new();
        befall(&bench.phone);
        // Silence is noticed after half a minute.
        bench.clock.sleep(MINUTE).await;
        let running = bench.dispatcher("one").await;
        let id = bench.enqueue("hello").await;
        bench.settle(10 * MINUTE).await;
        assert_eq!(bench.state(id).await, State::Ready, "{word}");
        assert_eq!(bench.calls("sendMessage").len(), 0, "{word}");
        let line = bench.store.lines().await.unwrap().remove(0).1;
        let health = line.health.unwrap();
        assert!(!health.can_send && health.state.contains(word), "{word}: {health:?}");
        let told = health.advice.unwrap();
        assert!(told.contains(advice), "{word}: {told}");
        assert!(line.trouble_at.is_some(), "{word}");

        end(&bench.phone);
        bench.settle(10 * MINUTE).await;
        assert_eq!(bench.sent(), ["hello"], "{word}");
        let health = bench.store.lines().await.unwrap().remove(0).1.health.unwrap();
        assert!(health.can_send && health.advice.is_none(), "{word}: {health:?}");
        running.stop().await;
    }
}

#[tokio::test]
async fn a_phone_that_was_unlinked_is_neither_sent_to_nor_woken() {
    let bench = Bench::new();
    bench.phone.log_out();
    let running = bench.dispatcher("one").await;
    let id = bench.enqueue("hello").await;
    bench.settle(20 * MINUTE).await;
    assert_eq!(bench.state(id).await, State::Ready);
    assert_eq!(bench.calls("sendMessage").len(), 0);
    let health = bench.store.lines().await.unwrap().remove(0).1.health.unwrap();
    let told = health.advice.clone().unwrap_or_default();
    assert!(!health.can_send && told.contains("the instance is asleep"), "{health:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_low_battery_alone_does_not_stop_anything() {
    let bench = Bench::new();
    bench.phone.battery(10);
    let running = bench.dispatcher("one").await;
    bench.enqueue("hello").await;
    bench.settle(MINUTE).await;
    assert_eq!(bench.sent(), ["hello"]);
    let line = bench.store.lines().await.unwrap().remove(0).1;
    let health = line.health.unwrap();
    assert!(health.can_send && health.state.contains("battery_low_1"), "{health:?}");
    assert_eq!(line.trouble_at, None);
    running.stop().await;
}

#[tokio::test]
async fn a_new_dispatcher_lets_the_phone_recover_as_slowly_as_the_old_one() {
    let bench = Bench::new();
    bench.phone.phone_offline();
    let first = bench.dispatcher("first").await;
    for n in 0..15 {
        bench.enqueue(&format!("text {n}")).await;
    }
    bench.settle(MINUTE).await;
    bench.phone.phone_online();
    bench.clock.sleep(MINUTE).await;
    // It dies, and gives nothing back.
    drop(first);
    let second = bench.dispatcher("second").await;
    bench.settle(20 * MINUTE).await;
    let all = bench.all().await;
    let attempts = || all.iter().flat_map(|record| &record.attempts);
    let mut left: Vec<UnixMillis> = attempts().map(|attempt| attempt.intent_at).collect();
    left.sort();
    assert_eq!(left.len(), 15);
    for window in left.windows(6) {
        assert!(window[5].since(window[0]) >= 2 * MINUTE, "{left:?}");
    }
    let epochs: Vec<u64> = attempts().map(|attempt| attempt.epoch).collect();
    assert!(epochs.contains(&1) && epochs.contains(&2), "both sent: {epochs:?}");
    second.stop().await;
}

#[tokio::test]
async fn a_phone_that_has_recovered_for_long_sends_at_its_usual_pace() {
    let bench = Bench::new();
    bench.phone.phone_offline();
    let running = bench.dispatcher("one").await;
    bench.clock.sleep(2 * MINUTE).await;
    bench.phone.phone_online();
    bench.clock.sleep(45 * MINUTE).await;
    let began = bench.clock.now();
    for n in 0..10 {
        bench.enqueue(&format!("text {n}")).await;
    }
    bench.settle(5 * MINUTE).await;
    assert_eq!(bench.sent().len(), 10);
    assert!(bench.clock.now().since(began) < 2 * MINUTE + Duration::from_secs(30));
    running.stop().await;
}

#[tokio::test]
async fn a_line_that_stops_working_between_two_looks_costs_no_message() {
    let bench = Bench::new();
    let channel = bench.sandbox.add_channel("token", Messenger::WhatsApp);
    let desk = chatapi_client::wamm::Client::over(channel.gateway());
    let running =
        bench.dispatcher_with("one", |dispatcher| dispatcher.line("desk", Arc::new(desk))).await;
    let put = async |line: &str, text: &str| {
        bench.put(Message::text(anna(), text).through(line).order_key(line)).await
    };
    let first = [put("shop", "a").await, put("desk", "a").await];
    bench.settle(5 * MINUTE).await;
    // Both were well when they were looked at last.
    bench.phone.unpaid();
    channel.state(ChannelState::NotAuthorized);
    let second = [put("shop", "b").await, put("desk", "b").await];
    bench.clock.sleep(60 * MINUTE).await;
    for id in second {
        let tried = bench.record(id).await.attempts.len();
        assert_eq!(bench.state(id).await, State::Ready, "{}", bench.story(id).await);
        assert!((1..4).contains(&tried), "{tried}: {}", bench.story(id).await);
    }
    bench.phone.paid();
    channel.state(ChannelState::Authorized);
    bench.settle(60 * MINUTE).await;
    for id in first.into_iter().chain(second) {
        assert!(bench.state(id).await.is_settled(), "{}", bench.story(id).await);
    }
    assert_eq!(bench.sent(), ["a", "b"]);
    let bodies: Vec<String> = channel.sent().into_iter().map(|sent| sent.body).collect();
    assert_eq!(bodies, ["a", "b"]);
    running.stop().await;
}
