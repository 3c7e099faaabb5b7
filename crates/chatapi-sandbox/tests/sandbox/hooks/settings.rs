//! What is told to whom: payloads to the byte, and the settings that ask for them.

use std::time::Duration;

use chatapi_sandbox::{HookKind, HookState, Inbound, Profile, Sandbox};
use chatapi_types::Messenger;

use super::{URL, all, kinds, last, received};
use crate::wire::{PHONE, ask, call, exchange, say, with_instance};

fn listening(settings: &str) -> Sandbox {
    let sandbox = with_instance();
    call(&sandbox, "settings", &format!("webhookUrl={URL}&{settings}"));
    sandbox
}

/// The hexadecimal end of a message id in a text.
fn hex_of(text: &str) -> &str {
    let (_, rest) = text.split_once("@c.us_").unwrap();
    rest.split('"').next().unwrap()
}

#[test]
fn a_message_that_comes_in_is_told_to_the_byte() {
    let sandbox = listening("");
    sandbox.name_contact(PHONE, "Name");
    sandbox.instance("123").contact_writes(PHONE, "hi <\"ж\">");
    let [body] = &received(&sandbox)[..] else { panic!("one webhook") };
    let hex = hex_of(body);
    assert_eq!(hex.len(), 20);
    assert_eq!(
        *body,
        format!(
            r#"{{"messages":[{{"id":"false_79000000001@c.us_{hex}","body":"hi <\"ж\">","fromMe":false,"self":0,"isForwarded":0,"author":"79000000001@c.us","time":1600000000,"chatId":"79000000001@c.us","messageNumber":1,"type":"chat","senderName":"Name","caption":null,"quotedMsgBody":null,"quotedMsgId":null,"quotedMsgType":null,"chatName":"Name"}}],"instanceId":"123"}}"#
        )
    );
    // The message is the one that `messages` shows.
    let messages = exchange(&sandbox, "GET /instance123/messages?token=token").into_body();
    let messages = String::from_utf8(messages.to_vec()).unwrap();
    let item = body.strip_suffix(r#","instanceId":"123"}"#).unwrap();
    assert!(messages.starts_with(item), "{messages}");
}

#[test]
fn a_message_of_ours_is_told_when_it_leaves_and_its_acks_where_asked_for() {
    let sandbox = listening("ackNotificationsOn=1");
    call(&sandbox, "sendMessage", &format!(r#"{{"phone":"{PHONE}","body":"one"}}"#));
    let sent = exchange(
        &sandbox,
        &format!("POST /instance123/sendMessage?token=token\n\nphone={PHONE}&body=two"),
    );
    let sent = String::from_utf8(sent.into_body().to_vec()).unwrap();
    assert_eq!(received(&sandbox), Vec::<String>::new(), "nothing has left yet");
    let bodies = all(&sandbox);
    let hex = hex_of(&sent);
    let of_second: Vec<_> = bodies.iter().filter(|body| body.contains(hex)).collect();
    let [message, acks @ ..] = &of_second[..] else { panic!("{bodies:?}") };
    assert!(message.starts_with(r#"{"messages":[{"id":"true_79000000001@c.us_3EB0"#), "{message}");
    assert!(message.contains(r#""body":"two","fromMe":true,"self":1,"#), "{message}");
    assert!(sent.ends_with(r#""queueNumber":2}"#), "{sent}");
    let ack = |status: &str| {
        format!(
            r#"{{"ack":[{{"id":"true_79000000001@c.us_{hex}","queueNumber":2,"chatId":"79000000001@c.us","status":"{status}"}}],"instanceId":"123"}}"#
        )
    };
    assert_eq!(*acks, [&ack("sent"), &ack("delivered"), &ack("viewed")]);

    call(&sandbox, "settings", r#"{"ackNotificationsOn":false}"#);
    call(&sandbox, "sendMessage", &format!(r#"{{"phone":"{PHONE}","body":"three"}}"#));
    assert_eq!(all(&sandbox).len(), 1, "the message alone");
}

#[test]
fn a_chat_that_changes_is_told_where_asked_for() {
    let sandbox = listening("");
    let instance = sandbox.instance("123");
    instance.contact_writes(PHONE, "unheard");
    assert_eq!(kinds(&sandbox), [HookKind::Message]);
    call(&sandbox, "settings", "chatUpdateOn=true");
    received(&sandbox);
    sandbox.clock().advance(Duration::from_secs(5));
    instance.contact_writes(PHONE, "hi");
    instance.contact_writes("79000000002", "new here");
    let updates: Vec<_> =
        received(&sandbox).into_iter().filter(|body| body.starts_with("{\"chatUpdate")).collect();
    let chat = |phone: &str, time: u64| {
        format!(
            r#"{{"id":"{phone}@c.us","name":"{phone}","image":"","metadata":{{"isGroup":false,"participants":[],"groupInviteLink":null}},"last_time":{time}}}"#
        )
    };
    let old = chat(PHONE, 1_600_000_000);
    let new = chat(PHONE, 1_600_000_005);
    let other = chat("79000000002", 1_600_000_005);
    assert_eq!(
        updates,
        [
            format!(r#"{{"chatUpdate":[{{"old":{old},"new":{new}}}],"instanceId":"123"}}"#),
            format!(r#"{{"chatUpdate":[{{"old":null,"new":{other}}}],"instanceId":"123"}}"#),
        ]
    );
}

#[test]
fn a_state_that_changes_is_told_where_asked_for() {
    let sandbox = listening("");
    sandbox.instance("123").battery(10);
    assert_eq!(received(&sandbox), Vec::<String>::new());
    call(&sandbox, "settings", "statusNotificationsOn=1");
    sandbox.instance("123").battery(100);
    sandbox.instance("123").battery(90);
    let [body] = &received(&sandbox)[..] else { panic!("one change") };
    assert_eq!(last(&sandbox).kind, HookKind::Status);
    assert!(
        body.starts_with(r#"{"accountStatus":"authenticated","statusData":{"substatus":"normal","#),
        "{body}"
    );
    assert!(body.ends_with(r#","instanceId":"123"}"#), "{body}");
}

#[test]
fn old_messages_are_not_told_where_the_settings_say_so() {
    let sandbox = listening("");
    let instance = sandbox.instance("123");
    let told = |seconds: u64| {
        instance.contact_sends(PHONE, Inbound::text("late").seconds_ago(seconds)).unwrap();
        !received(&sandbox).is_empty()
    };
    assert!(told(3_600));
    call(&sandbox, "settings", "ignoreOldMessages=1");
    assert!(told(300) && !told(301));
    call(&sandbox, "settings", "oldMessagesPeriod=10");
    assert!(told(10) && !told(11));
    call(&sandbox, "settings", "ignoreOldMessages=0");
    assert!(told(11));
    assert!(ask(&sandbox, "messages", "").contains(r#""time":1599999699,"#), "all are there");
}

#[test]
fn wamm_tells_messages_and_states_to_the_byte() {
    let sandbox = Sandbox::new();
    let channel = sandbox.add_channel("T", Messenger::WhatsApp);
    channel.webhook(Some(URL));
    let list = say(&sandbox, "GET /api2/channel_list/T/one");
    assert!(list.contains(&format!(r#""hook":"{URL}""#)), "{list}");
    sandbox.name_contact(PHONE, "Test");
    channel.contact_writes(PHONE, "hello");
    let acc = "79980000001";
    assert_eq!(
        received(&sandbox),
        [format!(
            r#"{{"tip":"msg","msg_data":{{"msg_id":1000001,"qoute_msg_id":null,"from_api":0,"from_me":0,"phone_acc":"{acc}","phone":"79000000001","chat_name":"Test","tip_msg":"textMessage","msg_text":"hello","msg_link":null,"date_ins":"2020-09-13 15:26:40","state":"received","senderId":null,"senderName":null}}}}"#
        )]
    );
    say(&sandbox, &format!("GET /api2/msg_to/T/?phone={PHONE}&text=hi&quote_msg_id=1000001"));
    let state = |state: &str| {
        format!(
            r#"{{"tip":"msg_state","msg_data":{{"msg_id":1000002,"phone":"79000000001","state":"{state}"}}}}"#
        )
    };
    assert_eq!(
        all(&sandbox),
        [
            format!(
                r#"{{"tip":"msg","msg_data":{{"msg_id":1000002,"qoute_msg_id":1000001,"from_api":1,"from_me":1,"phone_acc":"{acc}","phone":"79000000001","chat_name":"Test","tip_msg":"textMessage","msg_text":"hi","msg_link":null,"date_ins":"2020-09-13 15:26:40","state":"sending","senderId":null,"senderName":null}}}}"#
            ),
            state("sent"),
            state("delivered"),
            state("viewed"),
        ]
    );
}

#[test]
fn wamm_can_echo_a_message_once_it_has_left_and_leave_the_phone_out() {
    let mut profile = Profile::default();
    profile.wamm.echoes_at_once = false;
    profile.wamm.states_name_phone = false;
    let sandbox = Sandbox::builder().profile(profile).build();
    let channel = sandbox.add_channel("T", Messenger::WhatsApp);
    channel.webhook(Some(URL));
    say(&sandbox, &format!("GET /api2/msg_to/T/?phone={PHONE}&text=hi"));
    let bodies = all(&sandbox);
    assert!(bodies[0].contains(r#""state":"sent""#) && bodies[0].starts_with(r#"{"tip":"msg","#));
    assert_eq!(
        bodies[1],
        r#"{"tip":"msg_state","msg_data":{"msg_id":1000001,"state":"delivered"}}"#
    );
    assert_eq!(bodies.len(), 3);
    // A message that fails never leaves, and is told all the same.
    say(&sandbox, &format!("GET /api2/msg_to/T/?phone={PHONE}&text=hi&delay=15"));
    channel.state("blocked");
    let bodies = all(&sandbox);
    assert_eq!(bodies.len(), 1);
    assert!(bodies[0].starts_with(r#"{"tip":"msg","#) && bodies[0].contains(r#""state":"failed""#));
}

#[test]
fn nobody_listens_nothing_is_written_down() {
    let sandbox = with_instance();
    let channel = sandbox.add_channel("T", Messenger::WhatsApp);
    sandbox.instance("123").contact_writes(PHONE, "hi");
    channel.contact_writes(PHONE, "hi");
    assert_eq!(sandbox.webhooks().deliveries(), []);
    // What waits for a receiver that is taken away is dropped, and not sent when there is another.
    for clear in ["webhookUrl=", "webhookUrl=null"] {
        call(&sandbox, "settings", &format!("webhookUrl={URL}"));
        sandbox.instance("123").contact_writes(PHONE, "hi");
        match clear {
            "webhookUrl=" => call(&sandbox, "webhook", clear),
            _ => call(&sandbox, "settings", r#"{"webhookUrl":""}"#),
        };
        assert_eq!(last(&sandbox).state, HookState::Dropped);
    }
    call(&sandbox, "webhook", &format!("webhookUrl={URL}"));
    assert_eq!(received(&sandbox), Vec::<String>::new());
}
