//! Saves a sandbox whenever it has changed.

use std::future::pending;
use std::time::Duration;

use chatapi_transport::{Clock as _, TokioClock};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Store, StoreError};
use crate::Sandbox;

/// The least time between two saves.
const PAUSE: Duration = Duration::from_millis(250);

/// How much longer than the last save took one waits for the next, so that saving a large sandbox
/// takes a tenth of one core at most.
const SHARE: u32 = 10;

/// Saves a sandbox under a name whenever it has changed, until it is closed or dropped. Dropping it
/// saves nothing more: [`close`](Self::close) does.
#[derive(Debug)]
#[must_use = "dropping it ends the saving"]
pub struct Keeper {
    store: Store,
    name: String,
    sandbox: Sandbox,
    trouble: watch::Receiver<Option<StoreError>>,
    task: JoinHandle<()>,
}

impl Keeper {
    pub(super) fn new(store: Store, name: String, sandbox: Sandbox) -> Self {
        let (tell, trouble) = watch::channel(None);
        let task = tokio::spawn(run(store.clone(), name.clone(), sandbox.clone(), tell));
        Self { store, name, sandbox, trouble, task }
    }

    /// Why the last save failed, if it did; the next is tried as soon as it would be anyway.
    #[must_use]
    pub fn trouble(&self) -> Option<StoreError> {
        self.trouble.borrow().clone()
    }

    /// Waits until [`trouble`](Self::trouble) is another than the one that is known, and gives that
    /// back: why saving fails now, or `None` once it works again. For whoever tells people.
    pub async fn other_trouble(&self, known: Option<&StoreError>) -> Option<StoreError> {
        let mut trouble = self.trouble.clone();
        if trouble.wait_for(|trouble| trouble.as_ref() != known).await.is_err() {
            // Nothing is saved any more, and so nothing fails.
            pending::<()>().await;
        }
        trouble.borrow().clone()
    }

    /// Saves once more, and ends.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when that last save failed; the one before is still there.
    pub async fn close(self) -> Result<(), StoreError> {
        self.task.abort();
        self.store.save(&self.name, &self.sandbox).await
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(
    store: Store,
    name: String,
    sandbox: Sandbox,
    trouble: watch::Sender<Option<StoreError>>,
) {
    // In the machine's time, whatever the sandbox's clock does.
    let machine = TokioClock::new();
    // What it was made with is worth keeping, too.
    let mut saved = None;
    let mut pause = PAUSE;
    loop {
        machine.sleep(pause).await;
        let changes = sandbox.changes();
        if saved == Some(changes) {
            pause = PAUSE;
            continue;
        }
        let began = machine.now();
        let outcome = store.save(&name, &sandbox).await;
        pause = PAUSE.max(machine.now().since(began).saturating_mul(SHARE));
        if outcome.is_ok() {
            saved = Some(changes);
        }
        let outcome = outcome.err();
        trouble.send_if_modified(|known| {
            let is_news = *known != outcome;
            *known = outcome;
            is_news
        });
    }
}
