//! Chats: what was sent, and what the contact answers.

use chatapi_types::Delivery;
use maud::{Markup, html};
use serde_json::json;

use super::icon::icon;
use super::layout::copyable;
use super::phone::Frame;
use super::place::encoded;
use super::view::{Bubble, ChatRow, Conversation, Vendor};
use super::{group, wall, words};

/// The list of chats, and the one that is open.
pub(super) fn chats(frame: &Frame<'_>) -> Markup {
    let inside = frame.inside;
    html! {
        section.pane.chats aria-labelledby="chats" {
            div.list {
                div.pane-head {
                    h2 #chats { "Chats" }
                    span.grow {}
                    button.quiet type="button" #someone-open data-dialog="someone" { "New chat …" }
                }
                @if inside.chats.is_empty() { p.dim.none { "No chats yet." } }
                nav aria-label="Chats" {
                    ul { @for row in &inside.chats { li id=(format!("chat-{}", encoded(row.chat.as_str()))) { (chat(frame, row)) } } }
                }
            }
            @match &inside.open {
                Some(open) => { (conversation(frame, open)) }
                None if inside.chats.is_empty() => {
                    div.conversation.unchosen.first {
                        div {
                            p { "Send the first message:" }
                            (copyable("send-line", &wall::first_send(frame.line(), frame.place)))
                            p.dim { "Or let a contact begin: “New chat …”" }
                        }
                    }
                }
                None => {
                    div.conversation.unchosen { p.dim { "Choose a chat to read it and to answer as the contact." } }
                }
            }
        }
        (someone_dialog(frame))
    }
}

fn chat(frame: &Frame<'_>, row: &ChatRow) -> Markup {
    let is_open = frame.inside.open.as_ref().is_some_and(|open| open.chat == row.chat);
    html! {
        a.chat href=(frame.chat_href(&row.chat)) aria-current=[is_open.then_some("true")] {
            span.face aria-hidden="true" { (initial(&row.name)) }
            span.who {
                b dir="auto" { (row.name) }
                span.dim dir="auto" { (row.preview) }
            }
            span.marks {
                @if let Some(at) = row.last { time.dim datetime=(words::iso(at)) { (words::when(at, frame.now)) } }
                @if row.waiting > 0 { span.badge data-passes="true" { (row.waiting) span { " queued" } } }
                @else if row.unread > 0 { span.badge.unread { (row.unread) span.sr { " unread" } } }
            }
        }
    }
}

/// A letter to know a contact by.
fn initial(name: &str) -> String {
    let letter = name.chars().find(|c| c.is_alphanumeric()).unwrap_or('#');
    letter.to_uppercase().collect()
}

fn conversation(frame: &Frame<'_>, open: &Conversation) -> Markup {
    let contact =
        |action: &str| frame.control(&format!("contacts/{}/{action}", encoded(open.chat.as_str())));
    html! {
        section.conversation aria-labelledby="with" {
            div.pane-head {
                a.quiet.square.button.narrow href=(wall::href(frame.line(), frame.place)) aria-label="All chats" { (icon("back")) }
                div.with {
                    h2 #with dir="auto" { (open.name) }
                    p {
                        @if let Some(members) = &open.members {
                            button.link type="button" #members-open data-dialog="members" { (words::count(members.len(), "member")) }
                        }
                        span.dim.id { (open.chat) }
                    }
                }
                button.quiet type="button" #read data-post=(contact("read")) data-body="{}" data-done="The contact has read everything" { "Read all" }
                @if frame.line().vendor == Vendor::ChatApi {
                button.quiet type="button" #call data-post=(contact("call")) data-body="{}" data-done="The contact has called" { "Call" }
                }
            }
            ol.messages #messages tabindex="0" aria-label="Messages" data-stick {
                @if open.omitted > 0 { li.dim.note { (words::count(open.omitted, "older message")) " not shown" } }
                @if open.bubbles.is_empty() { li.dim.note { "Nothing was said yet." } }
                @for bubble in &open.bubbles { li id=(format!("m-{}", encoded(bubble.id.as_str()))) .ours[bubble.is_ours] { (message(frame, bubble)) } }
            }
            @let form = format!("composer-{}", encoded(open.chat.as_str()));
            @if let Some(members) = &open.members { (group::author(members, &form)) }
            (composer(&contact("send"), open, &form))
            (edit_dialog(&contact("edit")))
            @if let Some(members) = &open.members { (group::members_dialog(members, &contact)) }
        }
    }
}

fn message(frame: &Frame<'_>, bubble: &Bubble) -> Markup {
    html! {
        div.bubble {
            @match &bubble.author {
                Some(author) if !bubble.is_ours => { p.author dir="auto" { (author) span.sr { ": " } } }
                _ => { span.sr { @if bubble.is_ours { "We: " } @else { "The contact: " } } }
            }
            @if let Some(quoted) = &bubble.quoted { blockquote dir="auto" { (quoted) } }
            (content(frame, bubble))
            @if let Some(caption) = &bubble.caption { p dir="auto" { (caption) } }
            div.meta {
                @if let Some(text) = bubble.editable() {
                    button.link type="button" id=(format!("edit-{}", encoded(bubble.id.as_str()))) data-dialog="edit"
                        data-fill=(json!({ "message": bubble.id, "text": text })) aria-label="Edit as the contact" { "Edit" }
                }
                @if let Some(at) = bubble.at { time datetime=(words::iso(at)) title=(words::date(at)) { (words::short_time(at)) } }
                @if let Some(state) = &bubble.state { (ticks(state)) }
            }
        }
        @if let Some(why) = &bubble.why { p.why { (why) } }
    }
}

