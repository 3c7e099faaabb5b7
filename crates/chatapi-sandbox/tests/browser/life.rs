//! An afternoon at the page: a phone is disturbed, a message waits, is delivered, is answered.

use std::time::Duration;

use chatapi_sandbox::fault::When;
use chatapi_sandbox::{ClockMode, Sandbox};
use chatapi_types::Messenger;
use serde_json::json;

use super::driver::Browser;
use super::receiver::Receiver;
use super::{call, looks};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_phone_runs_dry_a_message_waits_is_read_and_answered_and_the_webhook_tells() {
    let sandbox = Sandbox::builder().clock(ClockMode::Real).build();
    let instance = sandbox.add_instance("123", "token");
    let server = sandbox.serve().await.unwrap();
    let receiver = Receiver::open().await;
    instance.webhook(Some(&receiver.address));
    let browser = Browser::open(1280, 900);
    browser.go(&server.address().to_string());
    browser.until("document.querySelector('#card-i123 .sub').textContent.includes('normal')");
    let state = "document.querySelector('.head .state').textContent";

    // The phone's cable is pulled out, and a day later it is off …
    browser.click("#card-i123 a");
    browser.click("#do-unplug");
    browser.until("document.querySelector('#do-plug-in')");
    // (what happened is told, and the focus stays at hand)
    browser.until("document.querySelector('#toasts').textContent.includes('runs down')");
    assert_ne!(browser.run("return document.activeElement.tagName"), json!("BODY"));
    browser.until("document.querySelector('.battery').textContent.includes('running down')");
    browser.click("#clock-menu summary");
    browser.click("#clock-menu button[data-body*='86400']");
    browser.until(&format!("{state}.includes('offline')"));
    browser.until("document.querySelector('.battery').textContent.includes('0%')");
    assert_eq!(instance.battery_level(), Some(0));

    // … so a message waits, and says why, without anybody touching the page.
    let message = r#"{"phone":"79000000001","body":"<b>Hello</b>"}"#;
    let sent = call(&server, "POST /instance123/sendMessage?token=token", message);
    assert!(sent.contains(r#""sent":true"#), "{sent}");
    browser.until("document.querySelector('.waiting .why').textContent.includes('offline')");
    browser.until("document.querySelector('.chat')");
    browser.click(".chat");
    browser.until("document.querySelector('.ours .ticks').dataset.state === 'queued'");
    assert!(browser.text(".messages .why").contains("nothing leaves"), "why it waits");
    assert_eq!(browser.text(".ours .text"), "<b>Hello</b>");
    assert_eq!(receiver.posts(), Vec::<String>::new());

    // Plugged in, it comes back by itself once it has 3 %, a minute for each.
    browser.click("#do-plug-in");
    browser.until("document.querySelector('.battery').textContent.includes('charging')");
    assert!(browser.run(&format!("return {state}")).as_str().unwrap().contains("offline"));
    // A half-typed answer survives whatever happens meanwhile.
    browser.write(".composer textarea", "Thank ");
    browser.click("#clock-menu summary");
    browser.write("#clock-menu input[name=advance]", "\u{e009}a\u{e000}180");
    browser.click("#clock-menu form button");
    browser.until(&format!("!{state}.includes('offline')"));
    browser.until("document.querySelector('.ours .ticks').dataset.state === 'delivered'");
    browser.until("document.querySelector('.ours .ticks').dataset.state === 'read'");
    browser.until("document.querySelector('.queue .none')");
    assert_eq!(
        browser.run("return document.querySelector('.composer textarea').value"),
        json!("Thank ")
    );

    // The contact answers.
    browser.write(".composer textarea", "you");
    browser.click(".composer .primary");
    browser.until("document.querySelector('.messages li:last-child:not(.ours) .text').textContent === 'Thank you'");
    assert_eq!(browser.run("return document.querySelector('.composer textarea').value"), json!(""));
    let history = call(&server, "GET /instance123/messages?token=token", "");
    assert!(history.contains(r#""body":"Thank you""#), "{history}");
    assert_eq!(instance.sent().len(), 1);

    // The receiver has both, the log of webhooks says so …
    let posted = |text: &str| {
        let text = format!(r#""body":"{text}""#);
        receiver.posts().iter().filter(|post| post.contains(&text)).count()
    };
    browser.click(".tabs a[href$='/webhooks']");
    browser.until("document.querySelectorAll('.log tbody .good').length === 2");
    assert_eq!((posted("<b>Hello</b>"), posted("Thank you")), (1, 1), "{:?}", receiver.posts());
    assert!(browser.text("#h1").contains("delivered 200"), "{}", browser.text("#h1"));
    let told =
        |row: &str| browser.run(&format!("return document.querySelector('{row}').textContent"));
    assert!(told("#h1").as_str().unwrap().contains(r#""body":"<b>Hello</b>""#), "{}", told("#h1"));
    assert!(told("#h2").as_str().unwrap().contains(r#""body":"Thank you""#), "{}", told("#h2"));
    // … and tells again when asked.
    browser.click("#h2-again");
    browser.until("document.querySelector('#h3 .outcome').textContent === '200'");
    assert!(told("#h3").as_str().unwrap().contains("The same as number 2"), "{}", told("#h3"));
    assert_eq!((posted("<b>Hello</b>"), posted("Thank you")), (1, 2), "{:?}", receiver.posts());

    // Before a queue is cleared, what would be lost is shown.
    instance.phone_offline();
    call(&server, "POST /instance123/sendMessage?token=token", message);
    browser.go(&format!("{}/_sandbox/page/instance/123", server.address()));
    browser.until("document.querySelector('#clear-open')");
    browser.click("#clear-open");
    assert!(browser.text("#clear").contains("<b>Hello</b>"), "what is lost");
    assert_eq!(browser.run("return document.activeElement.textContent"), json!("Keep them"));
    browser.click("#clear .danger");
    browser
        .until("!document.querySelector('#clear').open && document.querySelector('.queue .none')");
    assert_eq!(instance.queue_len(), 0);

    looks::keeps_to_itself(&browser, &server);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_fault_that_is_ordered_by_the_form_strikes_and_is_counted() {
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    sandbox.add_instance("123", "token");
    sandbox.add_instance("124", "token");
    let server = sandbox.serve().await.unwrap();
    let browser = Browser::open(1280, 900);
    browser.go(&server.address().to_string());
    browser.click(".tabs a[href$='/faults']");
    browser.click(".empty button");
    browser.click("#add-fault option[value*='\"status\":500']");
    browser.click("#add-fault select[name=scope] option[value*='123']");
    browser.write("#add-fault input[name='scope.method']", "sendMessage");
    browser.click("#add-fault option[value=nth]");
    browser.write("#add-fault input[name='when.n']", "\u{e009}a\u{e000}2");
    browser.click("#add-fault .primary");
    browser.until("!document.querySelector('#add').open && document.querySelector('#f1')");
    assert_eq!(sandbox.faults().list()[0].fault.when, When::Nth { n: 2 });
    let row = browser.text("#f1");
    for part in ["fails with 500", "instance 123 · sendMessage", "number 2", "0 of 0"] {
        assert!(row.contains(part), "{part} in {row}");
    }

    // The card tells; the phone beside it has nothing to tell.
    browser.click(".tabs a");
    browser.until("document.querySelector('#card-i123 .faults').textContent === '1 fault'");
    assert_eq!(browser.run("return document.querySelector('#card-i124 .faults')"), json!(null));
    browser.click(".tabs a[href$='/faults']");

    // The second of two sends is struck, and without a touch the page counts it.
    let message = r#"{"phone":"79000000001","body":"Hello"}"#;
    let send = || call(&server, "POST /instance123/sendMessage?token=token", message);
    assert!(send().contains(r#""sent":true"#));
    browser.until("document.querySelector('#f1').textContent.includes('0 of 1')");
    assert!(send().contains("Internal Server Error"));
    browser.until("document.querySelector('#f1').textContent.includes('1 of 2')");
    browser.until("document.querySelector('#f1 .badge').textContent === 'over'");

    // What makes no sense is told in words, and the form stays as it is.
    browser.click("[data-dialog=add]");
    browser.click("#add-fault option[value*=webhookDropped]");
    browser.write("#add-fault input[name='scope.method']", "status");
    browser.click("#add-fault .primary");
    browser.until(
        "document.querySelector('#toasts').textContent.includes('befalls messages or webhooks')",
    );
    assert_eq!(sandbox.faults().list().len(), 1);
    browser.click("#add-fault [data-close]");
    browser.click("#f1-remove");
    browser.until("document.querySelector('.empty')");
    assert_eq!(sandbox.faults().list().len(), 0);
    // The browser itself notes the refusal, and nothing else.
    let said = browser.log("browser");
    assert!(said.len() == 1 && said[0]["message"].as_str().unwrap().contains("400"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_misfortune_has_a_button_and_a_way_back() {
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    let instance = sandbox.add_instance("123", "t0ken-of-old");
    sandbox.add_channel("T", Messenger::Telegram);
    let server = sandbox.serve().await.unwrap();
    let browser = Browser::open(1280, 900);
    browser.go(&format!("{}/_sandbox/page/instance/123", server.address()));
    let until_state = |word: &str| {
        browser.until(&format!(
            "document.querySelector('.head .state').textContent.includes('{word}')"
        ));
    };
    let press = |action: &str| {
        browser.until(&format!("document.querySelector('#do-{action}')"));
        browser.click(&format!("#do-{action}"));
        // It gives way to the way back once it has been done.
        browser.until(&format!("!document.querySelector('#do-{action}')"));
    };
    let some_time = || sandbox.clock().advance(Duration::from_secs(30));

    let charged = |percent: u8| {
        browser.run(&format!(
            "const charge = document.querySelector('#charge'); charge.value = {percent};
             charge.dispatchEvent(new Event('change', {{bubbles: true}}));"
        ));
    };
    let until_battery = |word: &str| {
        browser.until(&format!(
            "document.querySelector('.pane .battery').textContent.includes('{word}')"
        ));
    };

    press("unplug");
    until_battery("running down");
    press("plug-in");
    until_battery("charging");
    charged(4);
    until_state("battery_low_2");
    charged(100);
    until_state("normal");
    for (misfortune, state, cure) in [
        ("offline", "offline", "online"),
        ("poor", "phone", "online"),
        ("server-offline", "computer", "server-online"),
        ("block-proxy", "loading", "server-online"),
        ("second-session", "loading", "close-second-session"),
        ("second-session", "loading", "takeover"),
    ] {
        press(misfortune);
        until_state(state);
        press(cure);
        some_time();
        until_state("normal");
    }
    press("silent");
    some_time();
    some_time();
    until_state("timeout");
    press("online");
    until_state("normal");
    press("unpaid");
    press("paid");

    press("log-out");
    press("wake");
    some_time();
    browser.until("document.querySelector('.qr[data-expired=false] img').naturalWidth > 0");
    press("expire-qr");
    until_state("expired");
    press("new-qr");
    browser.until("document.querySelector('.qr[data-expired=false]')");
    press("scan-qr");
    some_time();
    until_state("authenticated");
    browser.click("#do-rotate-token");
    browser.until("document.querySelector('#toasts').textContent.includes('Token replaced')");
    let refused = call(&server, "GET /instance123/status?token=t0ken-of-old", "");
    assert!(refused.contains("Wrong token"), "{refused}");
    assert!(instance.exists());

    // A channel has its own.
    browser.go(&format!("{}/_sandbox/page/channel/101", server.address()));
    for state in ["notAuthorized", "starting", "blocked", "authorized"] {
        press(state);
        until_state(state);
    }
    press("unpaid");
    press("paid");

    // The slider makes time run.
    browser.click("#clock-menu summary");
    browser.run(
        "const speed = document.querySelector('#speed'); speed.value = speed.max;
         for (const kind of ['input', 'change']) speed.dispatchEvent(new Event(kind, {bubbles: true}));",
    );
    browser.until("Number(document.querySelector('#now').dataset.speed) > 1");

    // What was asked can be asked again from a shell, without its secret.
    browser.go(&format!("{}/_sandbox/page/requests", server.address()));
    browser.click(".log summary");
    let curl = browser.text(".log details[open] [id$='-curl']");
    assert!(curl.starts_with("curl ") && curl.contains("/instance123/status"), "{curl}");
    assert!(!browser.text("main").contains("t0ken-of-old"));
    looks::keeps_to_itself(&browser, &server);
}
