//! What contacts do, in the history, at its address and in webhooks.

use chatapi_sandbox::{HookKind, Inbound, Sandbox};
use chatapi_types::Messenger;

use super::{URL, kinds, received};
use crate::wire::{PHONE, ask, call, exchange, member, say, with_instance};

#[test]
fn every_kind_comes_in_and_is_told() {
    let sandbox = with_instance();
    let instance = sandbox.instance("123");
    call(&sandbox, "settings", &format!("webhookUrl={URL}&videoUploadOn=1"));
    let text = instance.contact_sends(PHONE, Inbound::text("first")).unwrap();
    for (inbound, kind, body) in [
        (Inbound::text("second").quoting(text.clone()), "chat", "second"),
        (
            Inbound::image("a.png", "IMAGE").caption("look"),
            "image",
            "http://sandbox.invalid/files/",
        ),
        (Inbound::voice("VOICE"), "ptt", "http://sandbox.invalid/files/"),
        (Inbound::audio("a.mp3", "AUDIO"), "audio", "http://sandbox.invalid/files/"),
        (Inbound::video("a.mp4", "VIDEO"), "video", "http://sandbox.invalid/files/"),
        (Inbound::document("a.pdf", "DOCUMENT"), "document", "http://sandbox.invalid/files/"),
        (Inbound::location(55.75, 37.5).caption("Here"), "location", "55.75;37.5"),
        (Inbound::vcard("BEGIN:VCARD\nEND:VCARD"), "vcard", r"BEGIN:VCARD\nEND:VCARD"),
        (Inbound::call(), "call_log", "[Call]"),
    ] {
        received(&sandbox);
        let id = instance.contact_sends(PHONE, inbound).unwrap();
        let [hook] = &received(&sandbox)[..] else { panic!("{kind}") };
        assert!(hook.contains(&format!(r#""type":"{kind}""#)), "{hook}");
        assert_eq!(member(hook, "id"), id.as_str());
        assert!(member(hook, "body").starts_with(body), "{hook}");
        let page = exchange(&sandbox, "GET /instance123/messages?token=token&last=1").into_body();
        let page = String::from_utf8(page.to_vec()).unwrap();
        let item = hook.strip_prefix(r#"{"messages":["#).unwrap();
        assert!(page.contains(item.strip_suffix(r#"],"instanceId":"123"}"#).unwrap()), "{page}");
        if body.starts_with("http") {
            let path = member(hook, "body").replace("http://sandbox.invalid", "");
            let file = exchange(&sandbox, &format!("GET {path}"));
            assert!(file.body().iter().all(u8::is_ascii_uppercase) && !file.body().is_empty());
        }
        match kind {
            "chat" => assert_eq!(member(hook, "quotedMsgBody"), "first"),
            "image" => assert_eq!(member(hook, "caption"), "look"),
            "location" => assert_eq!(member(hook, "caption"), "Here"),
            _ => {}
        }
    }
    // Edited: the same message with another text.
    assert_eq!(
        instance.contact_sends(PHONE, Inbound::edit(text.clone(), "new")),
        Some(text.clone())
    );
    let [hook] = &received(&sandbox)[..] else { panic!("edit") };
    assert_eq!((member(hook, "id"), member(hook, "body")), (text.to_string(), "new".to_owned()));
    assert_eq!(instance.contact_sends(PHONE, Inbound::edit("none", "new")), None);
}

#[test]
fn a_video_comes_along_only_where_asked_for() {
    let sandbox = with_instance();
    let instance = sandbox.instance("123");
    instance.contact_sends(PHONE, Inbound::video("a.mp4", "VIDEO").caption("see"));
    let page = ask(&sandbox, "messages", "");
    assert!(page.contains(r#""body":"""#) && page.contains(r#""caption":"see""#), "{page}");
}

#[test]
fn a_contact_makes_a_group_with_the_account_in_it() {
    let sandbox = with_instance();
    let instance = sandbox.instance("123");
    call(&sandbox, "settings", &format!("webhookUrl={URL}&chatUpdateOn=1"));
    let group = instance.contact_makes_group("G", &["+7 900 000-00-01", "79000000002"]).unwrap();
    assert_eq!(group.as_str(), "79000000001-1600000000@g.us");
    let [hook] = &received(&sandbox)[..] else { panic!("a new chat") };
    let members = r#""participants":["79000000001@c.us","79000000002@c.us"]"#;
    assert!(hook.contains(members) && hook.contains(r#""name":"G""#), "{hook}");
    // We are a member like any other: what is written there leaves.
    call(&sandbox, "sendMessage", &format!("chatId={group}&body=hi"));
    sandbox.run_until_idle();
    assert_eq!(instance.sent()[0].chat, group);
    // Who names nobody, or no number, or us, gets none.
    let ours = sandbox.state().instances[0].phone.clone();
    for members in [&[][..], &["Ann"], &["79000000001", &ours], &["79000000001-1600000000@g.us"]] {
        assert_eq!(instance.contact_makes_group("H", members), None, "{members:?}");
    }
    assert_eq!(sandbox.instance("9").contact_makes_group("G", &["79000000001"]), None);
}

#[test]
fn people_join_leave_and_write_in_groups() {
    let sandbox = with_instance();
    let instance = sandbox.instance("123");
    let made = call(&sandbox, "group", r#"{"groupName":"G","phones":["79000000001"]}"#);
    let group = member(&made, "chatId");
    call(&sandbox, "settings", &format!("webhookUrl={URL}&chatUpdateOn=1"));
    assert_eq!(instance.contact_sends(&group, Inbound::join("79000000002")), None);
    assert_eq!(kinds(&sandbox), [HookKind::ChatUpdate]);
    let [hook] = &received(&sandbox)[..] else { panic!("joined") };
    let both = r#""participants":["79000000001@c.us","79000000002@c.us"]"#;
    assert!(
        hook.contains(r#""participants":["79000000001@c.us"],"#) && hook.contains(both),
        "{hook}"
    );
    // Who has joined cannot join again.
    instance.contact_sends(&group, Inbound::join("79000000002"));
    assert_eq!(received(&sandbox), Vec::<String>::new());
    let author = |inbound: Inbound| {
        instance.contact_sends(&group, inbound).unwrap();
        member(&received(&sandbox)[0], "author")
    };
    assert_eq!(author(Inbound::text("hi")), "79000000001@c.us");
    assert_eq!(author(Inbound::text("hi").author("+7 900 000-00-02")), "79000000002@c.us");
    instance.contact_sends(&group, Inbound::leave("79000000001"));
    let [hook] = &received(&sandbox)[..] else { panic!("left") };
    assert!(hook.contains(r#"["79000000002@c.us"]"#), "{hook}");
    // Names, of groups and of people.
    instance.name_chat(&group, "New name");
    let [hook] = &received(&sandbox)[..] else { panic!("renamed") };
    assert!(hook.contains(r#""name":"New name""#) && hook.contains(r#""name":"G""#), "{hook}");
}

#[test]
fn wamm_has_the_kinds_that_it_knows() {
    let sandbox = Sandbox::new();
    let channel = sandbox.add_channel("T", Messenger::WhatsApp);
    channel.webhook(Some(URL));
    let group = "120363000000000000";
    for (inbound, kind) in [
        (Inbound::text("first"), "textMessage"),
        (Inbound::image("a.png", "IMAGE").caption("look"), "imageMessage"),
        (Inbound::voice("VOICE"), "audioMessage"),
        (Inbound::video("a.mp4", "VIDEO"), "videoMessage"),
        (Inbound::document("a.pdf", "DOCUMENT"), "documentMessage"),
        (Inbound::location(55.75, 37.5), "locationMessage"),
        (Inbound::vcard("BEGIN:VCARD"), "contactMessage"),
    ] {
        let inbound = inbound.author("79000000002").quoting("1000001");
        let id = channel.contact_sends(group, inbound).unwrap();
        let [hook] = &received(&sandbox)[..] else { panic!("{kind}") };
        assert!(hook.contains(&format!(r#""msg_id":{id},"qoute_msg_id":1000001,"#)), "{hook}");
        assert!(hook.contains(&format!(r#""tip_msg":"{kind}""#)), "{hook}");
        assert!(hook.contains(r#""senderId":"79000000002","senderName":"79000000002""#), "{hook}");
        let listed = say(&sandbox, "GET /api2/msg_get_last/T/1");
        assert!(listed.contains(&format!(r#""tip_msg":"{kind}""#)), "{listed}");
    }
    for unknown in [Inbound::call(), Inbound::join("79000000002"), Inbound::leave("79000000002")] {
        assert_eq!(channel.contact_sends(group, unknown), None);
    }
    channel.contact_sends(group, Inbound::edit("1000001", "changed")).unwrap();
    let [hook] = &received(&sandbox)[..] else { panic!("edit") };
    assert!(hook.contains(r#""msg_id":1000001"#) && hook.contains(r#""msg_text":"changed""#));
}

#[test]
fn inbound_is_data_and_says_what_is_wrong_with_it() {
    for json in [
        r#"{"kind":"text","text":"hi"}"#,
        r#"{"kind":"text","text":"hi","with":{"author":"79000000002","quoting":"x","secondsAgo":9}}"#,
        r#"{"kind":"image","name":"a.png","base64":"SU1BR0U=","caption":"c"}"#,
        r#"{"kind":"location","lat":1.5,"lng":2.0}"#,
        r#"{"kind":"vCard","vcard":"BEGIN:VCARD"}"#,
        r#"{"kind":"call"}"#,
        r#"{"kind":"join","phone":"79000000002"}"#,
        r#"{"kind":"edit","message":"x","text":"y"}"#,
    ] {
        let inbound: Inbound = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&inbound).unwrap(), json);
    }
    for (json, complaint) in [
        (r#"{"kind":"text","txt":"hi"}"#, "unknown field `txt`"),
        (r#"{"kind":"text"}"#, "missing field `text`"),
        (r#"{"kind":"dance"}"#, "unknown variant `dance`"),
        (r#"{"kind":"image","name":"a","base64":"*"}"#, "base64 is not base64"),
    ] {
        let error = serde_json::from_str::<Inbound>(json).unwrap_err().to_string();
        assert!(error.contains(complaint), "{error}");
    }
}
