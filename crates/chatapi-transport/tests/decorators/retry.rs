use std::io::Write;

use chatapi_transport::{ErrorKind, Fate, Gateway, Retry, RetryPolicy};
use chatapi_types::chat_api::{ChatApi, ShowMessagesQueue};

use super::*;

fn no_connection() -> End {
    Err(TransportError::no_connection())
}

fn broken() -> End {
    Err(TransportError::broken())
}

fn timed_out() -> End {
    Err(TransportError::timed_out(Duration::from_secs(35)))
}

/// Generous enough never to be the reason for an end.
fn patient() -> RetryPolicy {
    RetryPolicy::new().attempts(9).within(Duration::from_secs(3600))
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_until_it_succeeds() {
    let ends = [
        no_connection(),
        timed_out(),
        broken(),
        status(500),
        status(503),
        status(408),
        status(429),
        status(200),
    ];
    let retry = Retry::new(ending(ends), patient());
    let response = retry.exchange(read()).await.unwrap();
    assert_eq!((response.status().as_u16(), response.attempts()), (200, 8));
}

#[tokio::test(start_paused = true)]
async fn a_send_in_doubt_is_never_repeated() {
    let doubts: [fn() -> End; 9] = [
        timed_out,
        broken,
        || Err(TransportError::too_long(9)),
        || Err(TransportError::other(Fate::Unknown, "odd")),
        || status(500),
        || http_answer(503, Some("0")),
        || status(502),
        || status(599),
        || status(408),
    ];
    for doubt in doubts {
        // The mock panics when it is asked twice.
        let retry = Retry::new(ending([doubt()]), patient());
        let (end, waited) = timed(&retry, send()).await;
        assert_eq!(format!("{end:?}"), format!("{:?}", doubt()));
        assert_eq!(waited, Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_send_that_never_left_is_repeated_until_it_is_in_doubt() {
    let retry = Retry::new(ending([no_connection(), no_connection(), status(200)]), patient());
    assert_eq!(retry.exchange(send()).await.unwrap().attempts(), 3);

    let retry = Retry::new(ending([no_connection(), status(429), broken()]), patient());
    let error = retry.exchange(send()).await.unwrap_err();
    assert_eq!((error.fate(), error.attempts()), (Fate::Unknown, 3));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_help_is_not_repeated() {
    let ends: [fn() -> End; 10] = [
        || Err(TransportError::unspeakable()),
        || Err(TransportError::impossible("no TLS")),
        || Err(TransportError::too_long(9)),
        || status(200),
        || status(204),
        || status(302),
        || status(400),
        || status(401),
        || status(404),
        || http_answer(409, Some("1")),
    ];
    for end in ends {
        let retry = Retry::new(ending([end()]), patient());
        let (_, waited) = timed(&retry, read()).await;
        assert_eq!(waited, Duration::ZERO, "{:?}", end());
    }
}

#[tokio::test(start_paused = true)]
async fn a_gateway_is_given_the_time_that_it_asks_for() {
    for (value, seconds) in [
        ("7", 7),
        ("0", 0),
        ("Sun, 13 Sep 2020 12:26:52 GMT", 12),
        ("Sun, 13 Sep 2020 12:00:00 GMT", 0),
        // Longer than any wait of our own.
        ("59", 59),
    ] {
        for request in [read(), send()] {
            let ends = [http_answer(429, Some(value)), status(200)];
            let clock = Calendar::default();
            let retry = Retry::new(ending(ends), RetryPolicy::new()).on_clock(clock);
            let (end, waited) = timed(&retry, request).await;
            assert_eq!(end.unwrap().attempts(), 2);
            assert_eq!(waited, Duration::from_secs(seconds), "{value}");
        }
        let ends = [http_answer(503, Some(value)), status(200)];
        let retry = Retry::new(ending(ends), RetryPolicy::new()).on_clock(Calendar::default());
        assert_eq!(timed(&retry, read()).await.1, Duration::from_secs(seconds));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_does_not_fit_is_handed_to_the_caller() {
    for value in ["61", "Sun, 13 Sep 2020 12:27:41 GMT"] {
        let clock = Calendar::default();
        let retry = Retry::new(ending([http_answer(429, Some(value))]), RetryPolicy::new());
        let gateway = gateway(retry.on_clock(clock)).on_clock(clock);
        let error = gateway.call(&ShowMessagesQueue::new()).await.unwrap_err();
        assert_eq!(clock.now().since_start(), Duration::ZERO);
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(61)));
        assert_eq!(error.attempts(), 1);
        assert!(error.is_transient() && !error.may_have_taken_effect());
        assert_eq!(
            error.to_string(),
            "showMessagesQueue: Chat API asks for fewer calls (HTTP 429); nothing was done, try \
             again in 61 s"
        );
    }
}

fn gateway(transport: impl Transport + 'static) -> Gateway<ChatApi> {
    let address = "http://127.0.0.1:1".parse().unwrap();
    Gateway::new(address, ChatApi::path("1"), Token::new("canary"), transport)
}

#[tokio::test(start_paused = true)]
async fn attempts_are_counted_and_end() {
    for attempts in [0, 1, 2, 5] {
        let made = attempts.max(1);
        let ends: Vec<End> = (0..made).map(|_| no_connection()).collect();
        let retry = Retry::new(ending(ends), patient().attempts(attempts));
        assert_eq!(retry.exchange(send()).await.unwrap_err().attempts(), made);
    }
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_after_the_deadline() {
    let policy = RetryPolicy::new().attempts(u32::MAX).within(Duration::from_secs(30));
    for seed in 0..20 {
        let (mut mock, clock) = (MockTransport::new(), TokioClock::new());
        mock.expect_exchange().returning(move |_| {
            assert!(clock.now().since_start() <= Duration::from_secs(30));
            no_connection()
        });
        let retry = Retry::new(mock, policy.clone()).seeded(seed);
        let (end, waited) = timed(&retry, send()).await;
        assert!(end.unwrap_err().attempts() > 3);
        assert!(waited <= Duration::from_secs(30));
    }
}

#[tokio::test(start_paused = true)]
async fn waits_are_random_below_a_bound_that_doubles() {
    let policy = || patient().base(Duration::from_secs(1)).cap(Duration::from_secs(5));
    let waits = async |seed| {
        let (clock, moments) = (TokioClock::new(), Arc::<Mutex<Vec<Duration>>>::default());
        let (ours, mut mock) = (Arc::clone(&moments), MockTransport::new());
        mock.expect_exchange().returning(move |_| {
            ours.lock().unwrap().push(clock.now().since_start());
            no_connection()
        });
        let _ = Retry::new(mock, policy()).seeded(seed).exchange(send()).await;
        let moments = moments.lock().unwrap();
        moments.windows(2).map(|two| two[1] - two[0]).collect::<Vec<_>>()
    };
    let mut longest = [Duration::ZERO; 8];
    for seed in 0..200 {
        let waits = waits(seed).await;
        assert_eq!(waits.len(), 8);
        for (wait, longest) in waits.into_iter().zip(&mut longest) {
            *longest = wait.max(*longest);
        }
    }
    for (longest, bound) in longest.into_iter().zip([1_u64, 2, 4, 5, 5, 5, 5, 5]) {
        let bound = Duration::from_secs(bound);
        // tokio's time goes by the millisecond, rounded up.
        assert!(longest <= bound + Duration::from_millis(1), "{longest:?} > {bound:?}");
        assert!(longest > bound.mul_f32(0.9), "{longest:?} is far below {bound:?}");
    }
    assert_eq!(waits(7).await, waits(7).await);
    assert_ne!(waits(7).await, waits(8).await);
}

#[tokio::test(start_paused = true)]
async fn one_doubt_outweighs_all_later_certainty() {
    let certain = |doubts: Vec<End>| async {
        let attempts = u32::try_from(doubts.len()).unwrap();
        let policy = RetryPolicy::new().attempts(attempts);
        let error = Retry::new(ending(doubts), policy).exchange(read()).await.unwrap_err();
        assert_eq!(error.attempts(), attempts);
        error.fate() == Fate::NotSent
    };
    assert!(certain(vec![no_connection(), no_connection()]).await);
    assert!(certain(vec![status(429), no_connection()]).await);
    assert!(!certain(vec![timed_out(), no_connection()]).await);
    assert!(!certain(vec![broken(), no_connection(), no_connection()]).await);
    assert!(!certain(vec![status(502), no_connection()]).await);
    assert!(!certain(vec![no_connection(), status(408), no_connection()]).await);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_a_doubt_leaves_the_doubt() {
    let call = |ends: Vec<End>| async {
        let gateway = gateway(Retry::new(ending(ends), patient()));
        gateway.call(&ShowMessagesQueue::new()).await.unwrap_err()
    };
    let error = call(vec![timed_out(), status(401)]).await;
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(error.attempts(), 2);
    assert!(error.may_have_taken_effect());
    let error = call(vec![no_connection(), status(429), status(401)]).await;
    assert_eq!(error.attempts(), 3);
    assert!(!error.may_have_taken_effect());
}

#[tokio::test(start_paused = true)]
async fn a_success_after_a_doubt_is_not_repeated_by_an_outer_retry() {
    let inner = Retry::new(ending([timed_out(), status(200)]), patient());
    let outer = Retry::new(inner, patient());
    let response = outer.exchange(read()).await.unwrap();
    assert_eq!(response.attempts(), 2);
    assert!(response.is_in_doubt());
}

#[tokio::test(start_paused = true)]
async fn attempts_of_inner_layers_are_added_up() {
    let ends = [no_connection(), no_connection(), no_connection(), status(200)];
    let inner = Retry::new(ending(ends), patient().attempts(2));
    let response = Retry::new(inner, patient()).exchange(send()).await.unwrap();
    assert_eq!(response.attempts(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_exchange_makes_no_further_attempt() {
    let retry = Retry::new(ending([status(429)]), patient().base(Duration::from_secs(9)));
    let exchange = retry.seeded(1);
    let end = tokio::time::timeout(Duration::from_millis(1), exchange.exchange(send())).await;
    assert!(end.is_err());
    TokioClock::new().sleep(Duration::from_secs(60)).await;
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn every_attempt_leaves_a_trace() {
    let log = Log::default();
    let ours = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .without_time()
        .with_writer(move || ours.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let ends = [no_connection(), http_answer(429, Some("2")), status(200)];
    let policy = patient().base(Duration::ZERO);
    Retry::new(ending(ends), policy).exchange(send()).await.unwrap();
    drop(guard);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<_> = log.lines().map(str::trim).collect();
    let line = |rest| {
        format!("DEBUG chatapi_transport::retry: attempt ended operation=\"sendMessage\" {rest}")
    };
    assert_eq!(
        lines,
        [
            line("attempt=1 error=\"no_connection\" elapsed_ms=0 waiting_ms=0"),
            line("attempt=2 status=429 elapsed_ms=0 waiting_ms=2000"),
            line("attempt=3 status=200 elapsed_ms=0"),
        ]
    );
}
