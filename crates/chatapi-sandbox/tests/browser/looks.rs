//! Every page at every size: labels, contrast, no code from strangers, nothing from outside.

use std::time::Duration;

use chatapi_sandbox::{ClockMode, Inbound, Sandbox, Scenario, Server};
use chatapi_types::Messenger;
use serde_json::{Value, json};

use super::call;
use super::driver::Browser;
use super::pictures::Pictures;

const EVIL: &str = "<script>document.title='taken'</script><img src=x onerror=alert(1)>";

/// A sandbox in which something of everything has happened.
async fn populated() -> Server {
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    sandbox.name_contact("79000000001", EVIL);
    sandbox.name_contact("79000000002", "مريم الأحمد");
    sandbox.no_account("79000000009");
    let instance = sandbox.add_instance("123", "token");
    sandbox.add_instance("124", "token").battery(3);
    sandbox.add_instance("125", "token").open_second_session();
    sandbox.add_instance("126", "token").unpaid();
    sandbox.add_channel("T", Messenger::Telegram).state("blocked");
    sandbox.add_channel("W", Messenger::WhatsApp);
    instance.webhook(Some("http://127.0.0.1:9/a/hook?with=an-address-that-is-rather-long"));
    let server = sandbox.serve().await.unwrap();
    let long = "Averyveryveryverylongwordwithoutanybreak".repeat(20);
    for (phone, text) in [
        ("79000000001", EVIL),
        ("79000000002", "صباح الخير! 🎉"),
        ("79000000003", &long),
        ("79000000009", "nobody there"),
    ] {
        let body = json!({"phone": phone, "body": text}).to_string();
        let sent = call(&server, "POST /instance123/sendMessage?token=token", &body);
        assert!(sent.contains(r#""sent":true"#), "{sent}");
    }
    for fault in [
        r#"{"effect":{"kind":"latency","seconds":0.001},"when":{"kind":"chance","probability":0.1}}"#,
        r#"{"effect":{"kind":"acceptedLate","after":30},"scope":{"instance":"124","method":"sendMessage"},
            "when":{"kind":"every","n":3},"times":1,"until":90000}"#,
        r#"{"effect":{"kind":"webhookDoubled"},"scope":{"channel":"W"},"when":{"kind":"nth","n":1}}"#,
    ] {
        let added = call(&server, "POST /_sandbox/faults", fault);
        assert!(added.contains("fault"), "{added}");
    }
    sandbox.clock().advance(Duration::from_secs(60));
    instance.contact_writes("79000000001", EVIL);
    let members = ["79000000005", "79000000001", "79000000002"];
    let group = sandbox.instance("124").contact_makes_group("Neighbours 🏡", &members).unwrap();
    assert_eq!(group.as_str(), "79000000005-1600000060@g.us");
    for (author, text) in [("79000000005", "Welcome!"), ("79000000001", EVIL)] {
        sandbox.instance("124").contact_sends(&group, Inbound::text(text).author(author));
    }
    for scenario in [
        include_str!("../../examples/evening.yaml"),
        "steps:\n- { instance: gone, do: offline }\n- { expect: { count: { exactly: 0 } } }",
    ] {
        sandbox.play(&Scenario::read(scenario).unwrap()).unwrap();
    }
    instance.phone_offline();
    let body = json!({"phone": "79000000001", "body": EVIL}).to_string();
    call(&server, "POST /instance123/sendMessage?token=token", &body);
    call(&server, "GET /api2/msg_to/W/79000000001/hello", "");
    call(&server, "GET /instance126/logout?token=token", "");
    server
}

/// Of a desktop's window and of a phone's screen.
const SIZES: [(u32, u32); 2] = [(1280, 800), (390, 844)];

const PAGES: [&str; 11] = [
    "/",
    "/_sandbox/page/instance/123?chat=79000000001%40c.us",
    "/_sandbox/page/instance/123?chat=79000000003%40c.us",
    "/_sandbox/page/instance/125",
    "/_sandbox/page/channel/102?chat=79000000001",
    "/_sandbox/page/instance/124?chat=79000000005-1600000060%40g.us",
    "/_sandbox/page/faults",
    "/_sandbox/page/scenarios",
    "/_sandbox/page/webhooks",
    "/_sandbox/page/requests",
    "/_sandbox/page/journal",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_legible_labelled_and_keeps_to_itself() {
    let server = populated().await;
    let browser = Browser::open(1280, 800);
    let (check, mut complaints) = (include_str!("check.js"), Vec::new());
    let pictures = Pictures::folder();
    for (number, page) in PAGES.into_iter().enumerate() {
        browser.go(&format!("{}{page}", server.address()));
        let title = browser.run("return document.title");
        let title = title.as_str().unwrap().strip_suffix(" · Sandbox");
        let title = title.unwrap_or_else(|| panic!("{page}: {title:?}"));
        for (width, height) in SIZES {
            for scheme in ["light", "dark"] {
                browser.look(width, height, scheme);
                for complaint in browser.run(check).as_array().unwrap() {
                    complaints.push(format!("{page} at {width} px, {scheme}: {complaint}"));
                }
                let name = format!("{number}-{title}-{width}-{scheme}");
                let look = pictures.take(&browser, &name);
                assert_eq!((look.width, look.height), (width, height), "{page}");
                assert!(look.colors > 100, "{page} is blank: {} colours", look.colors);
                let is_dark = look.brightness < 100;
                assert_eq!(is_dark, scheme == "dark", "{page}: {}", look.brightness);
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    keeps_to_itself(&browser, &server);
}

/// No complaints in the console, no request that leaves this server.
pub(crate) fn keeps_to_itself(browser: &Browser, server: &Server) {
    let said = browser.log("browser");
    assert_eq!(said, Vec::<Value>::new());
    let home = server.address().to_string();
    let mut requests = 0;
    for line in browser.log("performance") {
        let event: Value = serde_json::from_str(line["message"].as_str().unwrap()).unwrap();
        let event = &event["message"];
        if event["method"] == "Network.requestWillBeSent" {
            let url = event["params"]["request"]["url"].as_str().unwrap();
            let is_ours = url.starts_with(&home) || url.starts_with("data:");
            assert!(is_ours, "a request to {url}");
            requests += 1;
        }
    }
    assert!(requests > 3, "the log of requests is empty");
}
