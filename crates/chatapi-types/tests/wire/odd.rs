//! Odd answers: unknown words, wrong types, missing members. Each says what is expected of it.

mod chat_api;

use chatapi_types::admin::{self, Created, Deleted, Instances};
use chatapi_types::wamm::{
    self, ChannelState, Channels, Done, FileSent, FoundContact, History, OpenChats, ReadState,
    Users,
};
use chatapi_types::{Answer, Delivery, Existence, MessageId, Reply};

use crate::files;

type Expectation = (&'static str, fn(&[u8]));

fn read<T: Reply>(json: &[u8]) -> T {
    T::decode(&Answer::new(200, None, json)).unwrap()
}

/// The error of what cannot be read.
fn unread<T: Reply>(json: &[u8]) -> String {
    match T::decode(&Answer::new(200, None, json)) {
        Ok(_) => panic!("was read"),
        Err(error) => error.to_string(),
    }
}

/// Asserts that a reply is written as it came.
fn unchanged<T: Reply>(reply: &T, json: &[u8]) {
    let written = String::from_utf8(reply.encode().1).unwrap();
    assert_eq!(written, std::str::from_utf8(json).unwrap());
}

const ADMIN: &[Expectation] = &[
    ("newInstance/odd_status", |json| {
        let created: Created = read(json);
        assert_eq!(created.state().as_str(), "queued");
        unchanged(&created, json);
    }),
    ("newInstance/odd_no_status", |json| {
        let created: Created = read(json);
        assert_eq!(created.instance().token.expose(), "aaaaaaaaaaaaaaaa");
        assert_eq!(created.instance().api_url.instance(), Some("100000".into()));
    }),
    ("newInstance/odd_no_instance", |json| {
        let error = unread::<Created>(json);
        assert_eq!(error, "missing field `instance` at `result`");
    }),
    ("deleteInstance/odd_word", |json| {
        assert_eq!(Reply::refusal(&read::<Deleted>(json)), Some("pending"));
    }),
    ("listInstances/odd_item", |json| {
        let list: Instances = read(json);
        let known: Vec<_> = list.instances.known().collect();
        assert_eq!(known.len(), 1);
        assert_eq!(known[0].platform.as_str(), "telegram");
        assert_eq!((known[0].payments_count, known[0].paid_till), (0, None));
        let raw: Vec<_> = list.instances.raw().collect();
        assert_eq!(raw, [r#"{"id":{"n": 1}}"#, r#""100002""#]);
    }),
    ("listInstances/odd_no_list", |json| {
        // An answer without a list is not an account without instances.
        assert!(unread::<Instances>(json).starts_with("missing field `result`"));
    }),
    ("cleanInstance/odd_empty", |json| {
        let done: admin::Done = read(json);
        assert_eq!((done.word(), Reply::refusal(&done)), (None, None));
        unchanged(&done, json);
    }),
    ("cleanInstance/odd_object", |json| {
        let done: admin::Done = read(json);
        assert_eq!((done.word(), Reply::refusal(&done)), (None, None));
        unchanged(&done, json);
    }),
    ("reloadInstance/odd_success", |json| {
        let done: admin::Done = read(json);
        assert_eq!((done.word(), Reply::refusal(&done)), (None, None));
    }),
    ("transferDays/odd_failed", |json| {
        let done: admin::Done = read(json);
        assert_eq!((done.word(), Reply::refusal(&done)), (Some("failed"), Some("no days left")));
    }),
    ("transferDays/odd_false", |json| {
        // A refusal without words is one all the same.
        assert_eq!(Reply::refusal(&read::<admin::Done>(json)), Some(""));
    }),
];

const WAMM: &[Expectation] = &[
    ("msg_to/odd_id", |json| {
        let sent: wamm::Sent = read(json);
        assert_eq!(sent.msg_id.as_str(), "A7-00x");
        unchanged(&sent, json);
    }),
    ("msg_to/odd_no_id", |json| {
        assert!(unread::<wamm::Sent>(json).starts_with("missing field `msg_id`"));
    }),
    ("msg_state/odd_state", |json| {
        let read: ReadState = read(json);
        assert_eq!(read.delivery(), Delivery::Other("yellowCard".into()));
        assert!(!read.delivery().is_final());
        unchanged(&read, json);
    }),
    ("msg_state/odd_no_data", |json| {
        assert!(unread::<ReadState>(json).starts_with("missing field `msg_data`"));
    }),
    ("check_phone/odd_word", |json| {
        let check: wamm::PhoneCheck = read(json);
        assert_eq!(check.result, Existence::from("none"));
        assert!(!check.result.is_yes());
        unchanged(&check, json);
    }),
    ("check_phone/odd_no_result", |json| {
        assert!(unread::<wamm::PhoneCheck>(json).starts_with("missing field `result`"));
    }),
    ("msg_get_last/odd_item", |json| {
        let history: History = read(json);
        let ids: Vec<_> = history.messages.known().map(|message| message.msg_id.as_str()).collect();
        assert_eq!(ids, ["1234568", "1234567"]);
        let raw: Vec<_> = history.messages.raw().collect();
        assert_eq!(raw, [r#"{"msg_id":"7", "from_me":"maybe"}"#, "null"]);
        unchanged(&history, json);
    }),
    ("msg_get_last/odd_words", |json| {
        let history: History = read(json);
        let message = history.messages.known().next().unwrap();
        assert_eq!(message.tip_msg.as_str(), "stickerMessage");
        assert_eq!(message.state.as_str(), "yellowCard");
        unchanged(&history, json);
    }),
    ("msg_get_last/odd_zero_dates", |json| {
        let history: History = read(json);
        let message = history.messages.known().next().unwrap();
        assert_eq!(message.date_ins.as_ref().unwrap().as_str(), "0000-00-00 00:00:00");
        assert_eq!(message.date_ins.as_ref().unwrap().to_unix(180), None);
        assert_eq!(message.date_upd.as_ref().unwrap().as_str(), "0");
    }),
    ("msg_get_last/odd_no_list", |json| {
        assert!(unread::<History>(json).starts_with("missing field `msg_data`"));
    }),
    ("msg_edit/odd_word", |json| {
        let done: Done = read(json);
        assert_eq!(done.result, "update");
        unchanged(&done, json);
    }),
    ("channel_list/odd_words", |json| {
        let list: Channels = read(json);
        let channel = list.channels.known().next().unwrap();
        assert_eq!(channel.api_tip.messenger(), None);
        assert!(!channel.state.can_send() && !channel.state.is_known());
        assert_eq!(channel.phone.as_ref().unwrap().as_str(), "-70000000000000");
        unchanged(&list, json);
    }),
    ("channel_list/odd_item", |json| {
        let list: Channels = read(json);
        let channel = list.channels.known().next().unwrap();
        assert_eq!(channel.state, ChannelState::Blocked);
        assert_eq!(channel.hook, "");
        assert_eq!(list.channels.raw().collect::<Vec<_>>(), [r#"{"api_id":null, "state":7}"#]);
    }),
    ("channel_list/odd_no_list", |json| {
        assert!(unread::<Channels>(json).starts_with("missing field `data`"));
    }),
    ("file_to/odd_id", |json| {
        let sent: FileSent = read(json);
        assert_eq!(sent.msg_id, Some(MessageId::from("A7-00x")));
        unchanged(&sent, json);
    }),
    ("file_to/odd_wrong_type", |json| {
        assert!(unread::<FileSent>(json).ends_with("at `msg_id`"));
    }),
    ("contact_to/odd_word", |json| {
        let done: Done = read(json);
        assert_eq!(done.result, "exists");
        unchanged(&done, json);
    }),
    ("contact_to/odd_no_result", |json| {
        assert!(unread::<Done>(json).starts_with("missing field `result`"));
    }),
    ("contact_get/odd_kind", |json| {
        let found: FoundContact = read(json);
        assert!(!found.contact.tip.is_known());
        assert_eq!(found.contact.user_id.as_ref().unwrap().as_str(), "anna");
        assert_eq!(found.contact.tag_list().collect::<Vec<_>>(), ["a", "b"]);
        unchanged(&found, json);
    }),
    ("contact_get/odd_no_data", |json| {
        assert!(unread::<FoundContact>(json).starts_with("missing field `data`"));
    }),
    ("contact_get/odd_empty_data", |json| {
        // An empty object, as some languages write it: a contact without an address is none.
        assert!(unread::<FoundContact>(json).starts_with("missing field `api_id`"));
    }),
    ("user_list/odd_item", |json| {
        let list: Users = read(json);
        let user = list.users.known().next().unwrap();
        assert_eq!(user.acc.as_str(), "owner");
        assert_eq!(user.dt_active.as_ref().unwrap().as_str(), "");
        assert_eq!(user.dt_reg.as_ref().unwrap().to_unix(0), None);
        assert_eq!(list.users.raw().collect::<Vec<_>>(), [r#"{"user_id":null, "acc":"user"}"#]);
        unchanged(&list, json);
    }),
    ("user_list/odd_no_list", |json| {
        assert!(unread::<Users>(json).starts_with("missing field `data`"));
    }),
    ("user_chats/odd_item", |json| {
        let list: OpenChats = read(json);
        let chat = list.chats.known().next().unwrap();
        assert_eq!(chat.chat_id.as_str(), "x1");
        assert_eq!(chat.user_id.as_ref().unwrap().as_str(), "0");
        let raw: Vec<_> = list.chats.raw().collect();
        assert_eq!(raw, [r#"{"chat_id":"1001", "phone":null}"#]);
        unchanged(&list, json);
    }),
    ("user_chats/odd_no_list", |json| {
        assert!(unread::<OpenChats>(json).starts_with("missing field `data`"));
    }),
];

fn table() -> impl Iterator<Item = (String, fn(&[u8]))> {
    [("chat_api", chat_api::TABLE), ("admin", ADMIN), ("wamm", WAMM)].into_iter().flat_map(
        |(vendor, rows)| {
            rows.iter().map(move |(name, expect)| (format!("{vendor}/{name}.json"), *expect))
        },
    )
}

pub(crate) fn files() -> impl Iterator<Item = String> {
    table().map(|(file, _)| file)
}

#[test]
fn odd_answers_are_read_as_far_as_they_can_be() {
    for (file, expect) in table() {
        let json = files::read(&file);
        std::panic::catch_unwind(|| expect(&json)).unwrap_or_else(|_| panic!("see above: {file}"));
    }
}
