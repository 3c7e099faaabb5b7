//! Chats, groups, labels, actions.

use chatapi_types::chat_api::ActionKind;
use chatapi_types::{ChatId, Phone};

use super::{anna, boris, setup};

#[tokio::test]
async fn a_chat_is_read_pinned_archived_and_removed() {
    let (sandbox, instance, client) = setup();
    let chats = client.chats();
    instance.contact_writes(anna().digits(), "hello").unwrap();
    let listed = chats.list().limit(10).send().await.unwrap();
    let chat = listed.dialogs.known().next().unwrap().id.clone();
    assert_eq!(chat, ChatId::from(&anna()));
    let look = || instance.chat(anna().digits()).unwrap();

    assert_eq!(look().unread, 1);
    chats.mark_read(&chat).await.unwrap();
    sandbox.run_until_idle();
    assert_eq!(look().unread, 0);
    chats.mark_unread(&chat).await.unwrap();
    assert!(look().is_marked_unread);

    chats.pin(&chat).await.unwrap();
    assert!(look().is_pinned);
    chats.unpin(&chat).await.unwrap();
    chats.archive(anna()).await.unwrap();
    assert!(look().is_archived && !look().is_pinned);
    chats.unarchive(anna()).await.unwrap();
    assert!(!look().is_archived);
    chats.disappearing(anna()).await.unwrap();
    assert!(look().is_disappearing);

    chats.clear(&chat).await.unwrap();
    let messages = client.messages().list().send().await.unwrap().messages;
    assert!(messages.is_empty() && instance.chat(anna().digits()).is_some());
    chats.remove(&chat).await.unwrap();
    assert_eq!(instance.chat(anna().digits()), None);
    assert!(chats.remove(&chat).await.is_err(), "it is gone already");
    assert!(chats.one(&chat).await.is_err());
}

#[tokio::test]
async fn a_contact_sees_us_type_and_record() {
    let (sandbox, instance, client) = setup();
    let chat = ChatId::from(&anna());
    client.chats().show_typing(anna()).seconds(9).send().await.unwrap();
    assert_eq!(instance.activity(), Some((chat.clone(), "typing")));
    client.chats().show_recording(&chat).send().await.unwrap();
    assert_eq!(instance.activity(), Some((chat.clone(), "recording")));
    client.chats().show_recording(&chat).stop().send().await.unwrap();
    assert_eq!(instance.activity(), None);
    client.chats().show_typing(anna()).send().await.unwrap();
    sandbox.run_until_idle();
    assert_eq!(instance.activity(), None, "it ends by itself");
}

#[tokio::test]
async fn a_group_is_made_changed_and_left() {
    let (sandbox, _instance, client) = setup();
    let carol: Phone = "79000000003".parse().unwrap();
    let (groups, chats) = (client.groups(), client.chats());
    let made = groups.create("Team", [anna(), boris()]).greeting("Hi").send().await.unwrap();
    let group = made.chat_id.unwrap();
    let link = made.group_invite_link.unwrap();
    groups.remove(&group, boris()).await.unwrap();
    groups.add(&group, &carol).await.unwrap();
    groups.promote(&group, ChatId::from(&carol)).await.unwrap();
    groups.demote(&group, &carol).await.unwrap();
    assert_eq!(client.queue().show_actions().await.unwrap().total, 4);
    sandbox.run_until_idle();
    let chat = chats.one(&group).await.unwrap();
    assert!(chat.metadata.is_group);
    let members: Vec<_> = chat.metadata.participants.into_known();
    assert!(members.contains(&ChatId::from(&anna())) && members.contains(&ChatId::from(&carol)));
    assert!(!members.contains(&ChatId::from(&boris())));

    groups.leave(&group).await.unwrap();
    assert!(groups.leave(&group).await.is_err(), "the instance has left it already");
    assert_eq!(groups.join(link).await.unwrap().chat_id, Some(group));
    assert!(groups.join("no-such-code").await.is_err());
}

#[tokio::test]
async fn actions_wait_while_the_phone_is_off_and_can_be_dropped() {
    let (sandbox, instance, client) = setup();
    instance.phone_offline();
    let made = client.groups().create("Team", [anna()]).send().await.unwrap();
    assert!(made.created && made.chat_id.is_none(), "it is yet to come");
    let waiting = client.queue().show_actions().await.unwrap();
    assert_eq!(waiting.total, 1);
    assert_eq!(waiting.first100.known().next().unwrap().kind, ActionKind::CreateGroup);
    assert_eq!(client.queue().clear_actions().await.unwrap().count(), Some(1));
    instance.phone_online();
    sandbox.run_until_idle();
    let listed = client.chats().list().send().await.unwrap();
    assert!(listed.dialogs.is_empty(), "what was dropped is never done");
}

#[tokio::test]
async fn labels_are_made_put_on_chats_and_removed() {
    let (_sandbox, instance, client) = setup();
    instance.contact_writes(anna().digits(), "paid").unwrap();
    let labels = client.labels();
    labels.create("Paid").await.unwrap();
    let label = labels.list().await.unwrap().into_known().remove(0);
    labels.update(&label.id).name("Settled").color("#00ff00").send().await.unwrap();
    let listed = labels.list().await.unwrap().into_known();
    assert_eq!((listed.len(), listed[0].name.as_str()), (1, "Settled"));
    assert_eq!(listed[0].hex_color.as_deref(), Some("#00ff00"));

    let on_chat = || instance.chat(anna().digits()).unwrap().labels;
    labels.put_on(anna(), &label.id).await.unwrap();
    assert_eq!(on_chat(), std::slice::from_ref(&label.id));
    labels.take_off(anna(), &label.id).await.unwrap();
    assert!(on_chat().is_empty());
    labels.put_on(anna(), &label.id).await.unwrap();
    labels.remove(&label.id).await.unwrap();
    assert!(on_chat().is_empty() && labels.list().await.unwrap().is_empty());
    assert!(labels.put_on(anna(), &label.id).await.is_err());
}
