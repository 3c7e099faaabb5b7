//! wamm.chat's contacts, chats and users.

use std::time::Duration;

use chatapi_sandbox::{ChannelHandle, Profile, Sandbox};
use chatapi_types::wamm::ChannelState;
use chatapi_types::{Messenger, UserId};

use crate::wire::{PHONE, say};

fn with_channel(messenger: Messenger) -> (Sandbox, ChannelHandle) {
    with(messenger, |_| {})
}

fn with(messenger: Messenger, change: impl FnOnce(&mut Profile)) -> (Sandbox, ChannelHandle) {
    let mut profile = Profile::default();
    change(&mut profile);
    let sandbox = Sandbox::builder().profile(profile).build();
    let channel = sandbox.add_channel("T", messenger);
    (sandbox, channel)
}

fn get(sandbox: &Sandbox, target: &str) -> String {
    say(sandbox, &format!("GET /api2/{target}"))
}

fn err(word: &str) -> String {
    format!(r#"200 {{"err":"{word}"}}"#)
}

fn result(word: &str) -> String {
    format!(r#"200 {{"err":0,"result":"{word}"}}"#)
}

#[test]
fn a_contact_is_added_changed_shown_and_deleted() {
    let (sandbox, _) = with_channel(Messenger::WhatsApp);
    let show = || get(&sandbox, "contact_get/T/79000000001");
    assert_eq!(show(), err("not found"));

    let ann = "contact_to/T/?phone=%2B7%20(900)%20000-00-01&name=Ann%20A.&info=old%20friend&email=a%40example.org&web=example.org";
    assert_eq!(get(&sandbox, ann), result("insert"));
    let contact = |name: &str, email: &str| {
        format!(
            r#"200 {{"err":0,"data":{{"api_id":101,"tip":"user","phone":"79000000001","name":"{name}","email":"{email}","web":"example.org","avatar":"","notes":"old friend","user_id":"","tags":"","chat_banned":0,"chat_mute":0,"chat_favorite":0}}}}"#
        )
    };
    assert_eq!(show(), contact("Ann A.", "a@example.org"));

    // What is not given stays, what is given empty goes.
    let change = "contact_to/T?phone=79000000001&name=Anna&email=";
    assert_eq!(get(&sandbox, change), result("update"));
    assert_eq!(show(), contact("Anna", ""));
    // The name shows in the history.
    assert!(get(&sandbox, "msg_to/T/79000000001/hi").starts_with(r#"200 {"err":0"#));
    let history = get(&sandbox, "msg_get/T/79000000001/1");
    assert!(history.contains(r#""chat_name":"Anna""#), "{history}");

    assert_eq!(get(&sandbox, "contact_delete/T/?phone=79000000001"), result("delete"));
    assert_eq!(get(&sandbox, "contact_delete/T/?phone=79000000001"), err("phone not found"));
    assert_eq!(show(), err("not found"));
    // From wamm only: the messages are still there.
    let history = get(&sandbox, "msg_get/T/79000000001/1");
    assert!(history.contains(r#""chat_name":"79000000001""#), "{history}");
}

#[test]
fn contacts_are_refused_in_the_vendors_words() {
    let (sandbox, _) = with_channel(Messenger::WhatsApp);
    sandbox.no_account("79000000002");
    let (long, longer) = ("%D0%B4".repeat(151), "%D0%B4".repeat(251));
    for (target, word) in [
        ("contact_to/x/?phone=79000000001&name=A".to_owned(), "token fail"),
        ("contact_to/T/?name=A".to_owned(), "phone fail"),
        ("contact_to/T/?phone=79&name=A".to_owned(), "phone fail"),
        ("contact_to/T/?phone=79000000001".to_owned(), "name fail"),
        ("contact_to/T/?phone=79000000001&name=%20".to_owned(), "name fail"),
        (format!("contact_to/T/?phone=79000000001&name={longer}"), "name fail, more 250"),
        (format!("contact_to/T/?phone=79000000001&name=A&web={long}"), "web fail, more 150"),
        (format!("contact_to/T/?phone=79000000001&name=A&email={long}"), "email fail, more 150"),
        ("contact_to/T/?phone=79000000002&name=A".to_owned(), "no WhatsApp on the number"),
        ("contact_delete/T".to_owned(), "phone fail"),
        ("contact_get/T".to_owned(), "phone fail"),
        ("contact_open/T/x".to_owned(), "phone fail"),
        ("contact_to_user/T".to_owned(), "phone fail"),
        ("contact_tag_delete/T/79".to_owned(), "phone fail"),
        ("contact_open/T/79000000001".to_owned(), "not found"),
        ("contact_to_user/T/79000000001/none".to_owned(), "not found"),
        ("contact_tag_delete/T/79000000001/a".to_owned(), "not found"),
    ] {
        assert_eq!(get(&sandbox, &target), err(word), "{}", &target[..target.len().min(60)]);
    }
    let fits = "%D0%B4".repeat(250);
    let target = format!("contact_to/T/?phone=79000000001&name={fits}");
    assert_eq!(get(&sandbox, &target), result("insert"));

    let (sandbox, _) = with_channel(Messenger::Max);
    sandbox.no_account("555");
    let no = get(&sandbox, "contact_to/T/?phone=555&name=A");
    assert_eq!(no, err("no Account on the number"));
}

#[test]
fn contacts_need_a_connection_only_where_the_pages_say_so() {
    let (sandbox, channel) = with_channel(Messenger::WhatsApp);
    channel.add_contact(PHONE, "Ann");
    sandbox.add_user("admin", "Eve");
    channel.state(ChannelState::NotAuthorized);
    for target in [
        "contact_to/T/?phone=79000000001&name=A",
        "contact_delete/T/?phone=79000000001",
        "user_chats/T",
        "file_to/T/?phone=79000000001&url=https://h/a",
    ] {
        assert_eq!(get(&sandbox, target), err("acc not authorized"), "{target}");
    }
    for target in [
        "contact_get/T/79000000001",
        "contact_open/T/79000000001",
        "contact_to_user/T/79000000001/none",
        "contact_tag_delete/T/79000000001/a",
        "user_list/T",
    ] {
        assert!(get(&sandbox, target).starts_with(r#"200 {"err":0,"#), "{target}");
    }
}

#[test]
fn a_messenger_that_does_not_answer_asks_for_another_try() {
    for (messenger, words) in [
        (Messenger::WhatsApp, "phone not checked for WhatsApp, please retry"),
        (Messenger::Telegram, "phone not checked, please retry"),
    ] {
        let (sandbox, channel) = with_channel(messenger);
        channel.add_contact("79000000009", "Known");
        channel.checks_time_out();
        assert_eq!(get(&sandbox, "contact_to/T/?phone=79000000001&name=A"), err(words));
        assert_eq!(get(&sandbox, "msg_to/T/79000000001/hi"), err(words));
        assert_eq!(get(&sandbox, "check_phone/T/79000000001"), err("fail execution"));
        // Who is among the contacts is not asked about.
        assert_eq!(get(&sandbox, "check_phone/T/79000000009"), result("exists"));
        assert_eq!(get(&sandbox, "contact_to/T/?phone=79000000009&name=A"), result("update"));
        channel.checks_answer();
        assert_eq!(get(&sandbox, "contact_to/T/?phone=79000000001&name=A"), result("insert"));
    }
}

#[test]
fn who_is_among_the_contacts_is_not_asked_about_again() {
    let (sandbox, _) = with_channel(Messenger::WhatsApp);
    get(&sandbox, "contact_to/T/?phone=79000000001&name=Ann");
    sandbox.no_account(PHONE);
    assert_eq!(get(&sandbox, "check_phone/T/79000000001"), result("exists"));
    let sent = get(&sandbox, "msg_to/T/79000000001/hi");
    assert_eq!(sent, r#"200 {"err":0,"msg_id":1000001}"#);
    sandbox.run_until_idle();
    let state = get(&sandbox, "msg_state/T/1000001");
    assert_eq!(crate::wire::member(&state, "state"), "noAccount");
    assert_eq!(get(&sandbox, "contact_delete/T/?phone=79000000001"), result("delete"));
    assert_eq!(get(&sandbox, "check_phone/T/79000000001"), result("not exists"));
    // Nor is anything known of a number that was written to unchecked.
    let (sandbox, _) =
        with(Messenger::WhatsApp, |profile| profile.wamm.checks_before_sending = false);
    sandbox.no_account(PHONE);
    get(&sandbox, "msg_to/T/79000000001/hi");
    assert_eq!(get(&sandbox, "check_phone/T/79000000001"), result("not exists"));
}

#[test]
fn tags_are_joined_and_deleted() {
    let (sandbox, channel) = with_channel(Messenger::WhatsApp);
    channel.add_contact(PHONE, "Ann");
    for tag in ["new", "до/го вор", "vip"] {
        assert!(channel.tag_contact(PHONE, tag));
    }
    assert!(!channel.tag_contact("79000000002", "new"));
    let tags = || crate::wire::member(&get(&sandbox, "contact_get/T/79000000001"), "tags");
    assert_eq!(tags(), "new; до/го вор; vip");
    let delete = |tag: &str| get(&sandbox, &format!("contact_tag_delete/T/79000000001/{tag}"));
    assert_eq!(delete("%D0%B4%D0%BE%2F%D0%B3%D0%BE%20%D0%B2%D0%BE%D1%80"), result("success"));
    assert_eq!(tags(), "new; vip");
    assert_eq!(delete("other"), result("success"));
    assert_eq!(tags(), "new; vip");
    for nothing in ["", "%20"] {
        assert_eq!(delete(nothing), err("tag not entry"));
    }
    assert_eq!(delete("new"), result("success"));
    assert_eq!(delete("vip"), result("success"));
    assert_eq!(tags(), "");

    let absent = |profile: &mut Profile| profile.wamm.absent_tag = Some("tag fail".to_owned());
    let (sandbox, channel) = with(Messenger::WhatsApp, absent);
    channel.add_contact(PHONE, "Ann");
    assert_eq!(get(&sandbox, "contact_tag_delete/T/79000000001/x"), err("tag fail"));
}

#[test]
fn a_chat_is_given_to_a_user_and_to_nobody() {
    let (sandbox, channel) = with_channel(Messenger::WhatsApp);
    let [eve, locked, gone] = ["Eve", "Lou", "Gus"].map(|name| sandbox.add_user("user", name));
    assert!(sandbox.change_user(&locked, |user| user.lock = true));
    assert!(sandbox.change_user(&gone, |user| user.deleted = true));
    channel.add_contact(PHONE, "Ann");
    let give = |user: &str| get(&sandbox, &format!("contact_to_user/T/79000000001/{user}"));
    let owner = || crate::wire::member(&get(&sandbox, "contact_get/T/79000000001"), "user_id");
    assert_eq!((give(eve.as_str()), owner()), (result("success"), "101".to_owned()));
    for (user, word) in [
        ("7", "user not found"),
        ("", "user not found"),
        ("eve", "user not found"),
        (locked.as_str(), "user not active"),
        (gone.as_str(), "user not active"),
    ] {
        assert_eq!((give(user), owner()), (err(word), "101".to_owned()), "{user}");
    }
    assert_eq!((give("none"), owner()), (result("success"), String::new()));

    // Personal chats only.
    channel.add_contact("120363000000000000", "Group");
    let group = get(&sandbox, "contact_to_user/T/120363000000000000/101");
    assert_eq!(group, err("not found"));
    let shown = get(&sandbox, "contact_get/T/120363000000000000");
    assert!(shown.contains(r#""tip":"group""#), "{shown}");
}

#[test]
fn users_are_listed_the_blocked_and_deleted_too() {
    let (sandbox, _) = with_channel(Messenger::WhatsApp);
    assert_eq!(get(&sandbox, "user_list/T"), err("fail get data"));
    assert_eq!(get(&sandbox, "user_list/x"), err("token fail"));
    let eve = sandbox.add_user("admin", "Eve");
    assert!(sandbox.change_user(&eve, |user| {
        user.email = "e@example.org".to_owned();
        user.user_id = "7".into();
    }));
    sandbox.clock().advance(Duration::from_secs(1));
    let gus = sandbox.add_user("user", "Gus");
    assert!(sandbox.change_user(&gus, |user| (user.lock, user.deleted) = (true, true)));
    assert!(!sandbox.change_user(UserId::from(7), |user| user.lock = true));
    assert_eq!(
        get(&sandbox, "user_list/T/"),
        concat!(
            r#"200 {"err":0,"data":["#,
            r#"{"user_id":101,"acc":"admin","email":"e@example.org","name":"Eve","dt_reg":"2020-09-13 15:26:40","dt_active":"2020-09-13 15:26:40","lock":0,"deleted":0},"#,
            r#"{"user_id":102,"acc":"user","email":"","name":"Gus","dt_reg":"2020-09-13 15:26:41","dt_active":"2020-09-13 15:26:41","lock":1,"deleted":1}]}"#
        )
    );
}

#[test]
fn open_chats_are_those_of_a_user_a_channel_or_everybody() {
    let (sandbox, channel) = with_channel(Messenger::WhatsApp);
    let telegram = sandbox.add_channel("U", Messenger::Telegram);
    assert_eq!(get(&sandbox, "user_chats/T"), err("fail get data"));
    let eve = sandbox.add_user("user", "Eve");
    channel.add_contact(PHONE, "Ann");
    // A contact is no open chat until somebody writes or opens it.
    assert_eq!(get(&sandbox, "user_chats/T"), err("fail get data"));
    assert_eq!(channel.is_chat_open(PHONE), Some(false));

    channel.contact_writes(PHONE, "hello");
    sandbox.clock().advance(Duration::from_secs(5));
    telegram.contact_writes("@durov", "hello");
    sandbox.clock().advance(Duration::from_secs(5));
    assert!(get(&sandbox, "msg_to/U/777/hi").starts_with(r#"200 {"err":0"#));
    get(&sandbox, &format!("contact_to_user/T/79000000001/{eve}"));
    channel.change_contact(PHONE, |contact| contact.avatar = "https://h/a.png".to_owned());

    let ann = r#"{"chat_id":"10001","chat_name":"Ann","phone":"79000000001","avatar":"https://h/a.png","user_id":"101","date_msg":"2020-09-13 15:26:40","api_id":"101"}"#;
    let durov = r#"{"chat_id":"10002","chat_name":"@durov","phone":"@durov","avatar":"","user_id":"","date_msg":"2020-09-13 15:26:45","api_id":"102"}"#;
    let number = r#"{"chat_id":"10003","chat_name":"777","phone":"777","avatar":"","user_id":"","date_msg":"2020-09-13 15:26:50","api_id":"102"}"#;
    for (target, chats) in [
        ("user_chats/T", vec![number, durov, ann]),
        ("user_chats/U/0", vec![number, durov, ann]),
        ("user_chats/T/0/0", vec![number, durov, ann]),
        ("user_chats/T/0/1", vec![ann]),
        ("user_chats/U/?by_channel=1", vec![number, durov]),
        ("user_chats/U/101", vec![ann]),
        ("user_chats/T/101/1", vec![ann]),
    ] {
        let expected = format!(r#"200 {{"err":0,"data":[{}]}}"#, chats.join(","));
        assert_eq!(get(&sandbox, target), expected, "{target}");
    }
    assert_eq!(get(&sandbox, "user_chats/U/101/1"), err("fail get data"));
    for unknown in ["7", "eve", "-1"] {
        assert_eq!(get(&sandbox, &format!("user_chats/T/{unknown}")), err("user_id fail"));
    }

    // Closed by hand, opened again by the call and by the contact.
    channel.close_chat(PHONE);
    assert_eq!(get(&sandbox, "user_chats/T/101"), err("fail get data"));
    assert_eq!(get(&sandbox, "contact_open/T/79000000001"), result("success"));
    assert!(get(&sandbox, "user_chats/T/101").contains(ann));
    channel.close_chat(PHONE);
    channel.contact_writes(PHONE, "hello?");
    assert_eq!(channel.is_chat_open(PHONE), Some(true));
    assert_eq!(get(&sandbox, "contact_delete/T/?phone=79000000001"), result("delete"));
    assert_eq!(get(&sandbox, "user_chats/T/0/1"), err("fail get data"));
}

#[test]
fn sending_opens_a_chat_unless_the_profile_says_otherwise() {
    for opens in [true, false] {
        let (sandbox, channel) =
            with(Messenger::WhatsApp, |profile| profile.wamm.sending_opens_chats = opens);
        get(&sandbox, "msg_to/T/79000000001/hi");
        assert_eq!(channel.is_chat_open(PHONE), Some(opens));
    }
}

#[test]
fn nine_hundred_open_chats_are_listed() {
    let (sandbox, channel) = with_channel(Messenger::WhatsApp);
    for n in 0..905 {
        channel.contact_writes(format!("79000000{n:03}"), "hello");
    }
    assert_eq!(get(&sandbox, "user_chats/T").matches("chat_id").count(), 900);
}

#[test]
fn what_people_do_in_the_account_is_seen() {
    let (sandbox, channel) = with_channel(Messenger::Max);
    assert!(!channel.change_contact("-70000000000000", |contact| contact.chat_mute = true));
    channel.contact_writes("-70000000000000", "hello");
    assert!(channel.change_contact("-70000000000000", |contact| {
        contact.phone_real = Some("79000000001".into());
        (contact.chat_banned, contact.chat_mute, contact.chat_favorite) = (true, true, true);
        // These are not for changing.
        (contact.phone, contact.api_id) = ("5".into(), "5".into());
    }));
    assert_eq!(
        get(&sandbox, "contact_get/T/-70000000000000"),
        r#"200 {"err":0,"data":{"api_id":101,"tip":"group","phone":"-70000000000000","phone_real":"79000000001","name":"-70000000000000","email":"","web":"","avatar":"","notes":"","user_id":"","tags":"","chat_banned":1,"chat_mute":1,"chat_favorite":1}}"#
    );
    assert!(channel.contact("-70000000000000").is_some_and(|contact| contact.chat_mute));
    let list = get(&sandbox, "user_chats/T");
    assert!(list.contains(r#""phone":"-70000000000000""#), "{list}");
}
