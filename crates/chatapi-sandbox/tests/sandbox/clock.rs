//! The clock in each of its modes.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use chatapi_sandbox::{ClockMode, Sandbox, VirtualClock};
use chatapi_transport::{Clock as _, Moment, TokioClock};
use chatapi_types::UnixMillis;

const HOUR: Duration = Duration::from_secs(3_600);

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn by_itself_time_jumps_over_every_sleep() {
    let clock = VirtualClock::new(ClockMode::Auto);
    assert_eq!(clock.unix().as_millis(), 1_600_000_000_000);
    for n in 1..=1_000 {
        clock.sleep(HOUR).await;
        assert_eq!(clock.now().since_start(), HOUR * n);
    }
    assert_eq!(clock.unix().as_millis(), 1_600_000_000_000 + 1_000 * 3_600_000);
    assert_eq!(clock.sleepers(), 0);
}

#[tokio::test]
async fn several_sleepers_wake_in_the_order_of_their_deadlines() {
    let clock = VirtualClock::new(ClockMode::Auto);
    let woken = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for name in 0..20_u64 {
        let (clock, woken) = (clock.clone(), Arc::clone(&woken));
        tasks.push(tokio::spawn(async move {
            for round in 1..=5 {
                clock.sleep(seconds(100 - name)).await;
                let now = clock.now().since_start().as_secs();
                assert_eq!(now, round * (100 - name), "nobody oversleeps");
                woken.lock().unwrap().push(now);
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let woken = woken.lock().unwrap();
    assert_eq!(woken.len(), 100);
    assert!(woken.is_sorted());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threads_share_the_time_and_it_never_goes_back() {
    let clock = VirtualClock::new(ClockMode::Auto);
    let mut tasks = Vec::new();
    for name in 1..=8 {
        let clock = clock.clone();
        tasks.push(tokio::spawn(async move {
            for _ in 0..50 {
                let before = clock.now();
                clock.sleep(seconds(name)).await;
                assert!(clock.now() >= before.plus(seconds(name)));
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert!(clock.now().since_start() >= seconds(400));
    assert_eq!(clock.sleepers(), 0);
}

#[tokio::test]
async fn a_frozen_clock_moves_by_hand_only() {
    let clock = VirtualClock::new(ClockMode::Frozen);
    let mut short = pin!(clock.sleep(seconds(10)));
    let mut long = pin!(clock.sleep(seconds(20)));
    for _ in 0..1_000 {
        assert!(poll(short.as_mut()).is_pending() && poll(long.as_mut()).is_pending());
    }
    clock.advance(seconds(9));
    assert!(poll(short.as_mut()).is_pending());
    clock.advance_to(Moment::after_start(seconds(10)));
    assert!(poll(short.as_mut()).is_ready() && poll(long.as_mut()).is_pending());
    // Never back.
    clock.advance_to(Moment::after_start(seconds(1)));
    assert_eq!(clock.now().since_start(), seconds(10));
    clock.advance(HOUR);
    assert!(poll(long.as_mut()).is_ready());
}

#[tokio::test]
async fn moving_the_clock_wakes_a_task() {
    let clock = VirtualClock::new(ClockMode::Frozen);
    let task = tokio::spawn({
        let clock = clock.clone();
        async move {
            clock.sleep(seconds(10)).await;
            clock.now().since_start()
        }
    });
    while clock.sleepers() == 0 {
        tokio::task::yield_now().await;
    }
    clock.advance(seconds(11));
    assert_eq!(task.await.unwrap(), seconds(11));
}

#[test]
fn a_dropped_sleep_leaves_nothing_behind() {
    let clock = VirtualClock::new(ClockMode::Auto);
    {
        let mut first = pin!(clock.sleep(seconds(1)));
        let mut second = Box::pin(clock.sleep(seconds(5)));
        // Let each lie down; the first would move the clock next.
        for _ in 0..3 {
            assert!(poll(first.as_mut()).is_pending() && poll(second.as_mut()).is_pending());
        }
        assert_eq!(clock.sleepers(), 2);
        // The second is not held back by one who is gone.
        drop(second);
        assert_eq!(clock.sleepers(), 1);
        while poll(first.as_mut()).is_pending() {}
        assert_eq!(clock.now().since_start(), seconds(1));
    }
    assert_eq!(clock.sleepers(), 0);
}

#[tokio::test]
async fn who_slept_behind_one_that_is_gone_moves_on() {
    let clock = VirtualClock::new(ClockMode::Auto);
    let mut gone = Box::pin(clock.sleep(seconds(1)));
    let _ = poll(gone.as_mut());
    let _ = poll(gone.as_mut());
    let behind = tokio::spawn({
        let clock = clock.clone();
        async move { clock.sleep(seconds(5)).await }
    });
    while clock.sleepers() < 2 {
        tokio::task::yield_now().await;
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    drop(gone);
    behind.await.unwrap();
    assert_eq!(clock.now().since_start(), seconds(5));
}

#[tokio::test]
async fn who_talks_to_the_sandbox_is_not_passed_by() {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("123", "token");
    let sleeper = tokio::spawn({
        let clock = sandbox.clock();
        async move { clock.sleep(HOUR).await }
    });
    for _ in 0..500 {
        let _ = instance.queue_len();
        tokio::task::yield_now().await;
        assert_eq!(sandbox.clock().now(), Moment::default());
    }
    sleeper.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_other_modes_follow_the_machine() {
    for (mode, factor) in [(ClockMode::Real, 1), (ClockMode::Scaled(60.0), 60)] {
        let clock = VirtualClock::starting_at(mode, UnixMillis::from_millis(0));
        let machine = TokioClock::new();
        clock.sleep(HOUR).await;
        let took = machine.now().since_start();
        let expected = HOUR / factor;
        assert!(took >= expected && took <= expected + Duration::from_millis(5), "{took:?}");
        let shown = clock.now().since_start();
        assert!(shown >= HOUR && shown < HOUR + seconds(1), "{shown:?}");
        assert!(clock.unix().as_millis() >= 3_600_000);
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_changes_its_mode_under_its_sleepers() {
    let clock = VirtualClock::starting_at(ClockMode::Frozen, UnixMillis::from_millis(0));
    let task = tokio::spawn({
        let clock = clock.clone();
        async move { clock.sleep(HOUR).await }
    });
    while clock.sleepers() == 0 {
        tokio::task::yield_now().await;
    }
    clock.switch(ClockMode::Scaled(3_600.0));
    tokio::time::advance(Duration::from_millis(500)).await;
    assert_eq!(clock.now().since_start(), HOUR / 2);
    clock.switch(ClockMode::Frozen);
    tokio::time::advance(HOUR).await;
    assert_eq!(clock.now().since_start(), HOUR / 2);
    assert_eq!(clock.sleepers(), 1);
    clock.switch(ClockMode::Auto);
    task.await.unwrap();
    assert_eq!(clock.now().since_start(), HOUR);
    assert_eq!(clock.mode(), ClockMode::Auto);
}

#[tokio::test(start_paused = true)]
async fn odd_scales_stand_still() {
    for scale in [0.0, -1.0, f64::NAN] {
        let clock = VirtualClock::new(ClockMode::Scaled(scale));
        tokio::time::advance(HOUR).await;
        assert_eq!(clock.now(), Moment::default());
        let mut sleep = pin!(clock.sleep(seconds(1)));
        assert!(poll(sleep.as_mut()).is_pending());
        clock.advance(seconds(1));
        assert!(poll(sleep.as_mut()).is_ready());
    }
}

#[test]
fn the_world_runs_until_nothing_more_happens() {
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    let instance = sandbox.add_instance("123", "token");
    assert_eq!(sandbox.run_until_idle(), Duration::ZERO);
    for _ in 0..3 {
        crate::wire::say(&sandbox, "GET /instance123/message?token=token&phone=79000000001&body=x");
    }
    let took = sandbox.run_until_idle();
    assert!(took > seconds(3) && took < seconds(60), "{took:?}");
    assert_eq!(instance.queue_len(), 0);
    assert!(instance.sent().iter().all(|sent| sent.delivery == chatapi_types::Delivery::Read));
    assert_eq!(sandbox.run_until_idle(), Duration::ZERO);
}

#[test]
fn a_sandbox_starts_when_it_is_told() {
    let start = UnixMillis::from_millis(1_900_000_000_000);
    let sandbox = Sandbox::builder().starting_at(start).build();
    assert_eq!(sandbox.clock().start(), start);
    let answer = crate::wire::exchange(&sandbox, "GET /");
    assert_eq!(answer.headers()["date"], "Sun, 17 Mar 2030 17:46:40 GMT");
}
