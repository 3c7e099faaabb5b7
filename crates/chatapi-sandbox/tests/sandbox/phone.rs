//! The life of an instance and its phone: every state, how it is reached and how it is left.

use std::time::Duration;

use chatapi_sandbox::{Profile, Sandbox};
use chatapi_types::chat_api::{AccountStatus, Substatus};

use crate::wire::{exchange, member, say, with_instance};

fn status(sandbox: &Sandbox) -> String {
    say(sandbox, "GET /instance123/status?token=token&full=1")
}

fn command(sandbox: &Sandbox, name: &str) -> String {
    say(sandbox, &format!("POST /instance123/{name}?token=token"))
}

fn pass(sandbox: &Sandbox, millis: u64) {
    sandbox.clock().advance(Duration::from_millis(millis));
}

/// Logs the instance out, so that its life begins anew.
fn fresh() -> Sandbox {
    let sandbox = with_instance();
    assert_eq!(command(&sandbox, "logout"), both("Logout request sent to WhatsApp"));
    sandbox
}

/// The sentence of a command stands in both places, `result` first.
fn both(sentence: &str) -> String {
    let sentence = sentence.replace('"', "\\\"");
    format!(r#"200 {{"result":"{sentence}","accountStatus":"{sentence}"}}"#)
}

#[test]
fn an_instance_goes_from_sleep_over_the_qr_code_to_work() {
    let sandbox = fresh();
    let asleep = "GET /instance123/status?token=token&no_wakeup=1";
    assert_eq!(say(&sandbox, asleep), r#"200 {"accountStatus":"init"}"#);
    pass(&sandbox, 60_000);
    assert_eq!(say(&sandbox, asleep), r#"200 {"accountStatus":"init"}"#);
    // Asking without no_wakeup wakes it.
    let asked = say(&sandbox, "GET /instance123/status?token=token");
    assert_eq!(asked, r#"200 {"accountStatus":"init"}"#);
    // While it loads it says why, even if nobody asked: one client needs that.
    let loading = say(&sandbox, "GET /instance123/status?token=token");
    assert_eq!(
        loading,
        r#"200 {"accountStatus":"loading","statusData":{"substatus":"loading","title":"Loading","msg":"The instance is loading.","submsg":"","reason":"connecting"}}"#
    );
    pass(&sandbox, 2_000);
    let shown = say(&sandbox, "GET /instance123/status?token=token");
    assert!(
        shown.starts_with(r#"200 {"accountStatus":"got qr code","qrCode":"data:image/png;base64,"#)
    );
    assert!(sandbox.instance("123").scan_qr());
    let syncing = say(&sandbox, "GET /instance123/status?token=token");
    assert!(syncing.contains(r#""accountStatus":"loading""#), "{syncing}");
    assert!(syncing.contains(r#""reason":"syncing""#), "{syncing}");
    assert!(syncing.contains(r#""retry":{"act":"retry","#), "{syncing}");
    pass(&sandbox, 3_000);
    assert_eq!(
        status(&sandbox),
        r#"200 {"accountStatus":"authenticated","statusData":{"substatus":"normal","title":"Connected","msg":"The instance is running.","submsg":"","actions":{"logout":{"act":"logout","label":"Log out"}}}}"#
    );
}

#[test]
fn an_instance_may_wake_by_itself() {
    let mut profile = Profile::default();
    profile.chat_api.wakes_by_itself = true;
    let sandbox = Sandbox::builder().profile(profile).build();
    sandbox.add_instance("123", "token");
    command(&sandbox, "logout");
    pass(&sandbox, 2_000);
    let (account, _) = sandbox.instance("123").status().unwrap();
    assert_eq!(account, AccountStatus::GotQrCode);
}

#[test]
fn the_qr_code_is_a_picture_that_a_reader_reads() {
    let sandbox = fresh();
    status(&sandbox);
    pass(&sandbox, 2_000);
    let answer = exchange(&sandbox, "GET /instance123/qr_code?token=token");
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert!(read_qr(answer.body()).starts_with("chatapi-sandbox:123:"));

    // The same picture stands in the status.
    use base64::Engine as _;
    let raw = exchange(&sandbox, "GET /instance123/status?token=token");
    let uri = member(std::str::from_utf8(raw.body()).unwrap(), "qrCode");
    let (_, data) = uri.split_once("base64,").unwrap();
    let picture = base64::engine::general_purpose::STANDARD.decode(data).unwrap();
    assert_eq!(picture, answer.body().to_vec());
}

pub(crate) fn read_qr(file: &[u8]) -> String {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    let (width, height) = (frame.width as usize, frame.height as usize);
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let (_, content) = image.detect_grids()[0].decode().unwrap();
    content
}

#[test]
fn a_qr_code_runs_out_and_is_replaced_on_request() {
    let sandbox = fresh();
    status(&sandbox);
    pass(&sandbox, 2_000);
    let first = exchange(&sandbox, "GET /instance123/qr_code?token=token");
    let too_early = "Expiry request not sent because substatus don't equals \"expired\"";
    assert_eq!(command(&sandbox, "expiry"), both(too_early));
    pass(&sandbox, 59_999);
    assert!(status(&sandbox).contains(r#""substatus":"loading""#));
    pass(&sandbox, 1);
    let expired = status(&sandbox);
    assert!(expired.contains(r#""accountStatus":"got qr code""#), "{expired}");
    assert!(expired.contains(r#""substatus":"expired""#), "{expired}");
    assert!(expired.contains(r#""expiry":{"act":"expiry","#), "{expired}");
    assert!(!sandbox.instance("123").scan_qr(), "nobody scans an expired code");
    assert_eq!(command(&sandbox, "expiry"), both("Expiry request sent to WhatsApp"));
    let second = exchange(&sandbox, "GET /instance123/qr_code?token=token");
    assert_ne!(first.body(), second.body());
    assert!(sandbox.instance("123").scan_qr());
}

#[test]
fn a_qr_code_runs_out_before_its_time_if_told_to() {
    let sandbox = fresh();
    status(&sandbox);
    pass(&sandbox, 2_000);
    sandbox.instance("123").expire_qr();
    assert!(status(&sandbox).contains(r#""substatus":"expired""#));
    assert_eq!(sandbox.run_until_idle(), Duration::ZERO, "no timer is left of it");
}

#[test]
fn there_is_no_qr_code_where_none_is_needed() {
    let sandbox = with_instance();
    let answer = say(&sandbox, "GET /instance123/qr_code?token=token");
    assert_eq!(answer, r#"200 {"error":"There is no QR code now: see the status"}"#);
    assert!(!sandbox.instance("123").scan_qr());
}

#[test]
fn two_sessions_interrupt_each_other_until_one_takes_over() {
    let sandbox = with_instance();
    let no_conflict = "Takeover request not sent because reason don't equals \"conflict\"";
    assert_eq!(command(&sandbox, "takeover"), both(no_conflict));
    sandbox.instance("123").open_second_session();
    let conflict = status(&sandbox);
    for part in [
        r#""accountStatus":"loading""#,
        r#""substatus":"pairing""#,
        r#""reason":"conflict""#,
        r#""takeover":{"act":"takeover","#,
    ] {
        assert!(conflict.contains(part), "{conflict}");
    }
    // A restart does not close the other window.
    assert_eq!(command(&sandbox, "reboot"), r#"200 {"success":true}"#);
    assert!(status(&sandbox).contains(r#""substatus":"opening""#));
    pass(&sandbox, 2_000);
    assert!(status(&sandbox).contains(r#""reason":"conflict""#));

    assert_eq!(command(&sandbox, "takeover"), both("Takeover request sent to WhatsApp"));
    assert!(status(&sandbox).contains(r#""substatus":"opening""#));
    pass(&sandbox, 2_000);
    assert!(status(&sandbox).contains(r#""substatus":"normal""#));

    sandbox.instance("123").open_second_session();
    sandbox.instance("123").close_second_session();
    assert!(status(&sandbox).contains(r#""substatus":"normal""#));
}

#[test]
fn syncing_begins_anew_on_request() {
    let sandbox = fresh();
    let not_syncing = "Retry request not sent because reason don't equals \"syncing\"";
    assert_eq!(command(&sandbox, "retry"), both(not_syncing));
    status(&sandbox);
    pass(&sandbox, 2_000);
    sandbox.instance("123").scan_qr();
    pass(&sandbox, 2_000);
    assert_eq!(command(&sandbox, "retry"), both("Retry request sent to WhatsApp"));
    pass(&sandbox, 2_000);
    assert!(status(&sandbox).contains(r#""reason":"syncing""#));
    pass(&sandbox, 1_000);
    assert!(status(&sandbox).contains(r#""substatus":"normal""#));
}

#[test]
fn commands_and_clearing_work_by_either_verb() {
    for verb in ["GET", "POST"] {
        let sandbox = with_instance();
        let say =
            |method: &str| say(&sandbox, &format!("{verb} /instance123/{method}?token=token"));
        assert_eq!(say("reboot"), r#"200 {"success":true}"#);
        let cleared = r#"200 {"message":"Cleared 0 messages","messageTextsExample":[]}"#;
        assert_eq!(say("clearMessagesQueue"), cleared);
        assert_eq!(say("logout"), both("Logout request sent to WhatsApp"));
    }
}

#[test]
fn a_phone_without_network_is_offline_and_a_silent_one_times_out() {
    let sandbox = with_instance();
    let phone = sandbox.instance("123");
    let substatus = || phone.status().unwrap();
    phone.phone_offline();
    assert_eq!(substatus(), (AccountStatus::Authenticated, Substatus::Offline));
    pass(&sandbox, 600_000);
    assert_eq!(substatus().1, Substatus::Offline);
    phone.phone_online();
    assert_eq!(substatus().1, Substatus::Normal);

    phone.phone_silent();
    pass(&sandbox, 29_999);
    assert_eq!(substatus().1, Substatus::Normal);
    pass(&sandbox, 1);
    assert_eq!(substatus(), (AccountStatus::Authenticated, Substatus::Timeout));
    assert!(status(&sandbox).contains(r#""title":"Keep your phone connected""#));
    assert!(status(&sandbox).contains(r#""submsg":"Retrying...""#));
    phone.phone_online();
    assert_eq!(substatus().1, Substatus::Normal);
    // One that answers in time is not missed.
    phone.phone_silent();
    pass(&sandbox, 29_999);
    phone.phone_online();
    pass(&sandbox, 60_000);
    assert_eq!(substatus().1, Substatus::Normal);
}

#[test]
fn a_battery_runs_down() {
    let sandbox = with_instance();
    let phone = sandbox.instance("123");
    for (percent, substatus) in [
        (16, Substatus::Normal),
        (15, Substatus::BatteryLow1),
        (5, Substatus::BatteryLow1),
        (4, Substatus::BatteryLow2),
        (0, Substatus::Offline),
    ] {
        phone.battery(percent);
        assert_eq!(phone.status().unwrap().1, substatus, "{percent} %");
    }
    assert!(status(&sandbox).contains(r#""substatus":"offline""#));
    phone.phone_online();
    assert_eq!(phone.status().unwrap().1, Substatus::Offline, "an empty phone stays off");
    phone.battery(80);
    phone.phone_online();
    assert_eq!(phone.status().unwrap().1, Substatus::Normal);
}

#[test]
fn a_session_that_needs_its_phone_waits_for_it() {
    let sandbox = fresh();
    let phone = sandbox.instance("123");
    status(&sandbox);
    pass(&sandbox, 2_000);
    phone.phone_offline();
    assert!(!phone.scan_qr(), "a phone without network links nothing");
    phone.phone_online();
    assert!(phone.scan_qr());
    phone.phone_offline();
    pass(&sandbox, 60_000);
    let waiting = status(&sandbox);
    assert!(waiting.contains(r#""accountStatus":"loading""#), "{waiting}");
    assert!(waiting.contains(r#""reason":"offline""#), "{waiting}");
    phone.phone_online();
    pass(&sandbox, 3_000);
    assert_eq!(phone.status().unwrap().0, AccountStatus::Authenticated);
}

#[test]
fn what_is_sent_before_the_scan_waits_for_it() {
    let sandbox = fresh();
    let answer = say(&sandbox, "GET /instance123/message?token=token&phone=79000000001&body=hi");
    assert_eq!(
        answer,
        r#"200 {"sent":true,"message":"Status of the account not equals authenticated. Message to  79000000001@c.us will be sent after successful auth.","id":"true_79000000001@c.us_…","queueNumber":1}"#
    );
    pass(&sandbox, 600_000);
    assert_eq!(sandbox.instance("123").queue_len(), 1);
    status(&sandbox);
    pass(&sandbox, 2_000);
    sandbox.instance("123").scan_qr();
    pass(&sandbox, 60_000);
    assert_eq!(sandbox.instance("123").sent().len(), 1);
}

#[test]
fn handles_of_instances_that_do_not_exist_do_nothing() {
    let sandbox = with_instance();
    let nobody = sandbox.instance("9");
    nobody.phone_offline();
    assert!(!nobody.exists() && !nobody.scan_qr() && nobody.status().is_none());
    assert!(nobody.contact_writes("79000000001", "x").is_none() && nobody.sent().is_empty());
}
