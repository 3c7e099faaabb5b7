//! Random lives of a sandbox.

#![expect(unreachable_pub, reason = "shared by the tests")]

use std::time::Duration;

use bytes::Bytes;
use chatapi_sandbox::{ClockMode, HookOutcome, MagicRecipient, Profile, Sandbox};
use chatapi_types::Messenger;
use proptest::prelude::*;
use proptest::sample::select;

use crate::hooks::URL;
use crate::troubles::{Rule, rule};
use crate::wire::exchange;

/// Something that can be done to a sandbox.
#[derive(Clone, Debug)]
pub enum Step {
    Send {
        to: u8,
    },
    SendFile,
    SendWamm {
        to: u8,
    },
    Ask(u8),
    /// The number that has no account at first gets one, or loses it.
    Account {
        is_open: bool,
    },
    Phone(u8),
    Channel(u8),
    /// A rule is put in force …
    Trouble(Rule),
    /// … one is taken away, or all are.
    Mend(u8),
    MendAll,
    /// Webhooks that are due get this answer.
    Deliver {
        status: u16,
    },
    Pass {
        millis: u32,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u8..6).prop_map(|to| Step::Send { to }),
        1 => Just(Step::SendFile),
        2 => (0u8..6).prop_map(|to| Step::SendWamm { to }),
        1 => any::<bool>().prop_map(|is_open| Step::Account { is_open }),
        2 => (0u8..15).prop_map(Step::Ask),
        2 => (0u8..12).prop_map(Step::Phone),
        1 => (0u8..6).prop_map(Step::Channel),
        3 => rule().prop_map(Step::Trouble),
        1 => (0u8..8).prop_map(Step::Mend),
        1 => prop_oneof![3 => Just(Step::Deliver { status: 200 }), 1 => Just(Step::MendAll)],
        1 => Just(Step::Deliver { status: 500 }),
        3 => (0u32..200_000).prop_map(|millis| Step::Pass { millis }),
    ]
}

/// A phone that is away while messages are sent, and comes back to them.
fn backlog() -> impl Strategy<Value = Vec<Step>> {
    (1usize..14, select(&[1, 3, 5][..])).prop_map(|(sends, to)| {
        let sends = vec![Step::Send { to }; sends];
        let opens = Step::Account { is_open: true };
        [vec![Step::Phone(0)], sends, vec![opens, Step::Phone(1)]].concat()
    })
}

/// Up to so many of them, backlogs counted as one.
pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let some = prop_oneof![20 => step().prop_map(|step| vec![step]), 1 => backlog()];
    prop::collection::vec(some, 0..most).prop_map(|some| some.concat())
}

/// The number that has no account at first.
pub const NOBODY: &str = "79000000003";

/// The number of a recipient; the last one is the sandbox's own, who has an account later.
fn number(to: u8) -> String {
    match to {
        0..5 => format!("7900000000{to}"),
        _ => MagicRecipient::AccountLater.address().to_owned(),
    }
}

pub fn begin(seed: u64) -> Sandbox {
    begin_with(Profile::default(), seed)
}

/// With an account, two instances, a channel, a number without an account, and somebody who listens
/// to everything.
pub fn begin_with(profile: Profile, seed: u64) -> Sandbox {
    let builder = Sandbox::builder().profile(profile).seed(seed).journal(1_000_000);
    let sandbox = builder.clock(ClockMode::Frozen).build();
    sandbox.add_account("uid").add_instance("7", "seventh");
    sandbox.add_instance("123", "token").change_settings(|settings| {
        settings.webhook_url = Some(URL.to_owned());
        settings.ack_notifications_on = Some(true);
        settings.chat_update_on = Some(true);
        settings.guaranteed_hooks = Some(true);
    });
    sandbox.add_channel("T", Messenger::WhatsApp).webhook(Some(URL));
    sandbox.no_account(NOBODY);
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
        let channel = sandbox.channel("T");
        match step {
            Step::Send { to } => {
                let to = number(*to);
                say(&format!("GET /instance123/message?token=token&phone={to}&body=hi"));
            }
            Step::SendFile => say(
                "POST /instance123/sendFile?token=token\n\nphone=79000000001&filename=a.txt&body=\
                 data%3Atext%2Fplain%3Bbase64%2CaGk%3D",
            ),
            Step::SendWamm { to } => say(&format!("GET /api2/msg_to/T/{}/hi", number(*to))),
            Step::Account { is_open: true } => sandbox.has_account(NOBODY),
            Step::Account { is_open: false } => sandbox.no_account(NOBODY),
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
            Step::Channel(what) => match what {
                0 => channel.state("notAuthorized"),
                1 => channel.state("authorized"),
                2 => channel.restart(),
                3 => channel.state("blocked"),
                4 => channel.contact_reads("79000000001"),
                _ => {
                    channel.contact_writes("79000000001", "hello");
                }
            },
            Step::Trouble(rule) => {
                sandbox.faults().add(rule.0.clone()).unwrap();
            }
            Step::Mend(which) => {
                let rules = sandbox.faults().list();
                if let Some(place) = usize::from(*which).checked_rem(rules.len()) {
                    sandbox.faults().remove(rules[place].id);
                }
            }
            Step::MendAll => {
                sandbox.faults().clear();
            }
            Step::Deliver { status } => {
                for hook in sandbox.webhooks().due() {
                    sandbox.webhooks().report(hook.id, HookOutcome::Status(*status));
                }
            }
            Step::Pass { millis } => {
                sandbox.clock().advance(Duration::from_millis(u64::from(*millis)));
            }
        }
    }
    answers
}

/// Whether two lives were the same, by their answers and their logs; else where they part.
pub fn same(one: (Vec<Bytes>, String), other: (Vec<Bytes>, String)) -> Result<(), TestCaseError> {
    if let Some(place) =
        (0..one.0.len().max(other.0.len())).find(|at| one.0.get(*at) != other.0.get(*at))
    {
        let (here, there) = (one.0.get(place), other.0.get(place));
        return Err(TestCaseError::fail(format!("answer {place}: {here:?}\n     and: {there:?}")));
    }
    if one.1 == other.1 {
        return Ok(());
    }
    let (mut here, mut there) = (one.1.lines(), other.1.lines());
    loop {
        let (a, b) = (here.next(), there.next());
        if a != b {
            return Err(TestCaseError::fail(format!("the log: {a:?}\n    and: {b:?}")));
        }
    }
}

/// Everything that happened, as text.
pub fn log(sandbox: &Sandbox) -> String {
    sandbox.journal().iter().map(|entry| format!("{entry:?}\n")).collect()
}
