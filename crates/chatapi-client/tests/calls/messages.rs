//! Sends and listings of Chat API.

use chatapi_client::{ErrorKind, File, Voice};
use chatapi_types::chat_api::SendVCard;

use super::wire::{anna, boris, chat_api, group};

const SENT: &str =
    r#"{"sent":true,"message":"ok","id":"true_79000000001@c.us_3EB0","queueNumber":7}"#;

/// The shortest recording that has the header of one.
fn opus() -> Vec<u8> {
    let mut page = b"OggS".to_vec();
    page.resize(26, 0);
    page.extend([1, 8]);
    page.extend(b"OpusHead");
    page
}

#[tokio::test]
async fn voices_are_carried_along_or_fetched() {
    let (client, wire) = chat_api(SENT);
    let messages = client.messages();
    let voice = Voice::bytes(opus()).unwrap();
    let sent = messages.send_voice(anna(), voice).quoting("q-1").send().await.unwrap();
    assert_eq!(sent.queue_number, Some(7));
    let said = wire.once();
    let begin = r#"POST /sendPTT {"phone":79000000001,"audio":"data:audio/ogg;base64,T2dnUw"#;
    assert!(said.starts_with(begin) && said.ends_with(r#","quotedMsgId":"q-1"}"#), "{said}");

    messages.send_voice(group(), Voice::url("https://h.example/a.ogg")).send().await.unwrap();
    let said = wire.once();
    let whole = r#"POST /sendPTT {"chatId":"79000000000-1600000000@g.us","audio":"https://h.example/a.ogg"}"#;
    assert_eq!(said, whole);
}

#[tokio::test]
async fn links_carry_their_preview() {
    let (client, wire) = chat_api(SENT);
    let preview = File::bytes("preview.jpg", "jpeg");
    let messages = client.messages();
    let link = messages
        .send_link(anna(), "https://h.example/17", "Bill 17", preview)
        .description("7.50")
        .text("@79000000002, pay!")
        .quoting("q-1")
        .mentioning(["79000000002".parse::<chatapi_types::Phone>().unwrap()]);
    link.send().await.unwrap();
    assert_eq!(
        wire.once(),
        concat!(
            r#"POST /sendLink {"phone":79000000001,"body":"https://h.example/17","#,
            r#""previewBase64":"data:image/jpeg;base64,anBlZw==","title":"Bill 17","#,
            r#""description":"7.50","text":"@79000000002, pay!","quotedMsgId":"q-1","#,
            r#""mentionedPhones":[79000000002]}"#
        )
    );
    let there = File::url("https://h.example/preview.jpg");
    let link = messages.send_link(anna(), "https://h.example/17", "Bill 17", there);
    assert_eq!(link.send().await.unwrap_err().kind(), ErrorKind::Invalid);
    assert!(wire.said().is_empty());
}

#[tokio::test]
async fn contacts_places_and_cards_are_sent() {
    let (client, wire) = chat_api(SENT);
    let messages = client.messages();
    messages.send_contact(anna(), [boris()]).send().await.unwrap();
    assert_eq!(
        wire.once(),
        r#"POST /sendContact {"phone":79000000001,"contactId":"79000000002@c.us"}"#
    );
    messages.send_contact(boris(), [anna(), anna()]).send().await.unwrap();
    assert_eq!(
        wire.once(),
        r#"POST /sendContact {"chatId":"79000000002@c.us","contactId":["79000000001@c.us","79000000001@c.us"]}"#
    );
    messages.send_location(anna(), 55.75, -37.5, "Office\nfloor 3").send().await.unwrap();
    assert_eq!(
        wire.once(),
        r#"POST /sendLocation {"phone":79000000001,"lat":55.75,"lng":-37.5,"address":"Office\nfloor 3"}"#
    );
    let card = "BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nEND:VCARD";
    let send = messages.send_vcard(anna(), card);
    assert_eq!(send.call(), &SendVCard::new(anna(), card));
    send.send().await.unwrap();
    assert!(wire.once().starts_with(r#"POST /sendVCard {"phone":79000000001,"vcard":"BEGIN"#));

    let nowhere = messages.send_location(anna(), 91.0, 0.0, "Pole").send().await.unwrap_err();
    assert!(nowhere.to_string().contains("-90 (south) to 90 (north)"), "{nowhere}");
}

#[tokio::test]
async fn buttons_products_and_forwards_are_sent() {
    let (client, wire) = chat_api(SENT);
    let messages = client.messages();
    let ask = messages.send_buttons(anna(), "Paid?", ["Yes", "No"]).title("Bill").footer("Shop");
    ask.send().await.unwrap();
    assert_eq!(
        wire.once(),
        r#"POST /sendButtons {"phone":79000000001,"title":"Bill","body":"Paid?","footer":"Shop","buttons":["Yes","No"]}"#
    );
    let picture = File::url("https://h.example/tea.png");
    messages.send_product(anna(), "42", picture).send().await.unwrap();
    assert_eq!(
        wire.once(),
        r#"POST /sendProduct {"phone":79000000001,"productId":"42","body":"https://h.example/tea.png","filename":"tea.png"}"#
    );
    messages.forward(boris(), ["m-1"]).send().await.unwrap();
    assert_eq!(
        wire.once(),
        r#"POST /forwardMessage {"chatId":"79000000002@c.us","messageId":"m-1"}"#
    );
    messages.forward(boris(), ["m-1", "m-2"]).send().await.unwrap();
    assert!(wire.once().ends_with(r#""messageId":["m-1","m-2"]}"#));
}

#[tokio::test]
async fn a_broadcast_is_one_send_for_each() {
    let (client, wire) = chat_api(SENT);
    let report = client.messages().broadcast([group(), boris()], "hello").at_once(1).run().await;
    assert_eq!(report.taken().count(), 2);
    assert_eq!(
        wire.said(),
        [
            r#"POST /sendMessage {"chatId":"79000000000-1600000000@g.us","body":"hello"}"#,
            r#"POST /sendMessage {"chatId":"79000000002@c.us","body":"hello"}"#
        ]
    );
}

#[tokio::test]
async fn a_declined_send_is_an_error_in_the_vendors_words() {
    let (client, _) = chat_api(r#"{"sent":false,"message":"no such message"}"#);
    let error = client.messages().forward(boris(), ["m-1"]).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(error.message(), Some("no such message"));
    assert!(!error.may_have_taken_effect());
}

#[tokio::test]
async fn messages_are_taken_back_and_their_webhooks_said_again() {
    let (client, wire) = chat_api(r#"{"success":true,"result":"success"}"#);
    client.messages().delete("m-1").await.unwrap();
    assert_eq!(wire.once(), r#"POST /deleteMessage {"messageId":"m-1"}"#);
    client.messages().repeat_hook("m-1").await.unwrap();
    assert_eq!(wire.once(), r#"POST /repeatHook {"messageId":"m-1"}"#);
}

#[tokio::test]
async fn the_history_is_turned_page_by_page() {
    let (client, wire) = chat_api(r#"{"messages":[],"page":2}"#);
    let page = client.messages().history().page(2).count(50).chat(boris()).send().await.unwrap();
    assert_eq!(page.page, Some(2));
    assert_eq!(wire.once(), "GET /messagesHistory?page=2&count=50&chatId=79000000002%40c.us");
}
