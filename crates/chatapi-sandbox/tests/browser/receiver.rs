//! Somebody who receives webhooks.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Takes everything that is posted to it and answers 200, until it is dropped.
pub(crate) struct Receiver {
    pub(crate) address: String,
    posts: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook", listener.local_addr().unwrap());
        let posts = Arc::new(Mutex::new(Vec::new()));
        let kept = posts.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = take(stream, &kept).await;
            }
        });
        Self { address, posts, task }
    }

    /// The bodies that came in, oldest first.
    pub(crate) fn posts(&self) -> Vec<String> {
        self.posts.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Takes one request, which must be a `POST` to the path of the address: first its body is kept, then
/// it is answered. `None` where the sender goes too early.
async fn take(mut stream: TcpStream, posts: &Mutex<Vec<String>>) -> Option<()> {
    let mut text = Vec::new();
    let body = loop {
        if stream.read_buf(&mut text).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&text);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("post /hook http/1.1"), "{head}");
        let length = head.split("content-length: ").nth(1)?.split("\r\n").next()?;
        if body.len() >= length.parse().ok()? {
            break body.to_owned();
        }
    };
    posts.lock().unwrap().push(body);
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    stream.write_all(answer).await.ok()
}
