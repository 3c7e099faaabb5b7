//! Worlds beside each other.

use std::time::Duration;

use chatapi_sandbox::fault::Effect;
use chatapi_sandbox::{ClockMode, Fault, NewWorld, Sandbox, ServerOptions, Snapshot, Worlds};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::control_api::{JSON, get, post, raw, served};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_hundred_worlds_at_once_know_nothing_of_each_other() {
    let server = std::sync::Arc::new(served().await);
    let mut tasks = Vec::new();
    for number in 0..100 {
        let server = std::sync::Arc::clone(&server);
        tasks.push(tokio::spawn(async move {
            let world = format!("w{number}");
            let by_header = format!("X-Sandbox-World: {world}\r\n");
            for _ in 0..=number % 3 {
                let line = format!(
                    "GET /_world/{world}/instance123/sendMessage?token=token&phone=79000000001&body={world}"
                );
                assert!(raw(&server, &line, "", "").await.2.contains("\"sent\":true"));
            }
            let clock = format!("{{\"advance\":{}}}", 1_000 + number);
            let headers = format!("{JSON}{by_header}");
            raw(&server, "POST /_sandbox/clock", &headers, &clock).await;
            let (_, state) = get(&server, &format!("/_world/{world}/_sandbox/state")).await;
            assert_eq!(state["clock"]["now"], json!(1_600_001_000_000_i64 + number * 1_000));
            assert_eq!(state["instances"][0]["sent"], json!(number % 3 + 1));
            let own = server.worlds().get(&world).unwrap().instance("123").sent();
            assert!(own.iter().all(|sent| sent.body == world));
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(get(&server, "/_sandbox/worlds").await.1.as_array().unwrap().len(), 101);
    let (_, main) = get(&server, "/_sandbox/state").await;
    assert_eq!(
        (&main["instances"][0]["sent"], &main["clock"]["now"]),
        (&json!(0), &json!(1_600_000_000_000_i64))
    );
}

#[tokio::test]
async fn addresses_in_replies_keep_the_world() {
    let server = served().await;
    let line = "GET /_world/a/admin/newInstance?uid=uid&type=whatsapp";
    let (_, _, body) = raw(&server, line, "Host: sandbox.test\r\n", "").await;
    assert!(body.contains("http://sandbox.test/_world/a/instance100001/"), "{body}");
    let line = "GET //_world/a/instance123/status?token=token";
    assert_ne!(raw(&server, line, "", "").await.0, 200, "a prefix is a prefix");
    // Empty segments behind it are the gateway's affair.
    let line = "GET /_world/a//instance123/status?token=token";
    assert_eq!(raw(&server, line, "", "").await.0, 200);
}

#[tokio::test]
async fn a_call_that_is_carried_out_late_keeps_the_world_in_the_addresses_that_it_leaves() {
    let server = served().await;
    let file = "body=data%3Atext%2Fplain%3Bbase64%2CaGk%3D&filename=a.txt&phone=79000000001";
    let line = format!("GET /_world/a/instance123/sendFile?token=token&{file}");
    raw(&server, "GET /_world/a/instance123/status?token=token", "", "").await;
    let world = server.worlds().get("a").unwrap();
    let late = Effect::AcceptedLate { after: MINUTE, hold: Some(Duration::ZERO) };
    world.faults().add(Fault::new(late).times(1)).unwrap();
    let mut stream = TcpStream::connect(server.socket()).await.unwrap();
    let text = format!("{line} HTTP/1.1\r\nHost: sandbox.test\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    assert_eq!(stream.read_to_end(&mut Vec::new()).await.unwrap(), 0, "no answer comes");
    // Also where it waits in a snapshot.
    let bytes = world.snapshot().to_bytes().unwrap();
    world.restore(&Snapshot::from_bytes(&bytes).unwrap());
    world.clock().advance(2 * MINUTE);
    let sent = world.instance("123").sent();
    let [sent] = &*sent else { panic!("one file: {sent:?}") };
    assert!(sent.body.starts_with("http://sandbox.test/_world/a/files/"), "{}", sent.body);
    let path = sent.body.strip_prefix("http://sandbox.test").unwrap();
    assert_eq!(raw(&server, &format!("GET {path}"), "", "").await.2, "hi");
}

#[tokio::test]
async fn worlds_have_seeds_and_clocks_of_their_own_and_are_deleted() {
    let server = served().await;
    let new = json!({ "name": "x", "seed": 7, "clock": "auto" });
    let (status, made) = post(&server, "/_sandbox/worlds", &new).await;
    assert_eq!((status, &made["prefix"]), (201, &json!("/_world/x")));
    let (_, state) = get(&server, "/_world/x/_sandbox/state").await;
    assert_eq!(state["clock"]["mode"], json!("auto"));
    let nothing = json!({});
    let add = |path: &'static str| post(&server, path, &nothing);
    let (one, two) = (add("/_sandbox/instances").await, add("/_world/x/_sandbox/instances").await);
    assert_ne!(one.1["token"], two.1["token"]);
    assert_eq!(raw(&server, "DELETE /_sandbox/worlds/x", "", "").await.0, 200);
    assert_eq!(raw(&server, "DELETE /_sandbox/worlds/x", "", "").await.0, 404);
    assert_eq!(raw(&server, "DELETE /_sandbox/worlds/main", "", "").await.0, 409);
    let header = "X-Sandbox-World: y\r\n";
    assert_eq!(raw(&server, "GET /_world/x/instance123/status", header, "").await.0, 400);
}

#[tokio::test]
async fn there_are_only_so_many_and_none_is_lost_for_another() {
    let options = ServerOptions::new().worlds(2);
    let server = Sandbox::new().serve_with(options).await.unwrap();
    for (name, status) in [("a", 200), ("b", 200), ("c", 409), ("a", 200), ("-", 400)] {
        let line = format!("GET /_world/{name}/_sandbox/state");
        assert_eq!(raw(&server, &line, "", "").await.0, status, "{name}");
    }
    // Who must not be here makes none.
    server.worlds().delete("b").unwrap();
    raw(&server, "GET /_world/d/_sandbox/state", "Host: evil.example\r\n", "").await;
    assert_eq!(server.worlds().names(), ["main", "a"]);
}

#[tokio::test]
async fn a_page_from_elsewhere_makes_no_world_by_any_address() {
    let server = served().await;
    let port = server.socket().port();
    server.worlds().open("there").unwrap();
    let status = |world: &str| format!("GET /_world/{world}/instance123/status?token=token");
    let by_header = "GET /instance123/status?token=token";
    for foreign in [
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n",
        "Origin: http://evil.example\r\n",
        "Origin: null\r\n",
    ] {
        for line in [&*status("new"), "GET /_world/new/", "GET /_world/new/_sandbox/state"] {
            assert_eq!(raw(&server, line, foreign, "").await.0, 403, "{line} {foreign}");
        }
        let headers = format!("{foreign}X-Sandbox-World: new\r\n");
        let (code, _, body) = raw(&server, by_header, &headers, "").await;
        assert!(code == 403 && body.contains("no such world"), "{foreign}: {body}");
        // The gateway itself answers whoever has its token, as the vendor would.
        assert_eq!(raw(&server, by_header, foreign, "").await.0, 200, "{foreign}");
        assert_eq!(raw(&server, &status("there"), foreign, "").await.0, 200, "{foreign}");
    }
    assert_eq!(server.worlds().names(), ["main", "there"]);
    // Clients that are no browsers, by whatever name they call, and our own pages.
    for (world, headers) in [
        ("a", String::new()),
        ("b", "Host: sandbox:8080\r\n".to_owned()),
        ("c", format!("Origin: http://127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin\r\n")),
        ("d", "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\n".to_owned()),
    ] {
        assert_eq!(raw(&server, &status(world), &headers, "").await.0, 200, "{world}");
    }
    assert_eq!(server.worlds().names(), ["main", "a", "b", "c", "d", "there"]);
}

#[test]
fn in_rust_they_need_no_server() {
    let worlds = Worlds::from(Sandbox::new());
    let one = worlds.create(NewWorld::new("one").seed(3).clock(ClockMode::Frozen)).unwrap();
    one.add_instance("1", "t");
    assert!(
        !worlds.main().instance("1").exists()
            && !worlds.open("two").unwrap().instance("1").exists()
    );
    assert!(worlds.open("one").unwrap().instance("1").exists());
    assert_eq!(format!("{worlds:?}"), "Worlds(main, one, two)");
}
