//! What all pages have around them.

use http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use super::icon::icon;
use super::{Place, clock};
use crate::Sandbox;

/// A page without what is around it.
pub(super) struct Sheet {
    pub(super) status: StatusCode,
    pub(super) title: String,
    /// Which entry of the navigation it belongs to.
    pub(super) tab: Tab,
    pub(super) body: Markup,
}

/// The entries of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Phones,
    Faults,
    Scenarios,
    Webhooks,
    Requests,
    Journal,
}

impl Tab {
    const ALL: [Self; 6] = [
        Self::Phones,
        Self::Faults,
        Self::Scenarios,
        Self::Webhooks,
        Self::Requests,
        Self::Journal,
    ];

    const fn look(self) -> (&'static str, &'static str) {
        match self {
            Self::Phones => ("Phones", "phone"),
            Self::Faults => ("Faults", "warn"),
            Self::Scenarios => ("Scenarios", "scenario"),
            Self::Webhooks => ("Webhooks", "send"),
            Self::Requests => ("Requests", "list"),
            Self::Journal => ("Journal", "book"),
        }
    }

    fn href(self, place: &Place) -> String {
        match self {
            Self::Phones => place.home(),
            Self::Faults => place.page("faults"),
            Self::Scenarios => place.page("scenarios"),
            Self::Webhooks => place.page("webhooks"),
            Self::Requests => place.page("requests"),
            Self::Journal => place.page("journal"),
        }
    }
}

impl Sheet {
    pub(super) fn new(tab: Tab, title: impl Into<String>, body: Markup) -> Self {
        Self { status: StatusCode::OK, title: title.into(), tab, body }
    }

    pub(super) fn missing(what: &str) -> Self {
        let body = html! {
            div.empty {
                h1 { "There is nothing here" }
                p { (what) " It may have been deleted, or belong to another world." }
                p { a.button href="/" { "See all phones" } }
            }
        };
        Self { status: StatusCode::NOT_FOUND, ..Self::new(Tab::Phones, "Nothing here", body) }
    }
}

/// A whole document.
pub(super) fn whole(sandbox: &Sandbox, place: &Place, sheet: Sheet) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (sheet.title) " · Sandbox" }
                link rel="icon" type="image/svg+xml" href="/_sandbox/page/icon.svg";
                link rel="stylesheet" href="/_sandbox/page/page.css";
                script src="/_sandbox/page/page.js" {}
            }
            body data-events=(place.control("events")) {
                a.skip href="#main" { "Skip to content" }
                header.top {
                    a.brand href=(place.home()) {
                        img src="/_sandbox/page/icon.svg" alt="" width="24" height="24";
                        span { "Sandbox" }
                    }
                    (navigation(place, sheet.tab))
                    div.tools {
                        (worlds(place))
                        (clock::clock(sandbox, place))
                        button.quiet.square #theme type="button" aria-label="Switch between light and dark" {
                            (icon("theme"))
                        }
                    }
                }
                main #main tabindex="-1" data-live { (sheet.body) }
                div #toasts .toasts role="status" aria-live="polite" {}
                div #said .sr role="log" aria-live="polite" {}
                noscript {
                    p.banner { "Without JavaScript this page can be read, but its buttons do nothing, and it is not live." }
                }
            }
        }
    }
}

/// Only what changes while one looks: the script puts it where it belongs.
pub(super) fn live_parts(sandbox: &Sandbox, place: &Place, sheet: Sheet) -> Markup {
    html! {
        (clock::clock(sandbox, place))
        main #main tabindex="-1" data-live { (sheet.body) }
    }
}

fn navigation(place: &Place, here: Tab) -> Markup {
    html! {
        nav.tabs aria-label="Main" {
            @for tab in Tab::ALL {
                @let (name, picture) = tab.look();
                a href=(tab.href(place)) aria-current=[(tab == here).then_some("page")] {
                    (icon(picture)) span { (name) }
                }
            }
        }
    }
}

fn worlds(place: &Place) -> Markup {
    html! {
        @if place.worlds.len() > 1 {
            label.worlds {
                (icon("globe")) span.sr { "World" }
                select #world data-goto {
                    @for (name, prefix) in &place.worlds {
                        option value=(format!("{prefix}/")) selected[*name == place.world] { (name) }
                    }
                }
            }
        }
    }
}

/// A line that can be copied.
pub(super) fn copyable(id: &str, text: &str) -> Markup {
    html! {
        div.copyable {
            pre tabindex="0" role="region" aria-label="Command" { code id=(id) { (text) } }
            button.quiet.square type="button" data-copy=(id) aria-label="Copy" { (icon("copy")) }
        }
    }
}

/// The head of a dialog, with the button that closes it.
pub(super) fn dialog_head(id: &str, title: &str) -> Markup {
    html! {
        header {
            h2 id=(format!("{id}-title")) { (title) }
            button.quiet.square type="button" data-close aria-label="Close" { span aria-hidden="true" { "✕" } }
        }
    }
}
