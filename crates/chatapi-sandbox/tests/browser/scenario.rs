//! A scenario of the tests, played from the page.

use std::time::Duration;

use chatapi_sandbox::{ClockMode, Sandbox};
use serde_json::json;

use super::driver::Browser;
use super::{call, looks};

const EVENING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/evening.yaml");

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_file_that_tests_play_is_played_and_followed() {
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    let instance = sandbox.add_instance("123", "token");
    let server = sandbox.serve().await.unwrap();
    let browser = Browser::open(1280, 900);
    browser.go(&server.address().to_string());
    browser.click(".tabs a[href$='/scenarios']");

    // What is no scenario is told at the field, with its line, and stays to be mended.
    let scene = "document.querySelector('#scenario-text')";
    browser.write("#scenario-text", "name: odd\nsteps:\n- { instance: 123, do: explode }");
    browser.click("#scenario .primary");
    browser.until(
        "document.querySelector('#scenario-complaint').textContent.includes('line 3: step 1')",
    );
    assert_eq!(browser.run(&format!("return {scene}.getAttribute('aria-invalid')")), json!("true"));
    let marked =
        format!("return {scene}.value.slice({scene}.selectionStart, {scene}.selectionEnd)");
    assert_eq!(browser.run(&marked), json!("- { instance: 123, do: explode }"));
    assert!(sandbox.scenarios().is_empty());
    // The browser notes the refusal, and nothing else.
    let said = browser.log("browser");
    assert!(said.len() == 1 && said[0]["message"].as_str().unwrap().contains("400"), "{said:?}");

    // A file takes its place, and with it the complaint is gone.
    browser.write("#scenario-file", EVENING);
    browser.until(&format!("{scene}.value.includes('a phone dies in the evening')"));
    assert_eq!(browser.text("#scenario-complaint"), "");
    browser.click("#scenario .primary");
    browser.until("document.querySelector('#play-1 .far').textContent.includes('0 of 9 done')");
    browser.until("document.querySelector('.plays .verdict').textContent.includes('stands still')");
    assert_eq!(browser.text("#play-1-name"), "a phone dies in the evening");
    let row = |step: usize| browser.text(&format!("#play-1-{step}"));
    assert!(row(2).contains("instance 123 battery: percent 4"), "{}", row(2));
    assert!(row(2).contains("waits"), "{}", row(2));

    // What happens shows by itself: the first two writes, and the battery before them.
    sandbox.clock().advance(Duration::from_secs(5 * 3_600 + 55 * 60));
    browser.until("document.querySelector('#play-1 .far').textContent.includes('5 of 9 done')");
    assert!(row(3).contains("done") && row(3).contains("18:00:00"), "{}", row(3));
    assert!(row(4).contains("under way") && row(4).contains("2 of 3, 18:25:00"), "{}", row(4));
    assert!(row(5).contains("waits") && row(5).contains("14 Sep, 07:30:00"), "{}", row(5));
    // What a person has closed stays closed.
    browser.click("#play-1 summary");

    // Nobody sends, so the last expectation is not met: that is said, and why.
    sandbox.clock().advance(Duration::from_secs(18 * 3_600));
    browser.until("document.querySelector('#play-1 .pane-head').textContent.includes('over')");
    assert_eq!(browser.run("return document.querySelector('#play-1-steps').open"), json!(false));
    browser.click("#play-1 summary");
    assert!(browser.text("#play-1 .pane-head").contains("1 went wrong"));
    assert!(row(7).contains("went wrong") && row(7).contains("expected at least 1"), "{}", row(7));
    assert_eq!(instance.battery_level(), Some(100));

    // The example needs no typing; the newest stands first. Over the API it is the same list.
    browser.click("#example");
    browser.click("#scenario .primary");
    browser.until("document.querySelector('.plays .play').id === 'play-2'");
    sandbox.clock().advance(Duration::from_secs(900));
    browser.until("document.querySelector('#play-2 .badge').textContent === 'over'");
    let told = call(&server, "GET /_sandbox/scenario", "");
    assert!(told.contains("a phone dies and comes back"), "{told}");
    looks::keeps_to_itself(&browser, &server);
}
