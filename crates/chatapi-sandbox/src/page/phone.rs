//! One line from inside: its chats, its phone, its queue.

use chatapi_transport::Clock as _;
use chatapi_types::{ChatId, UnixMillis};
use maud::{Markup, html};

use super::depth::{Changes, Depth};
use super::icon::{battery, icon, signal};
use super::layout::{Sheet, Tab};
use super::place::encoded;
use super::view::{Inside, Line, Vendor};
use super::{Place, chat, misfortunes, queue, wall};
use crate::Sandbox;

/// What is drawn of a line, and how it is reached.
pub(super) struct Frame<'a> {
    pub(super) place: &'a Place,
    pub(super) inside: &'a Inside,
    pub(super) now: UnixMillis,
}

impl Frame<'_> {
    pub(super) const fn line(&self) -> &Line {
        &self.inside.line
    }

    /// The line in the control API.
    pub(super) fn control(&self, rest: &str) -> String {
        let line = self.line();
        let whose = match line.vendor {
            Vendor::ChatApi => format!("instances/{}", encoded(&line.id)),
            Vendor::Wamm(_) => format!("channels/{}", encoded(&line.token)),
        };
        self.place.control(&format!("{whose}/{rest}"))
    }

    /// The line's page with a chat open.
    pub(super) fn chat_href(&self, chat: &ChatId) -> String {
        let page = wall::href(self.line(), self.place);
        format!("{page}?chat={}", encoded(chat.as_str()))
    }
}

pub(super) fn instance(sandbox: &Sandbox, place: &Place, id: &str, chat: Option<&ChatId>) -> Sheet {
    let now = sandbox.clock().unix();
    let found = sandbox.with(|world| {
        let instance = world.instances.get(world.instances.find(id)?)?;
        let changes = Changes::of(world.scene.journal.entries());
        let depth = changes.depth(&instance.subject(), instance.queue_len(), now);
        Some((instance.inside(chat, &world.scene), depth))
    });
    match found {
        Some((inside, depth)) => sheet(&Frame { place, inside: &inside, now }, &depth),
        None => Sheet::missing("There is no such instance."),
    }
}

pub(super) fn channel(sandbox: &Sandbox, place: &Place, id: &str, chat: Option<&ChatId>) -> Sheet {
    let now = sandbox.clock().unix();
    let found = sandbox.with(|world| {
        let channel = world.channels.iter().find(|channel| channel.api_id.as_str() == id)?;
        let changes = Changes::of(world.scene.journal.entries());
        let depth = changes.depth(&channel.subject(), channel.line_len(), now);
        Some((channel.inside(chat, &world.scene), depth))
    });
    match found {
        Some((inside, depth)) => sheet(&Frame { place, inside: &inside, now }, &depth),
        None => Sheet::missing("There is no such channel."),
    }
}

fn sheet(frame: &Frame<'_>, depth: &Depth) -> Sheet {
    let line = frame.line();
    let title = match line.vendor {
        Vendor::ChatApi => format!("Instance {}", line.id),
        Vendor::Wamm(_) => format!("Channel {}", line.id),
    };
    let body = html! {
        div.head {
            a.quiet.square.button href=(frame.place.home()) aria-label="All phones" { (icon("back")) }
            h1 { (title) }
            p.dim { (wall::vendor(line)) " · +" (line.number) }
            span.grow {}
            (wall::state(line))
        }
        div.inside data-open=(frame.inside.open.is_some()) {
            (chat::chats(frame))
            div.side {
                section.pane aria-labelledby="condition" {
                    div.pane-head {
                        h2 #condition { "Condition" }
                        @if let Some(phone) = &line.phone {
                            span.grow {} (signal(phone.signal)) (battery(phone.battery, phone.cable))
                        }
                    }
                    p.verdict data-tone=(wall::tone(line.tone)) {
                        b { (sentence(line.meaning)) }
                        @if line.action != "nothing" && !line.action.is_empty() { " " (sentence(line.action)) }
                    }
                    (misfortunes::controls(frame))
                }
                (queue::queue(frame, depth))
            }
        }
    };
    Sheet::new(Tab::Phones, title, body)
}

/// A text that begins and ends as a sentence does.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(letters).chain(['.']).collect()
}

/// A button that does something to the line.
pub(super) fn act(frame: &Frame<'_>, action: &str, body: &str, text: &str, done: &str) -> Markup {
    html! {
        button type="button" id=(format!("do-{action}")) data-post=(frame.control(action)) data-body=(body) data-done=(done) { (text) }
    }
}
