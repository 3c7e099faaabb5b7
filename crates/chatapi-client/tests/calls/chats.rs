//! Chats, groups and labels of Chat API.

use chatapi_client::ErrorKind;
use chatapi_types::Phone;
use chatapi_types::chat_api::Recipient;

use super::wire::{anna, boris, chat_api, group};

#[tokio::test]
async fn every_command_on_a_chat_names_it() {
    let (client, wire) = chat_api(r#"{"result":"success","read":true,"message":"ok"}"#);
    let chats = client.chats();
    chats.mark_read(anna()).await.unwrap();
    chats.mark_unread(anna()).await.unwrap();
    chats.pin(anna()).await.unwrap();
    chats.unpin(anna()).await.unwrap();
    chats.archive(anna()).await.unwrap();
    chats.unarchive(anna()).await.unwrap();
    chats.clear(anna()).await.unwrap();
    chats.disappearing(anna()).await.unwrap();
    chats.remove(anna()).await.unwrap();
    let names = [
        "readChat",
        "unreadChat",
        "pinChat",
        "unpinChat",
        "archiveChat",
        "unarchiveChat",
        "clearChat",
        "disappearingChat",
        "removeChat",
    ];
    let expected = names.map(|name| format!(r#"POST /{name} {{"phone":79000000001}}"#));
    assert_eq!(wire.said(), expected);
    chats.mark_read(group()).await.unwrap();
    assert_eq!(wire.once(), r#"POST /readChat {"chatId":"79000000000-1600000000@g.us"}"#);
}

#[tokio::test]
async fn a_refused_command_is_an_error_whatever_its_answer_is_called() {
    let refusals = [
        (r#"{"result":"failed","message":"no chat"}"#, "no chat"),
        (r#"{"success":false,"message":"no chat"}"#, "no chat"),
    ];
    for (answer, words) in refusals {
        let (client, _) = chat_api(answer);
        let chats = client.chats();
        for error in [chats.pin(boris()).await, chats.archive(boris()).await] {
            let error = error.unwrap_err();
            assert_eq!((error.kind(), error.message()), (ErrorKind::Refused, Some(words)));
        }
    }
    let (client, _) = chat_api(r#"{"read":false,"message":"not now"}"#);
    assert_eq!(client.chats().mark_read(boris()).await.unwrap_err().kind(), ErrorKind::Refused);
}

#[tokio::test]
async fn chats_are_listed_and_read() {
    let (client, wire) = chat_api(r#"{"dialogs":[{"id":"79000000002@c.us","name":"Boris"}]}"#);
    let listed = client.chats().list().limit(10).page(1).order("asc").send().await.unwrap();
    assert_eq!(listed.dialogs.known().next().unwrap().name, "Boris");
    assert_eq!(wire.once(), "GET /dialogs?limit=10&page=1&order=asc");

    let (client, wire) = chat_api(r#"{"id":"79000000002@c.us","name":"Boris"}"#);
    assert_eq!(client.chats().one(boris()).await.unwrap().name, "Boris");
    assert_eq!(wire.once(), "GET /dialog?chatId=79000000002%40c.us");
}

#[tokio::test]
async fn typing_and_recording_are_shown_and_no_longer_shown() {
    let (client, wire) = chat_api(r#"{"result":"success"}"#);
    let chats = client.chats();
    chats.show_typing(anna()).seconds(9).send().await.unwrap();
    assert_eq!(wire.once(), r#"POST /typing {"phone":79000000001,"on":true,"duration":9}"#);
    chats.show_recording(boris()).stop().send().await.unwrap();
    assert_eq!(wire.once(), r#"POST /recording {"chatId":"79000000002@c.us","on":false}"#);
}

#[tokio::test]
async fn groups_are_made_of_phones_or_else_of_chats() {
    let (client, wire) = chat_api(r#"{"created":true,"message":"ok"}"#);
    let groups = client.groups();
    let made = groups.create("Team", [anna()]).greeting("Hi").picture("QUJD", "QQ==");
    let made = made.send().await.unwrap();
    assert!(made.created && made.chat_id.is_none(), "it may be yet to come");
    assert_eq!(
        wire.once(),
        r#"POST /group {"groupName":"Team","phones":[79000000001],"messageText":"Hi","avatar640":"QUJD","preview96":"QQ=="}"#
    );
    // The gateway takes one or the other.
    let mixed: [Recipient; 2] = [anna().into(), boris().into()];
    groups.create("Team", mixed).send().await.unwrap();
    assert_eq!(
        wire.once(),
        r#"POST /group {"groupName":"Team","chatIds":["79000000001@c.us","79000000002@c.us"]}"#
    );
    let nobody = groups.create("Team", Vec::<Phone>::new()).send().await;
    assert!(nobody.unwrap_err().to_string().contains("who is to be in the group"));
    let not_a_person = groups.create("Team", [group()]).send().await.unwrap_err();
    assert_eq!(not_a_person.kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn members_come_go_and_are_raised() {
    let (client, wire) = chat_api(r#"{"add":true,"message":"ok"}"#);
    let groups = client.groups();
    groups.add(group(), anna()).await.unwrap();
    groups.remove(group(), boris()).await.unwrap();
    groups.promote(group(), anna()).await.unwrap();
    groups.demote(group(), anna()).await.unwrap();
    let by_phone = r#"{"groupId":"79000000000-1600000000@g.us","participantPhone":79000000001}"#;
    let by_chat =
        r#"{"groupId":"79000000000-1600000000@g.us","participantChatId":"79000000002@c.us"}"#;
    assert_eq!(
        wire.said(),
        [
            format!("POST /addGroupParticipant {by_phone}"),
            format!("POST /removeGroupParticipant {by_chat}"),
            format!("POST /promoteGroupParticipant {by_phone}"),
            format!("POST /demoteGroupParticipant {by_phone}"),
        ]
    );
    let error = groups.add(boris(), anna()).await.unwrap_err();
    assert!(error.to_string().contains("a group's id ends in @g.us"), "{error}");
}

#[tokio::test]
async fn groups_are_joined_by_address_or_code_and_left() {
    let (client, wire) = chat_api(r#"{"chatId":"79000000000-1600000000@g.us"}"#);
    let joined = client.groups().join("https://chat.example/AbC").await.unwrap();
    assert_eq!(joined.chat_id, Some(group()));
    assert_eq!(wire.once(), r#"POST /joinGroup {"url":"https://chat.example/AbC"}"#);
    client.groups().join("AbC").await.unwrap();
    assert_eq!(wire.once(), r#"POST /joinGroup {"code":"AbC"}"#);

    let (client, wire) = chat_api(r#"{"result":"Group left"}"#);
    client.groups().leave(group()).await.unwrap();
    assert_eq!(wire.once(), r#"POST /leaveGroup {"chatId":"79000000000-1600000000@g.us"}"#);
}

#[tokio::test]
async fn labels_are_made_changed_and_put_on_chats() {
    let (client, wire) =
        chat_api(r#"{"success":true,"result":"created","label":{"id":7,"name":"Paid"}}"#);
    let labels = client.labels();
    let made = labels.create("Paid").await.unwrap();
    assert!(made.label.is_some());
    assert_eq!(wire.once(), r#"POST /createLabel {"name":"Paid"}"#);
    labels.update("7").name("Settled").color("#00ff00").send().await.unwrap();
    assert_eq!(
        wire.once(),
        r##"POST /updateLabel {"labelId":"7","name":"Settled","color":"#00ff00"}"##
    );
    let nothing = labels.update("7").send().await.unwrap_err();
    assert!(nothing.to_string().contains("nothing changes"), "{nothing}");
    labels.put_on(anna(), "7").await.unwrap();
    labels.take_off(boris(), "7").await.unwrap();
    labels.remove("7").await.unwrap();
    assert_eq!(
        wire.said(),
        [
            r#"POST /labelChat {"phone":79000000001,"labelId":"7"}"#,
            r#"POST /unlabelChat {"chatId":"79000000002@c.us","labelId":"7"}"#,
            r#"POST /removeLabel {"labelId":"7"}"#
        ]
    );
    let (client, wire) = chat_api(r#"{"labels":[{"id":7,"name":"Paid"},17]}"#);
    let listed = client.labels().list().await.unwrap();
    assert_eq!((listed.len(), listed.known().count()), (2, 1), "odd ones spoil nothing");
    assert_eq!(wire.once(), "GET /labelsList");
}
