//! Chat API's odd answers.

use chatapi_types::chat_api::{
    Ack, ActionsQueue, BanTest, ChangedSettings, Chat, ChatRead, ClearedActions, ClearedMessages,
    CommandReply, Dialogs, Done, GroupCreated, InstanceStatuses, Joined, LabelCreated, Labels, Me,
    MessageKind, MessagePage, MessagesQueue, Outcome, OutputIp, ParticipantChanged, PhoneCheck,
    Rebooted, Remedy, Removed, Sent, Settings, Status, Substatus, Unspecified, Webhook, WebhookSet,
    WebhookStatus,
};
use chatapi_types::{Delivery, Item, MessageId, Reply};

use super::{Expectation, read, unchanged, unread};

pub(super) const TABLE: &[Expectation] = &[
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
        let sent: Sent = read(json);
        assert!(sent.sent && sent.message.is_empty());
        assert_eq!((sent.id, sent.queue_number), (None, None));
    }),
    ("sendMessage/odd_null_message", |json| {
        // A refusal without words is one all the same.
        assert_eq!(Reply::refusal(&read::<Sent>(json)), Some(""));
    }),
    ("sendMessage/odd_numeric_id", |json| {
        assert_eq!(read::<Sent>(json).id, Some(MessageId::from("1234567")));
    }),
    ("sendMessage/odd_sent_missing", |json| {
        // Whether it was sent cannot be guessed.
        assert!(unread::<Sent>(json).starts_with("missing field `sent`"));
    }),
    ("sendMessage/odd_sent_null", |json| {
        assert!(unread::<Sent>(json).ends_with("at `sent`"));
    }),
    ("sendMessage/odd_list", |json| {
        assert!(unread::<Sent>(json).starts_with("expected an object"));
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
        let check: PhoneCheck = read(json);
        assert!(!check.result.is_known() && !check.result.is_yes());
        assert_eq!(Reply::refusal(&check), None);
        unchanged(&check, json);
    }),
    ("checkPhone/odd_error_word", |json| {
        assert_eq!(Reply::refusal(&read::<PhoneCheck>(json)), Some("error"));
    }),
    ("checkPhone/odd_no_result", |json| {
        assert!(unread::<PhoneCheck>(json).starts_with("missing field `result`"));
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
    ("outputIP/odd_successor", |json| {
        let reply: OutputIp = read(json);
        assert_eq!(reply.ip(), Some("192.0.2.1"));
        unchanged(&reply, json);
    }),
    ("outputIP/odd_empty", |json| {
        assert_eq!(read::<OutputIp>(json).ip(), None);
    }),
    ("me/odd_no_id", |json| {
        assert!(unread::<Me>(json).starts_with("missing field `id`"));
    }),
    ("dialog/odd_no_id", |json| {
        assert!(unread::<Chat>(json).starts_with("missing field `id`"));
    }),
    ("dialogs/odd_item", |json| {
        let list: Dialogs = read(json);
        assert_eq!(list.dialogs.known().next().unwrap().id.as_str(), "79000000001@c.us");
        assert_eq!(list.dialogs.raw().collect::<Vec<_>>(), [r#"{"id":null, "name":"x"}"#, "7"]);
        unchanged(&list, json);
    }),
    ("dialogs/odd_no_list", |json| {
        assert!(unread::<Dialogs>(json).starts_with("missing field `dialogs`"));
    }),
    ("group/odd_silent", |json| {
        // Whether there is a group now cannot be guessed.
        assert!(unread::<GroupCreated>(json).starts_with("missing field `created`"));
    }),
    ("addGroupParticipant/odd_silent", |json| {
        assert!(unread::<ParticipantChanged>(json).starts_with("missing field `add`"));
    }),
    ("joinGroup/odd_empty", |json| {
        let joined: Joined = read(json);
        assert_eq!((joined.chat_id.as_ref(), Reply::refusal(&joined)), (None, None));
    }),
    ("leaveGroup/odd_object", |json| {
        let left: Removed = read(json);
        assert_eq!((&*left.result, Reply::refusal(&left)), (r#"{"left":1}"#, None));
    }),
    ("removeChat/odd_no_result", |json| {
        assert!(unread::<Removed>(json).starts_with("missing field `result`"));
    }),
    ("readChat/odd_silent", |json| {
        assert!(unread::<ChatRead>(json).starts_with("missing field `read`"));
    }),
    ("labelChat/odd_word", |json| {
        let done: Done = read(json);
        assert_eq!((&done.result, Reply::refusal(&done)), (&Some(Outcome::Exists), None));
        unchanged(&done, json);
    }),
    ("unreadChat/odd_sentence", |json| {
        let done: Done = read(json);
        assert!(!done.result.as_ref().unwrap().is_known());
        assert_eq!(Reply::refusal(&done), None);
        unchanged(&done, json);
    }),
    ("typing/odd_declined", |json| {
        // A refusal without words is one all the same.
        assert_eq!(Reply::refusal(&read::<Done>(json)), Some(""));
    }),
    ("recording/odd_empty", |json| {
        assert_eq!(Reply::refusal(&read::<Done>(json)), None);
    }),
    ("archiveChat/odd_failed", |json| {
        let answer: Unspecified = read(json);
        assert_eq!(Reply::refusal(&answer), Some("text"));
        unchanged(&answer, json);
    }),
    ("labelsList/odd_item", |json| {
        let list: Labels = read(json);
        assert_eq!(list.labels.known().next().unwrap().name, "New");
        assert_eq!(list.labels.raw().collect::<Vec<_>>(), [r#""Paid""#, r#"{"id":{"n": 1}}"#]);
        unchanged(&list, json);
    }),
    ("labelsList/odd_no_list", |json| {
        assert!(unread::<Labels>(json).starts_with("missing field `labels`"));
    }),
    ("createLabel/odd_label", |json| {
        let created: LabelCreated = read(json);
        assert!(matches!(&created.label, Some(Item::Raw(label)) if label.get() == "[7]"));
        unchanged(&created, json);
    }),
    ("showActionsQueue/odd_item", |json| {
        let queue: ActionsQueue = read(json);
        let kinds: Vec<_> = queue.first100.known().map(|waiting| waiting.kind.as_str()).collect();
        assert_eq!(kinds, ["chat"]);
        assert_eq!(
            queue.first100.raw().collect::<Vec<_>>(),
            [r#"{"id":null, "type":"read chat"}"#]
        );
        assert!(!queue.is_complete());
        unchanged(&queue, json);
    }),
    ("showActionsQueue/odd_no_total", |json| {
        assert!(unread::<ActionsQueue>(json).starts_with("missing field `totalActions`"));
    }),
    ("clearActionsQueue/odd_words", |json| {
        // It is done and cannot be undone: an odd word must not make an error of it.
        let cleared: ClearedActions = read(json);
        assert_eq!(cleared.count(), None);
        assert!(!cleared.actions.known().next().unwrap().is_known());
        unchanged(&cleared, json);
    }),
    ("banTest/odd_silent", |json| {
        assert!(unread::<BanTest>(json).starts_with("missing field `banned`"));
    }),
    ("instanceStatuses/odd_item", |json| {
        let journal: InstanceStatuses = read(json);
        let entry = journal.data.known().next().unwrap();
        assert_eq!(entry.date.to_unix_millis(), None);
        assert!(!entry.status.is_known());
        assert_eq!(journal.data.raw().collect::<Vec<_>>(), [r#"{"date":null, "status":"init"}"#]);
        unchanged(&journal, json);
    }),
    ("instanceStatuses/odd_no_list", |json| {
        assert!(unread::<InstanceStatuses>(json).starts_with("missing field `data`"));
    }),
    ("webhookStatus/odd_word", |json| {
        let status: WebhookStatus = read(json);
        assert_eq!(status.status.as_str(), "lost");
        assert_eq!(
            status.time.as_ref().unwrap().to_unix_millis().unwrap().as_millis(),
            1_600_000_000_000
        );
        unchanged(&status, json);
    }),
];
