//! A postman for every world.

use std::collections::BTreeMap;

use tokio::task::JoinHandle;

use super::postman::Postman;
use crate::{Sandbox, Worlds};

/// Sees to it that every world that is served has its postman, as long as there is that world. They
/// stop when this is dropped.
pub(super) struct PostOffice {
    task: JoinHandle<()>,
}

impl PostOffice {
    /// Opens for worlds that are served at `base`, on the tokio runtime of the caller.
    pub(super) fn open(worlds: Worlds, base: String, allow_remote: bool) -> Self {
        // The main one is served from this moment on.
        worlds.main().reachable_at(base);
        let main = Postman::start(worlds.main(), allow_remote);
        Self { task: tokio::spawn(run(worlds, allow_remote, main)) }
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        // The postmen are owned by this task and go with it.
        self.task.abort();
    }
}

async fn run(worlds: Worlds, allow_remote: bool, _main: Postman) {
    let origin = worlds.main().quietly(|world| world.scene.origin.clone());
    let mut changes = worlds.changes();
    let mut postmen: BTreeMap<String, (Sandbox, Postman)> = BTreeMap::new();
    loop {
        changes.mark_unchanged();
        let others = worlds.others();
        postmen.retain(|name, (world, _)| others.get(name).is_some_and(|other| other.is(world)));
        for (name, world) in others {
            postmen.entry(name).or_insert_with_key(|name| {
                // Worlds that are made from now on know it already.
                world.quietly(|world| world.scene.origin = format!("{origin}/_world/{name}"));
                let postman = Postman::start(&world, allow_remote);
                (world, postman)
            });
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}
