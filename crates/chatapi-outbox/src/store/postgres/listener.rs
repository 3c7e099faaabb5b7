//! Hears of what other processes put in: messages and events.

use std::sync::{Arc, Mutex, PoisonError};

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::engine::{EVENTS, MESSAGES};

/// A task that listens, on a connection of its own, as long as somebody has this.
#[derive(Debug)]
pub(super) struct Listener {
    revival: Arc<Notify>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Listener {
    pub(super) fn start(pool: PgPool, messages: Arc<Notify>, events: Arc<Notify>) -> Self {
        let revival = Arc::new(Notify::new());
        let asked = revival.clone();
        let task = tokio::spawn(async move {
            loop {
                if let Err(error) = listen(&pool, &messages, &events).await {
                    tracing::warn!(%error, "nobody hears of what other processes put in for now; it is found by looking");
                }
                // Whoever waits for an arrival asks again from time to time.
                asked.notified().await;
            }
        });
        Self { revival, task: Mutex::new(Some(task)) }
    }

    /// Listens again, if the connection broke.
    pub(super) fn revive(&self) {
        self.revival.notify_one();
    }

    pub(super) async fn stop(&self) {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            task.abort();
            // It was called off; there is nothing to hear about it.
            drop(task.await);
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(task) = self.task.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
    }
}

async fn listen(pool: &PgPool, messages: &Notify, events: &Notify) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen_all([MESSAGES, EVENTS]).await?;
    // Something may have come before anybody listened, or while the connection was broken.
    messages.notify_one();
    events.notify_waiters();
    loop {
        match listener.recv().await?.channel() {
            EVENTS => events.notify_waiters(),
            _ => messages.notify_one(),
        }
    }
}
