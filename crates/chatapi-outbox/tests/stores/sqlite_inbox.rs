//! The inbox in a SQLite file.

use std::path::PathBuf;
use std::sync::Arc;

use chatapi_outbox::store::conformance::TestClock;
use chatapi_outbox::store::{SqliteInbox, SqliteStore, Store as _};
use chatapi_webhook::{Claim, Inbox as _, conformance};

use crate::inbox::{self, at, claim, record};
use crate::support::{Folder, message};

struct Opened {
    inbox: SqliteInbox,
    file: PathBuf,
    _folder: Folder,
}

async fn opened() -> Opened {
    let folder = Folder::new();
    let file = folder.path().join("inbox.db");
    let inbox = SqliteInbox::open(&file).await.unwrap();
    Opened { inbox, file, _folder: folder }
}

#[tokio::test]
async fn keeps_the_rules_of_inboxes() {
    let folder = Folder::new();
    let mut count = 0;
    let empty = || {
        count += 1;
        let file = folder.path().join(format!("{count}.db"));
        async move { SqliteInbox::open(file).await.unwrap() }
    };
    conformance::check(empty).await.unwrap();
}

#[tokio::test]
async fn keeps_the_rules_in_the_file_of_an_outbox_that_is_at_work() {
    let folder = Folder::new();
    let mut count = 0;
    let empty = || {
        count += 1;
        let file = folder.path().join(format!("{count}.db"));
        async move {
            let store = SqliteStore::open(file, Arc::new(TestClock::new())).await.unwrap();
            store.enqueue(vec![message("a key")]).await.unwrap();
            store.inbox()
        }
    };
    conformance::check(empty).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn repetitions_over_two_connections_are_stored_once() {
    let here = opened().await;
    let there = SqliteInbox::open(&here.file).await.unwrap();
    inbox::repetitions_are_stored_once(&here.inbox, &there).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_connections_never_hold_a_line_at_once() {
    let here = opened().await;
    let there = SqliteInbox::open(&here.file).await.unwrap();
    inbox::two_never_hold_a_line(&here.inbox, &there).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_ran_out_is_held_by_one_of_two_connections() {
    let here = opened().await;
    let there = SqliteInbox::open(&here.file).await.unwrap();
    inbox::what_ran_out_is_held_by_one(&here.inbox, &there).await;
}

#[tokio::test]
async fn many_are_replayed_once() {
    inbox::many_are_replayed_once(&opened().await.inbox).await;
}

#[tokio::test]
async fn keeps_its_quota() {
    let opened = opened().await;
    inbox::a_quota_is_kept(&opened.inbox.clone().quota(5100)).await;
}

#[tokio::test]
async fn what_was_stored_is_there_after_it_was_dropped_unclosed() {
    let opened = opened().await;
    opened.inbox.insert((0..3).map(|name| record("1", name)).collect()).await.unwrap();
    let leased = opened.inbox.lease(&claim("a", 0)).await.unwrap();
    let first = &leased[0];
    assert!(opened.inbox.ack(&first.record.id, first.lease).await.unwrap());
    drop(opened.inbox);
    let inbox = SqliteInbox::open(&opened.file).await.unwrap();
    let counts = inbox.counts(at(0)).await.unwrap();
    assert_eq!((counts.waiting, counts.leased, counts.acknowledged), (0, 2, 1));
    // Leases and their numbers live on, too.
    assert!(inbox.ack(&leased[1].record.id, leased[1].lease).await.unwrap());
    let again = inbox.lease(&claim("b", 10)).await.unwrap();
    assert!(again.len() == 1 && again[0].attempt == 2 && again[0].lease > leased[2].lease);
    assert!(!inbox.ack(&leased[2].record.id, leased[2].lease).await.unwrap());
}

#[tokio::test]
async fn a_lease_number_does_not_come_again_with_a_forgotten_event() {
    let opened = opened().await;
    let mut last = None;
    for _ in 0..3 {
        assert_eq!(opened.inbox.insert(vec![record("1", 0)]).await.unwrap().stored(), 1);
        let leased = opened.inbox.lease(&claim("a", 0)).await.unwrap().remove(0);
        assert!(last < Some(leased.lease), "{last:?} and {:?}", leased.lease);
        last = Some(leased.lease);
        assert!(opened.inbox.ack(&leased.record.id, leased.lease).await.unwrap());
        assert_eq!(opened.inbox.forget(at(1)).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn what_is_forgotten_is_nowhere_in_the_file() {
    let opened = opened().await;
    let holds = |text: &str| {
        let files = ["", "-wal"].map(|end| format!("{}{end}", opened.file.display()));
        let mut files = files.iter().filter_map(|file| std::fs::read(file).ok());
        files.any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
    };
    // More than are forgotten in one transaction.
    opened.inbox.insert((0..1500).map(|name| record("1", name)).collect()).await.unwrap();
    assert!(holds("the payload of 7"));
    let claim = Claim::new("a", 2000, at(0), at(10));
    let leased = opened.inbox.lease(&claim).await.unwrap();
    let acks = leased.iter().map(|leased| opened.inbox.ack(&leased.record.id, leased.lease));
    for held in futures_util::future::join_all(acks).await {
        assert!(held.unwrap());
    }
    assert_eq!(opened.inbox.forget(at(1)).await.unwrap(), 1500);
    assert!(!holds("the payload of"), "it is still there");
    let counts = opened.inbox.counts(at(0)).await.unwrap();
    assert_eq!((counts.acknowledged, counts.bytes), (0, 0));
}

#[tokio::test]
async fn what_comes_is_heard_by_everybody_who_waits() {
    let opened = opened().await;
    let (first, second) = (opened.inbox.clone(), opened.inbox.clone());
    let insert = async {
        // Once both wait.
        tokio::task::yield_now().await;
        opened.inbox.insert(vec![record("1", 0)]).await.unwrap();
    };
    tokio::join!(first.arrival(), second.arrival(), insert);
}

#[tokio::test]
async fn nothing_is_taken_in_that_cannot_be_written() {
    let opened = opened().await;
    opened.inbox.close().await;
    let closed = opened.inbox.insert(vec![record("1", 0)]).await.unwrap_err();
    assert!(closed.to_string().contains("the store was closed"), "{closed}");
    // The file's own word that nobody of this age may write to it: its byte 18.
    let mut bytes = std::fs::read(&opened.file).unwrap();
    bytes[18] = 3;
    std::fs::write(&opened.file, &bytes).unwrap();
    let inbox = SqliteInbox::open(&opened.file).await.unwrap();
    let refused = inbox.insert(vec![record("1", 0)]).await.unwrap_err();
    assert!(!refused.is_full());
    let told = format!("{refused} {refused:?}");
    assert!(told.contains("inbox.db") && told.contains("readonly"), "{told}");
    assert!(told.contains("nothing was changed") && !told.contains("payload"), "{told}");
    assert_eq!(inbox.counts(at(0)).await.unwrap().waiting, 0);
    inbox.close().await;
    assert_eq!(std::fs::read(&opened.file).unwrap(), bytes);
}

#[tokio::test]
async fn closing_the_store_closes_its_inbox() {
    let folder = Folder::new();
    let store = SqliteStore::open(folder.path().join("one.db"), Arc::new(TestClock::new()));
    let store = store.await.unwrap();
    let inbox = store.inbox();
    store.add_line(&"one".into(), None).await.unwrap();
    inbox.insert(vec![record("1", 0)]).await.unwrap();
    store.close().await;
    assert!(inbox.insert(vec![record("1", 1)]).await.is_err());
}
