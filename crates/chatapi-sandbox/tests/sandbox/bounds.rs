//! Nothing grows without end, whatever is sent.

use std::time::Duration;

use chatapi_sandbox::{ClockMode, Happening, Profile, Sandbox};
use chatapi_types::{Delivery, Messenger};
use serde_json::Value;

use crate::wire::exchange;

fn begin(change: impl FnOnce(&mut Profile)) -> Sandbox {
    let mut profile = Profile::default();
    change(&mut profile);
    let builder = Sandbox::builder().profile(profile).journal(100).exchanges(10, 100_000);
    let sandbox = builder.clock(ClockMode::Frozen).build();
    sandbox.add_account("uid");
    sandbox.add_instance("123", "token");
    sandbox.add_channel("T", Messenger::WhatsApp);
    sandbox
}

fn say(sandbox: &Sandbox, text: &str) -> Value {
    serde_json::from_slice(exchange(sandbox, text).body()).unwrap_or_default()
}

/// Everything that a client can do to make something more, with numbers of its own.
fn one_more(sandbox: &Sandbox, round: usize) {
    let instance = sandbox.instance("123");
    let number = 79_000_000_000 + round;
    for text in [
        format!("GET /instance123/message?token=token&phone={number}&body=hi"),
        format!(
            "POST /instance123/sendFile?token=token\n\nphone={number}&filename=a.txt&body=data%3A\
             text%2Fplain%3Bbase64%2C{}",
            "YWFh".repeat(100)
        ),
        format!("POST /instance123/group?token=token\n\ngroupName=G{round}&phones={number}"),
        format!("POST /instance123/createLabel?token=token\n\nname=L{round}"),
        format!("GET /instance123/readChat?token=token&chatId={number}@c.us"),
        format!("GET /api2/msg_to/T/{number}/hi"),
        format!("GET /api2/contact_to/T?phone={number}&name=Name"),
    ] {
        exchange(sandbox, &text);
    }
    let made = say(sandbox, "GET /admin/newInstance?uid=uid&type=whatsapp");
    let id = made["result"]["instance"]["id"].as_str().unwrap();
    exchange(sandbox, &format!("GET /admin/deleteInstance?uid=uid&instanceId={id}"));
    instance.contact_writes(format!("{}", number + 500_000), "hello");
    match round % 20 {
        5 => instance.phone_offline(),
        15 => instance.phone_online(),
        _ => {}
    }
    sandbox.clock().advance(Duration::from_secs(60));
}

#[test]
fn a_world_that_is_full_stays_as_large_as_it_is() {
    let sandbox = begin(|profile| {
        (profile.chat_api.history, profile.wamm.history) = (50, 50);
        profile.chat_api.queue_cap = 20;
        let limits = &mut profile.limits;
        (limits.chats, limits.groups, limits.labels) = (30, 20, 10);
        (limits.actions, limits.told, limits.line) = (10, 10, 10);
        (limits.content_bytes, limits.file_bytes) = (20_000, 20_000);
    });
    // Webhooks have a bound of their own, and tests of it.
    exchange(&sandbox, "POST /instance123/settings?token=token\n\ninstanceStatuses=true");
    let bans = "banPhoneMask=5%24&preBanMessage=no";
    exchange(&sandbox, &format!("POST /instance123/banSettings?token=token\n\n{bans}"));
    let mut sizes = Vec::new();
    for half in 0..3 {
        (0..200).for_each(|round| one_more(&sandbox, half * 200 + round));
        sandbox.instance("123").phone_online();
        sandbox.clock().advance(Duration::from_secs(3_600));
        sizes.push(sandbox.snapshot().to_bytes().unwrap().len());
    }
    let (second, third) = (sizes[1], sizes[2]);
    assert!(third < second + second / 20, "it goes on growing: {sizes:?}");
}

#[test]
fn of_chats_those_go_that_were_silent_for_longest() {
    let sandbox = begin(|profile| profile.limits.chats = 3);
    for number in 1..=5 {
        let text = format!("GET /instance123/message?token=token&phone=7900000000{number}&body=x");
        exchange(&sandbox, &text);
        exchange(&sandbox, &format!("GET /api2/msg_to/T/7900000000{number}/x"));
        sandbox.clock().advance(Duration::from_secs(60));
        exchange(&sandbox, "GET /instance123/pinChat?token=token&chatId=79000000001@c.us");
    }
    let dialogs = say(&sandbox, "GET /instance123/dialogs?token=token");
    let ids: Vec<_> = dialogs["dialogs"].as_array().unwrap().iter().map(|d| &d["id"]).collect();
    assert_eq!(ids, ["79000000001@c.us", "79000000005@c.us", "79000000004@c.us"]);
    assert!(say(&sandbox, "GET /api2/contact_get/T/79000000001")["err"].is_string());
    assert_eq!(say(&sandbox, "GET /api2/contact_get/T/79000000005")["err"], 0);
}

#[test]
fn a_queue_has_room_for_so_many_bytes_and_a_history_too() {
    let sandbox = begin(|profile| profile.limits.content_bytes = 250_000);
    let instance = sandbox.instance("123");
    instance.phone_offline();
    let long = "x".repeat(100_000);
    let send = |body: &str| {
        let text =
            format!("POST /instance123/sendMessage?token=token\n\nphone=79000000001&body={body}");
        say(&sandbox, &text)["sent"] == true
    };
    assert!(send(&long) && send(&long) && !send(&long) && send("short"));
    instance.phone_online();
    sandbox.run_until_idle();
    assert!(send(&long));
    sandbox.run_until_idle();
    let lengths: Vec<_> = instance.sent().iter().map(|sent| sent.body.len()).collect();
    assert_eq!(lengths, [100_000, 5, 100_000], "the oldest has gone");
}

#[test]
fn a_line_that_is_full_refuses_and_what_history_forgets_is_told() {
    let sandbox = begin(|profile| (profile.limits.line, profile.wamm.history) = (9, 2));
    let refused = |number: usize| {
        let text = format!("GET /api2/msg_to/T/7900000000{number}/x");
        say(&sandbox, &text)["err"].as_str().map(str::to_owned)
    };
    // The first leaves at once.
    assert!((1..=4).all(|number| refused(number).is_none()));
    // The history holds two: the second will not leave, and the journal says so.
    let failed = |entry: &chatapi_sandbox::Entry| {
        matches!(&entry.event, Happening::Went { state: Delivery::Failed(_), .. })
    };
    assert_eq!(sandbox.journal().iter().filter(|entry| failed(entry)).count(), 1);
    assert_eq!(sandbox.channel("T").queue_len(), 2);

    let sandbox = begin(|profile| profile.limits.line = 2);
    let send = || say(&sandbox, "GET /api2/msg_to/T/79000000001/x")["err"].clone();
    assert!((0..3).all(|_| send() == 0));
    assert_eq!(send(), "limit fail");
}

#[test]
fn one_instance_too_many_is_refused() {
    let sandbox = begin(|profile| profile.limits.instances = 2);
    let new = || say(&sandbox, "GET /admin/newInstance?uid=uid&type=whatsapp");
    assert_eq!(new()["result"]["status"], "created");
    assert_eq!(new()["error"], "There are too many instances");
}

#[test]
fn an_id_that_nobody_could_have_is_refused() {
    let sandbox = begin(|_| {});
    let long = "7".repeat(65);
    let text = format!("GET /instance123/message?token=token&chatId={long}@c.us&body=x");
    assert_eq!(say(&sandbox, &text)["sent"], false);
}
