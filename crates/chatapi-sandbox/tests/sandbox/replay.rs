//! The same seed and the same calls at the same times give the same world, to the byte.

use std::time::Duration;

use bytes::Bytes;
use chatapi_sandbox::Sandbox;
use chatapi_types::Messenger;

use crate::wire::exchange;

/// A busy hour; gives back every answer and the journal.
fn hour(seed: u64) -> (Vec<Bytes>, String) {
    let sandbox = Sandbox::builder().seed(seed).build();
    sandbox.add_account("uid");
    sandbox.add_instance("123", "token");
    sandbox.add_channel("T", Messenger::WhatsApp);
    sandbox.no_account("79000000003");
    let mut answers = Vec::new();
    let mut say = |text: &str| answers.push(exchange(&sandbox, text).into_body());
    for minute in 0..60 {
        say("GET /admin/newInstance?uid=uid&type=whatsapp");
        let to = format!("7900000000{}", minute % 5);
        say(&format!("POST /instance123/message?token=token\n\nphone={to}&body=hi"));
        say(&format!("GET /api2/msg_to/T/{to}/hi"));
        match minute {
            20 => sandbox.instance("123").phone_offline(),
            40 => sandbox.instance("123").phone_online(),
            50 => {
                sandbox.instance("123").contact_writes("79000000001", "hello");
            }
            _ => {}
        }
        sandbox.clock().advance(Duration::from_secs(60));
        say("GET /instance123/messages?token=token");
        say("GET /instance123/showMessagesQueue?token=token");
        say("GET /api2/msg_get_last/T/100");
        say("GET /instance123/qr_code?token=token");
    }
    let journal = sandbox.journal();
    (answers, journal.iter().map(|entry| format!("{entry:?}\n")).collect())
}

#[test]
fn the_same_seed_gives_the_same_world() {
    let (answers, journal) = hour(7);
    assert_eq!((answers.clone(), journal.clone()), hour(7));
    let (other_answers, other_journal) = hour(8);
    assert_ne!(answers, other_answers);
    assert_ne!(journal, other_journal);
}

#[test]
fn looking_more_often_changes_nothing() {
    let lived = |step: u64| {
        let sandbox = Sandbox::new();
        let instance = sandbox.add_instance("123", "token");
        for _ in 0..20 {
            exchange(&sandbox, "GET /instance123/message?token=token&phone=79000000001&body=x");
        }
        for _ in 0..120_000 / step {
            sandbox.clock().advance(Duration::from_millis(step));
            let _ = instance.queue_len();
        }
        format!("{:?} {:?}", instance.sent(), sandbox.journal())
    };
    assert_eq!(lived(10), lived(120_000));
}

#[test]
fn the_journal_keeps_the_latest_only() {
    let sandbox = Sandbox::builder().journal(3).build();
    sandbox.add_instance("123", "token");
    for _ in 0..10 {
        exchange(&sandbox, "GET /instance123/status?token=token");
    }
    let numbers: Vec<u64> = sandbox.journal().iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [10, 11, 12]);
}
