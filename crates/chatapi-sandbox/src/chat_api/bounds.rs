//! Nothing of an instance grows without end: [`Limits`](crate::profile::Limits).

use std::collections::VecDeque;

use crate::chat_api::Instance;
use crate::chat_api::history::Content;
use crate::profile::Limits;
use crate::world::{Happening, Scene};

/// A message of fewer bytes is not weighed when it is queued: the queue holds only so many.
const LIGHT: usize = 64 * 1024;

impl Content {
    /// How many bytes it has that its sender chose.
    pub(super) fn weight(&self) -> usize {
        let file = self.file.as_ref();
        let handed = file.and_then(|file| file.content.as_ref());
        self.body.len()
            + self.caption.as_ref().map_or(0, String::len)
            + self.metadata.as_ref().map_or(0, |metadata| metadata.get().len())
            + file.map_or(0, |file| file.name.len())
            + handed.map_or(0, |file| file.bytes.len() + file.mime.len())
    }
}

impl Instance {
    /// Whether the queue has room for what a message says.
    pub(super) fn has_room_for(&self, content: &Content, limits: &Limits) -> bool {
        let weight = content.weight();
        weight < LIGHT || self.queue_weight() + weight <= limits.content_bytes
    }

    /// Lets go of what is too much. Part of [`settle`](Self::settle), so that no way of adding can
    /// forget it.
    pub(super) fn keep_within_bounds(&mut self, scene: &mut Scene) {
        let limits = &scene.profile.limits;
        self.chats.keep(limits.chats);
        self.labels.keep(limits.labels);
        self.bans.keep(limits.told);
        keep_latest(&mut self.orders, limits.orders);
        for kind in self.actions.keep(limits.actions) {
            self.note(scene, Happening::ActionFailed(kind));
        }
    }
}

fn keep_latest<T>(list: &mut Vec<T>, most: usize) {
    list.drain(..list.len().saturating_sub(most));
}

/// Takes the oldest out of a queue that is too long.
pub(super) fn surplus<T>(queue: &mut VecDeque<T>, most: usize) -> Vec<T> {
    queue.drain(..queue.len().saturating_sub(most)).collect()
}
