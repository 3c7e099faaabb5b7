//! The account's functions.

use chatapi_sandbox::Sandbox;

use crate::wire::{exchange, member, say};

const KEY: &str = "abcdefghijklmnopqrstuvwxyz12";

fn with_account() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.add_account(KEY);
    sandbox
}

#[test]
fn an_instance_is_created_by_query_form_and_json() {
    let sandbox = with_account();
    for (number, request) in [
        (100_001, format!("GET /admin/newInstance?uid={KEY}&type=whatsapp")),
        (100_002, format!("GET /admin/newInstance?uid={KEY}&type=Whatsapp")),
        (
            100_003,
            format!(
                "POST /admin/newInstance\nContent-Type: application/x-www-form-urlencoded\n\nuid={KEY}&type=whatsapp_dev"
            ),
        ),
        (
            100_004,
            format!(
                "POST /admin/newInstance\nContent-Type: application/json\n\n{{\"uid\":\"{KEY}\",\"type\":\"whatsapp\"}}"
            ),
        ),
        // As the help page at hand has it, the product's name replaced.
        (100_005, format!("GET /admin//newInstance?uid={KEY}&type=messengers")),
    ] {
        let answer = say(&sandbox, &request);
        let token = member(&answer, "token");
        assert!(
            token.len() == 16
                && token.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        );
        assert_eq!(
            answer,
            format!(
                r#"200 {{"result":{{"status":"created","instance":{{"id":"{number}","apiUrl":"http://sandbox.invalid/instance{number}/","token":"{token}"}}}}}}"#
            )
        );
        // It sleeps, and its address may be used as it came, with another slash.
        let status =
            say(&sandbox, &format!("GET /instance{number}//status?token={token}&no_wakeup=true"));
        assert_eq!(status, r#"200 {"accountStatus":"init"}"#);
    }
}

#[test]
fn the_address_in_replies_is_the_one_that_was_called() {
    let sandbox = with_account();
    let request = format!("GET /admin/newInstance?uid={KEY}&type=whatsapp\nHost: 127.0.0.1:8080");
    let answer = say(&sandbox, &request);
    assert_eq!(member(&answer, "apiUrl"), "http://127.0.0.1:8080/instance100001/");
    let public = Sandbox::builder().public_url("https://sandbox.example/").build();
    public.add_account(KEY);
    let answer = say(&public, &request);
    assert_eq!(member(&answer, "apiUrl"), "https://sandbox.example/instance100001/");
}

#[test]
fn instances_are_listed_without_their_tokens_and_deleted() {
    let sandbox = with_account();
    let create = format!("GET /admin/newInstance?uid={KEY}&type=whatsapp");
    let token = member(&say(&sandbox, &create), "token");
    say(&sandbox, &create);
    sandbox.instance("100002").unpaid();
    let list = || say(&sandbox, &format!("POST /admin/listInstances\n\n{{\"uid\":\"{KEY}\"}}"));
    let first = r#"{"id":"100001","name":"Instance 100001","apiUrl":"http://sandbox.invalid/instance100001/","type":"whatsapp","stopped":false,"paymentsCount":0,"paidTill":1602592000000}"#;
    let second = r#"{"id":"100002","name":"Instance 100002","apiUrl":"http://sandbox.invalid/instance100002/","type":"whatsapp","stopped":true,"paymentsCount":0,"paidTill":1600000000000}"#;
    assert_eq!(list(), format!(r#"200 {{"result":[{first},{second}]}}"#));

    let delete =
        |id: &str| say(&sandbox, &format!("GET /admin/deleteInstance?uid={KEY}&instanceId={id}"));
    assert_eq!(delete("100001"), r#"200 {"result":"deleted"}"#);
    assert_eq!(delete("100001"), r#"200 {"error":"No such instance"}"#);
    assert_eq!(list(), format!(r#"200 {{"result":[{second}]}}"#));
    let gone = say(&sandbox, &format!("GET /instance100001/status?token={token}"));
    assert!(gone.starts_with("401"), "{gone}");
    // Its number is not given out again.
    assert_eq!(member(&say(&sandbox, &create), "id"), "100003");
}

#[test]
fn a_deleted_instance_leaves_nothing_behind() {
    let sandbox = with_account();
    let token =
        member(&say(&sandbox, &format!("GET /admin/newInstance?uid={KEY}&type=whatsapp")), "token");
    exchange(&sandbox, &format!("GET /instance100001/status?token={token}"));
    say(&sandbox, &format!("GET /admin/deleteInstance?uid={KEY}&instanceId=100001"));
    assert_eq!(sandbox.run_until_idle(), std::time::Duration::ZERO);
}

#[test]
fn everybody_has_his_own_instances() {
    let sandbox = with_account();
    let other = sandbox.add_account("other");
    other.add_instance("7", "token");
    assert_eq!(other.instances(), ["7".into()]);
    let delete = format!("GET /admin/deleteInstance?uid={KEY}&instanceId=7");
    assert_eq!(say(&sandbox, &delete), r#"200 {"error":"No such instance"}"#);
    let list = say(&sandbox, &format!("GET /admin/listInstances?uid={KEY}"));
    assert_eq!(list, r#"200 {"result":[]}"#);
}

#[test]
fn refusals_are_errors_in_a_200() {
    let sandbox = with_account();
    for request in ["GET /admin/listInstances", "GET /admin/listInstances?uid=wrong"] {
        assert_eq!(say(&sandbox, request), r#"200 {"error":"Wrong uid"}"#);
    }
    let odd = say(&sandbox, &format!("GET /admin/newInstance?uid={KEY}&type=pigeon"));
    assert_eq!(odd, r#"200 {"error":"Unknown type"}"#);
    let missing = say(&sandbox, &format!("GET /admin/newInstance?uid={KEY}"));
    assert_eq!(missing, r#"200 {"error":"`type`: missing"}"#);
    let unknown = say(&sandbox, &format!("GET /admin/fly?uid={KEY}"));
    assert_eq!(unknown, r#"404 {"error":"Unknown function"}"#);
}
