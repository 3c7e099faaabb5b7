//! State, profile, queue of actions, contacts, catalogue, bans and journal of Chat API.

use chatapi_client::ErrorKind;
use chatapi_types::UnixTime;
use chatapi_types::chat_api::{ActionKind, WebhookState};

use super::wire::{anna, boris, chat_api};

#[tokio::test]
async fn the_state_is_looked_at_from_all_sides() {
    let (client, wire) = chat_api(r#"{"result":"192.0.2.1"}"#);
    assert_eq!(client.state().output_ip().await.unwrap().as_deref(), Some("192.0.2.1"));
    assert_eq!(wire.once(), "GET /outputIP");
    let (client, _) = chat_api("{}");
    assert_eq!(client.state().output_ip().await.unwrap(), None);

    let (client, wire) = chat_api("a picture");
    assert_eq!(client.state().screenshot().await.unwrap().bytes, b"a picture");
    assert_eq!(wire.once(), "GET /screenshot");
}

#[tokio::test]
async fn the_profile_is_read_and_set() {
    let (client, wire) = chat_api(r#"{"id":"79000000000@c.us","battery":"80","pushname":"Shop"}"#);
    let profile = client.profile();
    let me = profile.me().await.unwrap();
    assert_eq!((me.id.as_str(), me.battery), ("79000000000@c.us", Some(80)));
    assert_eq!(wire.once(), "GET /me");
    assert_eq!(profile.set_name("Shop").await.unwrap().pushname.as_deref(), Some("Shop"));
    assert_eq!(wire.once(), r#"POST /setName {"pushname":"Shop"}"#);
    profile.set_status("open till 8").await.unwrap();
    assert_eq!(wire.once(), r#"POST /setStatus {"status":"open till 8"}"#);
    assert_eq!(profile.set_name("").await.unwrap_err().kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn actions_wait_in_a_queue_of_their_own() {
    let (client, wire) =
        chat_api(r#"{"totalActions":2,"first100":[{"id":1,"type":"create group"}]}"#);
    let queue = client.queue().show_actions().await.unwrap();
    assert_eq!((queue.total, queue.is_complete()), (2, false));
    assert_eq!(queue.first100.known().next().unwrap().kind, ActionKind::CreateGroup);
    assert_eq!(wire.once(), "GET /showActionsQueue");

    let (client, wire) = chat_api(r#"{"message":"Cleared 2 actions","actionsExample":[]}"#);
    assert_eq!(client.queue().clear_actions().await.unwrap().count(), Some(2));
    assert_eq!(wire.once(), "POST /clearActionsQueue");
}

#[tokio::test]
async fn presence_is_kept_as_it_comes() {
    let (client, wire) = chat_api(r#"{"status":"available"}"#);
    let presence = client.contacts().presence(anna()).await.unwrap();
    assert_eq!(presence.json().get(), r#"{"status":"available"}"#);
    assert_eq!(wire.once(), "GET /userStatus?phone=79000000001");
    client.contacts().presence(boris()).await.unwrap();
    assert_eq!(wire.once(), "GET /userStatus?chatId=79000000002%40c.us");
}

#[tokio::test]
async fn products_and_orders_are_read() {
    let (client, wire) = chat_api(r#"{"id":"17","products":[{"id":"1"},{"id":"2"}]}"#);
    let catalogue = client.catalogue();
    catalogue.products().await.unwrap();
    assert_eq!(wire.once(), "GET /getProducts");
    catalogue.product("1").await.unwrap();
    assert_eq!(wire.once(), "GET /getProduct?productId=1");
    let order = catalogue.order("17", "secret").seller(boris()).send().await.unwrap();
    assert_eq!(order.products.len(), 2);
    let whole = "GET /getOrder?orderId=17&orderToken=secret&sellerJid=79000000002%40c.us";
    assert_eq!(wire.once(), whole);
}

#[tokio::test]
async fn numbers_are_banned_and_tried() {
    let (client, wire) = chat_api(
        r#"{"banPhoneMask":"^7900","preBanMessage":"call us","set":true,"banned":true,"phone":"79000000001"}"#,
    );
    let bans = client.bans();
    assert_eq!(bans.read().await.unwrap().ban_phone_mask, "^7900");
    assert_eq!(wire.once(), "GET /banSettings");
    assert!(bans.set("^7900", "call us").await.unwrap().set);
    assert_eq!(
        wire.once(),
        r#"POST /banSettings {"banPhoneMask":"^7900","preBanMessage":"call us"}"#
    );
    assert!(bans.test(anna()).await.unwrap().banned);
    assert_eq!(wire.once(), r#"POST /banTest {"phone":"79000000001"}"#);
    assert_eq!(bans.set("", "x").await.unwrap_err().kind(), ErrorKind::Invalid);
    assert!(wire.said().is_empty());
}

#[tokio::test]
async fn journals_are_read_in_a_window() {
    let (client, wire) =
        chat_api(r#"{"data":[{"date":"2020-09-13T12:26:40.000Z","status":"authenticated"}]}"#);
    let window = client
        .journal()
        .instance_statuses()
        .not_before(UnixTime::from_secs(1_600_000_000))
        .not_after(UnixTime::from_secs(1_600_000_060));
    assert_eq!(window.send().await.unwrap().data.len(), 1);
    assert_eq!(wire.once(), "GET /instanceStatuses?min_time=1600000000&max_time=1600000060");

    let (client, wire) = chat_api(r#"{"msgId":"m-1","time":null,"status":"not sent"}"#);
    let webhook = client.journal().webhook_status("m-1").await.unwrap();
    assert_eq!(webhook.status, WebhookState::NotSent);
    assert_eq!(wire.once(), "GET /webhookStatus?msgId=m-1");
}
