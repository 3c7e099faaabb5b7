//! Groups that several instances share.

use chatapi_sandbox::{Command, Inbound, InstanceAction, Problem, Sandbox};

use super::{URL, received};
use crate::wire::{call, member, say, with_instance};

/// Instances 123, 124 and 125 in one group, and all but the last want to know of changes.
fn shared() -> (Sandbox, String) {
    let sandbox = with_instance();
    let made = call(&sandbox, "group", r#"{"groupName":"G","phones":["79000000001"]}"#);
    let (group, link) = (member(&made, "chatId"), member(&made, "groupInviteLink"));
    for id in ["124", "125", "126"] {
        sandbox.add_instance(id, "token");
        if id != "126" {
            let join = format!("POST /instance{id}/joinGroup?token=token\n\nurl={link}");
            assert!(say(&sandbox, &join).contains(&group));
        }
    }
    for id in ["123", "124", "126"] {
        sandbox.instance(id).change_settings(|settings| {
            settings.webhook_url = Some(URL.to_owned());
            settings.chat_update_on = Some(true);
        });
    }
    assert_eq!(received(&sandbox), Vec::<String>::new());
    (sandbox, group)
}

/// Which instances were told, and what all of them were told.
fn told(sandbox: &Sandbox) -> (Vec<String>, String) {
    let mut bodies = received(sandbox);
    bodies.sort_by_key(|body| member(body, "instanceId"));
    let whom = bodies.iter().map(|body| member(body, "instanceId")).collect();
    (whom, bodies.concat())
}

#[test]
fn all_members_of_a_group_hear_of_its_change_whoever_made_it() {
    let (sandbox, group) = shared();
    let both = ["123", "124"].map(str::to_owned).to_vec();
    sandbox.instance("123").name_chat(&group, "Renamed");
    let (whom, what) = told(&sandbox);
    assert_eq!(whom, both);
    assert_eq!(what.matches(r#""name":"G""#).count(), 2, "{what}");
    assert_eq!(what.matches(r#""name":"Renamed""#).count(), 2, "{what}");
    // By one who does not want to know of it himself.
    sandbox.instance("125").contact_sends(&group, Inbound::join("79000000005"));
    let (whom, what) = told(&sandbox);
    assert_eq!(whom, both);
    assert_eq!(what.matches("79000000005@c.us").count(), 2, "{what}");
    // By a call that is carried out some time later.
    let add = format!(r#"{{"groupId":"{group}","participantPhone":"79000000006"}}"#);
    assert!(call(&sandbox, "addGroupParticipant", &add).contains("Added to"));
    sandbox.run_until_idle();
    let (whom, what) = told(&sandbox);
    assert_eq!(whom, both);
    assert_eq!(what.matches("79000000006@c.us").count(), 2, "{what}");
    // By one who leaves: he has the chat no longer.
    say(&sandbox, &format!("POST /instance124/leaveGroup?token=token\n\nchatId={group}"));
    assert_eq!(told(&sandbox).0, ["123"]);
    sandbox.instance("123").name_chat(&group, "Again");
    assert_eq!(told(&sandbox).0, ["123"]);
    // What changes nothing is told to nobody.
    sandbox.instance("123").name_chat(&group, "Again");
    sandbox.instance("123").contact_sends(&group, Inbound::join("79000000005"));
    assert_eq!(told(&sandbox), (Vec::new(), String::new()));
}

#[test]
fn who_is_in_a_group_cannot_join_it_and_who_is_not_cannot_leave() {
    let (sandbox, group) = shared();
    let send = |message: Inbound| {
        let action = InstanceAction::Send { chat: group.as_str().into(), message };
        sandbox.apply(Command::Instance("123".into(), action))
    };
    let declined = |message: Inbound| {
        let before = sandbox.snapshot().to_bytes().unwrap();
        let error = send(message).unwrap_err();
        assert_eq!(sandbox.snapshot().to_bytes().unwrap(), before, "{error}");
        assert_eq!(error.problem(), Problem::Impossible);
        error.to_string()
    };
    assert!(declined(Inbound::leave("79000000005")).ends_with("is no member of the group"));
    assert!(send(Inbound::join("79000000005")).is_ok());
    assert!(declined(Inbound::join("+7 900 000-00-05")).ends_with("of the group already"));
    assert!(send(Inbound::leave("79000000005")).is_ok());
}