fn content(frame: &Frame<'_>, bubble: &Bubble) -> Markup {
    let kept = bubble.file.as_ref().and_then(|file| file.kept.as_deref());
    let kept = kept.map(|name| frame.place.page(&format!("file/{}", encoded(name))));
    let name = bubble.file.as_ref().map_or(&*bubble.kind, |file| &*file.name);
    html! {
        @match (&*bubble.kind, kept) {
            ("image", Some(at)) => { img.photo src=(at) alt=(name); }
            ("ptt" | "audio", Some(at)) => { audio controls preload="none" src=(at) { (name) } }
            ("video", Some(at)) => { video controls preload="none" src=(at) {} }
            ("location", _) => { p.special { span.tag { "location" } " " (bubble.body.replace(';', ", ")) } }
            ("call_log", _) => { p.special { span.tag { "call" } " The contact called." } }
            ("vcard" | "multi_vcard" | "contact", _) => { div.special { span.tag { "contact card" } pre dir="auto" { (bubble.body) } } }
            (kind, at) if bubble.file.is_some() => {
                p.special {
                    span.tag { (kind) } " "
                    @match at {
                        Some(at) => { a href=(at) download=(name) dir="auto" { (name) } }
                        None => { span dir="auto" { (name) } br; span.dim.address { (bubble.body) } }
                    }
                }
            }
            ("chat" | "text", _) => { p.text dir="auto" { (bubble.body) } }
            (kind, _) => { p.special { span.tag { (kind) } " " span dir="auto" { (bubble.body) } } }
        }
    }
}

/// How far a message is: ticks to look at, a word to read.
fn ticks(state: &Delivery) -> Markup {
    let path = match state {
        Delivery::Queued => "M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11zM8 5v3l2 1.200",
        Delivery::Sent => "M4 8.500 7 11.500 12.500 5",
        Delivery::Delivered | Delivery::Read => "M1 8.500 4 11.500 9.500 5M7.500 11 8 11.500 14 5",
        _ => "M8 3v6M8 11.500v.5",
    };
    let name = state.progress().map_or("failed", |progress| {
        ["queued", "sent", "delivered", "read"]
            .get(usize::from(progress))
            .copied()
            .unwrap_or("read")
    });
    html! {
        span.ticks data-state=(name) {
            svg viewBox="0 0 16 16" aria-hidden="true" focusable="false" { path d=(path) {} }
            span { (state) }
        }
    }
}

fn composer(to: &str, open: &Conversation, id: &str) -> Markup {
    let whom = match open.members {
        Some(_) => "a member",
        None => "the contact",
    };
    html! {
        form.composer data-post=(to) data-done=(format!("Sent as {whom}")) data-keep data-clear id=(id) {
            label.kind {
                span.sr { "Kind of message" }
                select name="kind" data-kinds data-stay {
                    option value="text" { "Text" }
                    option value="image" { "Image" }
                    option value="voice" { "Voice" }
                    option value="location" { "Location" }
                    option value="vCard" { "Contact card" }
                }
            }
            div.parts {
                div data-kind="text" {
                    label.field {
                        span.sr { "Answer in the chat " (open.name) }
                        textarea name="text" rows="1" required placeholder=(format!("Answer as {whom}")) dir="auto" data-submit {}
                    }
                }
                div.row data-kind="image" hidden {
                    label.field { span { "Picture" } input type="file" name="base64" accept="image/*" data-file disabled required; }
                    label.field { span { "Caption" } input name="caption" disabled dir="auto"; }
                }
                div.row data-kind="voice" hidden {
                    label.field { span { "Recording" } input type="file" name="base64" accept="audio/*" data-file disabled required; }
                }
                div.row data-kind="location" hidden {
                    label.field { span { "Latitude" } input type="number" step="any" min="-90" max="90" name="lat" value="51.178843" data-type="number" disabled required; }
                    label.field { span { "Longitude" } input type="number" step="any" min="-180" max="180" name="lng" value="-1.826210" data-type="number" disabled required; }
                }
                div.row data-kind="vCard" hidden {
                    label.field { span { "Card" } textarea name="vcard" rows="4" disabled required { "BEGIN:VCARD\nVERSION:3.0\nFN:Ann Lee\nTEL:+79001112233\nEND:VCARD" } }
                }
            }
            button.primary type="submit" { (icon("send")) span { "Send" } }
        }
    }
}

fn someone_dialog(frame: &Frame<'_>) -> Markup {
    html! {
        dialog #someone aria-labelledby="someone-title" {
            (super::layout::dialog_head("someone", "New chat"))
            form #someone-form data-keep data-clear data-then-close data-done="A message came in"
                data-post=(frame.control("contacts/{chat}/send")) data-goto-chat=(wall::href(frame.line(), frame.place)) {
                h3 { "Somebody writes" }
                input type="hidden" name="kind" value="text";
                label.field { span { "Phone number" } input name="chat" data-path required data-first inputmode="tel" autocomplete="off" placeholder="79001234567"; }
                label.field { span { "Text" } textarea name="text" rows="3" required dir="auto" {} }
                div.row.end { button.primary type="submit" { "Send" } }
            }
            @if frame.line().vendor == Vendor::ChatApi { (group::new_form(frame)) }
        }
    }
}

/// Gives a message another text; the button at the message fills it in.
fn edit_dialog(to: &str) -> Markup {
    html! {
        dialog #edit aria-labelledby="edit-title" {
            (super::layout::dialog_head("edit", "Edit as the contact"))
            form #edit-form data-post=(to) data-keep data-then-close data-done="The contact has edited it" {
                input type="hidden" name="message";
                label.field { span { "Text" } textarea name="text" rows="4" required dir="auto" data-first {} }
                div.row.end { button type="button" data-close { "Cancel" } button.primary type="submit" { "Save" } }
            }
        }
    }
}
