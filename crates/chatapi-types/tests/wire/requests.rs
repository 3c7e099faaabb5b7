//! Requests: where each call puts its arguments, in every form of every dialect.

mod chat_api;

use chatapi_types::admin::{
    Admin, CleanInstance, DeleteInstance, ListInstances, NewInstance, Platform, ReloadInstance,
    TransferDays,
};
use chatapi_types::chat_api::ChatApi;
use chatapi_types::wamm::{
    self, ChannelFilter, ChannelList, ContactDelete, ContactGet, ContactOpen, ContactTagDelete,
    ContactTo, ContactToUser, FileFromBase64, FileTo, MsgEdit, MsgGet, MsgGetLast, MsgState, MsgTo,
    UserChats, UserList, Wamm,
};
use chatapi_types::{Args, Call, Dialect, Operation, Phone};

use crate::{files, render};

/// A call by its title in the files.
struct Titled<D>(&'static str, Box<dyn Fn(&D) -> String>);

fn titled<C: Call + 'static>(title: &'static str, call: C) -> Titled<C::Dialect> {
    Titled(
        title,
        Box::new(move |dialect| {
            call.check(dialect.limits()).unwrap();
            let layout = dialect.lay_out(&Operation::of::<C>(), Args::of(&call).unwrap());
            render::request(&layout)
        }),
    )
}

fn phone(digits: &str) -> Phone {
    digits.parse().unwrap()
}

fn admin() -> Vec<Titled<Admin>> {
    vec![
        titled("newInstance", NewInstance::new(Platform::WhatsApp)),
        titled("deleteInstance", DeleteInstance::new("100000")),
        titled("listInstances", ListInstances::new()),
        titled("cleanInstance", CleanInstance::new("100000")),
        titled("reloadInstance", ReloadInstance::new("100000")),
        titled("transferDays", TransferDays::new("100000", "100001", 7)),
    ]
}

fn wamm() -> Vec<Titled<Wamm>> {
    vec![
        titled("msg_to", MsgTo::new(phone("79000000000"), "hello")),
        titled(
            "msg_to a group, with everything",
            MsgTo::new("120363000000000000", "50 % / 100 %?\nпривет 😀")
                .delay(20)
                .quoting(1_234_567),
        ),
        titled("msg_to a nickname", MsgTo::new("@nickname", "hello")),
        titled("msg_state", MsgState::new(1_234_567)),
        titled("check_phone", wamm::CheckPhone::new(phone("79000000000"))),
        titled("msg_get", MsgGet::new(phone("79000000000"), 100)),
        titled("msg_get_last", MsgGetLast::new(1)),
        titled("msg_get_last, outgoing", MsgGetLast::new(100).outgoing()),
        titled("msg_get_last, incoming", MsgGetLast::new(100).incoming()),
        titled("msg_edit", MsgEdit::new(1_234_567, "hello again")),
        titled("channel_list", ChannelList::new()),
        titled("channel_list, its own", ChannelList::new().only(ChannelFilter::One)),
        titled("file_to", FileTo::new(phone("79000000000"), "https://files.example/a.pdf?v=1")),
        titled(
            "file_from_base64",
            FileFromBase64::new(phone("79000000000"), "a b.txt", "aGk+//Y="),
        ),
        titled("contact_to", ContactTo::new(phone("79000000000"), "Name")),
        titled(
            "contact_to, with everything",
            ContactTo::new(phone("79000000000"), "Анна & Co")
                .info("a note")
                .email("mail@example.org")
                .web("https://example.org"),
        ),
        titled("contact_delete", ContactDelete::new(phone("79000000000"))),
        titled("contact_get", ContactGet::new(phone("79000000000"))),
        titled("contact_open", ContactOpen::new(phone("79000000000"))),
        titled("contact_to_user", ContactToUser::new(phone("79000000000"), 100)),
        titled("contact_to_user, nobody", ContactToUser::nobody(phone("79000000000"))),
        titled("contact_tag_delete", ContactTagDelete::new(phone("79000000000"), "a/b в")),
        titled("user_list", UserList::new()),
        titled("user_chats, all", UserChats::new()),
        titled("user_chats of a user on this channel", UserChats::of(100).of_this_channel()),
    ]
}

const FILES: [&str; 7] = [
    "requests/chat_api_path.http",
    "requests/chat_api_query.http",
    "requests/admin_json.http",
    "requests/admin_form.http",
    "requests/admin_query.http",
    "requests/wamm_query.http",
    "requests/wamm_path.http",
];

pub(crate) fn files() -> impl Iterator<Item = String> {
    FILES.iter().map(ToString::to_string)
}

/// Titles and requests of a file.
fn expected(file: &str) -> Vec<(String, String)> {
    let text = String::from_utf8(files::read(file)).unwrap();
    let blocks = text.split("\n### ").skip(1);
    let blocks = blocks.map(|block| {
        let (title, request) = block.split_once('\n').unwrap();
        (title.to_owned(), request.trim_end().to_owned())
    });
    blocks.collect()
}

fn check<D>(file: &str, dialect: &D, calls: &[Titled<D>]) {
    let expected = expected(file);
    let titles: Vec<_> = expected.iter().map(|(title, _)| title.as_str()).collect();
    let ours: Vec<_> = calls.iter().map(|Titled(title, _)| *title).collect();
    assert_eq!(ours, titles, "{file}: the same calls in the same order");
    for ((title, request), Titled(_, render)) in expected.iter().zip(calls) {
        assert_eq!(render(dialect), *request, "{file}: {title}");
    }
}

#[test]
fn every_call_is_laid_out_as_the_documents_have_it() {
    let [path, query, json, form, admin_query, wamm_query, wamm_path] = FILES;
    check(path, &ChatApi::path("100000"), &chat_api::calls());
    check(query, &ChatApi::query("100000"), &chat_api::calls());
    check(json, &Admin::json(), &admin());
    check(form, &Admin::form(), &admin());
    check(admin_query, &Admin::query(), &admin());
    check(wamm_query, &Wamm::query(), &wamm());
    check(wamm_path, &Wamm::path(), &wamm());
}

#[test]
fn every_call_has_a_request() {
    let titles = chat_api::calls().into_iter().map(|Titled(title, _)| title);
    let titles: Vec<_> = titles
        .chain(admin().into_iter().map(|Titled(title, _)| title))
        .chain(wamm().into_iter().map(|Titled(title, _)| title))
        .collect();
    for catalogue in
        [chatapi_types::chat_api::CATALOGUE, chatapi_types::admin::CATALOGUE, wamm::CATALOGUE]
    {
        for name in catalogue.iter().map(|entry| entry.operation.name) {
            let named = |title: &&str| title.split([' ', ',']).next() == Some(name);
            assert!(titles.iter().any(named), "no request of {name}");
        }
    }
}
