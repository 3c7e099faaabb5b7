//! The methods of the wamm client. `track`, which is made of others, makes no row.

use chatapi::wamm::Client;
use chatapi::{File, Phone};

use super::Method;
use super::record::Recorder;

fn anna() -> Phone {
    "79000000001".parse().unwrap()
}

pub(super) async fn methods() -> Vec<Method> {
    let mut seen = Recorder::new("wamm.chat");
    let client = Client::at("https://h.example", "token", seen.transport()).unwrap();

    let messages = client.messages();
    seen.calls("messages().send_text", messages.send_text(anna(), "x").send()).await;
    for file in [File::url("https://h.example/x.jpg"), File::bytes("x.jpg", "x")] {
        seen.calls("messages().send_file", messages.send_file(anna(), file).send()).await;
    }
    seen.calls("messages().edit", messages.edit(1, "x")).await;
    seen.calls("messages().state", messages.state(1)).await;
    seen.calls("messages().newest", messages.newest(1).send()).await;
    seen.calls("messages().of_chat", messages.of_chat(anna(), 1).send()).await;

    let contacts = client.contacts();
    seen.calls("contacts().check_phone", contacts.check_phone(anna())).await;
    seen.calls("contacts().save", contacts.save(anna(), "x").send()).await;
    seen.calls("contacts().delete", contacts.delete(anna())).await;
    seen.calls("contacts().read", contacts.read(anna())).await;
    seen.calls("contacts().open", contacts.open(anna())).await;
    seen.calls("contacts().assign", contacts.assign(anna(), 1)).await;
    seen.calls("contacts().unassign", contacts.unassign(anna())).await;
    seen.calls("contacts().remove_tag", contacts.remove_tag(anna(), "x")).await;

    let users = client.users();
    seen.calls("users().list", users.list()).await;
    seen.calls("users().chats", users.chats().send()).await;

    let channels = client.channels();
    seen.calls("channels().list", channels.list().send()).await;
    seen.calls("channels().this", channels.this()).await;
    seen.methods()
}
