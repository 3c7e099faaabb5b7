//! The pictures in the project's README: `readme-wall.png` and `readme-phone.png`, taken anew with every
//! run. Copied to `docs/images` when the page looks otherwise.

use std::time::Duration;

use chatapi_sandbox::{ClockMode, Inbound, Sandbox, Server};
use chatapi_types::Messenger;
use serde_json::json;

use super::call;
use super::driver::Browser;
use super::pictures::Pictures;

/// A shop's phones in the course of a morning.
async fn shop() -> Server {
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    for (phone, name) in [
        ("79001234567", "Ann Lee"),
        ("79001112233", "José Ñandú 🦊"),
        ("79004445566", "مريم الأحمد"),
        ("79007778899", "Борис Иванов"),
    ] {
        sandbox.name_contact(phone, name);
    }
    let pass = |seconds| sandbox.clock().advance(Duration::from_secs(seconds));
    let instances = ["12345", "12346", "12347", "12348", "12349", "12350"];
    let [shop, day, off, rival, dry, new] = instances.map(|id| sandbox.add_instance(id, "token"));
    sandbox.add_channel("W", Messenger::WhatsApp);
    sandbox.add_channel("T", Messenger::Telegram).state("blocked");
    let server = sandbox.serve().await.unwrap();
    let send = |id: &str, phone: &str, text: &str| {
        let body = json!({ "phone": phone, "body": text }).to_string();
        let sent = call(&server, &format!("POST /instance{id}/sendMessage?token=token"), &body);
        assert!(sent.contains(r#""sent":true"#), "{sent}");
    };
    (day.battery(64), day.unplug(), rival.open_second_session(), dry.battery(4), new.log_out());
    let doubled = r#"{"effect":{"kind":"webhookDoubled"},"scope":{"instance":"12346"}}"#;
    call(&server, "POST /_sandbox/faults", doubled);
    pass(60);
    shop.contact_writes("79007778899", "Is the blue one still there?");
    send("12345", "79007778899", "It is. Shall we put it aside for you?");
    pass(60);
    shop.contact_writes("79007778899", "Yes, please!");
    let group = shop.contact_makes_group("Neighbours 🏡", &["79001234567", "79004445566"]).unwrap();
    shop.contact_sends(&group, Inbound::text("Who has a ladder?"));
    for (number, id) in ["12346", "12345", "12347"].into_iter().cycle().take(60).enumerate() {
        if number == 6 {
            off.phone_offline();
        }
        let phones = ["79001112233", "79004445566", "79001110000"];
        let text = format!("Order {} is on its way. It will be with you by six.", 4_201 + number);
        if id != "12346" || number < 20 {
            send(id, phones[number % 3], &text);
        }
        pass(4);
    }
    shop.contact_writes("79001234567", "Hello! Are you open on Sunday?");
    send("12345", "79001234567", "Good morning, Ann. We are, from 9 to 18:");
    let place = json!({ "phone": "79001234567", "lat": 51.178_843, "lng": -1.826_21,
        "address": "Stonehenge" });
    call(&server, "POST /instance12345/sendLocation?token=token", &place.to_string());
    pass(100);
    let thanks = shop.contact_writes("79001234567", "Wonderful, see you the").unwrap();
    shop.contact_sends("79001234567", Inbound::edit(thanks, "Wonderful, see you then!"));
    for number in 0..4 {
        call(&server, &format!("GET /api2/msg_to/W/7900000000{number}/hello"), "");
    }
    new.wake();
    pass(20);
    shop.unplug();
    shop.battery(83);
    shop.phone_offline();
    send("12345", "79001234567", "Shall we keep a table for you?");
    send("12345", "79007778899", "Your parcel is here. Bring the number of your order.");
    server
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_readmes_pictures_can_be_taken_again() {
    let server = shop().await;
    let (browser, pictures) = (Browser::open(1200, 800), Pictures::folder());
    browser.devtools("Emulation.setScrollbarsHidden", &json!({ "hidden": true }));
    for (name, page, width, height, scheme) in [
        ("readme-wall", "/", 1160, 752, "light"),
        (
            "readme-phone",
            "/_sandbox/page/instance/12345?chat=79001234567%40c.us",
            1200,
            820,
            "dark",
        ),
    ] {
        browser.look(width, height, scheme);
        browser.go(&format!("{}{page}", server.address()));
        let look = pictures.take(&browser, name);
        assert_eq!((look.width, look.height), (width, height));
        assert!(look.colors > 100, "{name} is blank: {} colours", look.colors);
    }
}
