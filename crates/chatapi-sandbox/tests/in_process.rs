//! The sandbox as the transport of a typed gateway.

use chatapi_sandbox::Sandbox;
use chatapi_transport::{Clock, Gateway};
use chatapi_types::Phone;
use chatapi_types::chat_api::*;
use std::time::Duration;

#[tokio::test]
async fn a_message_is_sent_and_followed() {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("123", "token");
    let gateway = Gateway::new(
        sandbox.address(),
        ChatApi::path("123"),
        chatapi_types::Token::new("token"),
        sandbox.clone(),
    )
    .on_clock(sandbox.clock());
    let status = gateway.call(&ReadStatus::new().full()).await.unwrap();
    assert_eq!(status.account_status, AccountStatus::Authenticated);
    let phone: Phone = "79000000001".parse().unwrap();
    let sent = gateway.call(&SendMessage::new(&phone, "hi")).await.unwrap();
    assert_eq!(sent.queue_number, Some(1));
    assert_eq!(instance.queue_len(), 1);
    sandbox.clock().sleep(Duration::from_secs(60)).await;
    let sent = instance.sent();
    assert_eq!(sent[0].body, "hi");
    assert_eq!(sent[0].delivery, chatapi_types::Delivery::Read);
    for entry in sandbox.journal() {
        println!("{entry}");
    }
}
