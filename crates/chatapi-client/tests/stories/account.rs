//! Profile, state, presence, catalogue, bans, journal.

use std::collections::BTreeMap;
use std::time::Duration;

use chatapi_transport::Clock as _;
use chatapi_types::ChatId;
use chatapi_types::chat_api::{AccountStatus, MessageKind, Settings};
use serde::Deserialize;

use super::{anna, boris, setup};

#[tokio::test]
async fn the_profile_is_what_it_was_set_to() {
    let (_sandbox, instance, client) = setup();
    instance.battery(64);
    client.profile().set_name("Shop").await.unwrap();
    client.profile().set_status("open till 8").await.unwrap();
    let me = client.profile().me().await.unwrap();
    assert_eq!((me.name.as_deref(), me.battery), (Some("Shop"), Some(64)));
    assert_eq!(instance.about(), "open till 8");
}

#[tokio::test]
async fn the_instance_shows_its_screen_and_its_address() {
    let (_sandbox, _instance, client) = setup();
    let screen = client.state().screenshot().await.unwrap();
    assert!(screen.bytes.starts_with(b"\x89PNG"), "{screen:?}");
    let address = client.state().output_ip().await.unwrap().unwrap();
    assert!(address.parse::<std::net::IpAddr>().is_ok(), "{address}");
}

#[tokio::test]
async fn who_has_just_written_is_there() {
    let (_sandbox, instance, client) = setup();
    instance.contact_writes(anna().digits(), "hello").unwrap();
    let statuses = [
        client.contacts().presence(anna()).await.unwrap(),
        client.contacts().presence(ChatId::from(&boris())).await.unwrap(),
    ];
    // The shape is the sandbox's own: the vendor's was never seen.
    #[derive(Deserialize)]
    struct Presence {
        status: String,
    }
    let statuses = statuses.map(|answer| answer.read::<Presence>().unwrap().status);
    assert_eq!(statuses, ["available", "unavailable"]);
}

#[tokio::test]
async fn an_order_is_read_by_what_its_message_holds() {
    let (_sandbox, instance, client) = setup();
    let products = client.catalogue().products().await.unwrap();
    assert!(products.json().get().contains("1001"));
    assert!(client.catalogue().product("1001").await.is_ok());
    assert!(client.catalogue().product("none").await.is_err());

    instance.contact_orders(anna().digits(), &["1001", "1002"]).unwrap();
    let listed = client.messages().list().newest().send().await.unwrap();
    let message = listed.messages.known().next().unwrap();
    assert_eq!(message.kind, MessageKind::Order);
    let about: BTreeMap<String, String> = message.metadata.as_ref().unwrap().read().unwrap();
    let order = client.catalogue().order(&about["orderId"], &about["orderToken"]);
    let order = order.seller(&*about["sellerJid"]).send().await.unwrap();
    assert_eq!(order.products.len(), 2);
    assert!(client.catalogue().order(&about["orderId"], "wrong").send().await.is_err());
}

#[tokio::test]
async fn who_is_banned_is_told_so() {
    let (sandbox, instance, client) = setup();
    let bans = client.bans();
    assert!(bans.set("0001$", "Please call us").await.unwrap().set);
    assert_eq!(bans.read().await.unwrap().ban_phone_mask, "0001$");
    assert!(bans.test(anna()).await.unwrap().banned);
    assert!(!bans.test(boris()).await.unwrap().banned);
    instance.contact_writes(anna().digits(), "hello");
    sandbox.run_until_idle();
    assert_eq!(instance.sent()[0].body, "Please call us");
    assert!(bans.set("^$", "").await.is_ok());
    assert!(!bans.test(anna()).await.unwrap().banned, "this mask bans nobody");
}

#[tokio::test]
async fn the_journal_tells_through_which_states_the_instance_went() {
    let (sandbox, _instance, client) = setup();
    let mut settings = Settings::new();
    settings.instance_statuses = Some(true);
    client.settings().change(settings).await.unwrap();
    let begin = sandbox.clock().unix().into();
    client.state().logout().await.unwrap();
    client.state().wake().await.unwrap();
    sandbox.clock().sleep(Duration::from_secs(600)).await;
    let journal = client.journal();
    let states = journal.instance_statuses().not_before(begin).send().await.unwrap();
    let states: Vec<_> = states.data.known().map(|state| state.status.clone()).collect();
    assert!(states.contains(&AccountStatus::GotQrCode), "{states:?}");
    let later = sandbox.clock().unix().plus(Duration::from_secs(1)).into();
    let none = journal.instance_statuses().not_before(later).send().await.unwrap();
    assert!(none.data.is_empty());
}
