//! The sandbox as the transport of a typed gateway.

use chatapi_sandbox::Sandbox;
use chatapi_transport::{ApiKey, Clock as _, ErrorKind, Gateway, Token};
use chatapi_types::admin::{Admin, DeleteInstance, ListInstances, NewInstance, Platform};
use chatapi_types::chat_api::{
    AccountStatus, ChatApi, CheckPhone, ListMessages, ReadQrCode, ReadStatus, SendMessage,
    ShowMessagesQueue, Takeover,
};
use chatapi_types::wamm::{self, ChannelFilter, ChannelList, MsgState, MsgTo, Wamm};
use chatapi_types::{Delivery, Messenger, Phone};

use std::time::Duration;

fn phone() -> Phone {
    "+7 900 000-00-01".parse().unwrap()
}

fn gateway(sandbox: &Sandbox, token: &str) -> Gateway<ChatApi> {
    let dialect = ChatApi::path("123");
    Gateway::new(sandbox.address(), dialect, Token::new(token), sandbox.clone())
        .on_clock(sandbox.clock())
}

#[tokio::test]
async fn a_message_is_sent_and_followed_to_its_reader() {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("123", "a/b%c&д");
    for dialect in [ChatApi::path("123"), ChatApi::query("123")] {
        let token = Token::new("a/b%c&д");
        let gateway = Gateway::new(sandbox.address(), dialect, token, sandbox.clone());
        let status = gateway.call(&ReadStatus::new().full()).await.unwrap();
        assert!(status.advice().can_send);
        let sent = gateway.call(&SendMessage::new(phone(), "hi")).await.unwrap();
        let queue = gateway.call(&ShowMessagesQueue::new()).await.unwrap();
        let waiting = queue.first100.known().next().unwrap();
        assert_eq!(Some(waiting.id), sent.queue_number);
        let clock = sandbox.clock();
        loop {
            clock.sleep(Duration::from_secs(1)).await;
            let page = gateway.call(&ListMessages::new()).await.unwrap();
            let mut messages = page.messages.known();
            let found = messages.find(|message| Some(&message.id) == sent.id.as_ref());
            if found.is_some_and(|message| message.delivery() == Delivery::Read) {
                break;
            }
        }
    }
    assert_eq!(instance.sent().len(), 2);
}

#[tokio::test]
async fn refusals_are_errors_with_the_vendors_words() {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("123", "token");
    let wrong = gateway(&sandbox, "canary");
    let error = wrong.call(&CheckPhone::new(phone())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert!(!format!("{error:?} {error}").contains("canary"));

    let gateway = gateway(&sandbox, "token");
    let declined = gateway.call(&Takeover::new()).await.unwrap();
    assert!(!declined.accepted());
    instance.unpaid();
    let error = gateway.call(&SendMessage::new(phone(), "hi")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("is not paid"), "{error}");
}

#[tokio::test]
async fn an_account_creates_uses_and_deletes_an_instance() {
    let sandbox = Sandbox::new();
    sandbox.add_account("uid");
    for dialect in [Admin::json(), Admin::form(), Admin::query()] {
        let key = ApiKey::new("uid");
        let admin = Gateway::new(sandbox.admin_address(), dialect, key, sandbox.clone());
        let created = admin.call(&NewInstance::new(Platform::WhatsApp)).await.unwrap();
        let created = created.into_instance();
        let address = created.api_url.base().parse().unwrap();
        let dialect = ChatApi::path(created.api_url.instance().unwrap());
        let gateway = Gateway::new(address, dialect, created.token.clone(), sandbox.clone());

        gateway.call(&ReadStatus::new()).await.unwrap();
        sandbox.clock().sleep(Duration::from_secs(2)).await;
        let picture = gateway.call(&ReadQrCode::new()).await.unwrap();
        assert!(picture.bytes.starts_with(b"\x89PNG"));
        assert!(sandbox.instance(&created.id).scan_qr());
        sandbox.clock().sleep(Duration::from_secs(3)).await;
        let status = gateway.call(&ReadStatus::new()).await.unwrap();
        assert_eq!(status.account_status, AccountStatus::Authenticated);

        let listed = admin.call(&ListInstances::new()).await.unwrap();
        assert_eq!(listed.instances.known().count(), 1);
        admin.call(&DeleteInstance::new(&created.id)).await.unwrap();
        let error = gateway.call(&ReadStatus::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
    }
}

#[tokio::test]
async fn wamm_is_spoken_in_both_styles() {
    let sandbox = Sandbox::new();
    let channel = sandbox.add_channel("t/t", Messenger::WhatsApp);
    sandbox.no_account("79000000002");
    for (dialect, text) in
        [(Wamm::query(), "😀".repeat(4500)), (Wamm::path(), "a/b\n..".to_owned())]
    {
        let token = Token::new("t/t");
        let gateway = Gateway::new(sandbox.wamm_address(), dialect, token, sandbox.clone());
        let sent = gateway.call(&MsgTo::new(phone(), &*text)).await.unwrap();
        sandbox.run_until_idle();
        let state = gateway.call(&MsgState::new(&sent.msg_id)).await.unwrap();
        assert_eq!(state.delivery(), Delivery::Read);
        assert_eq!(channel.sent().pop().unwrap().body, text);
        let one = ChannelList::new().only(ChannelFilter::One);
        let channels = gateway.call(&one).await.unwrap();
        assert!(channels.channels.known().all(|channel| channel.state.can_send()));
        let nobody = MsgTo::new("79000000002", "hi");
        let error = gateway.call(&nobody).await.unwrap_err();
        assert!(error.to_string().contains("no WhatsApp on the number"), "{error}");
        let check = gateway.call(&wamm::CheckPhone::new("79000000002")).await.unwrap();
        assert!(!check.result.is_yes());
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_read() {
    let sandbox = Sandbox::new();
    sandbox.add_instance("123", "token");
    let gateway = gateway(&sandbox, "token").answers_at_most(10);
    let error = gateway.call(&ReadStatus::new()).await.unwrap_err();
    assert!(error.to_string().contains("longer than the 10 bytes"), "{error}");
}

#[test]
fn nothing_private_prints() {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("123", "canary");
    sandbox.add_account("canary");
    let channel = sandbox.add_channel("canary", Messenger::Max);
    let lines: Vec<String> = sandbox.journal().iter().map(ToString::to_string).collect();
    let shown = format!("{sandbox:?} {instance:?} {channel:?} {lines:?}");
    assert!(!shown.contains("canary"), "{shown}");
}
