//! The queue: its cap, its line, its recovery, and what clogs it.

use std::time::Duration;

use chatapi_sandbox::{
    Entry, Happening, InstanceHandle, MagicRecipient, Obstacle, Profile, Sandbox, Subject,
};
use chatapi_types::Delivery;
use proptest::prelude::*;

use crate::ledger::Ledger;
use crate::wire::{PHONE, say, with_instance};

fn send(sandbox: &Sandbox, phone: &str, text: &str) -> String {
    let request = format!("POST /instance123/sendMessage?token=token\n\nphone={phone}&body={text}");
    say(sandbox, &request)
}

fn send_file(sandbox: &Sandbox, phone: &str, url: &str) -> String {
    let request = format!(
        "POST /instance123/sendFile?token=token\n\nphone={phone}&body={url}&filename=a.pdf"
    );
    say(sandbox, &request)
}

fn queue(sandbox: &Sandbox) -> String {
    say(sandbox, "GET /instance123/showMessagesQueue?token=token")
}

fn pass(sandbox: &Sandbox, seconds: u64) {
    sandbox.clock().advance(Duration::from_secs(seconds));
}

/// When messages left, in milliseconds.
fn departures(sandbox: &Sandbox) -> Vec<i64> {
    let left = |event: &Happening| matches!(event, Happening::Went { state: Delivery::Sent, .. });
    let journal = sandbox.journal();
    journal.iter().filter(|entry| left(&entry.event)).map(|entry| entry.at.as_millis()).collect()
}

