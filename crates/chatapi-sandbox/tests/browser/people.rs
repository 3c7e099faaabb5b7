//! What people do in chats and groups, from the page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatapi_sandbox::{ClockMode, Inbound, Sandbox};
use chatapi_transport::Clock as _;
use chatapi_types::Messenger;

use super::driver::Browser;
use super::{call, looks};

/// A picture of one pixel, as PNG.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_contact_sends_places_cards_and_pictures_and_calls() {
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    let instance = sandbox.add_instance("123", "token");
    instance.contact_writes("79000000001", "hello");
    let server = sandbox.serve().await.unwrap();
    let browser = Browser::open(1280, 900);
    browser.go(&format!("{}/_sandbox/page/instance/123", server.address()));
    browser.click(".chat");
    browser.until("document.querySelector('.composer')");
    let picture = std::env::temp_dir().join(format!("sandbox-{}.png", std::process::id()));
    std::fs::write(&picture, STANDARD.decode(PIXEL).unwrap()).unwrap();
    for (kind, field, text, shown) in [
        ("location", "input[name=lat]", "", ".special .tag"),
        ("vCard", "textarea[name=vcard]", "", ".special pre"),
        ("image", "[data-kind=image] input[type=file]", picture.to_str().unwrap(), "img.photo"),
    ] {
        let count = format!("document.querySelectorAll('.messages {shown}').length");
        let before = browser.run(&format!("return {count}"));
        browser.click(&format!(".composer option[value={kind}]"));
        if !text.is_empty() {
            browser.write(&format!(".composer {field}"), text);
        }
        browser.click(".composer .primary");
        browser.until(&format!("{count} > {before}"));
    }
    std::fs::remove_file(picture).unwrap();
    // The picture is really shown, from here.
    browser.until("document.querySelector('img.photo').naturalWidth > 0");
    browser.click("#call");
    browser
        .until("document.querySelector('.messages li:last-child').textContent.includes('called')");

    // Time moves by the clock's menu.
    let before = sandbox.clock().unix();
    browser.click("#clock-menu summary");
    browser.click("#clock-menu button[data-body*='3600']");
    browser.until("document.querySelector('#now').textContent.startsWith('13:')");
    assert_eq!(sandbox.clock().unix().since(before).as_secs(), 3_600);
    looks::keeps_to_itself(&browser, &server);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn people_make_a_group_join_it_write_edit_and_leave() {
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    sandbox.name_contact("79000000002", "Ann <b>Lee</b>");
    sandbox.add_instance("123", "token");
    let server = sandbox.serve().await.unwrap();
    let browser = Browser::open(1280, 900);
    browser.go(&format!("{}/_sandbox/page/instance/123", server.address()));
    let dialog =
        |what: &str| call(&server, "GET /instance123/dialogs?token=token", "").contains(what);

    // The group is there, and its chat is opened.
    browser.click("#someone-open");
    browser.write("#group-form input[name=name]", "Neighbours");
    browser.write("#group-form input[name=members]", "+7 900 000-00-01, 79000000002");
    browser.click("#group-form .primary");
    browser.until("document.querySelector('#with').textContent === 'Neighbours'");
    assert!(dialog(r#""participants":["79000000001@c.us","79000000002@c.us"]"#));

    // Somebody joins, and can be chosen as the one who writes.
    browser.click("#members-open");
    browser.write("#join input", "Ann");
    let is_valid = "return document.querySelector('#join input').checkValidity()";
    assert!(!browser.run(is_valid).as_bool().unwrap());
    browser.write("#join input", "\u{e009}a\u{e000}+7 (900) 000-00-03");
    browser.click("#join .primary");
    browser.until("document.querySelector('#members #leave-79000000003')");
    assert!(dialog(r#""79000000003@c.us""#));
    browser.click("#members [data-close]");
    browser.click("#author option[value='79000000002']");
    browser.write(".composer textarea", "Who has a ladder?");
    browser.click(".composer .primary");
    let last = "document.querySelector('.messages li:last-child')";
    browser.until(&format!("{last}.querySelector('.text').textContent === 'Who has a ladder?'"));
    browser.until(&format!(
        "{last}.querySelector('.author').textContent.startsWith('Ann <b>Lee</b>')"
    ));
    // The next message is hers, too, unless somebody else is chosen.
    assert_eq!(browser.run("return document.querySelector('#author').value"), "79000000002");

    // She thinks again.
    browser.click(".messages li:last-child .link");
    assert_eq!(browser.run("return document.activeElement.value"), "Who has a ladder?");
    browser.write("#edit textarea", " A long one?");
    browser.click("#edit .primary");
    browser.until(&format!(
        "{last}.querySelector('.text').textContent === 'Who has a ladder? A long one?'"
    ));
    assert!(!browser.run("return document.querySelector('#edit').open").as_bool().unwrap());
    let history = call(&server, "GET /instance123/messages?token=token", "");
    assert!(history.contains(r#""body":"Who has a ladder? A long one?""#), "{history}");
    assert!(history.contains(r#""author":"79000000002@c.us""#), "{history}");

    // She leaves, and can be chosen no more.
    browser.click("#members-open");
    browser.click("#leave-79000000002");
    browser.until("!document.querySelector('#leave-79000000002')");
    browser.until("!document.querySelector('#author option[value=\"79000000002\"]')");
    assert!(!dialog(r#""79000000002@c.us""#));

    // A group of nobody is none, and one is told so.
    browser.click("#members [data-close]");
    browser.click("#someone-open");
    browser.write("#group-form input[name=name]", "Nobody");
    browser.write("#group-form input[name=members]", "Ann");
    browser.click("#group-form .primary");
    browser
        .until("document.querySelector('#toasts').textContent.includes('must be phone numbers')");
    assert!(!dialog("Nobody"));
    // The browser notes the refusal, and nothing else.
    let said = browser.log("browser");
    assert!(said.len() == 1 && said[0]["message"].as_str().unwrap().contains("400"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_picture_on_a_channel_is_seen_and_its_text_edited() {
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    let channel = sandbox.add_channel("T", Messenger::Telegram);
    let picture = STANDARD.decode(PIXEL).unwrap();
    channel.contact_sends("79000000001", Inbound::image("a.png", picture).caption("Lok!")).unwrap();
    let server = sandbox.serve().await.unwrap();
    let browser = Browser::open(1280, 900);
    browser.go(&format!("{}/_sandbox/page/channel/101?chat=79000000001", server.address()));
    browser.until("document.querySelector('.bubble img.photo').naturalWidth > 0");
    browser.click(".bubble .link");
    browser.write("#edit textarea", "\u{e009}a\u{e000}Look!");
    browser.click("#edit .primary");
    browser.until("document.querySelector('.bubble').textContent.includes('Look!')");
    // What knows no groups and no calls offers none.
    let offered = "return document.querySelectorAll('#call, #group-form, #members').length";
    assert_eq!(browser.run(offered), 0);
    looks::keeps_to_itself(&browser, &server);
}
