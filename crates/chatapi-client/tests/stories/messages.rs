//! Every kind of message, the history, files, the webhook of a message.

use std::time::Duration;

use chatapi_client::{File, Voice};
use chatapi_transport::Clock as _;
use chatapi_types::ChatId;
use chatapi_types::chat_api::{MessageKind, Settings, WebhookState};

use super::{anna, boris, setup};

const DAY: Duration = Duration::from_secs(86_400);

/// The shortest recording that has the header of one.
fn opus() -> Vec<u8> {
    let mut page = b"OggS".to_vec();
    page.resize(26, 0);
    page.extend([1, 8]);
    page.extend(b"OpusHead");
    page
}

#[tokio::test]
async fn every_kind_of_message_stands_in_the_history_afterwards() {
    let (sandbox, instance, client) = setup();
    let messages = client.messages();
    let voice = Voice::bytes(opus()).unwrap();
    messages.send_voice(anna(), voice).send().await.unwrap();
    let preview = File::bytes("preview.jpg", "jpeg");
    let link = messages.send_link(anna(), "https://h.example/17", "Bill 17", preview);
    link.send().await.unwrap();
    messages.send_contact(anna(), [boris()]).send().await.unwrap();
    messages.send_location(anna(), 55.75, 37.5, "Office").send().await.unwrap();
    let card = "BEGIN:VCARD\nVERSION:3.0\nFN:Boris\nEND:VCARD";
    messages.send_vcard(anna(), card).send().await.unwrap();
    messages.send_buttons(anna(), "Paid?", ["Yes", "No"]).send().await.unwrap();
    let picture = File::bytes("cup.png", "png");
    messages.send_product(anna(), "1001", picture).send().await.unwrap();
    sandbox.run_until_idle();
    assert_eq!(instance.sent().len(), 7);

    let page = messages.history().chat(ChatId::from(&anna())).count(50).send().await.unwrap();
    let kinds: Vec<_> = page.messages.known().map(|message| message.kind.clone()).collect();
    assert_eq!(kinds.len(), 7);
    for kind in [MessageKind::Ptt, MessageKind::Location, MessageKind::VCard, MessageKind::Product]
    {
        assert!(kinds.contains(&kind), "{kind} is missing among {kinds:?}");
    }
    let second = messages.history().count(5).page(1).send().await.unwrap();
    assert_eq!(second.messages.len(), 2);
}

#[tokio::test]
async fn messages_are_forwarded_and_taken_back() {
    let (sandbox, instance, client) = setup();
    let messages = client.messages();
    let incoming = instance.contact_writes(anna().digits(), "please call").unwrap();
    let forwarded = messages.forward(boris(), [&incoming]).send().await.unwrap();
    sandbox.run_until_idle();
    let sent = instance.sent();
    assert_eq!((sent[0].body.as_str(), &sent[0].chat), ("please call", &ChatId::from(&boris())));

    let id = forwarded.id.unwrap();
    messages.delete(&id).await.unwrap();
    let listed = messages.list().chat(ChatId::from(&boris())).send().await.unwrap();
    assert!(listed.messages.known().all(|message| message.id != id));
    assert!(messages.delete(&id).await.is_err(), "it is gone already");
}

#[tokio::test]
async fn a_file_can_be_downloaded_for_thirty_days() {
    let (sandbox, _instance, client) = setup();
    let messages = client.messages();
    let bill = File::bytes("bill.pdf", "%PDF");
    let id = messages.send_file(anna(), bill).send().await.unwrap().id.unwrap();
    sandbox.run_until_idle();
    let file = messages.file(&id).await.unwrap();
    assert_eq!((file.content_type.as_str(), &*file.bytes), ("application/pdf", &b"%PDF"[..]));

    let folder = std::env::temp_dir().join(format!("chatapi-stories-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("bill.pdf");
    assert_eq!(messages.download(&id, &path).await.unwrap(), 4);
    assert_eq!(std::fs::read(&path).unwrap(), b"%PDF");

    sandbox.clock().sleep(31 * DAY).await;
    std::fs::remove_file(&path).unwrap();
    assert!(messages.download(&id, &path).await.is_err());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "nothing is left of it");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn the_webhook_of_a_message_is_looked_up_and_said_again() {
    let (_sandbox, instance, client) = setup();
    let mut settings = Settings::new();
    settings.webhook_statuses = Some(true);
    settings.webhook_url = Some("https://h.example/hook".to_owned());
    client.settings().change(settings).await.unwrap();
    let id = instance.contact_writes(anna().digits(), "hello").unwrap();
    let status = client.journal().webhook_status(&id).await.unwrap();
    assert_eq!((&status.msg_id, &status.status), (&id, &WebhookState::Queued));
    client.messages().repeat_hook(&id).await.unwrap();
    assert!(client.messages().repeat_hook("nobody-knows").await.is_err());
}

#[tokio::test]
async fn a_broadcast_reaches_everybody() {
    let (sandbox, instance, client) = setup();
    let report = client.messages().broadcast([anna(), boris()], "We are closed today").run().await;
    assert_eq!(report.taken().count(), 2);
    sandbox.run_until_idle();
    let bodies: Vec<_> = instance.sent().into_iter().map(|message| message.body).collect();
    assert_eq!(bodies, ["We are closed today"; 2]);
}
