//! Scenarios: what plays, how far it is, and a place to begin one.

use maud::{Markup, html};
use serde_json::json;

use super::icon::icon;
use super::layout::{Sheet, Tab};
use super::{Place, words};
use crate::scenario::{PlayView, StepView};
use crate::{ClockMode, Mishap, Sandbox};
use chatapi_transport::Clock as _;
use chatapi_types::UnixMillis;

pub(super) fn sheet(sandbox: &Sandbox, place: &Place) -> Sheet {
    let (mode, now) = (sandbox.clock().mode(), sandbox.clock().unix());
    let (plays, first) = sandbox.with(|world| {
        let first = world.instances.iter().next().map(|instance| instance.id.to_string());
        (world.play_views(), first)
    });
    let running = plays.iter().filter(|play| !play.playing.is_over).count();
    let stands = matches!(mode, ClockMode::Frozen | ClockMode::Auto) && running > 0;
    let body = html! {
        div.head {
            h1 { "Scenarios" }
            p.dim { "What happens when, from a file: the same one that tests play." }
        }
        div.plays {
            div.side {
                @if stands { p.verdict data-tone="waiting" { b { "Time stands still." } " What is due comes when the clock is moved or runs." } }
                @if plays.is_empty() {
                    div.empty {
                        (icon("scenario"))
                        h2 { "Nothing plays" }
                        p { "A phone dies at six, a customer asks five minutes later, and in the morning everything must have left: write it down once, and play it here and in tests." }
                    }
                }
                @for (place, play) in plays.iter().enumerate() {
                    section.pane.play id=(format!("play-{}", play.playing.id)) aria-labelledby=(format!("play-{}-name", play.playing.id)) {
                        (heading(play))
                        details id=(format!("play-{}-steps", play.playing.id)) open[place == 0] {
                            summary { "Steps" }
                            ol.steps { @for step in &play.steps { (row(play, step, now)) } }
                            @if play.omitted > 0 { p.dim.none { "… and " (words::count(play.omitted, "more step")) } }
                        }
                    }
                }
            }
            (form(place, first.as_deref()))
        }
    };
    Sheet::new(Tab::Scenarios, "Scenarios", body)
}

/// What is called how, and how far it is.
fn heading(play: &PlayView) -> Markup {
    let playing = &play.playing;
    let number = format!("Scenario {}", playing.id);
    let wrong = playing.mishaps.len();
    html! {
        div.pane-head {
            h2 dir="auto" id=(format!("play-{}-name", playing.id)) { (playing.name.as_deref().unwrap_or(&number)) }
            span.grow {}
            @if wrong > 0 { span.badge { (wrong) " went wrong" } }
            @if playing.is_over { span.badge.good { "over" } }
            @else { span.badge data-passes="true" { "plays" } }
        }
        div.far {
            progress max=(playing.steps) value=(playing.done) aria-label="Steps that have happened" {}
            p.dim {
                b { (playing.done) " of " (playing.steps) } " done, begun "
                time datetime=(words::iso(playing.began)) { (words::date(playing.began)) ", " (words::time(playing.began)) }
            }
        }
    }
}

fn row(play: &PlayView, step: &StepView, now: UnixMillis) -> Markup {
    let mishaps = play.playing.mishaps.iter().filter(|mishap| mishap.step == step.number);
    let mishaps: Vec<&Mishap> = mishaps.collect();
    let (state, tone) = match (step.done, mishaps.len()) {
        (_, 1..) => ("went wrong", "bad"),
        (0, _) => ("waits", "waiting"),
        (done, _) if done < step.times => ("under way", "waiting"),
        _ => ("done", "good"),
    };
    html! {
        li id=(format!("play-{}-{}", play.playing.id, step.number)) data-tone=(tone) {
            span.ordinal { (step.number) }
            div.deed {
                p dir="auto" { @if let Some(whom) = &step.whom { b { (whom) } " " } (step.what) }
                @for mishap in mishaps {
                    p.why { time datetime=(words::iso(mishap.at)) { (words::time(mishap.at)) } " " (mishap.error) }
                }
            }
            div.marks {
                span.badge.good[tone == "good"] data-passes=(tone == "waiting") { (state) }
                span.dim {
                    @if step.times > 1 { (step.done) " of " (step.times) @if step.at.is_some() { ", " } }
                    @if let Some(at) = step.at {
                        @if words::date(at) != words::date(now) { (words::when(at, now)) ", " }
                        time datetime=(words::iso(at)) title=(words::date(at)) { (words::time(at)) }
                    }
                }
            }
        }
    }
}

