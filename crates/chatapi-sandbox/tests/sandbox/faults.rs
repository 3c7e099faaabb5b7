//! Faults in-process: what the caller learns, and what is done.

use std::time::Duration;

use chatapi_sandbox::fault::{Effect, Scope, Vendor, When};
use chatapi_sandbox::{Fault, Happening, InstanceHandle, Sandbox};
use chatapi_transport::{Clock as _, Error, ErrorKind};
use chatapi_types::chat_api::{SendMessage, Sent};
use chatapi_types::{Messenger, Phone};

use crate::wire::{PHONE, ask, call, exchange, say, with_instance};

const SECOND: Duration = Duration::from_secs(1);

async fn send(instance: &InstanceHandle) -> Result<Sent, Error> {
    let phone: Phone = PHONE.parse().unwrap();
    instance.gateway().call(&SendMessage::new(&phone, "hi")).await
}

fn is_struck(sandbox: &Sandbox) -> bool {
    sandbox.journal().iter().any(|entry| matches!(entry.event, Happening::Fault { .. }))
}

/// What one send in a new sandbox comes to, how long it took, and how many messages left.
async fn suffer(effect: Effect) -> (Result<Sent, Error>, Duration, usize) {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("123", "token");
    sandbox.faults().add(Fault::new(effect)).unwrap();
    let began = sandbox.clock().now();
    let sent = send(&instance).await;
    let took = sandbox.clock().now().since(began);
    assert!(is_struck(&sandbox), "it is written down");
    assert_eq!(sandbox.faults().list()[0].hits, 1);
    sandbox.run_until_idle();
    (sent, took, instance.sent().len())
}

#[tokio::test]
async fn every_effect_tells_the_caller_what_it_may_know_and_does_what_it_says() {
    let unreachable = Some(ErrorKind::Unreachable);
    let page = |status| Effect::Html { status, done: false };
    let error = |status, done| Effect::ServerError { status, done };
    let held = |seconds| Effect::AnswerLost { hold: Some(SECOND * seconds) };
    let cut = |cleanly| Effect::Truncated { bytes: None, cleanly };
    // Effect; kind of error; may have been done; how long it took; how many messages left.
    for (effect, kind, in_doubt, seconds, left) in [
        (Effect::latency(2 * SECOND), None, false, 2, 1),
        (Effect::latency(60 * SECOND), unreachable, true, 35, 1),
        (Effect::Unauthorized {}, Some(ErrorKind::Unauthorized), false, 0, 0),
        (Effect::RateLimited { retry_after: 7 }, Some(ErrorKind::RateLimited), false, 0, 0),
        (error(500, false), Some(ErrorKind::Unavailable), true, 0, 0),
        (error(503, true), Some(ErrorKind::Unavailable), true, 0, 1),
        (page(200), Some(ErrorKind::Malformed), true, 0, 0),
        (page(502), Some(ErrorKind::Unavailable), true, 0, 0),
        (cut(false), unreachable, true, 0, 1),
        (cut(true), Some(ErrorKind::Malformed), true, 0, 1),
        (Effect::WrongTypes {}, Some(ErrorKind::Malformed), true, 0, 1),
        (Effect::Huge { bytes: 1_000_000 }, None, false, 0, 1),
        (Effect::Huge { bytes: 17 << 20 }, unreachable, true, 0, 1),
        (Effect::Refused {}, unreachable, false, 0, 0),
        (Effect::ResetBefore {}, unreachable, true, 0, 0),
        (Effect::ResetAfter { done: true }, unreachable, true, 0, 1),
        (Effect::ResetAfter { done: false }, unreachable, true, 0, 0),
        (Effect::AnswerLost { hold: None }, unreachable, true, 35, 1),
        (held(3), unreachable, true, 3, 1),
        (held(60), unreachable, true, 35, 1),
        (Effect::AcceptedLate { after: 90 * SECOND, hold: None }, unreachable, true, 35, 1),
    ] {
        let (sent, took, really_left) = suffer(effect.clone()).await;
        let error = sent.err();
        assert_eq!(error.as_ref().map(Error::kind), kind, "{effect:?}: {error:?}");
        let doubt = error.as_ref().is_some_and(Error::may_have_taken_effect);
        assert_eq!(doubt, in_doubt, "{effect:?}: {error:?}");
        assert_eq!(took, SECOND * seconds, "{effect:?}");
        assert_eq!(really_left, left, "{effect:?}");
    }
}

