//! The event stream over a sandbox that is put back.

use std::time::Duration;

use chatapi_sandbox::Scenario;

use crate::control_api::{Stream, served};

/// The next line that begins so, which must come soon.
async fn line(stream: &mut Stream, begins: &str) -> String {
    let line = tokio::time::timeout(Duration::from_secs(20), stream.line(begins));
    line.await.unwrap().unwrap()
}

#[tokio::test]
async fn who_reads_events_is_told_that_the_world_is_another_however_long_its_journal() {
    let server = served().await;
    let sandbox = server.sandbox();
    let early = sandbox.snapshot();
    for _ in 0..9 {
        sandbox.instance("123").phone_offline();
    }
    let late = sandbox.snapshot();
    let mut stream = Stream::open(&server, "/_sandbox/events", "").await;
    assert_eq!(line(&mut stream, "retry:").await, "1000");
    // To a journal of the same length, a shorter one, a longer one.
    for (restored, snapshot) in [&late, &early, &late].into_iter().enumerate() {
        sandbox.restore(snapshot);
        assert_eq!(line(&mut stream, "event:").await, "gap");
        let id = line(&mut stream, "id:").await;
        assert_eq!(line(&mut stream, "data:").await, r#"{"reset":true}"#);
        let number = sandbox.journal().last().unwrap().number;
        assert_eq!(id, format!("{}-{number}", restored + 1));
    }
    // It goes on with what happens then, and nothing is told of a world that stayed.
    sandbox.instance("123").phone_online();
    assert_eq!(line(&mut stream, "event:").await, "entry");
    assert!(line(&mut stream, "data:").await.contains("phone online"));
    let text = "steps:\n- {at: 1s, instance: 123, do: offline}\n";
    sandbox.play(&Scenario::read(text).unwrap()).unwrap();
    sandbox.clock().advance(Duration::from_secs(2));
    assert_eq!(line(&mut stream, "event:").await, "entry");
}

#[tokio::test]
async fn who_was_away_while_the_world_was_put_back_is_told_of_it_when_he_comes_again() {
    let server = served().await;
    let sandbox = server.sandbox();
    sandbox.instance("123").phone_offline();
    let snapshot = sandbox.snapshot();
    let mut stream = Stream::open(&server, "/_sandbox/events?after=0", "").await;
    let id = line(&mut stream, "id:").await;
    drop(stream);
    // Put back, the journal is as long as it was, and longer: by its length nobody could tell.
    sandbox.restore(&snapshot);
    sandbox.instance("123").phone_online();
    let header = format!("Last-Event-ID: {id}\r\n");
    let mut stream = Stream::open(&server, "/_sandbox/events", &header).await;
    assert_eq!(line(&mut stream, "event:").await, "gap");
    let id = line(&mut stream, "id:").await;
    assert_eq!(line(&mut stream, "data:").await, r#"{"reset":true}"#);
    drop(stream);
    // Once told, he is not told again.
    sandbox.instance("123").battery(50);
    let header = format!("Last-Event-ID: {id}\r\n");
    let mut stream = Stream::open(&server, "/_sandbox/events", &header).await;
    assert_eq!(line(&mut stream, "event:").await, "entry");
    // An id of a world to come is one of a sandbox that was started anew since.
    let mut stream = Stream::open(&server, "/_sandbox/events?after=9-1", "").await;
    assert_eq!(line(&mut stream, "event:").await, "gap");
}
