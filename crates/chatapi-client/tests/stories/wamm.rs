//! Files, the address book and the users of wamm.

use chatapi_client::line::{Line, Outgoing};
use chatapi_client::wamm::Client;
use chatapi_client::{ErrorKind, File};
use chatapi_sandbox::{ChannelHandle, Sandbox};
use chatapi_types::Messenger;
use chatapi_types::wamm::{ErrorCode, UserRole};

use super::anna;

fn setup() -> (Sandbox, ChannelHandle, Client) {
    let sandbox = Sandbox::new();
    let channel = sandbox.add_channel("token", Messenger::WhatsApp);
    let client = Client::over(channel.gateway());
    (sandbox, channel, client)
}

#[tokio::test]
async fn files_arrive_fetched_or_carried_along() {
    let (sandbox, channel, client) = setup();
    let here = File::bytes("bill.pdf", "%PDF");
    let sent = client.messages().send_file(anna(), here).send().await.unwrap();
    let there = Outgoing::file(anna(), File::url("https://h.example/tea.png"), None);
    let submitted = client.submit(&there).await.unwrap();
    sandbox.run_until_idle();
    let arrived = channel.sent();
    assert_eq!(Some(&arrived[0].id), sent.msg_id.as_ref());
    assert_eq!(Some(&arrived[1].id), submitted.id.as_ref());
    let files: Vec<_> = arrived.iter().map(|message| message.file.as_ref().unwrap()).collect();
    assert_eq!((files[0].name.as_str(), files[1].name.as_str()), ("bill.pdf", "tea.png"));
    assert_eq!(files[0].content.as_deref(), Some(&b"%PDF"[..]));

    let outcome = client.messages().track(&sent).outcome().await.unwrap();
    assert!(outcome.is_reached(), "{outcome:?}");
}

#[tokio::test]
async fn a_contact_is_saved_changed_and_deleted() {
    let (_sandbox, channel, client) = setup();
    let contacts = client.contacts();
    let saved = contacts.save(anna(), "Anna").info("tea").email("a@h.example").send().await;
    assert_eq!(saved.unwrap().result, "insert");
    let saved = contacts.save(anna(), "Anna B.").web("h.example").send().await.unwrap();
    assert_eq!(saved.result, "update");
    let contact = contacts.read(anna()).await.unwrap();
    assert_eq!((contact.name.as_str(), contact.web.as_str()), ("Anna B.", "h.example"));
    contacts.delete(anna()).await.unwrap();
    assert_eq!(channel.contact(anna().digits()), None);
    let error = contacts.delete(anna()).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::PhoneNotFound));
    let error = contacts.read(anna()).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::NotFound));
}

#[tokio::test]
async fn a_chat_is_given_to_a_user_and_taken_back() {
    let (sandbox, channel, client) = setup();
    let vera = sandbox.add_user(UserRole::User, "Vera");
    channel.add_contact(anna().digits(), "Anna");
    let contacts = client.contacts();
    contacts.open(anna()).await.unwrap();
    contacts.assign(anna(), &vera).await.unwrap();
    assert_eq!(contacts.read(anna()).await.unwrap().user_id.as_ref(), Some(&vera));

    let listed = client.users().list().await.unwrap();
    assert_eq!(listed.known().next().unwrap().name, "Vera");
    let hers = client.users().chats().of(&vera).of_this_channel().send().await.unwrap();
    assert_eq!(hers.chats.known().next().unwrap().phone.as_str(), anna().digits());

    contacts.unassign(anna()).await.unwrap();
    assert_eq!(contacts.read(anna()).await.unwrap().user_id, None);
    let none = client.users().chats().of(&vera).send().await.unwrap_err();
    assert_eq!(none.code(), Some(&ErrorCode::NoData), "an empty list is refused");
    let error = contacts.assign(anna(), 999).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::UserNotFound));
}

#[tokio::test]
async fn a_tag_is_taken_from_a_chat() {
    let (_sandbox, channel, client) = setup();
    channel.add_contact(anna().digits(), "Anna");
    assert!(channel.tag_contact(anna().digits(), "to pay"));
    client.contacts().remove_tag(anna(), "to pay").await.unwrap();
    let contact = client.contacts().read(anna()).await.unwrap();
    assert_eq!(contact.tag_list().count(), 0);
    let nameless = client.contacts().remove_tag(anna(), " ").await.unwrap_err();
    assert_eq!(nameless.kind(), ErrorKind::Invalid);
}