#[tokio::test]
async fn a_drip_takes_its_time_and_loses_nothing() {
    let drip = Effect::Drip { bytes: 10, seconds: Duration::from_millis(100) };
    let (sent, took, left) = suffer(drip).await;
    assert!(sent.unwrap().sent && left == 1);
    assert!(took >= SECOND && took < 3 * SECOND, "{took:?}");
    // Too slow for the patience of a call.
    let slower = Effect::Drip { bytes: 1, seconds: SECOND };
    let (sent, took, left) = suffer(slower).await;
    assert!(sent.is_err() && took == 35 * SECOND && left == 1);
}

#[tokio::test]
async fn asked_to_wait_the_caller_knows_for_how_long() {
    let (sent, ..) = suffer(Effect::RateLimited { retry_after: 7 }).await;
    assert_eq!(sent.unwrap_err().retry_after(), Some(7 * SECOND));
}

#[test]
fn what_is_said_in_the_gateways_place_is_said_in_its_words() {
    let sandbox = with_instance();
    sandbox.add_channel("T", Messenger::WhatsApp);
    sandbox.add_account("uid");
    let faults = sandbox.faults();
    let asked = || {
        [
            ask(&sandbox, "status", ""),
            say(&sandbox, "GET /status?instanceId=123&token=token"),
            say(&sandbox, "GET /api2/msg_get_last/T/"),
            say(&sandbox, "GET /admin/listInstances?uid=uid"),
        ]
    };
    faults.add(Fault::new(Effect::Unauthorized {})).unwrap();
    let wrong = r#"401 {"error":"Wrong token \"token\" for instance \"123\". Please provide token as a GET parameter."}"#;
    assert_eq!(
        asked(),
        [wrong, wrong, r#"200 {"err":"token fail"}"#, r#"200 {"error":"Wrong uid"}"#,]
    );
    assert_eq!(faults.clear(), 1);
    faults.add(Fault::new(Effect::ServerError { status: 503, done: false })).unwrap();
    assert_eq!(asked()[0], r#"503 {"error":"Service Unavailable"}"#);
    assert_eq!(asked()[2], r#"503 {"err":"Service Unavailable"}"#);
    faults.clear();
    faults.add(Fault::new(Effect::WrongTypes {})).unwrap();
    assert_eq!(asked()[0], r#"200 {"accountStatus":{"text":"authenticated"}}"#);
    faults.clear();
    faults.add(Fault::new(Effect::UnknownEnum {})).unwrap();
    assert_eq!(asked()[0], r#"200 {"accountStatus":"unheardOf"}"#);
    faults.clear();
    faults.add(Fault::new(Effect::Html { status: 502, done: false })).unwrap();
    let page = exchange(&sandbox, "GET /instance123/status?token=token");
    assert_eq!(
        (page.status().as_u16(), &page.headers()["content-type"]),
        (502, &"text/html; charset=utf-8".parse().unwrap())
    );
    assert!(page.body().starts_with(b"<!doctype html>"));
    // What is no vendor's is left alone.
    assert!(say(&sandbox, "GET /files/x").starts_with("404 {"));
}

#[test]
fn a_plain_function_shows_what_it_can() {
    for (effect, status) in [
        (Effect::Refused {}, 504),
        (Effect::ResetAfter { done: true }, 504),
        (Effect::AnswerLost { hold: None }, 504),
        (Effect::latency(SECOND), 200),
        (Effect::Truncated { bytes: Some(3), cleanly: false }, 200),
    ] {
        let sandbox = with_instance();
        sandbox.faults().add(Fault::new(effect.clone())).unwrap();
        let answer = exchange(&sandbox, "GET /instance123/status?token=token");
        assert_eq!(answer.status().as_u16(), status, "{effect:?}");
        assert_eq!(answer.headers().contains_key("x-sandbox-fault"), status == 504);
    }
}

/// Which of six calls fail.
fn failing(fault: Fault, sandbox: &Sandbox) -> Vec<usize> {
    let id = sandbox.faults().add(fault).unwrap();
    let failed = (1..=6).filter(|_| ask(sandbox, "status", "").starts_with("500"));
    let failed = failed.collect();
    sandbox.faults().remove(id);
    failed
}

#[test]
fn each_when_strikes_when_it_says() {
    let sandbox = with_instance();
    let error = || Fault::new(Effect::ServerError { status: 500, done: false });
    assert_eq!(failing(error(), &sandbox), [1, 2, 3, 4, 5, 6]);
    assert_eq!(failing(error().when(When::Nth { n: 2 }), &sandbox), [2]);
    assert_eq!(failing(error().when(When::First { n: 3 }), &sandbox), [1, 2, 3]);
    assert_eq!(failing(error().when(When::Every { n: 2 }), &sandbox), [2, 4, 6]);
    assert_eq!(failing(error().when(When::Every { n: 2 }).times(2), &sandbox), [2, 4]);
    assert_eq!(failing(error().times(1), &sandbox), [1]);
    assert!(failing(error().from(SECOND), &sandbox).is_empty());
    assert_eq!(failing(error().until(SECOND), &sandbox).len(), 6);
    sandbox.clock().advance(SECOND);
    assert_eq!(failing(error().from(SECOND), &sandbox).len(), 6);
    assert!(failing(error().until(SECOND), &sandbox).is_empty());
    assert!(sandbox.faults().list().is_empty());
}

#[test]
fn chance_is_seeded() {
    let run = |seed| {
        let sandbox = Sandbox::builder().seed(seed).build();
        sandbox.add_instance("123", "token");
        let error = Effect::ServerError { status: 500, done: false };
        let chance = Fault::new(error).when(When::Chance { probability: 0.3 });
        sandbox.faults().add(chance).unwrap();
        let failed = |_| ask(&sandbox, "status", "").starts_with("500");
        let failed: Vec<bool> = (0..1_000).map(failed).collect();
        let count = failed.iter().filter(|failed| **failed).count();
        assert!((240..=360).contains(&count), "{count}");
        let [state] = &*sandbox.faults().list() else { panic!("one rule") };
        assert_eq!((state.seen, usize::try_from(state.hits).unwrap()), (1_000, count));
        failed
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_scope_is_kept() {
    let sandbox = with_instance();
    sandbox.add_instance("124", "token");
    let channel = sandbox.add_channel("T", Messenger::WhatsApp);
    sandbox.add_channel("U", Messenger::WhatsApp);
    sandbox.add_account("uid");
    let requests = [
        "GET /instance123/status?token=token",
        "GET /instance124/sendMessage?token=token&phone=79000000001&body=x",
        "GET /instance123/message?token=token&phone=79000000001&body=x",
        "GET /api2/msg_get_last/T/",
        "GET /api2/msg_get_last/U/",
        "GET /admin/listInstances?uid=uid",
    ];
    let error = Effect::ServerError { status: 500, done: false };
    for (scope, struck) in [
        (Scope::everywhere(), &[0, 1, 2, 3, 4, 5][..]),
        (Scope::vendor(Vendor::ChatApi), &[0, 1, 2]),
        (Scope::vendor(Vendor::Wamm), &[3, 4]),
        (Scope::vendor(Vendor::Admin), &[5]),
        (Scope::instance("123"), &[0, 2]),
        (Scope::instance("123").method("sendMessage"), &[2]),
        (Scope::everywhere().method("message"), &[1, 2]),
        (Scope::channel("T"), &[3]),
        (Scope::channel(channel.api_id().unwrap().as_str()), &[3]),
        (Scope::channel("U").method("msg_get_last"), &[4]),
        (Scope::channel("U").method("msg_get"), &[]),
    ] {
        let id = sandbox.faults().add(Fault::new(error.clone()).at(scope.clone())).unwrap();
        let hit = |at: &usize| say(&sandbox, requests[*at]).starts_with("500");
        let hits: Vec<_> = (0..requests.len()).filter(hit).collect();
        assert_eq!(hits, struck, "{scope:?}");
        assert!(!format!("{:?}", sandbox.faults().list()).contains("\"T\""), "no token is kept");
        sandbox.faults().remove(id);
    }
}

#[test]
fn a_lost_answer_is_carried_out_exactly_once() {
    let sandbox = with_instance();
    let lost = Fault::new(Effect::AnswerLost { hold: None }).when(When::Nth { n: 2 });
    sandbox.faults().add(lost).unwrap();
    for _ in 0..3 {
        call(&sandbox, "sendMessage", r#"{"phone":79000000001,"body":"x"}"#);
    }
    assert_eq!(sandbox.instance("123").queue_len(), 3);
}

#[test]
fn late_acceptance_arrives_at_the_said_time_even_in_a_snapshot() {
    let sandbox = with_instance();
    let instance = sandbox.instance("123");
    let late = Effect::AcceptedLate { after: 90 * SECOND, hold: None };
    sandbox.faults().add(Fault::new(late).times(1)).unwrap();
    call(&sandbox, "sendMessage", r#"{"phone":79000000001,"body":"x"}"#);
    assert_eq!(instance.queue_len(), 0);
    let snapshot = sandbox.snapshot().to_bytes().unwrap();
    sandbox.clock().advance(90 * SECOND - Duration::from_millis(1));
    assert_eq!((instance.queue_len(), instance.sent().len()), (0, 0));
    sandbox.clock().advance(Duration::from_millis(1));
    assert_eq!(instance.queue_len(), 1);
    let other = Sandbox::new();
    other.restore(&chatapi_sandbox::Snapshot::from_bytes(&snapshot).unwrap());
    other.run_until_idle();
    assert_eq!(other.instance("123").sent().len(), 1);
    assert_eq!(other.faults().list(), sandbox.faults().list());
}

#[test]
fn faults_are_data() {
    for text in [
        r#"{"when":{"kind":"always"},"effect":{"kind":"latency","seconds":1.5}}"#,
        r#"{"when":{"kind":"always"},"effect":{"kind":"latency","seconds":[0.1,2.0]}}"#,
        r#"{"scope":{"vendor":"chatApi","instance":"1","method":"message"},"when":{"kind":"nth","n":3},"times":2,"from":0.5,"until":60.0,"effect":{"kind":"acceptedLate","after":10.0,"hold":1.0}}"#,
        r#"{"when":{"kind":"chance","probability":0.5},"effect":{"kind":"truncated","bytes":3,"cleanly":true}}"#,
        r#"{"scope":{"channel":"101"},"when":{"kind":"always"},"effect":{"kind":"vendorDuplicate"}}"#,
    ] {
        let fault: Fault = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&fault).unwrap(), text);
        assert_eq!(fault.check(), Ok(()));
    }
    let short: Fault = serde_json::from_str(r#"{"effect":{"kind":"rateLimited"}}"#).unwrap();
    assert_eq!(short, Fault::new(Effect::RateLimited { retry_after: 5 }));
}

#[test]
fn bad_rules_are_refused_with_a_reason_and_change_nothing() {
    for (text, reason) in [
        (r#"{}"#, "missing field `effect`"),
        (r#"{"effect":{"kind":"nonsense"}}"#, "unknown variant `nonsense`"),
        (r#"{"effect":{"kind":"refused"},"probability":1}"#, "unknown field `probability`"),
        (r#"{"effect":{"kind":"refused","x":1}}"#, "unknown field `x`"),
        (r#"{"effect":{"kind":"latency","seconds":-1}}"#, "is no number of seconds"),
        (r#"{"effect":{"kind":"latency","seconds":[2,1]}}"#, "ends before it begins"),
        (r#"{"effect":{"kind":"refused"},"when":{"kind":"nth"}}"#, "missing field `n`"),
        (r#"{"effect":{"kind":"refused"},"scope":{"vendor":"x"}}"#, "unknown variant `x`"),
    ] {
        let error = serde_json::from_str::<Fault>(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
    let sandbox = with_instance();
    let refused = || Fault::new(Effect::Refused {});
    for (fault, reason) in [
        (refused().times(0), "times is 0"),
        (refused().when(When::Nth { n: 0 }), "when.n is 0"),
        (refused().when(When::Chance { probability: 1.5 }), "when.probability"),
        (refused().when(When::Chance { probability: f64::NAN }), "when.probability"),
        (refused().from(SECOND).until(SECOND), "until is not after from"),
        (refused().at(Scope::everywhere().method("nonsense")), "no method is called \"nonsense\""),
        (refused().at(Scope::vendor(Vendor::Wamm).method("message")), "no method is called"),
        (refused().at(Scope::channel("nobody")), "no such channel"),
        (Fault::new(Effect::ServerError { status: 404, done: false }), "effect.status"),
        (Fault::new(Effect::Drip { bytes: 0, seconds: SECOND }), "effect.bytes"),
        (Fault::new(Effect::Huge { bytes: 1 << 40 }), "effect.bytes"),
        (Fault::new(Effect::latency(SECOND * 1_000_000_000)), "longer than a year"),
        (
            Fault::new(Effect::VendorDuplicate {}).at(Scope::everywhere().method("sendMessage")),
            "scope.method",
        ),
    ] {
        let error = sandbox.faults().add(fault.clone()).unwrap_err().to_string();
        assert!(error.contains(reason), "{fault:?}: {error}");
    }
    assert!(sandbox.faults().list().is_empty());
    for _ in 0..1_000 {
        sandbox.faults().add(refused()).unwrap();
    }
    assert!(sandbox.faults().add(refused()).unwrap_err().to_string().contains("1000 faults"));
}

#[tokio::test]
async fn latencies_add_up_and_the_first_of_others_wins() {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("123", "token");
    for effect in [
        Effect::latency(SECOND),
        Effect::Refused {},
        Effect::Unauthorized {},
        Effect::latency(2 * SECOND),
    ] {
        sandbox.faults().add(Fault::new(effect)).unwrap();
    }
    let began = sandbox.clock().now();
    let error = send(&instance).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(!error.may_have_taken_effect());
    assert_eq!(sandbox.clock().now().since(began), 3 * SECOND);
    let hits: Vec<_> = sandbox.faults().list().iter().map(|rule| rule.hits).collect();
    assert_eq!(hits, [1, 1, 0, 1]);
}

#[test]
fn a_message_may_leave_twice_or_never_and_a_queue_may_vanish() {
    // How many wait; how many leave the phone; how many leave the channel, whose first message is
    // gone before the second comes.
    for (effect, waiting, from_phone, from_channel) in [
        (Effect::VendorDuplicate {}, 3, 4, 4),
        (Effect::MessageDropped {}, 2, 2, 2),
        (Effect::QueueCleared {}, 1, 1, 2),
    ] {
        let sandbox = with_instance();
        let channel = sandbox.add_channel("T", Messenger::WhatsApp);
        let on = |scope| Fault::new(effect.clone()).when(When::Nth { n: 2 }).at(scope);
        sandbox.faults().add(on(Scope::instance("123"))).unwrap();
        sandbox.faults().add(on(Scope::channel("T"))).unwrap();
        for text in ["a", "b", "c"] {
            let body = format!(r#"{{"phone":79000000001,"body":"{text}"}}"#);
            assert!(call(&sandbox, "sendMessage", &body).contains(r#""sent":true"#));
            let sent = say(&sandbox, &format!("GET /api2/msg_to/T/?phone=79000000001&text={text}"));
            assert!(sent.contains(r#""err":0"#), "{sent}");
        }
        let instance = sandbox.instance("123");
        assert_eq!(instance.queue_len(), waiting, "{effect:?}");
        sandbox.run_until_idle();
        for (sent, then) in [(instance.sent(), from_phone), (channel.sent(), from_channel)] {
            assert_eq!(sent.len(), then, "{effect:?}");
            let mut ids: Vec<_> = sent.iter().map(|sent| sent.id.clone()).collect();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), then);
            let twice = sent.iter().filter(|sent| sent.body == "b").count();
            let expected = if effect == (Effect::VendorDuplicate {}) { 2 } else { 0 };
            assert_eq!(twice, expected, "{effect:?}");
        }
        assert_eq!(sandbox.faults().list().iter().map(|rule| rule.hits).sum::<u64>(), 2);
    }
}

#[test]
fn a_stale_queue_is_the_queue_of_before() {
    let sandbox = with_instance();
    let instance = sandbox.instance("123");
    let stale = Effect::StaleQueue { seconds: 10 * SECOND };
    sandbox.faults().add(Fault::new(stale)).unwrap();
    let shown = || {
        let answer = ask(&sandbox, "showMessagesQueue", "");
        let (_, rest) = answer.split_once("\"totalMessages\":").unwrap();
        rest.split([',', '}']).next().unwrap().parse::<usize>().unwrap()
    };
    let steps = |seconds| sandbox.clock().advance(SECOND * seconds);
    steps(20);
    instance.phone_offline();
    for _ in 0..3 {
        call(&sandbox, "sendMessage", r#"{"phone":79000000001,"body":"x"}"#);
    }
    assert_eq!((instance.queue_len(), shown()), (3, 0));
    steps(9);
    assert_eq!(shown(), 0);
    steps(1);
    assert_eq!(shown(), 3);
    instance.phone_online();
    sandbox.run_until_idle();
    sandbox.clock().advance(60 * SECOND);
    assert_eq!((instance.queue_len(), shown()), (0, 0));
    instance.phone_offline();
    call(&sandbox, "sendMessage", r#"{"phone":79000000001,"body":"x"}"#);
    steps(10);
    ask(&sandbox, "clearMessagesQueue", "");
    assert_eq!((instance.queue_len(), shown()), (0, 1));
    steps(9);
    assert_eq!(shown(), 1);
    steps(1);
    assert_eq!(shown(), 0);
}

#[test]
fn history_that_lags_shows_messages_later() {
    let sandbox = with_instance();
    let channel = sandbox.add_channel("T", Messenger::WhatsApp);
    let lag = Effect::HistoryLag { seconds: 10 * SECOND };
    sandbox.faults().add(Fault::new(lag)).unwrap();
    sandbox.instance("123").contact_writes(PHONE, "here").unwrap();
    channel.contact_writes(PHONE, "here").unwrap();
    let shown = || {
        [
            ask(&sandbox, "messages", ""),
            ask(&sandbox, "messagesHistory", ""),
            say(&sandbox, "GET /api2/msg_get/T/79000000001/"),
            say(&sandbox, "GET /api2/msg_get_last/T/"),
        ]
        .map(|answer| answer.contains("here"))
    };
    assert_eq!(shown(), [false; 4]);
    sandbox.clock().advance(10 * SECOND - Duration::from_millis(1));
    assert_eq!(shown(), [false; 4]);
    sandbox.clock().advance(Duration::from_millis(1));
    assert_eq!(shown(), [true; 4]);
}
