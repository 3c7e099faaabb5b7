//! What waits in the queue, and why, for the page.

use std::time::Duration;

use super::Waiting;
use crate::chat_api::Instance;
use crate::page::view::{Bubble, FileView, Reason, WAITING, WaitView, kept_name};
use crate::page::words;
use crate::world::{Obstacle, Scene};
use chatapi_types::{ChatId, Delivery};

impl Instance {
    /// The first of those that wait, each with its reason.
    pub(in crate::chat_api) fn waiting_views(&self, scene: &Scene) -> Vec<WaitView> {
        let can_send = self.can_send(&scene.profile.chat_api);
        let views = self.queue.waiting.iter().enumerate().take(WAITING).map(|(place, waiting)| {
            let content = &waiting.content;
            WaitView {
                message: waiting.id.clone(),
                chat: waiting.chat.clone(),
                name: scene.chat_name(&waiting.chat),
                kind: content.kind.to_string(),
                body: content.file.as_ref().map_or(&content.body, |file| &file.name).clone(),
                why: self.reason(place, waiting, can_send, scene),
            }
        });
        views.collect()
    }

    /// Those that wait to go to a chat, as messages of it.
    pub(in crate::chat_api) fn waiting_bubbles(&self, chat: &ChatId, scene: &Scene) -> Vec<Bubble> {
        let can_send = self.can_send(&scene.profile.chat_api);
        let to_chat = self.queue.waiting.iter().enumerate().filter(|(_, w)| w.chat == *chat);
        let bubbles = to_chat.map(|(place, waiting)| {
            let content = &waiting.content;
            Bubble {
                id: waiting.id.clone(),
                is_ours: true,
                author: None,
                kind: content.kind.to_string(),
                body: content.body.clone(),
                caption: content.caption.clone(),
                file: content.file.as_ref().map(|file| FileView {
                    name: file.name.clone(),
                    kept: file.content.as_ref().and_then(|_| kept_name(&content.body)),
                }),
                at: None,
                state: Some(Delivery::Queued),
                why: Some(self.reason(place, waiting, can_send, scene).text),
                quoted: None,
            }
        });
        bubbles.collect()
    }

    /// The chats to which something waits to go.
    pub(in crate::chat_api) fn waiting_chats(&self) -> impl Iterator<Item = (&ChatId, &str)> {
        self.queue.waiting.iter().map(|waiting| (&waiting.chat, &*waiting.content.body))
    }

    fn reason(&self, place: usize, waiting: &Waiting, can_send: bool, scene: &Scene) -> Reason {
        let figures = &scene.profile.chat_api;
        if !can_send {
            let text = format!("nothing leaves: {}", self.advice(scene).meaning);
            return Reason { word: self.standstill(scene), text, passes: false };
        }
        if let Some(obstacle) = self.obstacle(waiting, scene) {
            let word = match obstacle {
                Obstacle::NoAccount => "no account",
                Obstacle::DeadLink => "dead link",
                Obstacle::NotInGroup => "not in group",
                Obstacle::Messenger => "messenger fails",
            };
            let next = waiting.ready_at.since(scene.now);
            let text = match waiting.last_try {
                Some(_) => format!("{obstacle}; tried again in {}", words::span(next)),
                None => format!("{obstacle}; it will stay in the queue"),
            };
            return Reason { word, text, passes: false };
        }
        let queue = &self.queue;
        let is_next = queue.next(figures).is_some_and(|(next, _)| next == place);
        let opens_in = queue.line_opens_at(waiting.places(figures), figures).since(scene.now);
        let delay = self.settings.send_delay.map_or(0, u64::from);
        let (word, text) = if queue.recovering {
            let text = format!(
                "the phone was away: {} messages leave in {}; the next in {}",
                figures.recovery_burst,
                words::span(figures.recovery_window),
                words::span(opens_in),
            );
            ("recovery", text)
        } else if !is_next {
            ("in line", format!("{place} before it"))
        } else if delay > 0 && opens_in > Duration::ZERO {
            let text = format!("sendDelay is {delay} s; it leaves in {}", words::span(opens_in));
            ("sendDelay", text)
        } else {
            let ready = waiting.ready_at.since(scene.now).max(opens_in);
            ("leaving", format!("it leaves in {}", words::span(ready)))
        };
        Reason { word, text, passes: true }
    }
}
