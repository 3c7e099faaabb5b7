//! What waits in the line, and why, for the page.

use crate::page::view::{Reason, WAITING, WaitView};
use crate::page::words;
use crate::wamm::Channel;
use crate::world::Scene;

impl Channel {
    /// The first of those that wait, each with its reason.
    pub(in crate::wamm) fn waiting_views(&self, scene: &Scene) -> Vec<WaitView> {
        let line = &self.line;
        let mut views = Vec::new();
        let mut opens = line.free_at;
        for (place, waiting) in line.waiting.iter().take(WAITING).enumerate() {
            let Some(record) = self.messages.get(&waiting.id) else {
                continue;
            };
            let is_delayed = waiting.ready_at > opens.max(scene.now);
            opens = opens.max(waiting.ready_at);
            let left = words::span(opens.since(scene.now));
            let (word, text) = match (is_delayed, place) {
                (true, _) => ("delay", format!("it was given a delay; its turn is in {left}")),
                (false, 0) => ("pacing", format!("the line is free in {left}")),
                (false, _) => ("in line", format!("{place} before it")),
            };
            views.push(WaitView {
                message: waiting.id.into(),
                chat: record.phone.as_str().into(),
                name: self.name_of(&record.phone, &scene.people),
                kind: record.file.as_ref().map_or("text", |_| "file").to_owned(),
                body: record.file.as_ref().map_or(&record.text, |file| &file.name).clone(),
                why: match self.state.can_send() {
                    true => Reason { word, text, passes: true },
                    false => Reason {
                        word: "will fail",
                        text: format!("it fails when its turn comes: {}", self.state.advice()),
                        passes: false,
                    },
                },
            });
        }
        views
    }
}
