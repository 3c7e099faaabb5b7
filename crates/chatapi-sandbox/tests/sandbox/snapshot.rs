//! A snapshot that is restored goes on as the original does.

use std::time::Duration;

use bytes::Bytes;
use chatapi_sandbox::{ClockMode, Sandbox, Snapshot};
use chatapi_transport::Clock as _;
use chatapi_types::Messenger;
use proptest::prelude::*;

use crate::wire::exchange;

/// Something that can be done to a sandbox.
#[derive(Clone, Debug)]
enum Step {
    Send { to: u8 },
    SendFile,
    SendWamm { to: u8 },
    Ask(u8),
    Phone(u8),
    Pass { millis: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u8..5).prop_map(|to| Step::Send { to }),
        1 => Just(Step::SendFile),
        2 => (0u8..5).prop_map(|to| Step::SendWamm { to }),
        2 => (0u8..14).prop_map(Step::Ask),
        2 => (0u8..12).prop_map(Step::Phone),
        3 => (0u32..200_000).prop_map(|millis| Step::Pass { millis }),
    ]
}

fn begin(seed: u64) -> Sandbox {
    let sandbox = Sandbox::builder().seed(seed).clock(ClockMode::Frozen).build();
    sandbox.add_account("uid").add_instance("7", "seventh");
    sandbox.add_instance("123", "token");
    sandbox.add_channel("T", Messenger::WhatsApp);
    sandbox.no_account("79000000003");
    sandbox.add_user("user", "Boris");
    sandbox.name_contact("79000000001", "Anna");
    sandbox
}

/// Does it, and gives back what was answered.
fn run(sandbox: &Sandbox, steps: &[Step]) -> Vec<Bytes> {
    let mut answers = Vec::new();
    for step in steps {
        let mut say = |text: &str| answers.push(exchange(sandbox, text).into_body());
        let instance = sandbox.instance("123");
        match step {
            Step::Send { to } => {
                say(&format!("GET /instance123/message?token=token&phone=7900000000{to}&body=hi"));
            }
            Step::SendFile => say(
                "POST /instance123/sendFile?token=token\n\nphone=79000000001&filename=a.txt&body=\
                 data%3Atext%2Fplain%3Bbase64%2CaGk%3D",
            ),
            Step::SendWamm { to } => say(&format!("GET /api2/msg_to/T/7900000000{to}/hi")),
            Step::Ask(which) => say([
                "GET /instance123/messages?token=token",
                "GET /instance123/showMessagesQueue?token=token",
                "GET /instance123/dialogs?token=token",
                "GET /instance123/status?token=token",
                "GET /instance123/showActionsQueue?token=token",
                "GET /instance123/instanceStatuses?token=token",
                "GET /api2/msg_get_last/T/100",
                "GET /api2/contact_get/T/79000000001",
                "GET /admin/newInstance?uid=uid&type=whatsapp",
                "GET /admin/listInstances?uid=uid",
                "POST /instance123/group?token=token\n\ngroupName=G&phones=79000000001",
                "POST /instance123/createLabel?token=token\n\nname=L",
                "POST /instance123/banSettings?token=token\n\nbanPhoneMask=2%24&preBanMessage=no",
                "POST /instance123/typing?token=token\n\nphone=79000000001",
            ][usize::from(*which)]),
            Step::Phone(what) => match what {
                0 => instance.phone_offline(),
                1 | 2 => instance.phone_online(),
                3 => instance.battery(3),
                4 => instance.battery(80),
                5 => instance.open_second_session(),
                6 => {
                    instance.contact_writes("79000000001", "hello");
                }
                7 => {
                    instance.contact_writes("79000000002", "hello");
                }
                8 => instance.contact_reads("79000000001"),
                9 => say("GET /instance123/logout?token=token"),
                10 => {
                    instance.scan_qr();
                }
                _ => say("GET /instance123/takeover?token=token"),
            },
            Step::Pass { millis } => {
                sandbox.clock().advance(Duration::from_millis(u64::from(*millis)));
            }
        }
    }
    answers
}

fn log(sandbox: &Sandbox) -> String {
    sandbox.journal().iter().map(|entry| format!("{entry:?}\n")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_restored_sandbox_cannot_be_told_from_the_original(
        before in prop::collection::vec(step(), 0..40),
        after in prop::collection::vec(step(), 0..40),
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
        prop_assert_eq!(&(run(&other, &after), log(&other)), &first);
        original.restore(&own);
        prop_assert_eq!((run(&original, &after), log(&original)), first);
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
