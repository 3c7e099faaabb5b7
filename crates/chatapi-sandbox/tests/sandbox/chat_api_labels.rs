//! Labels.

use chatapi_sandbox::profile::LabelForm;
use chatapi_sandbox::{Profile, Sandbox};

use crate::wire::{PHONE, ask, call, with_instance};

#[test]
fn labels_are_made_changed_and_removed() {
    let sandbox = with_instance();
    assert_eq!(ask(&sandbox, "labelsList", ""), r#"200 {"labels":[]}"#);
    assert_eq!(
        call(&sandbox, "createLabel", r#"{"name":"New"}"#),
        r##"200 {"success":true,"result":"created","label":{"id":"1","name":"New","hexColor":"#ff9485"}}"##
    );
    // One of a name is enough.
    assert!(call(&sandbox, "createLabel", "name=New").contains(r#""result":"exists""#));
    call(&sandbox, "createLabel", "name=Paid");
    assert_eq!(
        call(&sandbox, "labelsList", ""),
        r##"200 {"labels":[{"id":"1","name":"New","hexColor":"#ff9485"},{"id":"2","name":"Paid","hexColor":"#64c4ff"}]}"##
    );
    let done = r#"200 {"success":true,"result":"success"}"#;
    assert_eq!(call(&sandbox, "updateLabel", r##"{"labelId":1,"color":"#000000"}"##), done);
    assert_eq!(call(&sandbox, "updateLabel", "labelId=2&name=Due&hexColor=%23ffffff"), done);
    assert_eq!(
        ask(&sandbox, "labelsList", ""),
        r##"200 {"labels":[{"id":"1","name":"New","hexColor":"#000000"},{"id":"2","name":"Due","hexColor":"#ffffff"}]}"##
    );
    let deleted = r#"200 {"success":true,"result":"deleted"}"#;
    assert_eq!(call(&sandbox, "removeLabel", r#"{"labelId":"1"}"#), deleted);
    assert!(!ask(&sandbox, "labelsList", "").contains("New"));
    // Ids are not given out twice.
    assert!(call(&sandbox, "createLabel", "name=New").contains(r#""id":"3""#));
}

#[test]
fn a_label_on_a_chat_shows_in_the_dialogs() {
    let sandbox = with_instance();
    sandbox.instance("123").contact_writes(PHONE, "hi");
    call(&sandbox, "createLabel", "name=New");
    let done = r#"200 {"result":"success","chatId":"79000000001@c.us"}"#;
    assert_eq!(call(&sandbox, "labelChat", r#"{"phone":79000000001,"labelId":"1"}"#), done);
    let shown =
        r##""groupInviteLink":null,"labels":[{"id":"1","name":"New","hexColor":"#ff9485"}]}"##;
    assert!(ask(&sandbox, "dialogs", "").contains(shown));
    assert_eq!(call(&sandbox, "unlabelChat", "chatId=79000000001@c.us&labelId=1"), done);
    assert!(!ask(&sandbox, "dialogs", "").contains("labels"));
    // A label that is removed goes from its chats, too.
    call(&sandbox, "labelChat", "phone=79000000001&labelId=1");
    call(&sandbox, "removeLabel", "labelId=1");
    assert_eq!(sandbox.instance("123").chat(PHONE).unwrap().labels, []);
}

#[test]
fn the_form_of_labels_in_dialogs_is_a_matter_of_the_profile() {
    for (form, expected) in
        [(LabelForm::Omitted, r#""groupInviteLink":null}"#), (LabelForm::Ids, r#""labels":["1"]}"#)]
    {
        let mut profile = Profile::default();
        profile.chat_api.labels_in_dialogs = form;
        let sandbox = Sandbox::builder().profile(profile).build();
        sandbox.add_instance("123", "token").contact_writes(PHONE, "hi");
        call(&sandbox, "createLabel", "name=New");
        call(&sandbox, "labelChat", "phone=79000000001&labelId=1");
        let dialog = ask(&sandbox, "dialog", "phone=79000000001");
        assert!(dialog.contains(expected), "{dialog}");
    }
}

#[test]
fn labels_that_make_no_sense_are_declined() {
    let sandbox = with_instance();
    sandbox.instance("123").contact_writes(PHONE, "hi");
    for (method, body) in [
        ("createLabel", ""),
        ("createLabel", "name="),
        ("updateLabel", "labelId=9&name=x"),
        ("updateLabel", "name=x"),
        ("removeLabel", "labelId=9"),
        ("removeLabel", ""),
    ] {
        let answer = call(&sandbox, method, body);
        let declined = r#"200 {"success":false,"result":"failed","message":""#;
        assert!(answer.starts_with(declined), "{method} {body}: {answer}");
    }
    call(&sandbox, "createLabel", "name=New");
    for body in
        ["", "phone=79000000001", "phone=79000000001&labelId=9", "phone=79000000009&labelId=1"]
    {
        let answer = call(&sandbox, "labelChat", body);
        assert!(answer.starts_with(r#"200 {"result":"failed","message":""#), "{body}: {answer}");
    }
}
