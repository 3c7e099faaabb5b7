//! What the tests of all stores need.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use chatapi_outbox::machine::Look;
use chatapi_outbox::store::{Content, NewMessage};
use chatapi_outbox::{OutboxId, Route};
use chatapi_types::{ChatId, UnixMillis};

/// A folder that is deleted at the end.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("outbox-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A message through the line "one".
pub(crate) fn message(key: &str) -> (OutboxId, NewMessage) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let chance = u128::from(COUNT.fetch_add(1, Ordering::Relaxed));
    let chat = ChatId::new("79000000001@c.us");
    let look = Look::of_text(&chat, key);
    let content = Content::new(format!("{{\"kind\":\"text\",\"text\":{key:?}}}"), None);
    let new = NewMessage::new(key, chat, Route::line("one"), look, content);
    (OutboxId::new(UnixMillis::from_millis(1_600_000_000_000), chance), new)
}
