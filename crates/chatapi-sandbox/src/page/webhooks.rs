//! The log of webhooks.

use std::borrow::Cow;

use maud::{Markup, html};

use super::icon::icon;
use super::layout::{Sheet, Tab, copyable};
use super::{Place, words};
use crate::Sandbox;
use crate::world::{HookDelivery, HookKind, HookOutcome, HookState};

/// How many webhooks are shown.
const SHOWN: usize = 100;
/// How many letters of a body are shown.
const LETTERS: usize = 4_000;

pub(super) fn sheet(sandbox: &Sandbox, place: &Place) -> Sheet {
    let (deliveries, total) = sandbox.with(|world| {
        let all = world.scene.hooks.views(world.scene.start);
        let latest: Vec<_> = all.rev().take(SHOWN).collect();
        (latest, world.scene.hooks.views(world.scene.start).count())
    });
    let first = sandbox.with(|world| {
        let first = world.instances.iter().next();
        first.map(|instance| (instance.id.to_string(), instance.token.expose().to_owned()))
    });
    let body = html! {
        div.head {
            h1 { "Webhooks" }
            p.dim { "What the sandbox told receivers, the latest first." }
        }
        @if deliveries.is_empty() {
            div.empty {
                (icon("bolt"))
                h2 { "No webhooks yet" }
                p { "Tell an instance where to post, and let something happen:" }
                @let (id, token) = first.unwrap_or_else(|| ("12345".to_owned(), "token".to_owned()));
                (copyable("set-webhook", &format!(
                    "curl '{}/instance{id}/webhook?token={}' -d webhookUrl=http://127.0.0.1:9000/hook",
                    place.gateway(), super::place::encoded(&token),
                )))
            }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Webhooks" {
                table.log {
                    thead {
                        tr {
                            th scope="col" { "No." } th scope="col" { "Time" } th scope="col" { "State" }
                            th scope="col" { "Webhook" } th scope="col" { "Who" }
                            th scope="col" { span.sr { "Again" } }
                        }
                    }
                    tbody {
                        @for delivery in &deliveries {
                            tr id=(format!("h{}", delivery.id)) { (row(delivery, place)) }
                        }
                    }
                }
            }
            @if total > SHOWN { p.dim { "The latest " (SHOWN) " of " (total) "." } }
        }
    };
    Sheet::new(Tab::Webhooks, "Webhooks", body)
}

fn row(delivery: &HookDelivery, place: &Place) -> Markup {
    let id = delivery.id;
    let to = place.control(&format!("webhooks/{id}/replay"));
    html! {
        td.number { (id) }
        td { time datetime=(words::iso(delivery.made)) title=(words::date(delivery.made)) { (words::time(delivery.made)) } }
        td { (state(delivery.state)) @if let Some(last) = delivery.attempts.last() { " " span.dim.outcome { (outcome(&last.outcome)) } } }
        td.wide {
            details id=(format!("h{id}-more")) {
                summary { b { (kind(delivery.kind)) } " to " code { (delivery.target) } }
                ol.attempts {
                    @if delivery.attempts.is_empty() { li { "Not tried yet." } }
                    @for attempt in &delivery.attempts {
                        li { time datetime=(words::iso(attempt.at)) { (words::time(attempt.at)) } " " (attempt.outcome) }
                    }
                    @if let Some(due) = delivery.due { li { "Tried next at " (words::time(due)) ", when its turn has come." } }
                    @if let Some(of) = delivery.repeats { li { "The same as number " (of) " once more." } }
                }
                pre dir="auto" { (delivery.body.chars().take(LETTERS).collect::<String>()) }
                @if delivery.body.chars().nth(LETTERS).is_some() { p.dim { "The beginning of " (delivery.body.len()) " bytes." } }
            }
        }
        td { (delivery.subject) }
        td { button type="button" id=(format!("h{id}-again")) data-post=(to) data-body="{}" data-done="Told once more" aria-label=(format!("Replay webhook {id}")) { "Replay" } }
    }
}

const fn kind(kind: HookKind) -> &'static str {
    match kind {
        HookKind::Message => "message",
        HookKind::Ack => "ack",
        HookKind::ChatUpdate => "chat update",
        HookKind::Status => "status",
    }
}

/// What became of the last attempt, in a word or two.
fn outcome(outcome: &HookOutcome) -> Cow<'static, str> {
    match outcome {
        HookOutcome::Status(status) => status.to_string().into(),
        HookOutcome::TimedOut => "no answer".into(),
        HookOutcome::Refused(_) => "no connection".into(),
        HookOutcome::Forbidden(_) => "not sent".into(),
    }
}

fn state(state: HookState) -> Markup {
    let (name, is_good, passes) = match state {
        HookState::Waiting => ("waiting", false, true),
        HookState::UnderWay => ("under way", false, true),
        HookState::Delivered => ("delivered", true, false),
        HookState::GivenUp => ("given up", false, false),
        HookState::Dropped => ("dropped", false, false),
    };
    html! { span.badge.good[is_good] data-passes=(passes) { (name) } }
}
