//! The journal of requests.

use maud::{Markup, html};

use super::icon::icon;
use super::layout::{Sheet, Tab, copyable};
use super::view::preview;
use super::{Place, words};
use crate::Sandbox;
use crate::exchanges::{Excerpt, Exchange};

/// How many requests are shown.
const SHOWN: usize = 100;
/// How many letters of a body are shown.
const LETTERS: usize = 2_000;

pub(super) fn sheet(sandbox: &Sandbox, place: &Place) -> Sheet {
    let exchanges = sandbox.exchanges();
    let body = html! {
        div.head {
            h1 { "Requests" }
            p.dim { "What clients asked and were answered, the latest first; secrets are masked." }
        }
        @if exchanges.is_empty() {
            div.empty {
                (icon("send"))
                h2 { "Nobody has called yet" }
                p { "Point a client here instead of the vendor's address:" }
                (copyable("address", &place.gateway()))
            }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Requests" {
                table.log {
                    thead {
                        tr {
                            th scope="col" { "No." } th scope="col" { "Time" } th scope="col" { "Status" }
                            th scope="col" { "Request" } th scope="col" { "Who" }
                        }
                    }
                    tbody {
                        @for exchange in exchanges.iter().rev().take(SHOWN) {
                            tr id=(format!("r{}", exchange.number)) { (row(exchange, place)) }
                        }
                    }
                }
            }
            @if exchanges.len() > SHOWN { p.dim { "The latest " (SHOWN) " of " (exchanges.len()) "." } }
        }
    };
    Sheet::new(Tab::Requests, "Requests", body)
}

fn row(exchange: &Exchange, place: &Place) -> Markup {
    let number = exchange.number;
    html! {
        td.number { (number) }
        td { time datetime=(words::iso(exchange.at)) title=(words::date(exchange.at)) { (words::time(exchange.at)) } }
        td { span.badge.good[exchange.status < 400] { (exchange.status) } }
        td.wide {
            details id=(format!("r{number}-more")) {
                summary { b { (exchange.method) } " " code { (preview(&exchange.target.text, 160)) } }
                @if exchange.body.bytes > 0 { p.label { "Body" } (excerpt(&exchange.body)) }
                p.label { "Answer" }
                (excerpt(&exchange.answer))
                p.label { "Again, with the secret in the variable " code { "SECRET" } }
                @match exchange.as_curl(&place.gateway()) {
                    Some(line) => { (copyable(&format!("r{number}-curl"), &line)) }
                    None => { p.dim { "It is too long, or no text: there is no line for it." } }
                }
            }
        }
        td { (exchange.subject) }
    }
}

fn excerpt(excerpt: &Excerpt) -> Markup {
    html! {
        @if excerpt.bytes == 0 { p.dim { "empty" } }
        @else { pre dir="auto" { (excerpt.text.chars().take(LETTERS).collect::<String>()) } }
        @if !excerpt.is_whole || excerpt.text.chars().nth(LETTERS).is_some() {
            p.dim { "The beginning of " (excerpt.bytes) " bytes." }
        }
    }
}
