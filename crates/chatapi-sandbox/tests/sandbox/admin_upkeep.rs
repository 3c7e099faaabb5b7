//! Cleaning, restarting, and paid days.

use std::time::Duration;

use chatapi_sandbox::{AccountHandle, Profile, Sandbox};
use chatapi_types::admin::CATALOGUE;
use chatapi_types::chat_api::{AccountStatus, Substatus};

use crate::wire::say;

const KEY: &str = "abcdefghijklmnopqrstuvwxyz12";
const DAY: i64 = 86_400_000;
const NOW: i64 = 1_600_000_000_000;

fn with(change: impl FnOnce(&mut Profile)) -> (Sandbox, AccountHandle) {
    let mut profile = Profile::default();
    change(&mut profile);
    let sandbox = Sandbox::builder().profile(profile).build();
    let account = sandbox.add_account(KEY);
    (sandbox, account)
}

/// An account that may transfer days: 100001 has ten, the others two.
fn with_many() -> (Sandbox, AccountHandle) {
    let (sandbox, account) = with(|_| {});
    for instance in account.add_instances(26) {
        account.pay_days(instance.id(), 2);
    }
    account.pay_days("100001", 10);
    (sandbox, account)
}

fn transfer(sandbox: &Sandbox, source: &str, receiver: &str, days: &str) -> String {
    say(
        sandbox,
        &format!(
            "GET /admin/transferDays?uid={KEY}&source={source}&receiver={receiver}&days={days}"
        ),
    )
}

#[test]
fn no_function_is_missing() {
    let (sandbox, _) = with(|_| {});
    for entry in CATALOGUE {
        for verb in ["GET", "POST"] {
            let name = entry.operation.name;
            let answer = say(&sandbox, &format!("{verb} /admin/{name}?uid={KEY}"));
            assert!(answer.starts_with("200 "), "{name}: {answer}");
        }
    }
}

#[test]
fn many_instances_are_added_at_once() {
    let (sandbox, account) = with(|_| {});
    let instances = account.add_instances(40);
    assert_eq!((instances.len(), account.instances().len()), (40, 40));
    assert_eq!(instances[39].id().as_str(), "100040");
    let list = say(&sandbox, &format!("GET /admin/listInstances?uid={KEY}"));
    assert_eq!(list.matches("apiUrl").count(), 40);
    for instance in instances {
        let authenticated = (AccountStatus::Authenticated, Substatus::Normal);
        assert_eq!(instance.status(), Some(authenticated));
    }
    account.pay_days("100007", 3);
    assert_eq!(account.paid_till("100007").unwrap().as_millis(), NOW + 3 * DAY);
    account.pay_days("100007", 0);
    let unpaid = sandbox.instance("100007").status().unwrap();
    assert_eq!(unpaid.0, AccountStatus::NotPaid);
    // Not his own.
    sandbox.add_instance("7", "token");
    account.pay_days("7", 0);
    assert_ne!(sandbox.instance("7").status().unwrap().0, AccountStatus::NotPaid);
    assert!(account.paid_till("7").is_none() && account.paid_till("8").is_none());
}