fn form(place: &Place, instance: Option<&str>) -> Markup {
    let example = json!({ "scenario": example(instance) });
    html! {
        section.pane.begin aria-labelledby="begin" {
            div.pane-head {
                h2 #begin { "Play a scenario" }
                span.grow {}
                button.quiet type="button" #example data-fill=(example) data-form="scenario" { "Fill in an example" }
            }
            form #scenario data-post=(place.control("scenario")) data-raw="application/yaml" data-done="The scenario plays" data-keep {
                label.field {
                    span { "From a file" }
                    input #scenario-file type="file" accept=".yaml,.yml,.json" data-into="scenario-text";
                }
                label.field {
                    span { "Or here, in YAML or JSON" }
                    textarea.code #scenario-text name="scenario" rows="16" required spellcheck="false" autocomplete="off"
                        aria-describedby="scenario-complaint" placeholder="steps:\n  - { at: 30s, instance: \"123\", do: offline }" {}
                }
                p.complaint #scenario-complaint role="alert" data-complaint {}
                div.row.end { button.primary type="submit" { (icon("play")) "Play from now" } }
            }
        }
    }
}

/// A scenario that plays where that instance is; it adds one where there is none.
fn example(instance: Option<&str>) -> String {
    let id = json!(instance.unwrap_or("12345"));
    let add = match instance {
        Some(_) => String::new(),
        None => format!("  - {{ do: add-instance, id: {id}, token: token }}\n"),
    };
    format!(
        "name: a phone dies and comes back\n\
         steps:\n\
         {add}  - {{ at: 10s, instance: {id}, do: battery, percent: 0 }}\n\
        \x20 - at: 1m\n\
        \x20   repeat: {{ every: 30s, times: 3 }}\n\
        \x20   instance: {id}\n\
        \x20   do: write\n\
        \x20   chat: \"79000000001\"\n\
        \x20   text: Where is my order?\n\
        \x20 - {{ at: 5m, instance: {id}, do: battery, percent: 100 }}\n\
        \x20 - {{ at: 5m, instance: {id}, do: online }}\n\
        \x20 - at: 15m\n\
        \x20   expect: {{ match: {{ instance: {id}, state: queued }}, count: {{ exactly: 0 }} }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scenario;

    #[test]
    fn the_example_plays_without_a_mishap_with_and_without_an_instance() {
        let sandbox = Sandbox::new();
        for instance in [None, Some("12345")] {
            sandbox.play(&Scenario::read(&example(instance)).unwrap()).unwrap();
            sandbox.run_until_idle();
        }
        for playing in sandbox.scenarios() {
            assert!(playing.is_over && playing.mishaps.is_empty(), "{playing:?}");
        }
    }

    #[test]
    fn steps_are_told_in_words_and_without_secrets() {
        let sandbox = Sandbox::new();
        sandbox.add_instance("123", "token");
        sandbox.add_channel("s3cret", chatapi_types::Messenger::Telegram);
        let text = r#"
steps:
- { at: 1s, repeat: { every: 1m, times: 3 }, instance: 123, do: battery, percent: 4 }
- { at: 1h, channel: s3cret, do: send, chat: "79000000001", message: { kind: image, name: a.png, base64: aGk= } }
- { do: add-instance, id: 9, token: s3cret }
- { at: 1s, channel: gone, do: unpaid }
- { expect: { match: { instance: "123", state: queued }, count: { exactly: 0 }, noDuplicates: true } }
"#;
        sandbox.play(&Scenario::read(text).unwrap()).unwrap();
        sandbox.clock().advance(std::time::Duration::from_secs(90));
        let steps = sandbox.with(|world| world.play_views().remove(0).steps);
        let told: Vec<_> = steps
            .iter()
            .map(|step| format!("{:?} {} {}/{}", step.whom, step.what, step.done, step.times))
            .collect();
        let channel = &sandbox.state().channels[0].id;
        let expected = [
            r#"Some("instance 123") battery: percent 4 2/3"#.to_owned(),
            format!(
                r#"Some("channel {channel}") send: chat 79000000001, kind image, name a.png 0/1"#
            ),
            "None add instance: id 9 1/1".to_owned(),
            r#"Some("a channel") unpaid 1/1"#.to_owned(),
            "None expect: exactly 0, instance 123, state queued, no duplicates 1/1".to_owned(),
        ];
        assert_eq!(told, expected);
        // The next time, or the last.
        let began = sandbox.scenarios()[0].began;
        assert_eq!(steps[0].at.unwrap().since(began).as_secs(), 121);
        assert_eq!(steps[3].at.unwrap().since(began).as_secs(), 1);
    }
}
