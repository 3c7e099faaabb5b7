//! The routes of the sandbox.

use bytes::Bytes;
use chatapi::Sandbox;
use chatapi::types::{Messenger, Operation};

/// Whether the sandbox knows a method under a name: an unknown one gets the answer of a name that
/// nobody has.
pub(super) fn is_served(vendor: &str, name: &str, operation: &Operation) -> bool {
    const NOBODY: &str = "noSuchMethodAtAll";
    let unknown = answer(vendor, NOBODY, operation).replace(NOBODY, name);
    answer(vendor, name, operation) != unknown
}

fn answer(vendor: &str, name: &str, operation: &Operation) -> String {
    let sandbox = Sandbox::new();
    sandbox.add_instance("12345", "token");
    sandbox.add_channel("token", Messenger::Telegram);
    sandbox.add_account("key");
    let path = match vendor {
        "Chat API" => format!("/instance12345/{name}?token=token"),
        "Chat API admin" => format!("/admin/{name}?uid=key"),
        _ => format!("/api2/{name}/token"),
    };
    let request = http::Request::builder()
        .method(operation.verb.as_str())
        .uri(format!("{}{path}", Sandbox::ADDRESS))
        .body(Bytes::new())
        .unwrap();
    let answer = sandbox.answer(request);
    format!("{} {}", answer.status(), String::from_utf8_lossy(answer.body()))
}

/// The sandbox reads what the clients write: no request of theirs lacks an argument, has one that
/// cannot be read, a secret in the wrong place, or a path that leads nowhere.
#[tokio::test]
async fn every_request_of_the_clients_is_understood() {
    for method in super::methods::methods().await {
        let sandbox = Sandbox::new();
        sandbox.add_instance("12345", "token");
        sandbox.add_channel("token", Messenger::Telegram);
        sandbox.add_account("key");
        let prefix = match method.vendor {
            "Chat API" => "",
            "Chat API admin" => "/admin",
            _ => "/api2",
        };
        let mut request = method.request;
        let target = request.uri().path_and_query().unwrap();
        let uri = format!("{}{prefix}{target}", Sandbox::ADDRESS).parse().unwrap();
        *request.uri_mut() = uri;
        let answer = sandbox.answer(request);
        let body = String::from_utf8_lossy(answer.body());
        let what = format!("{} {}: {} {body}", method.vendor, method.name, answer.status());
        assert!(![400, 401, 405].contains(&answer.status().as_u16()), "{what}");
        for words in ["`: missing", "`: expected", "uid", "token fail", "Wrong token"] {
            assert!(!body.contains(words), "{what}");
        }
    }
}

#[test]
fn an_unknown_method_is_seen_as_one() {
    for vendor in &super::VENDORS {
        let operation = &vendor.entries[0].operation;
        for name in ["me2", "m", "method", "statu"] {
            assert!(!is_served(vendor.name, name, operation), "{} {name}", vendor.name);
        }
    }
}
