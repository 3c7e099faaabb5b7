//! Faults: what goes wrong by order.

use std::time::Duration;

use maud::{Markup, html};
use serde_json::{Value, json};

use super::icon::icon;
use super::layout::{Sheet, Tab, dialog_head};
use super::{Place, words};
use crate::Sandbox;
use crate::fault::{Effect, Fault, FaultState, Vendor, When};

/// Effects on offer: what it is called, what it is as data. The control API takes all others, too.
const EFFECTS: [(&str, &[(&str, &str)]); 3] = [
    (
        "A call",
        &[
            ("is answered 3 s late", r#"{"kind":"latency","seconds":3}"#),
            ("is carried out, but the answer is lost", r#"{"kind":"answerLost"}"#),
            (
                "is carried out 30 s later, without an answer",
                r#"{"kind":"acceptedLate","after":30}"#,
            ),
            ("fails with 500", r#"{"kind":"serverError","status":500}"#),
            (
                "is carried out, and fails with 502",
                r#"{"kind":"serverError","status":502,"done":true}"#,
            ),
            ("is answered 429, try again in 5 s", r#"{"kind":"rateLimited"}"#),
            ("is told that its token is wrong", r#"{"kind":"unauthorized"}"#),
            ("is answered by an HTML page", r#"{"kind":"html","status":502}"#),
            ("has its answer cut in the middle", r#"{"kind":"truncated"}"#),
            ("has members of other types in its answer", r#"{"kind":"wrongTypes"}"#),
            ("has unknown words in its answer", r#"{"kind":"unknownEnum"}"#),
            ("has its answer drip", r#"{"kind":"drip","bytes":1,"seconds":0.2}"#),
            ("has an answer of 50 MB", r#"{"kind":"huge","bytes":50000000}"#),
            ("is refused a connection", r#"{"kind":"refused"}"#),
            ("is reset before it is read", r#"{"kind":"resetBefore"}"#),
            ("is reset after it was carried out", r#"{"kind":"resetAfter"}"#),
        ],
    ),
    (
        "A message",
        &[
            ("leaves twice", r#"{"kind":"vendorDuplicate"}"#),
            ("is accepted and never heard of again", r#"{"kind":"messageDropped"}"#),
            ("takes the whole queue with it", r#"{"kind":"queueCleared"}"#),
            ("shows in the queue 30 s late", r#"{"kind":"staleQueue","seconds":30}"#),
            ("shows in the history 30 s late", r#"{"kind":"historyLag","seconds":30}"#),
        ],
    ),
    (
        "A webhook",
        &[
            ("is not sent", r#"{"kind":"webhookDropped"}"#),
            ("is sent twice", r#"{"kind":"webhookDoubled"}"#),
            ("is sent after the next one", r#"{"kind":"webhookReordered"}"#),
            ("is sent 30 s late", r#"{"kind":"webhookDelayed","seconds":30}"#),
        ],
    ),
];

/// How many lines are on offer.
const PLACES: usize = 200;

const VENDORS: [(&str, Vendor); 3] = [
    ("in all of Chat API", Vendor::ChatApi),
    ("in all of wamm", Vendor::Wamm),
    ("in the account's functions", Vendor::Admin),
];

pub(super) fn sheet(sandbox: &Sandbox, place: &Place) -> Sheet {
    let (faults, passed, places) = sandbox.with(|world| {
        let scene = &world.scene;
        let instances = world.instances.iter().map(|instance| {
            (format!("on instance {}", instance.id), json!({ "instance": instance.id }))
        });
        let channels = world.channels.iter().map(|channel| {
            (format!("on channel {}", channel.api_id), json!({ "channel": channel.api_id }))
        });
        let places: Vec<_> = instances.chain(channels).take(PLACES).collect();
        (scene.faults.list().to_vec(), scene.now.since_start(), places)
    });
    let body = html! {
        div.head {
            h1 { "Faults" }
            p.dim { "What goes wrong by order. Where several fit, the first wins." }
            div.actions {
                @if faults.len() > 1 {
                    button type="button" #clear-faults data-method="DELETE" data-post=(place.control("faults"))
                        data-done="All faults removed" { "Remove all" }
                }
                button type="button" data-dialog="add" { "Add a fault" }
            }
        }
        @if faults.is_empty() {
            div.empty {
                (icon("warn"))
                h2 { "Nothing goes wrong by order" }
                p { "Lost answers, slow answers, doubled messages: what never happens while one watches can be ordered here. Phones have misfortunes of their own, on their pages." }
                p { button.primary type="button" data-dialog="add" { "Add a fault" } }
            }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Faults" {
                table.log.faults {
                    thead {
                        tr {
                            th scope="col" { "No." } th scope="col" { "Fault" }
                            th scope="col" { "Hits" } th scope="col" { span.sr { "Remove" } }
                        }
                    }
                    tbody { @for fault in &faults { tr id=(format!("f{}", fault.id)) { (row(fault, passed, place)) } } }
                }
            }
        }
        (add_dialog(place, &places))
    };
    Sheet::new(Tab::Faults, "Faults", body)
}

/// How many of those in force can befall a line: its number is the instance's, or the channel's
/// `api_id`.
pub(super) fn upon(faults: &[FaultState], passed: Duration, is_wamm: bool, id: &str) -> usize {
    let (own, other) = match is_wamm {
        true => (Vendor::Wamm, Vendor::ChatApi),
        false => (Vendor::ChatApi, Vendor::Wamm),
    };
    let befalls = |state: &&FaultState| {
        let scope = &state.fault.scope;
        let (instance, channel) = (scope.instance.as_ref(), scope.channel.as_deref());
        let instance = instance.map(|id| (Vendor::ChatApi, id.as_str()));
        let named = instance.or(channel.map(|id| (Vendor::Wamm, id)));
        let is_elsewhere = scope.vendor.is_some_and(|vendor| vendor != own)
            || named.is_some_and(|named| named.0 == other || named.1 != id);
        !is_elsewhere && !is_over(state, passed)
    };
    faults.iter().filter(befalls).count()
}

/// Whether it can never happen again.
fn is_over(state: &FaultState, passed: Duration) -> bool {
    let fault = &state.fault;
    let is_past = match fault.when {
        When::Nth { n } | When::First { n } => state.seen >= n,
        When::Always {} | When::Every { .. } | When::Chance { .. } => false,
    };
    is_past
        || fault.times.is_some_and(|times| state.hits >= times)
        || fault.until.is_some_and(|until| passed >= until)
}

fn row(state: &FaultState, passed: Duration, place: &Place) -> Markup {
    let (id, fault) = (state.id, &state.fault);
    html! {
        td.number { (id) }
        td.wide { b { (effect(fault)) } @if is_over(state, passed) { " " span.badge.good { "over" } }
            p.dim { (scope(fault)) " · " (when(fault)) }
        }
        td { (state.hits) span.dim { " of " (state.seen) } }
        td {
            button type="button" id=(format!("f{id}-remove")) data-method="DELETE" data-post=(place.control(&format!("faults/{id}")))
                data-done="Fault removed" aria-label=(format!("Remove fault {id}")) { "Remove" }
        }
    }
}

/// The effect in words; by its name and figures where it is none of those on offer.
fn effect(fault: &Fault) -> String {
    if let Effect::Latency { seconds } = &fault.effect {
        let (least, most) = (words::span(*seconds.start()), words::span(*seconds.end()));
        return match least == most {
            true => format!("A call is answered {least} late"),
            false => format!("A call is answered {least} to {most} late"),
        };
    }
    let mut all = EFFECTS
        .iter()
        .flat_map(|(what, effects)| effects.iter().map(move |(text, sample)| (what, text, sample)));
    let found = all.find(|(.., sample)| {
        serde_json::from_str::<Effect>(sample).is_ok_and(|sample| sample == fault.effect)
    });
    match found {
        Some((what, text, _)) => format!("{what} {text}"),
        None => spelled_out(&fault.effect),
    }
}

fn spelled_out(effect: &Effect) -> String {
    let data = serde_json::to_value(effect).unwrap_or_default();
    let (mut name, mut figures) = (String::new(), Vec::new());
    for (member, value) in data.as_object().into_iter().flatten() {
        match (&**member, value.as_str()) {
            ("kind", Some(kind)) => name = words::spaced(kind),
            _ if value.as_bool() == Some(false) => {}
            (_, Some(text)) => figures.push(format!("{} {text}", words::spaced(member))),
            (_, None) => figures.push(format!("{} {value}", words::spaced(member))),
        }
    }
    if figures.is_empty() { name } else { format!("{name}: {}", figures.join(", ")) }
}

fn scope(fault: &Fault) -> String {
    let scope = &fault.scope;
    let parts = [
        scope
            .vendor
            .and_then(|vendor| serde_json::to_value(vendor).ok()?.as_str().map(str::to_owned)),
        scope.instance.as_ref().map(|id| format!("instance {id}")),
        scope.channel.as_ref().map(|id| format!("channel {id}")),
        scope.method.clone(),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "everywhere".to_owned() } else { parts.join(" · ") }
}

fn when(fault: &Fault) -> String {
    let mut text = match fault.when {
        When::Always {} => "always".to_owned(),
        When::Nth { n } => format!("number {n}"),
        When::First { n } => format!("the first {n}"),
        When::Every { n } => format!("one in {n}"),
        When::Chance { probability } => {
            format!("{} % of them", (probability * 1_000.0).round() / 10.0)
        }
    };
    if let Some(times) = fault.times {
        text.push_str(&format!(
            ", at most {}",
            words::count(usize::try_from(times).unwrap_or(usize::MAX), "time")
        ));
    }
    for (name, moment) in [("from", fault.from), ("until", fault.until)] {
        if let Some(moment) = moment {
            text.push_str(&format!(", {name} {}", words::span(moment)));
        }
    }
    text
}

fn add_dialog(place: &Place, places: &[(String, Value)]) -> Markup {
    html! {
        dialog #add aria-labelledby="add-title" {
            (dialog_head("add", "Add a fault"))
            form #add-fault data-post=(place.control("faults")) data-done="Fault added" data-keep data-then-close data-clear {
                label.field {
                    span { "What happens" }
                    select name="effect" data-first data-type="json" {
                        @for (what, effects) in EFFECTS {
                            optgroup label=(what) {
                                @for (text, data) in effects { option value=(data) { (what) " " (text) } }
                            }
                        }
                    }
                }
                div.row {
                    label.field {
                        span { "Where" }
                        select name="scope" data-type="json" {
                            option value="" { "everywhere" }
                            @for (text, vendor) in VENDORS { option value=(json!({ "vendor": vendor })) { (text) } }
                            @for (text, scope) in places { option value=(scope) { (text) } }
                        }
                    }
                    label.field { span { "In method" } input name="scope.method" placeholder="any" autocomplete="off" spellcheck="false"; }
                }
                div.row {
                    label.field {
                        span { "When" }
                        select name="when.kind" data-kinds {
                            option value="always" { "always" }
                            option value="nth" { "number" }
                            option value="first" { "the first" }
                            option value="every" { "one in" }
                            option value="chance" { "by chance" }
                        }
                    }
                    div.field data-kind="nth first every" hidden {
                        label { span { "Number" } input type="number" name="when.n" min="1" value="1" data-type="number" disabled required; }
                    }
                    div.field data-kind="chance" hidden {
                        label { span { "Probability" } input type="number" name="when.probability" min="0.001" max="1" step="any" value="0.1" data-type="number" disabled required; }
                    }
                    label.field { span { "At most, times" } input type="number" name="times" min="1" placeholder="no limit" data-type="number"; }
                }
                div.row.end {
                    button type="button" data-close { "Cancel" }
                    button.primary type="submit" { "Add fault" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_on_offer_is_a_fault_and_is_called_what_it_was_offered_as() {
        for (what, effects) in EFFECTS {
            for (text, sample) in effects {
                let fault = Fault::new(serde_json::from_str(sample).unwrap());
                assert_eq!(fault.check(), Ok(()), "{sample}");
                assert_eq!(effect(&fault), format!("{what} {text}"));
            }
        }
        for (data, expected) in [
            (r#"{"kind":"rateLimited","retryAfter":30}"#, "rate limited: retry after 30"),
            (r#"{"kind":"html","status":504}"#, "html: status 504"),
        ] {
            let fault = Fault::new(serde_json::from_str(data).unwrap());
            assert_eq!(effect(&fault), expected);
        }
    }

    #[test]
    fn a_card_counts_what_can_still_befall_its_line() {
        let state = |text: &str, seen| FaultState {
            id: crate::FaultId::new(1),
            fault: serde_json::from_str(text).unwrap(),
            seen,
            hits: 0,
        };
        for (fault, seen, expected) in [
            (r#"{"effect":{"kind":"refused"}}"#, 9, [1, 1, 1]),
            (r#"{"effect":{"kind":"refused"},"scope":{"instance":"1"}}"#, 0, [1, 0, 0]),
            (r#"{"effect":{"kind":"refused"},"scope":{"channel":"1"}}"#, 0, [0, 0, 1]),
            (r#"{"effect":{"kind":"refused"},"scope":{"vendor":"chatApi"}}"#, 0, [1, 1, 0]),
            (r#"{"effect":{"kind":"refused"},"scope":{"vendor":"admin"}}"#, 0, [0, 0, 0]),
            (r#"{"effect":{"kind":"refused"},"when":{"kind":"nth","n":2}}"#, 1, [1, 1, 1]),
            (r#"{"effect":{"kind":"refused"},"when":{"kind":"nth","n":2}}"#, 2, [0, 0, 0]),
            (r#"{"effect":{"kind":"refused"},"until":60}"#, 0, [0, 0, 0]),
        ] {
            let faults = [state(fault, seen)];
            let lines = [(false, "1"), (false, "2"), (true, "1")];
            let found = lines.map(|(wamm, id)| upon(&faults, Duration::from_secs(60), wamm, id));
            assert_eq!(found, expected, "{fault} {seen}");
        }
    }
}
