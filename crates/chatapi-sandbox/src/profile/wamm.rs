//! wamm.chat's figures.

use std::time::Duration;

use super::{Span, millis};

/// wamm.chat's figures and habits. Sections are those of the wire document.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WammFigures {
    /// The gap between two messages of one channel: 3 to 6 s (§5, grade A; the current page says
    /// "several seconds").
    pub gap: Span,
    /// The values of `delay` that are taken, in seconds (§5, grade A).
    pub delays: Vec<u32>,
    /// Whether other values of `delay` are ignored: yes (grade D). Otherwise they are obeyed.
    pub ignores_other_delays: bool,
    /// How many characters a text may have: 4500 (§5, grade A for editing, D for sending).
    pub text_chars: usize,
    /// How many messages one listing holds: 100 (§5, grade A).
    pub listing: usize,
    /// Whether sending checks first that the number has an account (§1.2, grade A). Otherwise the
    /// message is taken, and its state becomes `noAccount`.
    pub checks_before_sending: bool,
    /// The word of `check_phone` for a number without an account: `not exists` (grade D).
    pub not_exists: String,
    /// The word for MAX in `api_tip`: `max` (grade D, never seen).
    pub max_kind: String,
    /// How far east of UTC the clock stands that writes dates, in minutes: 180, Moscow (grade D).
    pub utc_offset_minutes: i32,
    /// Whether `%0A` that is still in a text after decoding becomes a line end: no (§1.1, unknown;
    /// one client encodes twice).
    pub decodes_twice: bool,
    /// Whether every method takes `POST`, not `msg_edit` alone: no (§0, unknown).
    pub post_everywhere: bool,
    /// How long after leaving a message is delivered: 0.8 to 2.5 s (grade D).
    pub delivered_after: Span,
    /// How long after that the recipient opens it: 2 to 9 s (grade D); `None` for never by
    /// himself.
    pub read_after: Option<Span>,
    /// How many messages the history of a channel keeps: 10,000 (grade D).
    pub history: usize,
}

impl WammFigures {
    pub(super) fn of_2025() -> Self {
        Self {
            gap: Duration::from_secs(3)..=Duration::from_secs(6),
            delays: vec![15, 20, 30, 45, 60, 120, 180],
            ignores_other_delays: true,
            text_chars: 4500,
            listing: 100,
            checks_before_sending: true,
            not_exists: "not exists".to_owned(),
            max_kind: "max".to_owned(),
            utc_offset_minutes: 180,
            decodes_twice: false,
            post_everywhere: false,
            delivered_after: millis(800, 2_500),
            read_after: Some(millis(2_000, 9_000)),
            history: 10_000,
        }
    }
}
