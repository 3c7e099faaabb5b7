//! The journal of everything that happened.

use maud::html;

use super::layout::{Sheet, Tab};
use super::{Place, words};
use crate::Sandbox;

/// How many entries are shown.
const SHOWN: usize = 300;

pub(super) fn sheet(sandbox: &Sandbox, _: &Place) -> Sheet {
    let (entries, written) = sandbox.with(|world| {
        let entries = world.scene.journal.entries();
        let written = entries.len();
        let entries: Vec<_> = entries.skip(written.saturating_sub(SHOWN)).cloned().collect();
        (entries, written)
    });
    let body = html! {
        div.head {
            h1 { "Journal" }
            p.dim { "What happened, the latest first; phone numbers are masked." }
        }
        @if entries.is_empty() {
            div.empty {
                h2 { "Nothing has happened yet" }
                p { "Every call, every message and every turn of a phone's fate will stand here." }
            }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Journal" {
                table.log {
                    thead { tr { th scope="col" { "No." } th scope="col" { "Time" } th scope="col" { "Who" } th scope="col" { "What" } } }
                    tbody {
                        @for entry in entries.iter().rev() {
                            tr id=(format!("e{}", entry.number)) {
                                td.number { (entry.number) }
                                td { time datetime=(words::iso(entry.at)) title=(words::date(entry.at)) { (words::time(entry.at)) } }
                                td { (entry.subject) }
                                td.wide { (entry.event) }
                            }
                        }
                    }
                }
            }
            @if written > SHOWN { p.dim { "The latest " (SHOWN) " of " (written) "." } }
        }
    };
    Sheet::new(Tab::Journal, "Journal", body)
}
