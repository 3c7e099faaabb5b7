//! The clock: what time it is in the sandbox, and how time is made to move.

use chatapi_transport::Clock as _;
use maud::{Markup, html};

use super::icon::icon;
use super::{Place, words};
use crate::{ClockMode, Sandbox};

/// Speeds on offer, from a crawl to a day in a minute and a half.
const SPEEDS: [u32; 8] = [1, 2, 5, 10, 30, 60, 300, 1_000];

/// The clock with its menu.
pub(super) fn clock(sandbox: &Sandbox, place: &Place) -> Markup {
    let (mode, now) = (sandbox.clock().mode(), sandbox.clock().unix());
    let (name, speed) = match mode {
        ClockMode::Auto => ("jumps".to_owned(), 0.0),
        ClockMode::Frozen => ("frozen".to_owned(), 0.0),
        ClockMode::Real => ("real time".to_owned(), 1.0),
        ClockMode::Scaled(factor) => (format!("× {factor}"), factor),
    };
    let runs = speed > 0.0;
    let to = place.control("clock");
    let step = |seconds: u32, text: &str| {
        let body = format!("{{\"advance\":{seconds}}}");
        html! {
            button type="button" data-post=(to) data-body=(body) data-done=(format!("Time moved on by {text}")) {
                "+ " (text)
            }
        }
    };
    let nearest = SPEEDS.iter().rposition(|offered| f64::from(*offered) <= speed).unwrap_or(0);
    html! {
        div #clock .clock data-live role="group" aria-label="Clock" {
            @let (body, text, picture) = match runs {
                true => (r#"{"mode":"frozen"}"#, "Freeze time", "pause"),
                false => (r#"{"mode":"real"}"#, "Let time run", "play"),
            };
            button.quiet.square #freeze type="button" data-post=(to) data-body=(body) aria-label=(text) title=(text) {
                (icon(picture))
            }
            details #clock-menu .menu {
                summary {
                    time #now data-unix=(now.as_millis()) data-speed=(speed) datetime=(words::iso(now)) {
                        (words::time(now))
                    }
                    span.mode data-runs=(runs) { (name) }
                    span.sr { ": change how time moves" }
                }
                div.panel {
                    p.dim { "It is " (words::date(now)) " in the sandbox (UTC). Phones, queues and retries go by this clock." }
                    fieldset {
                        legend { "Let time pass" }
                        div.row {
                            (step(10, "10 s")) (step(60, "1 min")) (step(120, "2 min"))
                            (step(3_600, "1 h")) (step(86_400, "1 d"))
                        }
                        form.row data-post=(to) data-done="Time moved on" {
                            label.field {
                                span { "Seconds" }
                                input type="number" name="advance" min="1" max="31536000" value="300" data-type="number" required;
                            }
                            button type="submit" { "Advance" }
                        }
                        button type="button" data-post=(to) data-body=r#"{"runUntilIdle":true}"# data-done="Everything has happened" {
                            (icon("skip")) "Run until idle"
                        }
                    }
                    fieldset {
                        legend { "Speed" }
                        label.field {
                            span { "Slow to fast: " b #speed-shown { "× " (SPEEDS[nearest]) } }
                            input #speed type="range" min="0" max=(SPEEDS.len() - 1) value=(nearest) data-follow
                                data-speeds=(SPEEDS.map(|speed| speed.to_string()).join(" ")) data-to=(to)
                                aria-valuetext=(format!("{} times as fast", SPEEDS[nearest]));
                        }
                    }
                }
            }
        }
    }
}
