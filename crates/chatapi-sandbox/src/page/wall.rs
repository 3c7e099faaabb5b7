//! The wall of phones.

use chatapi_transport::Clock as _;
use maud::{Markup, html};

use super::depth::{Changes, Depth};
use super::icon::{battery, icon, plot, signal};
use super::layout::{Sheet, Tab, copyable, dialog_head};
use super::view::{Line, Tone, Vendor};
use super::{Place, faults, words};
use crate::Sandbox;

pub(super) fn sheet(sandbox: &Sandbox, place: &Place) -> Sheet {
    let now = sandbox.clock().unix();
    let (faults, passed) =
        sandbox.with(|world| (world.scene.faults.list().to_vec(), world.scene.now.since_start()));
    let (lines, is_untouched) = sandbox.with(|world| {
        let changes = Changes::of(world.scene.journal.entries());
        let instances = world.instances.iter().map(|instance| {
            let line = instance.line(&world.scene);
            let depth = changes.depth(&instance.subject(), line.queued, now);
            (line, depth)
        });
        let channels = world.channels.iter().map(|channel| {
            let line = channel.line_view();
            let depth = changes.depth(&channel.subject(), line.queued, now);
            (line, depth)
        });
        let lines: Vec<_> = instances.chain(channels).collect();
        let is_untouched = world.instances.iter().all(|one| one.records().next().is_none())
            && world.channels.iter().all(|one| one.records().next().is_none())
            && lines.iter().all(|(line, _)| line.queued == 0);
        (lines, is_untouched)
    });
    let body = html! {
        div.head {
            h1 { "Phones" }
            @if !lines.is_empty() { p.dim { (summary(&lines)) } }
            div.actions {
                button type="button" data-dialog="add" { "Add a phone" }
            }
        }
        @if lines.is_empty() {
            div.empty {
                (icon("phone"))
                h2 { "No phones yet" }
                p { "Add one with the button above, or start the sandbox with one:" }
                (copyable("start", "chatapi sandbox --instance 12345:token"))
            }
        }
        @if let (Some((line, _)), true) = (lines.first(), is_untouched) {
            section.hint aria-labelledby="first-send" {
                h2 #first-send { "Nothing was sent yet. Try this:" }
                (copyable("first-send-line", &first_send(line, place)))
            }
        }
        ul.wall aria-label="Phones" {
            @for (line, depth) in &lines {
                li id=(format!("card-{}", key(line))) {
                    @let faults = faults::upon(&faults, passed, line.phone.is_none(), &line.id);
                    (card(line, depth, faults, place))
                 }
            }
        }
        (add_dialog(place))
    };
    Sheet::new(Tab::Phones, "Phones", body)
}

/// A name for a line that is unique on a page.
fn key(line: &Line) -> String {
    match line.vendor {
        Vendor::ChatApi => format!("i{}", line.id),
        Vendor::Wamm(_) => format!("c{}", line.id),
    }
}

fn summary(lines: &[(Line, Depth)]) -> String {
    let count = |tone| lines.iter().filter(|(line, _)| line.tone == tone).count();
    let queued: usize = lines.iter().map(|(line, _)| line.queued).sum();
    let mut parts = vec![words::count(lines.len(), "line")];
    for (tone, text) in [(Tone::Bad, "in trouble"), (Tone::Waiting, "to keep an eye on")] {
        match count(tone) {
            0 => {}
            number => parts.push(format!("{number} {text}")),
        }
    }
    parts.push(match queued {
        0 => "queues are empty".to_owned(),
        number => format!("{} queued", words::count(number, "message")),
    });
    parts.join(" · ")
}

/// Where a line has its own page.
pub(super) fn href(line: &Line, place: &Place) -> String {
    match line.vendor {
        Vendor::ChatApi => place.page(&format!("instance/{}", super::place::encoded(&line.id))),
        Vendor::Wamm(_) => place.page(&format!("channel/{}", super::place::encoded(&line.id))),
    }
}

pub(super) fn vendor(line: &Line) -> String {
    match line.vendor {
        Vendor::ChatApi => "Chat API".to_owned(),
        Vendor::Wamm(messenger) => format!("wamm · {messenger}"),
    }
}

pub(super) const fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Waiting => "waiting",
        Tone::Bad => "bad",
    }
}

/// The state in the vendor's words.
pub(super) fn state(line: &Line) -> Markup {
    html! {
        span.state data-tone=(tone(line.tone)) {
            span.dot aria-hidden="true" {}
            span {
                (line.account)
                @if let Some(substatus) = &line.substatus { span.sub { span.dot-between { " · " } (substatus) } }
            }
        }
    }
}

fn card(line: &Line, depth: &Depth, faults: usize, place: &Place) -> Markup {
    html! {
        article.card data-tone=(tone(line.tone)) {
            div.bar {
                @match &line.phone {
                    Some(phone) => { (signal(phone.signal)) span.grow {} (battery(phone.battery, phone.cable)) }
                    None => { span.dim { (vendor(line)) } }
                }
            }
            h2 { a href=(href(line, place)) { (line.id) } }
            p.number { "+" (line.number) @if line.phone.is_some() { span.tag { (vendor(line)) } } }
            (state(line))
            p.meaning { (line.meaning) }
            div.foot {
                div.figures {
                    span.figure { b { (line.queued) } " queued" }
                    @if line.unread > 0 { span.figure.unread { b { (line.unread) } " unread" } }
                    @if !line.is_paid { span.badge { "not paid" } }
                    @if faults > 0 { span.badge.faults data-passes="true" { (words::count(faults, "fault")) } }
                }
                (plot(depth))
            }
        }
    }
}

/// A send that works as it stands.
pub(super) fn first_send(line: &Line, place: &Place) -> String {
    let base = place.gateway();
    match line.vendor {
        Vendor::ChatApi => format!(
            "curl '{base}/instance{}/sendMessage?token={}' -d phone=79001234567 -d body=Hello",
            line.id,
            super::place::encoded(&line.token)
        ),
        Vendor::Wamm(_) => format!(
            "curl '{base}/api2/msg_to/{}/79001234567/Hello'",
            super::place::encoded(&line.token)
        ),
    }
}

fn add_dialog(place: &Place) -> Markup {
    html! {
        dialog #add aria-labelledby="add-title" {
            (dialog_head("add", "Add a phone"))
            form data-post=(place.control("instances")) data-done="Instance added" data-keep #add-instance {
                h3 { "A Chat API instance, authenticated" }
                div.row {
                    label.field { span { "Number" } input name="id" required data-first pattern="[0-9]+" inputmode="numeric" autocomplete="off"; }
                    label.field { span { "Token" } input name="token" required autocomplete="off"; }
                    button.primary type="submit" { "Add instance" }
                }
            }
            form data-post=(place.control("channels")) data-done="Channel added" data-keep #add-channel {
                h3 { "A wamm channel, authorized" }
                div.row {
                    label.field { span { "Token" } input name="token" required autocomplete="off"; }
                    label.field {
                        span { "Messenger" }
                        select name="messenger" {
                            option value="whatsApp" { "WhatsApp" }
                            option value="telegram" { "Telegram" }
                            option value="telegramBot" { "Telegram Bot" }
                            option value="max" { "MAX" }
                        }
                    }
                    button.primary type="submit" { "Add channel" }
                }
            }
        }
    }
}
