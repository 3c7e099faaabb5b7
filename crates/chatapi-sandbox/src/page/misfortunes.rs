//! Every misfortune and its cure.

use maud::{Markup, html};

use super::phone::{Frame, act};
use crate::chat_api::{Cable, Uplink};

use super::view::{PhoneView, SessionView, Signal, Vendor};

pub(super) fn controls(frame: &Frame<'_>) -> Markup {
    let line = frame.line();
    html! {
        dl.controls {
            @match (line.vendor, &line.phone) {
                (Vendor::ChatApi, Some(phone)) => {
                    (session(frame, phone))
                    (network(frame, phone))
                    (power(frame, phone))
                }
                _ => { (connection(frame)) }
            }
            (control("Payment", html! {
                @if line.is_paid { (act(frame, "unpaid", "{}", "Stop paying", "No longer paid")) }
                @else { (act(frame, "paid", "{}", "Pay", "Paid")) }
            }))
            (control("Token", html! {
                (act(frame, "rotate-token", "{}", "Replace", "Token replaced: the old one is refused from now on"))
            }))
        }
    }
}

fn control(name: &str, buttons: Markup) -> Markup {
    html! {
        div.control {
            dt { (name) }
            dd { (buttons) }
        }
    }
}

fn session(frame: &Frame<'_>, phone: &PhoneView) -> Markup {
    let act = |action, text, done| act(frame, action, "{}", text, done);
    let log_out = || act("log-out", "Log out", "Logged out");
    html! {
        @if let SessionView::Qr { image, is_expired } = &phone.session {
            div.qr data-expired=(is_expired) {
                img src=(image) alt=(if *is_expired { "QR code that has run out" } else { "QR code to link a phone" }) width="180" height="180";
            }
        }
        (control("Session", html! {
            @match &phone.session {
                SessionView::Asleep => { (act("wake", "Wake", "The instance wakes")) }
                SessionView::Busy => { (log_out()) }
                SessionView::Qr { is_expired: true, .. } => { (act("new-qr", "New QR code", "A new QR code is shown")) }
                SessionView::Qr { .. } => {
                    (act("scan-qr", "Scan QR code", "QR code scanned"))
                    (act("expire-qr", "Let it expire", "QR code expired"))
                }
                SessionView::Linked if phone.has_rival => {
                    (act("takeover", "Use here", "Taken over"))
                    (act("close-second-session", "Close the other", "Second session closed"))
                    (log_out())
                }
                SessionView::Linked => {
                    (act("second-session", "Open a second one", "Second session opened"))
                    (log_out())
                }
            }
        }))
    }
}

fn network(frame: &Frame<'_>, phone: &PhoneView) -> Markup {
    let act = |action, text, done| act(frame, action, "{}", text, done);
    html! {
        (control("Network", html! {
            @match phone.signal {
                Signal::Online => {
                    (act("offline", "Go offline", "The phone is offline"))
                    (act("poor", "Weaken", "The phone is badly connected"))
                    (act("silent", "Silence", "The phone gives no answer"))
                }
                Signal::Offline | Signal::Poor | Signal::Silent => {
                    (act("online", "Come back online", "The phone is online"))
                }
            }
        }))
        (control("Gateway", html! {
            @match phone.uplink {
                Uplink::Open => {
                    (act("server-offline", "Cut off", "The vendor's computer is without network"))
                    (act("block-proxy", "Block its proxy", "The messenger has blocked the proxy"))
                }
                Uplink::Poor | Uplink::ProxyBlocked => {
                    (act("server-online", "Connect again", "The vendor's computer is connected"))
                }
            }
        }))
    }
}

fn power(frame: &Frame<'_>, phone: &PhoneView) -> Markup {
    let act = |action, text, done| act(frame, action, "{}", text, done);
    control(
        "Battery",
        html! {
            label.range {
                span.sr { "Charge in percent" }
                input #charge type="range" min="0" max="100" value=(phone.battery) data-follow
                    data-send="percent" data-to=(frame.control("battery"))
                    aria-valuetext=(format!("{} percent", phone.battery));
            }
            @match phone.cable {
                Cable::Unplugged => { (act("plug-in", "Plug in", "The phone charges")) }
                Cable::PluggedIn | Cable::Held => { (act("unplug", "Unplug", "The battery runs down")) }
            }
        },
    )
}

fn connection(frame: &Frame<'_>) -> Markup {
    let states = [
        ("authorized", "Connect"),
        ("notAuthorized", "Disconnect"),
        ("starting", "Restart"),
        ("blocked", "Block"),
    ];
    control(
        "Connection",
        html! {
            @for (state, text) in states {
                @if state != frame.line().account {
                    button type="button" id=(format!("do-{state}")) data-post=(frame.control("state"))
                        data-body=(format!("{{\"state\":\"{state}\"}}")) data-done=(format!("The channel is {state}")) { (text) }
                }
            }
        },
    )
}