#[test]
fn days_move_and_the_list_shows_it() {
    for (n, request) in [
        format!(
            "POST /admin/transferDays\nContent-Type: application/json\n\n{{\"uid\":\"{KEY}\",\"source\":\"100001\",\"receiver\":\"100002\",\"days\":3}}"
        ),
        format!(
            "POST /admin/transferDays\nContent-Type: application/json\n\n{{\"uid\":\"{KEY}\",\"source\":100001,\"receiver\":100002,\"days\":\"3\"}}"
        ),
        format!(
            "POST /admin/transferDays\nContent-Type: application/x-www-form-urlencoded\n\nuid={KEY}&source=100001&receiver=100002&days=3"
        ),
        format!("GET /admin/transferDays?uid={KEY}&source=100001&receiver=100002&days=3"),
    ]
    .iter()
    .enumerate()
    {
        let (sandbox, account) = with_many();
        assert_eq!(say(&sandbox, request), r#"200 {"result":"transferred"}"#, "{n}");
        assert_eq!(account.paid_till("100001").unwrap().as_millis(), NOW + 7 * DAY);
        let list = say(&sandbox, &format!("GET /admin/listInstances?uid={KEY}"));
        for (id, days) in [(100_001, 7), (100_002, 5), (100_003, 2)] {
            let shown = format!(
                r#"{{"id":"{id}","name":"Instance {id}","apiUrl":"http://sandbox.invalid/instance{id}/","type":"whatsapp","stopped":false,"paymentsCount":0,"paidTill":{}}}"#,
                NOW + days * DAY
            );
            assert!(list.contains(&shown), "{list}");
        }
    }
}

#[test]
fn a_transfer_is_refused_in_an_error() {
    let (sandbox, account) = with_many();
    let other = sandbox.add_account("other");
    other.add_instance("7", "token");
    for (source, receiver, days, text) in [
        ("100001", "100002", "0", "days must be at least 1"),
        ("100001", "100002", "-1", "`days`: expected a whole number"),
        ("100001", "100002", "many", "`days`: expected a whole number"),
        ("100001", "100001", "1", "source and receiver are the same instance"),
        ("7", "100001", "1", "No such instance"),
        ("100001", "7", "1", "No such instance"),
        ("", "100002", "1", "No such instance"),
        ("100001", "100002", "10", "source has 10 days and must keep at least 1"),
        ("100001", "100002", "4000000000", "source has 10 days and must keep at least 1"),
        ("100002", "100001", "2", "source has 2 days and must keep at least 1"),
    ] {
        let answer = transfer(&sandbox, source, receiver, days);
        assert_eq!(answer, format!(r#"200 {{"error":"{text}"}}"#), "{source} {receiver} {days}");
    }
    let missing = say(&sandbox, &format!("GET /admin/transferDays?uid={KEY}&source=100001&days=1"));
    assert_eq!(missing, r#"200 {"error":"`receiver`: missing"}"#);
    let wrong = say(&sandbox, "GET /admin/transferDays?uid=x&source=100001&receiver=100002&days=1");
    assert_eq!(wrong, r#"200 {"error":"Wrong uid"}"#);
    assert_eq!(account.paid_till("100001").unwrap().as_millis(), NOW + 10 * DAY);

    // It keeps one whole day: nine of ten can go, and after an hour only eight.
    sandbox.clock().advance(Duration::from_secs(3_600));
    let late = transfer(&sandbox, "100001", "100002", "9");
    assert_eq!(late, r#"200 {"error":"source has 9 days and must keep at least 1"}"#);
    assert_eq!(transfer(&sandbox, "100001", "100002", "8"), r#"200 {"result":"transferred"}"#);
    let again = transfer(&sandbox, "100001", "100002", "1");
    assert_eq!(again, r#"200 {"error":"source has 1 days and must keep at least 1"}"#);
}

#[test]
fn days_are_transferred_above_twenty_five_instances_only() {
    let (sandbox, account) = with_many();
    say(&sandbox, &format!("GET /admin/deleteInstance?uid={KEY}&instanceId=100026"));
    // Those of others do not count.
    sandbox.add_account("other").add_instances(5);
    let no = transfer(&sandbox, "100001", "100002", "1");
    assert_eq!(
        no,
        r#"200 {"error":"transferDays is open to accounts with more than 25 instances; this one has 25"}"#
    );
    account.add_instances(1);
    let yes = transfer(&sandbox, "100001", "100002", "1");
    assert_eq!(yes, r#"200 {"result":"transferred"}"#);

    let (sandbox, account) = with(|profile| {
        profile.admin.transfer_above = 1;
        profile.admin.source_keeps_days = 0;
        profile.admin.transferred = "moved".to_owned();
    });
    account.add_instances(2);
    assert_eq!(transfer(&sandbox, "100001", "100002", "30"), r#"200 {"result":"moved"}"#);
    assert_eq!(account.paid_till("100001").unwrap().as_millis(), NOW);
}

#[test]
fn days_revive_an_instance_that_was_not_paid_for() {
    for revive in [true, false] {
        let (sandbox, account) = with(|profile| profile.admin.days_revive = revive);
        account.add_instances(26);
        sandbox.instance("100002").unpaid();
        sandbox.clock().advance(Duration::from_secs(86_400));
        let no = transfer(&sandbox, "100002", "100001", "1");
        assert_eq!(no, r#"200 {"error":"source has 0 days and must keep at least 1"}"#);
        transfer(&sandbox, "100001", "100002", "5");
        // From now on, not from when it lapsed.
        assert_eq!(account.paid_till("100002").unwrap().as_millis(), NOW + 6 * DAY);
        let status = sandbox.instance("100002").status().unwrap().0;
        assert_eq!(status == AccountStatus::Authenticated, revive, "{status}");
    }
}

#[test]
fn a_restart_goes_through_the_states() {
    for request in [
        format!("GET /admin/reloadInstance?uid={KEY}&instanceId=100001"),
        format!("POST /admin/reloadInstance\n\n{{\"uid\":\"{KEY}\",\"instanceId\":100001}}"),
    ] {
        let (sandbox, account) = with(|_| {});
        let instance = account.add_instances(1).remove(0);
        instance.contact_writes("79000000001", "hello");
        assert_eq!(say(&sandbox, &request), r#"200 {"result":"reloaded"}"#);
        let opening = (AccountStatus::Loading, Substatus::Opening);
        assert_eq!(instance.status(), Some(opening));
        sandbox.clock().advance(Duration::from_secs(2));
        // A linked phone stays linked.
        let authenticated = (AccountStatus::Authenticated, Substatus::Normal);
        assert_eq!(instance.status(), Some(authenticated));
    }
}

#[test]
fn a_cleaned_instance_is_as_good_as_new() {
    let clean = format!("POST /admin/cleanInstance\n\n{{\"uid\":\"{KEY}\",\"instanceId\":\"1\"}}");
    for thorough in [true, false] {
        let (sandbox, account) = with(|profile| {
            profile.admin.cleaning_empties_queue = thorough;
            profile.admin.cleaning_forgets_messages = thorough;
        });
        let instance = account.add_instance("1", "token");
        instance.contact_writes("79000000001", "hello");
        instance.phone_offline();
        say(
            &sandbox,
            "POST /instance1/sendMessage?token=token\n\n{\"phone\":\"79000000001\",\"body\":\"hi\"}",
        );
        assert_eq!(say(&sandbox, &clean), r#"200 {"result":"cleaned"}"#);
        let kept = usize::from(!thorough);
        assert_eq!(instance.queue_len(), kept);
        let messages = say(&sandbox, "GET /instance1/messages?token=token");
        assert_eq!(messages.matches("\"body\":\"hello\"").count(), kept, "{messages}");
        // The phone is not linked any more; the token is the same.
        let status = say(&sandbox, "GET /instance1/status?token=token&no_wakeup=true");
        assert_eq!(status, r#"200 {"accountStatus":"init"}"#);
    }
}

#[test]
fn upkeep_is_for_ones_own_instances() {
    let (sandbox, _) = with(|_| {});
    sandbox.add_instance("7", "token");
    for function in ["cleanInstance", "reloadInstance"] {
        for id in ["7", "8", ""] {
            let request = format!("GET /admin/{function}?uid={KEY}&instanceId={id}");
            assert_eq!(say(&sandbox, &request), r#"200 {"error":"No such instance"}"#);
        }
        let request = format!("GET /admin/{function}?uid={KEY}");
        assert_eq!(say(&sandbox, &request), r#"200 {"error":"`instanceId`: missing"}"#);
        let request = format!("GET /admin/{function}?instanceId=7");
        assert_eq!(say(&sandbox, &request), r#"200 {"error":"Wrong uid"}"#);
    }
    let authenticated = (AccountStatus::Authenticated, Substatus::Normal);
    assert_eq!(sandbox.instance("7").status(), Some(authenticated));
}
