//! The methods of the Chat API client. Those that follow and examine (`track`, `diagnose`,
//! `wait_until_ready`) are made of others and make no row.

use chatapi::chat_api::{Client, Settings};
use chatapi::client::Voice;
use chatapi::{ChatId, File, Phone};
use futures_util::StreamExt as _;

use super::Method;
use super::record::Recorder;

const GROUP: &str = "79000000000-1600000000@g.us";

fn anna() -> Phone {
    "79000000001".parse().unwrap()
}

fn group() -> ChatId {
    GROUP.into()
}

pub(super) async fn methods() -> Vec<Method> {
    let mut seen = Recorder::new("Chat API");
    let client = Client::at("https://h.example", "12345", "token", seen.transport()).unwrap();
    sends(&mut seen, &client).await;
    messages(&mut seen, &client).await;
    instance(&mut seen, &client).await;
    chats(&mut seen, &client).await;
    groups(&mut seen, &client).await;
    business(&mut seen, &client).await;
    seen.methods()
}

async fn sends(seen: &mut Recorder, client: &Client) {
    let messages = client.messages();
    seen.calls("messages().send_text", messages.send_text(anna(), "x").send()).await;
    seen.calls("messages().broadcast", messages.broadcast([anna()], "x").run()).await;
    let file = || File::bytes("x.jpg", "x");
    seen.calls("messages().send_file", messages.send_file(anna(), file()).send()).await;
    let voice = Voice::url("https://h.example/x.ogg");
    seen.calls("messages().send_voice", messages.send_voice(anna(), voice).send()).await;
    let link = messages.send_link(anna(), "https://h.example", "x", file());
    seen.calls("messages().send_link", link.send()).await;
    let contact = messages.send_contact(anna(), [anna()]);
    seen.calls("messages().send_contact", contact.send()).await;
    let location = messages.send_location(anna(), 1.0, 2.0, "x");
    seen.calls("messages().send_location", location.send()).await;
    let vcard = messages.send_vcard(anna(), "BEGIN:VCARD\nEND:VCARD");
    seen.calls("messages().send_vcard", vcard.send()).await;
    let buttons = messages.send_buttons(anna(), "x", ["x"]);
    seen.calls("messages().send_buttons", buttons.send()).await;
    let product = messages.send_product(anna(), "1", file());
    seen.calls("messages().send_product", product.send()).await;
    seen.calls("messages().forward", messages.forward(anna(), ["1"]).send()).await;
}

async fn messages(seen: &mut Recorder, client: &Client) {
    let messages = client.messages();
    seen.calls("messages().delete", messages.delete("1")).await;
    seen.calls("messages().list", messages.list().send()).await;
    seen.calls("messages().since", messages.since(0).next()).await;
    seen.calls("messages().newest_cursor", messages.newest_cursor()).await;
    seen.calls("messages().history", messages.history().send()).await;
    seen.calls("messages().file", messages.file("1")).await;
    let path = std::env::temp_dir().join("chatapi-coverage-is-never-written");
    seen.calls("messages().download", messages.download("1", path)).await;
    seen.calls("messages().repeat_hook", messages.repeat_hook("1")).await;

    let queue = client.queue();
    seen.calls("queue().show", queue.show()).await;
    seen.calls("queue().clear", queue.clear()).await;
    seen.calls("queue().show_actions", queue.show_actions()).await;
    seen.calls("queue().clear_actions", queue.clear_actions()).await;
}

async fn instance(seen: &mut Recorder, client: &Client) {
    let state = client.state();
    seen.calls("state().read", state.read()).await;
    seen.calls("state().wake", state.wake()).await;
    seen.calls("state().qr_code", state.qr_code()).await;
    seen.calls("state().screenshot", state.screenshot()).await;
    seen.calls("state().output_ip", state.output_ip()).await;
    seen.calls("state().takeover", state.takeover()).await;
    seen.calls("state().expiry", state.expiry()).await;
    seen.calls("state().retry", state.retry()).await;
    seen.calls("state().logout", state.logout()).await;
    seen.calls("state().reboot", state.reboot()).await;

    let profile = client.profile();
    seen.calls("profile().me", profile.me()).await;
    seen.calls("profile().set_name", profile.set_name("x")).await;
    seen.calls("profile().set_status", profile.set_status("x")).await;

    let settings = client.settings();
    seen.calls("settings().read", settings.read()).await;
    let mut wanted = Settings::new();
    wanted.send_delay = Some(1);
    seen.calls("settings().change", settings.change(wanted)).await;
    seen.calls("settings().webhook", settings.webhook()).await;
    let set = settings.set_webhook("https://h.example");
    seen.calls("settings().set_webhook", set).await;

    let journal = client.journal();
    seen.calls("journal().instance_statuses", journal.instance_statuses().send()).await;
    seen.calls("journal().webhook_status", journal.webhook_status("1")).await;
}

async fn chats(seen: &mut Recorder, client: &Client) {
    let chats = client.chats();
    seen.calls("chats().list", chats.list().send()).await;
    seen.calls("chats().one", chats.one(group())).await;
    seen.calls("chats().mark_read", chats.mark_read(anna())).await;
    seen.calls("chats().mark_unread", chats.mark_unread(anna())).await;
    seen.calls("chats().pin", chats.pin(anna())).await;
    seen.calls("chats().unpin", chats.unpin(anna())).await;
    seen.calls("chats().archive", chats.archive(anna())).await;
    seen.calls("chats().unarchive", chats.unarchive(anna())).await;
    seen.calls("chats().clear", chats.clear(anna())).await;
    seen.calls("chats().disappearing", chats.disappearing(anna())).await;
    seen.calls("chats().remove", chats.remove(anna())).await;
    seen.calls("chats().show_typing", chats.show_typing(anna()).send()).await;
    seen.calls("chats().show_recording", chats.show_recording(anna()).send()).await;

    let contacts = client.contacts();
    seen.calls("contacts().check_phone", contacts.check_phone(anna())).await;
    seen.calls("contacts().presence", contacts.presence(anna())).await;
}

async fn groups(seen: &mut Recorder, client: &Client) {
    let groups = client.groups();
    seen.calls("groups().create", groups.create("x", [anna()]).send()).await;
    seen.calls("groups().add", groups.add(group(), anna())).await;
    seen.calls("groups().remove", groups.remove(group(), anna())).await;
    seen.calls("groups().promote", groups.promote(group(), anna())).await;
    seen.calls("groups().demote", groups.demote(group(), anna())).await;
    seen.calls("groups().join", groups.join("x")).await;
    seen.calls("groups().leave", groups.leave(group())).await;
}

async fn business(seen: &mut Recorder, client: &Client) {
    let labels = client.labels();
    seen.calls("labels().list", labels.list()).await;
    seen.calls("labels().create", labels.create("x")).await;
    seen.calls("labels().update", labels.update("1").name("x").send()).await;
    seen.calls("labels().remove", labels.remove("1")).await;
    seen.calls("labels().put_on", labels.put_on(anna(), "1")).await;
    seen.calls("labels().take_off", labels.take_off(anna(), "1")).await;

    let catalogue = client.catalogue();
    seen.calls("catalogue().products", catalogue.products()).await;
    seen.calls("catalogue().product", catalogue.product("1")).await;
    seen.calls("catalogue().order", catalogue.order("1", "x").send()).await;

    let bans = client.bans();
    seen.calls("bans().read", bans.read()).await;
    seen.calls("bans().set", bans.set("x", "x")).await;
    seen.calls("bans().test", bans.test(anna())).await;
}
