//! A postman for every world.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::connection::{pause, told_to};
use super::postman::Postman;
use crate::{Sandbox, Worlds};

/// Sees to it that every world that is served has its postman, as long as there is that world. They
/// stop when this is dropped.
pub(super) struct PostOffice {
    task: JoinHandle<()>,
}

impl PostOffice {
    /// Opens for worlds that are served at `base`, on the tokio runtime of the caller, until told to
    /// stop; what is on its way then has the grace to arrive.
    pub(super) fn open(
        worlds: Worlds,
        base: String,
        allow_remote: bool,
        stopped: watch::Receiver<bool>,
        grace: Duration,
    ) -> Self {
        // The main one is served from this moment on.
        worlds.main().reachable_at(base);
        Self { task: tokio::spawn(run(worlds, allow_remote, stopped, grace)) }
    }

    /// Returns when it has stopped.
    pub(super) async fn closed(&mut self) {
        // A task that was cancelled with its runtime is nothing to wait for.
        let _ = (&mut self.task).await;
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        // The postmen are owned by this task and go with it.
        self.task.abort();
    }
}

async fn run(worlds: Worlds, allow_remote: bool, stopped: watch::Receiver<bool>, grace: Duration) {
    let origin = worlds.main().quietly(|world| world.scene.origin.clone());
    let mut changes = worlds.changes();
    let mut postmen: BTreeMap<String, (Sandbox, Postman)> = BTreeMap::new();
    let mut stop = pin!(told_to(stopped.clone()));
    let start = |world: &Sandbox| Postman::start(world, allow_remote, stopped.clone());
    let main = start(worlds.main());
    loop {
        changes.mark_unchanged();
        let others = worlds.others();
        postmen.retain(|name, (world, _)| others.get(name).is_some_and(|other| other.is(world)));
        for (name, world) in others {
            postmen.entry(name).or_insert_with_key(|name| {
                // Worlds that are made from now on know it already.
                world.quietly(|world| world.scene.origin = format!("{origin}/_world/{name}"));
                let postman = start(&world);
                (world, postman)
            });
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() {
                return;
            },
            () = &mut stop => break,
        }
    }
    let all = postmen.into_values().map(|(_, postman)| postman).chain([main]);
    let all_home = async {
        for postman in all {
            postman.home().await;
        }
    };
    tokio::select! {
        () = all_home => {}
        // Those who are still out go with what they carry.
        () = pause(grace) => {}
    }
}
