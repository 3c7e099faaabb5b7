//! Random lives of a sandbox.

#![expect(unreachable_pub, reason = "shared by the tests")]

use std::time::Duration;

use bytes::Bytes;
use chatapi_sandbox::{ClockMode, Profile, Sandbox};
use chatapi_types::Messenger;
use proptest::prelude::*;

use crate::wire::exchange;

/// Something that can be done to a sandbox.
#[derive(Clone, Debug)]
pub enum Step {
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
        2 => (0u8..15).prop_map(Step::Ask),
        2 => (0u8..12).prop_map(Step::Phone),
        3 => (0u32..200_000).prop_map(|millis| Step::Pass { millis }),
    ]
}

/// Up to so many of them.
pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 0..most)
}

pub fn begin(seed: u64) -> Sandbox {
    begin_with(Profile::default(), seed)
}

/// With an account, two instances, a channel, a number without an account.
pub fn begin_with(profile: Profile, seed: u64) -> Sandbox {
    let builder = Sandbox::builder().profile(profile).seed(seed).journal(1_000_000);
    let sandbox = builder.clock(ClockMode::Frozen).build();
    sandbox.add_account("uid").add_instance("7", "seventh");
    sandbox.add_instance("123", "token");
    sandbox.add_channel("T", Messenger::WhatsApp);
    sandbox.no_account("79000000003");
    sandbox.add_user("user", "Boris");
    sandbox.name_contact("79000000001", "Anna");
    sandbox
}

/// Does it, and gives back what was answered.
pub fn run(sandbox: &Sandbox, steps: &[Step]) -> Vec<Bytes> {
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
                "GET /instance123/clearMessagesQueue?token=token",
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

/// Everything that happened, as text.
pub fn log(sandbox: &Sandbox) -> String {
    sandbox.journal().iter().map(|entry| format!("{entry:?}\n")).collect()
}
