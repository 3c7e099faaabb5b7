//! Groups that several instances share.

use chatapi_sandbox::{Inbound, Sandbox};

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
