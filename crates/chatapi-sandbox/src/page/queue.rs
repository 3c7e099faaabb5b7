//! The queue: what waits, and why.

use maud::{Markup, html};

use super::depth::Depth;
use super::icon::{icon, plot};
use super::layout::dialog_head;
use super::phone::Frame;
use super::place::encoded;
use super::view::{Vendor, WaitView};
use super::words;

pub(super) fn queue(frame: &Frame<'_>, depth: &Depth) -> Markup {
    let (line, waiting) = (frame.line(), &frame.inside.waiting);
    let more = line.queued.saturating_sub(waiting.len());
    let (peak, window) = (depth.peak(), words::span(depth.window));
    let can_clear = line.vendor == Vendor::ChatApi && line.queued > 0;
    html! {
        section.pane.queue aria-labelledby="queue" {
            div.pane-head {
                h2 #queue { "Queue" }
                span.count {
                    (line.queued) @if let Some(cap) = line.queue_cap { span.dim { " of " (cap) } }
                }
                span.grow {}
                @if can_clear { button.quiet type="button" #clear-open data-dialog="clear" { (icon("trash")) "Clear …" } }
            }
            div.history { (plot(depth)) span.dim aria-hidden="true" { "last " (window) @if peak > 0 { " · at most " (peak) } } }
            @if waiting.is_empty() {
                p.dim.none { "Nothing waits." }
            } @else {
                ol.waiting {
                    @for wait in waiting { li id=(format!("wait-{}", encoded(wait.message.as_str()))) { (entry(frame, wait)) } }
                }
                @if more > 0 { p.dim.none { "… and " (words::count(more, "more message")) } }
            }
            @if line.vendor == Vendor::ChatApi { (clear_dialog(frame, more)) }
        }
    }
}

fn entry(frame: &Frame<'_>, wait: &WaitView) -> Markup {
    html! {
        div.what {
            a dir="auto" href=(frame.chat_href(&wait.chat)) { (wait.name) }
            @if wait.kind != "chat" && wait.kind != "text" { span.tag { (wait.kind) } }
            span.text dir="auto" { (super::view::preview(&wait.body, 120)) }
        }
        div.why { span.badge data-passes=(wait.why.passes) { (wait.why.word) } span { (wait.why.text) } }
    }
}

/// Shows what would be lost before it is.
fn clear_dialog(frame: &Frame<'_>, more: usize) -> Markup {
    let line = frame.line();
    html! {
        dialog #clear aria-labelledby="clear-title" {
            (dialog_head("clear", "Clear the queue?"))
            p {
                @if line.queued == 0 { "The queue is empty by now: there is nothing to drop." }
                @else { (words::count(line.queued, "message")) " will be dropped and never sent:" }
            }
            ul.dropped tabindex="0" aria-label="Messages that will be dropped" {
                @for wait in &frame.inside.waiting {
                    li { b dir="auto" { (wait.name) } " " span dir="auto" { (super::view::preview(&wait.body, 80)) } }
                }
                @if more > 0 { li.dim { "… and " (words::count(more, "more message")) } }
            }
            div.row.end {
                button type="button" data-close data-first { "Keep them" }
                button.danger type="button" data-post=(frame.control("clear-queue")) data-body="{}" data-done="Queue cleared"
                    data-then-close disabled[line.queued == 0] {
                    "Drop " (words::count(line.queued, "message"))
                }
            }
        }
    }
}