#[test]
fn a_send_is_answered_at_once_and_leaves_a_little_later() {
    let sandbox = with_instance();
    assert_eq!(queue(&sandbox), r#"200 {"totalMessages":0,"first100":[]}"#);
    send(&sandbox, PHONE, "hi");
    assert_eq!(
        queue(&sandbox),
        r#"200 {"totalMessages":1,"first100":[{"id":1,"body":"hi","type":"chat","last_try":0,"metadata":{},"chatId":"79000000001@c.us"}]}"#
    );
    // What has not left is not in the history.
    let empty = r#"200 {"messages":[],"lastMessageNumber":0}"#;
    assert_eq!(say(&sandbox, "GET /instance123/messages?token=token"), empty);
    pass(&sandbox, 2);
    assert_eq!(sandbox.instance("123").queue_len(), 0);
    assert_eq!(sandbox.instance("123").sent().len(), 1);
}

#[test]
fn messages_keep_their_order_and_the_pause_that_was_set() {
    let sandbox = with_instance();
    say(&sandbox, "POST /instance123/settings?token=token\n\nsendDelay=7");
    for n in 1..=9 {
        send(&sandbox, PHONE, &n.to_string());
    }
    sandbox.run_until_idle();
    let bodies: Vec<_> = sandbox.instance("123").sent().into_iter().map(|sent| sent.body).collect();
    assert_eq!(bodies, ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    for pair in departures(&sandbox).windows(2) {
        assert_eq!(pair[1] - pair[0], 7_000);
    }
}

#[test]
fn the_queue_holds_four_hundred_and_lists_a_hundred() {
    let sandbox = with_instance();
    sandbox.instance("123").phone_offline();
    for n in 1..=400 {
        let answer = send(&sandbox, PHONE, &n.to_string());
        // A phone that is off takes nothing away from the answer.
        assert!(answer.starts_with(r#"200 {"sent":true,"message":"Sent to 79000000001@c.us""#));
        assert!(answer.ends_with(&format!(r#""queueNumber":{n}}}"#)));
    }
    let full =
        r#"200 {"sent":false,"message":"Message was not sent: the queue is full (400 messages)"}"#;
    assert_eq!(send(&sandbox, PHONE, "one more"), full);
    assert_eq!(send_file(&sandbox, PHONE, "https://h/a.pdf"), full);
    let listing = queue(&sandbox);
    assert!(listing.starts_with(r#"200 {"totalMessages":400,"first100":[{"id":1,"#), "{listing}");
    assert_eq!(listing.matches("last_try").count(), 100);

    let cleared = say(&sandbox, "POST /instance123/clearMessagesQueue?token=token");
    let beginning = r#"200 {"message":"Cleared 400 messages","messageTextsExample":["1","2","3","#;
    assert!(cleared.starts_with(beginning), "{cleared}");
    assert!(cleared.ends_with(r#","99","100"]}"#), "{cleared}");
    assert_eq!(sandbox.instance("123").queue_len(), 0);
    assert!(send(&sandbox, PHONE, "again").ends_with(r#""queueNumber":401}"#));
}

#[test]
fn a_backlog_leaves_in_portions_of_five_in_two_minutes() {
    let sandbox = with_instance();
    let phone = sandbox.instance("123");
    phone.phone_offline();
    for _ in 0..12 {
        send(&sandbox, PHONE, "x");
    }
    pass(&sandbox, 3_600);
    assert_eq!(phone.sent().len(), 0);
    phone.phone_online();
    for (seconds, left) in [(20, 5), (95, 5), (20, 10), (100, 10), (20, 12)] {
        pass(&sandbox, seconds);
        assert_eq!(phone.sent().len(), left);
    }
    // With the backlog gone there is no such limit.
    for _ in 0..12 {
        send(&sandbox, PHONE, "x");
    }
    pass(&sandbox, 30);
    assert_eq!(phone.sent().len(), 24);
}

#[test]
fn coming_back_often_does_not_hurry_a_backlog() {
    let sandbox = with_instance();
    let phone = sandbox.instance("123");
    for _ in 0..20 {
        send(&sandbox, PHONE, "x");
    }
    for _ in 0..40 {
        phone.phone_offline();
        pass(&sandbox, 1);
        phone.phone_online();
        pass(&sandbox, 2);
    }
    assert!(phone.sent().len() <= 5, "{}", phone.sent().len());
}

#[test]
fn messages_to_nobody_and_with_dead_links_stay_and_are_tried_again() {
    let sandbox = with_instance();
    sandbox.no_account("79000000002");
    sandbox.dead_link("https://h/gone.pdf");
    send(&sandbox, "79000000002", "text");
    send_file(&sandbox, "79000000002", "https://h/a.pdf");
    send_file(&sandbox, PHONE, "https://h/gone.pdf");
    send_file(&sandbox, PHONE, "https://h.invalid/a.pdf");
    send(&sandbox, "89000000001", "to the Russian home prefix");
    send(&sandbox, PHONE, "fine");
    pass(&sandbox, 30);
    let bodies =
        || -> Vec<_> { sandbox.instance("123").sent().into_iter().map(|sent| sent.body).collect() };
    assert_eq!(bodies(), ["fine"], "the others are passed by");
    let tries = || -> Vec<i64> {
        let listing = queue(&sandbox);
        let after = listing.split("\"last_try\":").skip(1);
        after.map(|rest| rest.split(',').next().unwrap().parse().unwrap()).collect()
    };
    let first = tries();
    assert_eq!(first.len(), 5);
    assert!(first.iter().all(|at| *at > 1_600_000_000_000), "{first:?}");
    assert!(queue(&sandbox).contains(r#""metadata":{"filename":"a.pdf"}"#));
    pass(&sandbox, 65);
    let second = tries();
    assert!(first.iter().zip(&second).all(|(first, second)| second - first >= 60_000));

    let held = |obstacle| {
        let journal = sandbox.journal();
        let held = |event: &Happening| matches!(event, Happening::Held { obstacle: o, .. } if *o == obstacle);
        journal.iter().filter(|entry| held(&entry.event)).count()
    };
    assert_eq!((held(Obstacle::NoAccount), held(Obstacle::DeadLink)), (6, 4));
    // Trying for ever is being idle.
    assert_eq!(sandbox.run_until_idle(), Duration::ZERO);

    // With an account there is something to wait for.
    sandbox.has_account("79000000002");
    assert!(sandbox.run_until_idle() < Duration::from_secs(70));
    assert_eq!(bodies(), ["fine", "text", "https://h/a.pdf"]);
}

#[test]
fn what_is_stuck_may_hold_up_the_others() {
    let mut profile = Profile::default();
    profile.chat_api.stuck_blocks_queue = true;
    let sandbox = Sandbox::builder().profile(profile).build();
    let instance = sandbox.add_instance("123", "token");
    sandbox.no_account("79000000002");
    send(&sandbox, "79000000002", "stuck");
    send(&sandbox, PHONE, "fine");
    pass(&sandbox, 600);
    assert_eq!(instance.sent(), []);
    sandbox.has_account("79000000002");
    pass(&sandbox, 70);
    assert_eq!(instance.sent().len(), 2);
}

#[test]
fn a_queue_that_is_only_stuck_is_no_backlog() {
    let sandbox = with_instance();
    let phone = sandbox.instance("123");
    sandbox.no_account("79000000002");
    send(&sandbox, "79000000002", "stuck");
    pass(&sandbox, 5);
    phone.phone_offline();
    phone.phone_online();
    pass(&sandbox, 65);
    for _ in 0..10 {
        send(&sandbox, PHONE, "x");
    }
    pass(&sandbox, 30);
    assert_eq!(phone.sent().len(), 10);
}

/// What was in the way when a message was last tried says nothing of what is now.
#[test]
fn a_backlog_whose_account_was_opened_meanwhile_leaves_in_portions() {
    let later = MagicRecipient::AccountLater.address();
    for (number, before, opens) in [(later, 60, 640), ("79000000002", 60, 5)] {
        let sandbox = with_instance();
        let phone = sandbox.instance("123");
        sandbox.no_account("79000000002");
        for _ in 0..20 {
            send(&sandbox, number, "x");
        }
        pass(&sandbox, before);
        assert_eq!(queue(&sandbox).matches("\"last_try\":16").count(), 20, "all were tried");
        phone.phone_offline();
        pass(&sandbox, opens);
        sandbox.has_account("79000000002");
        phone.phone_online();
        // By the end of the first minute all have been tried that rested.
        for (seconds, left) in [(70, 5), (45, 5), (80, 10), (120, 15), (130, 20)] {
            pass(&sandbox, seconds);
            assert_eq!(phone.sent().len(), left, "{number}");
        }
        let ends = |entry: &Entry| entry.event == Happening::RecoveryEnded;
        assert_eq!(sandbox.journal().iter().filter(|entry| ends(entry)).count(), 1);
    }
}

#[test]
fn nothing_leaves_while_the_instance_cannot_send() {
    let disturb: [fn(&InstanceHandle); 4] = [
        InstanceHandle::phone_offline,
        InstanceHandle::phone_silent,
        InstanceHandle::open_second_session,
        InstanceHandle::unpaid,
    ];
    let mend: [fn(&InstanceHandle); 4] = [
        InstanceHandle::phone_online,
        InstanceHandle::phone_online,
        InstanceHandle::close_second_session,
        InstanceHandle::paid,
    ];
    for (disturb, mend) in disturb.into_iter().zip(mend) {
        let sandbox = with_instance();
        let phone = sandbox.instance("123");
        send(&sandbox, PHONE, "x");
        disturb(&phone);
        pass(&sandbox, 600);
        assert_eq!(phone.sent(), []);
        mend(&phone);
        pass(&sandbox, 5);
        assert_eq!(phone.sent().len(), 1);
    }
    let mut profile = Profile::default();
    profile.chat_api.sends_on_very_low_battery = false;
    let sandbox = Sandbox::builder().profile(profile).build();
    let phone = sandbox.add_instance("123", "token");
    phone.battery(4);
    send(&sandbox, PHONE, "x");
    pass(&sandbox, 60);
    assert_eq!(phone.sent(), []);
}

/// One step of a life.
#[derive(Clone, Debug)]
enum Step {
    Send(u8),
    Account(bool),
    Offline,
    Online,
    Silent,
    Rival(bool),
    Clear,
    Reads(u8),
    Pass(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..5_u8).prop_map(Step::Send),
        1 => any::<bool>().prop_map(Step::Account),
        2 => Just(Step::Offline),
        3 => Just(Step::Online),
        1 => Just(Step::Silent),
        1 => any::<bool>().prop_map(Step::Rival),
        1 => Just(Step::Clear),
        1 => (0..4_u8).prop_map(Step::Reads),
        8 => (1..200_000_u32).prop_map(Step::Pass),
    ]
}

/// What has no account at first, and what has none for the first ten minutes.
const NOBODY: &str = "79000000000";
const LATER: &str = "999000000011";

fn number(to: u8) -> String {
    match to {
        0..4 => format!("7900000000{to}"),
        _ => LATER.to_owned(),
    }
}

/// The life of one instance with a queue of 10, and its books; how many messages were taken, and
/// how many cleared.
fn live(steps: &[Step]) -> Result<(Sandbox, usize, usize), String> {
    let mut profile = Profile::default();
    profile.chat_api.queue_cap = 10;
    let sandbox = Sandbox::builder().profile(profile).build();
    let phone = sandbox.add_instance("123", "token");
    sandbox.no_account(NOBODY);
    let (mut ledger, mut read) = (Ledger::default(), 0);
    ledger.account(NOBODY, false);
    let (mut taken, mut cleared) = (0, 0);
    for step in steps {
        match step {
            Step::Send(to) => {
                let answer = send(&sandbox, &number(*to), &taken.to_string());
                taken += usize::from(answer.contains("\"sent\":true"));
            }
            Step::Account(is_open) => {
                ledger.account(NOBODY, *is_open);
                match is_open {
                    true => sandbox.has_account(NOBODY),
                    false => sandbox.no_account(NOBODY),
                }
            }
            Step::Offline => phone.phone_offline(),
            Step::Online => phone.phone_online(),
            Step::Silent => phone.phone_silent(),
            Step::Rival(true) => phone.open_second_session(),
            Step::Rival(false) => phone.close_second_session(),
            Step::Clear => {
                cleared += phone.queue_len();
                say(&sandbox, "POST /instance123/clearMessagesQueue?token=token");
            }
            Step::Reads(from) => phone.contact_reads(number(*from)),
            Step::Pass(millis) => sandbox.clock().advance(Duration::from_millis((*millis).into())),
        }
        assert!(phone.queue_len() <= 10, "the queue is over its cap");
        let news = sandbox.journal_after(read);
        read += u64::try_from(news.len()).unwrap();
        ledger.enter(&news)?;
    }
    let sent: Vec<_> = phone.sent().into_iter().map(|sent| sent.id).collect();
    ledger.agree("instance 123", phone.queue_len(), &sent)?;
    Ok((sandbox, taken, cleared))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_happens_the_queue_keeps_its_promises(steps in prop::collection::vec(step(), 1..120)) {
        // Portions in recovery, acks only forward, nothing twice, nothing for nobody: the books see.
        let (sandbox, taken, cleared) = live(&steps).map_err(TestCaseError::fail)?;
        let phone = sandbox.instance("123");
        let mut subjects = sandbox.journal().into_iter().map(|entry| entry.subject);
        prop_assert!(subjects.all(|who| matches!(who, Subject::Sandbox | Subject::Instance(_))));
        let sent = phone.sent();
        prop_assert_eq!(sent.len() + phone.queue_len() + cleared, taken);
        // Those that can leave keep their order.
        let could = sent.iter().filter(|sent| sent.chat.as_str().starts_with("7900000000"));
        let could = could.filter(|sent| !sent.chat.as_str().starts_with(NOBODY));
        let order: Vec<usize> = could.map(|sent| sent.body.parse().unwrap()).collect();
        prop_assert!(order.is_sorted(), "{order:?}");
    }
}
