//! Fetching the file of a message.

use std::path::PathBuf;

use chatapi_client::ErrorKind;
use chatapi_client::chat_api::Client;
use chatapi_transport::{MockTransport, TransportError};

use super::wire::chat_api;

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("chatapi-get-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test]
async fn a_file_is_fetched_into_memory_or_onto_the_disk() {
    let folder = folder("whole");
    let path = folder.join("bill.pdf");
    let (client, wire) = chat_api("%PDF");
    assert_eq!(client.messages().file("m-1").await.unwrap().bytes, b"%PDF");
    assert_eq!(wire.once(), "GET /getFile?msgId=m-1");
    assert_eq!(client.messages().download("m-1", &path).await.unwrap(), 4);
    assert_eq!(std::fs::read(&path).unwrap(), b"%PDF");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn a_download_that_fails_leaves_the_old_file_alone() {
    let folder = folder("failed");
    let path = folder.join("bill.pdf");
    std::fs::write(&path, "old").unwrap();
    let mut gateway = MockTransport::new();
    gateway.expect_exchange().returning(|_| Err(TransportError::broken()));
    let client = Client::at("https://h.example", "12345", "TOKEN", gateway).unwrap();
    let error = client.messages().download("m-1", &path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn nothing_is_fetched_for_a_path_that_cannot_be() {
    let folder = folder("nowhere");
    let (client, wire) = chat_api("%PDF");
    let path = folder.join("no such folder").join("bill.pdf");
    let error = client.messages().download("m-1", path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("there is no such folder"), "{error}");
    assert!(wire.said().is_empty());
    std::fs::remove_dir_all(&folder).unwrap();
}
