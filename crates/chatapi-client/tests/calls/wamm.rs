//! What the wamm client says.

use chatapi_client::line::{Line, Outgoing, Submitted};
use chatapi_client::{ErrorKind, File};
use chatapi_types::MessageId;

use super::wire::{anna, group, wamm};

#[tokio::test]
async fn files_are_fetched_or_carried_along() {
    let (client, wire) = wamm(r#"{"err":0,"msg_id":17}"#);
    let there = File::url("https://h.example/bill 17.pdf?a=1&b=2".replace(' ', "%20"));
    let sent = client.messages().send_file(anna(), there).send().await.unwrap();
    assert_eq!(sent.msg_id, Some(MessageId::from(17)));
    assert_eq!(
        wire.once(),
        "GET /file_to/?phone=79000000001&url=https%3A%2F%2Fh.example%2Fbill%252017.pdf%3Fa%3D1%26b%3D2"
    );
    let here = File::bytes("bill.pdf", [0xfb, 0xef]);
    client.messages().send_file("@anna", here).send().await.unwrap();
    assert_eq!(
        wire.once(),
        "POST /file_from_base64/?phone=%40anna file_name=bill.pdf&file_base64=%2B%2B8%3D"
    );
}

#[tokio::test]
async fn files_that_are_none_are_refused_before_they_leave() {
    let (client, wire) = wamm(r#"{"err":0,"msg_id":17}"#);
    for file in [File::bytes("a.txt", ""), File::url("ftp://h/a.txt"), File::url("data:nothing")] {
        let error = client.messages().send_file(anna(), file).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    }
    assert!(wire.said().is_empty());
}

#[tokio::test]
async fn a_line_sends_files_without_a_text_under_them() {
    let (client, wire) = wamm(r#"{"err":0}"#);
    let file = |caption| Outgoing::file(group(), File::bytes("a.txt", "a"), caption);
    let submitted = client.submit(&file(None)).await.unwrap();
    assert_eq!(submitted, Submitted::default(), "the vendor may give no id");
    let said = wire.once();
    assert!(said.starts_with("POST /file_from_base64/?phone=79000000000-1600000000 "), "{said}");
    let error = client.submit(&file(Some("your bill".to_owned()))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(wire.said().is_empty());
}

#[tokio::test]
async fn the_address_book_is_kept() {
    let (client, wire) = wamm(r#"{"err":0,"result":"insert"}"#);
    let contacts = client.contacts();
    let save = contacts.save(anna(), "Anna").info("tea").email("a@h.example").web("h.example");
    assert_eq!(save.send().await.unwrap().result, "insert");
    assert_eq!(
        wire.once(),
        "GET /contact_to/?phone=79000000001&name=Anna&info=tea&email=a%40h.example&web=h.example"
    );
    contacts.delete(anna()).await.unwrap();
    assert_eq!(wire.once(), "GET /contact_delete/?phone=79000000001");
    let long = contacts.save(anna(), "ü".repeat(251)).send().await.unwrap_err();
    assert!(long.to_string().contains("251 characters; at most 250"), "{long}");

    let (client, wire) = wamm(
        r#"{"err":0,"data":{"api_id":100,"tip":"user","phone":"79000000001","name":"Anna","user_id":"7","tags":"a; b"}}"#,
    );
    let contact = client.contacts().read(anna()).await.unwrap();
    assert_eq!((contact.name.as_str(), contact.tag_list().count()), ("Anna", 2));
    assert_eq!(wire.once(), "GET /contact_get/79000000001");
}

#[tokio::test]
async fn chats_are_opened_given_and_untagged() {
    let (client, wire) = wamm(r#"{"err":0,"result":"success"}"#);
    let contacts = client.contacts();
    contacts.open(anna()).await.unwrap();
    contacts.assign(anna(), 7).await.unwrap();
    contacts.unassign(anna()).await.unwrap();
    contacts.remove_tag(anna(), "to pay").await.unwrap();
    assert_eq!(
        wire.said(),
        [
            "GET /contact_open/79000000001",
            "GET /contact_to_user/79000000001/7",
            "GET /contact_to_user/79000000001/none",
            "GET /contact_tag_delete/79000000001/to%20pay"
        ]
    );
    let error = contacts.assign(anna(), "Vera").await.unwrap_err();
    assert!(error.to_string().contains("the vendor numbers its users"), "{error}");
}

#[tokio::test]
async fn users_and_their_chats_are_listed() {
    let (client, wire) = wamm(r#"{"err":0,"data":[{"user_id":7,"acc":"admin","lock":1}]}"#);
    let users = client.users().list().await.unwrap();
    assert!(!users.known().next().unwrap().is_active());
    assert_eq!(wire.once(), "GET /user_list");

    let (client, wire) =
        wamm(r#"{"err":0,"data":[{"chat_id":"1","phone":"79000000001","api_id":"100"}]}"#);
    let chats = client.users().chats().send().await.unwrap();
    assert_eq!(chats.chats.known().next().unwrap().phone.as_str(), "79000000001");
    assert_eq!(wire.once(), "GET /user_chats/0");
    client.users().chats().of(7).of_this_channel().send().await.unwrap();
    assert_eq!(wire.once(), "GET /user_chats/7/1");
}
