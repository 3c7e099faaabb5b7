//! Pictures that are drawn, not loaded: they take the colour of the text around them.

use maud::{Markup, html};

use super::depth::{Depth, STEPS};
use super::view::Signal;
use super::words;
use crate::chat_api::Cable;

/// A picture of strokes on a grid of 16 by 16, for decoration only.
pub(super) fn icon(name: &str) -> Markup {
    let path = match name {
        "phone" => {
            "M5 1.5h6a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1zM7 12.5h2"
        }
        "bolt" => "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z",
        "send" => "M1.5 8h8M6.5 4l4 4-4 4M14 2.5v11",
        "scenario" => {
            "M2.5 2.500h11v11h-11zM2.500 6h11M6 2.500 5 6M10.500 2.500 9.500 6M6.500 8v3.500l3.500-1.800z"
        }
        "list" => "M2 4h12M2 8h12M2 12h8",
        "book" => "M3 2.5h8a2 2 0 0 1 2 2v9H5a2 2 0 0 1-2-2zM3 11.5a2 2 0 0 1 2-2h8",
        "clock" => "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 4.5V8l2.5 1.5",
        "back" => "M10 3 5 8l5 5",
        "copy" => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
        "theme" => "M13.5 9.5A6 6 0 1 1 6.5 2.500a5 5 0 0 0 7 7z",
        "pause" => "M5.500 3v10M10.500 3v10",
        "play" => "M4.500 2.500v11l9-5.500z",
        "skip" => "M2.500 3v10l7-5zM12.500 3v10",
        "trash" => "M2.500 4h11M6 4V2.500h4V4M4 4l.7 9.500h6.600L12 4",
        "warn" => "M8 2 1.500 13.500h13zM8 6.500v3.200M8 11.500v.3",
        "globe" => {
            "M8 1.800a6.200 6.200 0 1 0 0 12.400A6.200 6.200 0 0 0 8 1.800zM2 8h12M8 2c4 4 4 8 0 12M8 2c-4 4-4 8 0 12"
        }
        _ => "M3 8h10",
    };
    html! {
        svg.icon viewBox="0 0 16 16" aria-hidden="true" focusable="false" { path d=(path) {} }
    }
}

/// A battery, its charge in percent.
pub(super) fn battery(percent: u8, cable: Cable) -> Markup {
    let note = match cable {
        Cable::Held => "",
        Cable::Unplugged => ", running down",
        Cable::PluggedIn => ", charging",
    };
    let level = match percent {
        0..=4 => "empty",
        5..=15 => "low",
        _ => "full",
    };
    html! {
        span.battery data-level=(level) {
            svg viewBox="0 0 26 12" aria-hidden="true" focusable="false" {
                rect.shell x="0.5" y="0.5" width="22" height="11" rx="3.5" {}
                rect.charge x="2" y="2" width=(f32::from(percent) * 0.19) height="8" rx="2" {}
                path.tip d="M24 4v4c1-.3 1.500-1 1.500-2S25 4.300 24 4z" {}
            }
            span { span.sr { "Battery " } (percent) "%" span.sr { (note) } }
            @match cable {
                Cable::Held => {}
                Cable::PluggedIn => { (icon("bolt")) }
                Cable::Unplugged => { span.down aria-hidden="true" { "↓" } }
            }
        }
    }
}

/// Bars of reception.
pub(super) fn signal(signal: Signal) -> Markup {
    let (name, text) = match signal {
        Signal::Online => ("online", "online"),
        Signal::Offline => ("offline", "offline"),
        Signal::Poor => ("poor", "badly connected"),
        Signal::Silent => ("silent", "gives no answer"),
    };
    html! {
        span.signal data-signal=(name) {
            svg viewBox="0 0 18 12" aria-hidden="true" focusable="false" {
                rect x="0" y="8" width="3" height="4" rx="1" {}
                rect x="5" y="5.500" width="3" height="6.500" rx="1" {}
                rect x="10" y="3" width="3" height="9" rx="1" {}
                rect x="15" y="0" width="3" height="12" rx="1" {}
                @if signal != Signal::Online { path d="M1 1l16 10" {} }
            }
            span.sr { "Phone " (text) }
        }
    }
}

/// The depth of a queue as a small plot; `cap` is its upper edge where it comes near.
pub(super) fn plot(depth: &Depth) -> Markup {
    let peak = depth.peak();
    let height = |value: usize| match peak {
        0 => 30.0,
        peak => {
            let (value, peak) = (
                f64::from(u32::try_from(value).unwrap_or(u32::MAX)),
                f64::from(u32::try_from(peak.max(4)).unwrap_or(u32::MAX)),
            );
            30.0 - value / peak * 27.0
        }
    };
    let mut line = String::new();
    for (x, value) in depth.steps.iter().enumerate() {
        // A level stretch needs its ends only.
        let around =
            x.checked_sub(1).map(|before| (depth.steps.get(before), depth.steps.get(x + 1)));
        if around == Some((Some(value), Some(value))) {
            continue;
        }
        let verb = if x == 0 { 'M' } else { 'L' };
        line.push_str(&format!("{verb}{x} {:.1}", height(*value)));
    }
    let last = STEPS - 1;
    let span = words::span(depth.window);
    html! {
        svg.plot data-flat=(peak == 0) viewBox=(format!("0 0 {last} 31")) preserveAspectRatio="none" role="img"
            aria-label=(format!("Queue depth over {span}: at most {peak}")) {
            path.area d=(format!("{line}L{last} 31L0 31Z")) {}
            path.line d=(line) {}
        }
    }
}
