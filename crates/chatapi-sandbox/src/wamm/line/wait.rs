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
        let (mut opens, mut is_first) = (line.free_at, true);
        for (number, waiting) in (1..).zip(line.waiting.iter().take(WAITING)) {
            let Some(record) = self.messages.get(&waiting.id) else {
                continue;
            };
            let is_delayed = waiting.ready_at > opens.max(scene.now);
            opens = opens.max(waiting.ready_at);
            let left = words::span(opens.since(scene.now));
            let (word, text) = match (is_delayed, is_first) {
                (true, _) => ("delay", format!("it was given a delay; its turn is in {left}")),
                (false, true) => ("pacing", format!("the line is free in {left}")),
                (false, false) => ("in line", format!("{} before it", number - 1)),
            };
            is_first = false;
            views.push(WaitView {
                number,
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
