//! Odd answers: unknown words, wrong types, missing members. Each says what is expected of it.

use chatapi_types::admin::{self, Created, Deleted, Instances};
use chatapi_types::chat_api::{
    self, Ack, ChangedSettings, ClearedMessages, CommandReply, MessageKind, MessagePage,
    MessagesQueue, Rebooted, Remedy, Settings, Status, Substatus, Webhook, WebhookSet,
};
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

const CHAT_API: &[Expectation] = &[
    ("status/odd_unknown_words", |json| {
        let status: Status = read(json);
        assert_eq!(status.account_status.as_str(), "dreaming");
        assert_eq!(status.substatus().unwrap().as_str(), "battery_low_3");
        assert_eq!(status.reason().unwrap().as_str(), "full moon");
        assert_eq!(status.advice().remedy, Remedy::Look);
        assert!(!status.advice().can_send);
    }),
    ("status/odd_actions_as_list", |json| {
        let status: Status = read(json);
        assert_eq!(status.substatus(), Some(&Substatus::Normal));
        assert!(status.status_data.unwrap().actions.unwrap().retry.is_none());
    }),
    ("status/odd_action_without_act", |json| {
        let actions = read::<Status>(json).status_data.unwrap().actions.unwrap();
        assert_eq!(actions.retry.unwrap().label, "Retry now");
        assert_eq!(actions.learn_more.unwrap().link, "");
    }),
    ("status/odd_wrong_type", |json| {
        let error = unread::<Status>(json);
        assert_eq!(error, "expected text, a number or a flag at `accountStatus`");
    }),
    ("status/odd_no_status", |json| {
        assert!(unread::<Status>(json).starts_with("missing field `accountStatus`"));
    }),
    ("sendMessage/odd_bare", |json| {
        let sent: chat_api::Sent = read(json);
        assert!(sent.sent && sent.message.is_empty());
        assert_eq!((sent.id, sent.queue_number), (None, None));
    }),
    ("sendMessage/odd_null_message", |json| {
        // A refusal without words is one all the same.
        assert_eq!(Reply::refusal(&read::<chat_api::Sent>(json)), Some(""));
    }),
    ("sendMessage/odd_numeric_id", |json| {
        assert_eq!(read::<chat_api::Sent>(json).id, Some(MessageId::from("1234567")));
    }),
    ("sendMessage/odd_sent_missing", |json| {
        // Whether it was sent cannot be guessed.
        assert!(unread::<chat_api::Sent>(json).starts_with("missing field `sent`"));
    }),
    ("sendMessage/odd_sent_null", |json| {
        assert!(unread::<chat_api::Sent>(json).ends_with("at `sent`"));
    }),
    ("sendMessage/odd_list", |json| {
        assert!(unread::<chat_api::Sent>(json).starts_with("expected an object"));
    }),
    ("messages/odd_item", |json| {
        let page: MessagePage = read(json);
        let numbers: Vec<_> = page.messages.known().map(|message| message.message_number).collect();
        assert_eq!(numbers, [100, 101]);
        let raw: Vec<_> = page.messages.raw().collect();
        assert_eq!(raw, [r#"{"id":"x", "time":"yesterday"}"#, "7", "null", r#"["chat"]"#]);
        unchanged(&page, json);
    }),
    ("messages/odd_kind", |json| {
        let page: MessagePage = read(json);
        let message = page.messages.known().next().unwrap();
        assert!(!message.kind.is_known() && !message.kind.is_file());
        assert_eq!(message.quoted_msg_type, Some(MessageKind::from("poll")));
        unchanged(&page, json);
    }),
    ("messages/odd_ack_number", |json| {
        // What the number means was never seen, so it is not interpreted.
        let page: MessagePage = read(json);
        let message = page.messages.known().next().unwrap();
        assert_eq!(message.ack, Some(Ack::from("3")));
        assert_eq!(message.delivery(), Delivery::Received);
    }),
    ("messages/odd_null_body", |json| {
        assert_eq!(read::<MessagePage>(json).messages.known().next().unwrap().body, "");
    }),
    ("messages/odd_no_list", |json| {
        assert!(unread::<MessagePage>(json).starts_with("missing field `messages`"));
    }),
    ("messages/odd_no_cursor", |json| {
        let page: MessagePage = read(json);
        assert_eq!((page.messages.len(), page.last_message_number), (1, None));
    }),
    ("checkPhone/odd_word", |json| {
        let check: chat_api::PhoneCheck = read(json);
        assert!(!check.result.is_known() && !check.result.is_yes());
        assert_eq!(Reply::refusal(&check), None);
        unchanged(&check, json);
    }),
    ("checkPhone/odd_error_word", |json| {
        assert_eq!(Reply::refusal(&read::<chat_api::PhoneCheck>(json)), Some("error"));
    }),
    ("checkPhone/odd_no_result", |json| {
        assert!(unread::<chat_api::PhoneCheck>(json).starts_with("missing field `result`"));
    }),
    ("showMessagesQueue/odd_item", |json| {
        let queue: MessagesQueue = read(json);
        let kinds: Vec<_> = queue.first100.known().map(|waiting| waiting.kind.as_str()).collect();
        assert_eq!(kinds, ["chat", "sticker"]);
        assert_eq!(queue.first100.raw().collect::<Vec<_>>(), [r#"{"id":"eleven", "body":1}"#]);
        // An entry that cannot be read is there all the same.
        assert!(queue.is_complete());
        unchanged(&queue, json);
    }),
    ("showMessagesQueue/odd_no_total", |json| {
        assert!(unread::<MessagesQueue>(json).starts_with("missing field `totalMessages`"));
    }),
    ("clearMessagesQueue/odd_texts", |json| {
        // It is done and cannot be undone: an odd text must not make an error of it.
        let cleared: ClearedMessages = read(json);
        assert_eq!(cleared.count(), Some(4));
        assert_eq!(cleared.texts.known().collect::<Vec<_>>(), ["hi", "5"]);
        assert_eq!(cleared.texts.raw().collect::<Vec<_>>(), ["null", r#"{"a": 1}"#]);
    }),
    ("clearMessagesQueue/odd_sentence", |json| {
        let cleared: ClearedMessages = read(json);
        assert_eq!(cleared.count(), None);
        unchanged(&cleared, json);
    }),
    ("settings/odd_wrong_type", |json| {
        assert_eq!(unread::<Settings>(json), "expected a whole number at `sendDelay`");
        assert_eq!(unread::<ChangedSettings>(json), "expected a whole number at `sendDelay`");
    }),
    ("settings/odd_nothing_changed", |json| {
        let reply: ChangedSettings = read(json);
        assert_eq!(reply.settings, read::<Settings>(json));
        assert_eq!(reply.changed, Settings::new());
    }),
    ("webhook/odd_as_specified", |json| {
        let set: WebhookSet = read(json);
        assert_eq!(set.webhook().url(), Some("https://hooks.example/chat-api"));
        assert_eq!(Reply::refusal(&set), None);
    }),
    ("webhook/odd_as_of_2018", |json| {
        let set: WebhookSet = read(json);
        assert_eq!(set.webhook().url(), Some("https://hooks.example/chat-api"));
        assert_eq!(Reply::refusal(&set), None);
    }),
    ("webhook/odd_set_missing", |json| {
        assert!(unread::<Webhook>(json).starts_with("missing field `set`"));
    }),
    ("takeover/odd_by_substatus", |json| {
        let reply: CommandReply = read(json);
        assert!(!reply.accepted());
        unchanged(&reply, json);
    }),
    ("takeover/odd_empty", |json| {
        let reply: CommandReply = read(json);
        assert!(!reply.accepted());
        assert_eq!(reply.message(), "");
    }),
    ("reboot/odd_no_success", |json| {
        assert!(unread::<Rebooted>(json).starts_with("missing field `success`"));
    }),
];

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
    [("chat_api", CHAT_API), ("admin", ADMIN), ("wamm", WAMM)].into_iter().flat_map(
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
