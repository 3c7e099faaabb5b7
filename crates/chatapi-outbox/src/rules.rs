//! Rules of a route: how much a phone sends a day, to how many strangers, and when nobody wants to
//! be written to. Messengers block phones that behave like machines; what exactly they look at
//! nobody says, so every figure here is yours (grade D, all of them).
//!
//! A rule never refuses a message. What it holds back stays `ready` with its place in the order, and
//! its history says why it waits and until when; what must not wait is given an
//! [expiry](crate::Message::expires_at), or a way to go
//! [when it is late](crate::Message::deliver_within).

mod cap;
mod quiet;
mod zone;

use std::fmt;
use std::sync::Arc;

use chatapi_types::UnixMillis;

pub use cap::Cap;
pub use quiet::{BadQuiet, Quiet};
#[cfg(feature = "zones")]
pub use zone::UnknownZone;
pub use zone::Zone;

use crate::record::{LineName, Record};
use crate::store::{Line, Tally};

/// How long a message that any phone of a group may take waits when this one may not write to
/// another stranger today. Others do not see it for so long.
const ELSEWHERE: std::time::Duration = std::time::Duration::from_secs(10 * 60);

type Zones = dyn Fn(&Record) -> Option<Zone> + Send + Sync;

/// Rules of a route, none unless said. They stand in the [`Figures`](crate::machine::Figures) of a
/// phone.
///
/// Days are those of the phone's own zone ([`day_in`](Self::day_in)). What counts is a message that
/// was tried, whatever came of it, once a day however often it is tried. A stranger is a chat that
/// this phone has never tried to write to, as far as the outbox remembers: what was purged or
/// forgotten is strange again, and so is whoever the phone knows from before the outbox.
///
/// ```
/// use std::time::Duration;
/// use chatapi_outbox::machine::Figures;
/// use chatapi_outbox::rules::{Cap, Quiet, Rules, Zone};
///
/// let moscow = Zone::hours(3);
/// let mut figures = Figures::default();
/// figures.rules = Rules::none()
///     .day_in(moscow.clone())
///     .daily(Cap::growing(30, 300, 14))
///     .strangers(Cap::of(20))
///     .quiet(Quiet::between((21, 0), (9, 0))?.urgent_from(10))
///     .zones(move |message| message.chat.as_str().starts_with('7').then(|| moscow.clone()));
/// # Ok::<(), chatapi_outbox::rules::BadQuiet>(())
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Rules {
    daily: Option<Cap>,
    strangers: Option<Cap>,
    quiet: Option<Quiet>,
    day: Zone,
    zones: Option<Arc<Zones>>,
}

/// Until when something waits, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pause {
    /// Until then.
    pub until: UnixMillis,
    /// Why, for a person.
    pub why: String,
}

impl Rules {
    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// How many messages the phone sends a day.
    #[must_use]
    pub const fn daily(mut self, cap: Cap) -> Self {
        self.daily = Some(cap);
        self
    }

    /// To how many strangers it writes a day.
    #[must_use]
    pub const fn strangers(mut self, cap: Cap) -> Self {
        self.strangers = Some(cap);
        self
    }

    /// When nobody is written to.
    #[must_use]
    pub const fn quiet(mut self, quiet: Quiet) -> Self {
        self.quiet = Some(quiet);
        self
    }

    /// In which zone the phone's days begin: UTC unless said. Recipients whose zone is not known are
    /// taken to live there, too.
    #[must_use]
    pub fn day_in(mut self, zone: Zone) -> Self {
        self.day = zone;
        self
    }

    /// In which zone a message's recipient lives, from whatever of the message says it: its chat,
    /// its namespace, its label. Guesses by country code are the caller's to make; some countries
    /// have many zones. Called within transactions, so it must be quick and ask nobody.
    #[must_use]
    pub fn zones(
        mut self,
        zone_of: impl Fn(&Record) -> Option<Zone> + Send + Sync + 'static,
    ) -> Self {
        self.zones = Some(Arc::new(zone_of));
        self
    }

    /// Whether it matters who is a stranger.
    pub(crate) const fn counts_strangers(&self) -> bool {
        self.strangers.is_some()
    }

    /// Whether the phone sends nothing more today.
    #[must_use]
    pub fn pauses_line(&self, name: &LineName, line: &Line, now: UnixMillis) -> Option<Pause> {
        let cap = self.daily?.on(self.days_of(line, now));
        let sent = self.today(line, now).sent;
        (sent >= cap).then(|| Pause {
            until: self.day.next_day(now),
            why: format!("{name} has sent its {cap} messages of the day"),
        })
    }

    /// Whether this phone does not send this message now.
    #[must_use]
    pub fn pauses_message(
        &self,
        record: &Record,
        (name, line): (&LineName, &Line),
        is_stranger: bool,
        now: UnixMillis,
    ) -> Option<Pause> {
        if let Some(quiet) = &self.quiet {
            let zone = self.zones.as_ref().and_then(|zone_of| zone_of(record));
            let zone = zone.as_ref().unwrap_or(&self.day);
            if let Some(until) = quiet.ends(record.priority, zone, now) {
                let why = "it is quiet hours where the recipient lives".to_owned();
                return Some(Pause { until, why });
            }
        }
        let cap = self.strangers.filter(|_| is_stranger)?.on(self.days_of(line, now));
        if self.today(line, now).strangers < cap {
            return None;
        }
        let next_day = self.day.next_day(now);
        let until = match &record.line {
            Some(_) => next_day,
            None => next_day.min(now.plus(ELSEWHERE)),
        };
        let why = format!("{name} has written to its {cap} new contacts of the day");
        Some(Pause { until, why })
    }

    /// What a line has sent once it has tried this message.
    pub(crate) fn tally(
        &self,
        record: &Record,
        (name, line): (&LineName, &Line),
        is_stranger: bool,
        now: UnixMillis,
    ) -> Tally {
        let mut tally = self.today(line, now);
        let is_known = record
            .attempts
            .iter()
            .any(|attempt| attempt.line == *name && self.day.day(attempt.intent_at) == tally.day);
        if !is_known {
            tally.sent = tally.sent.saturating_add(1);
        }
        if is_stranger {
            tally.strangers = tally.strangers.saturating_add(1);
        }
        tally
    }

    fn today(&self, line: &Line, now: UnixMillis) -> Tally {
        let day = self.day.day(now);
        match line.tally.day == day {
            true => line.tally,
            false => Tally { day, ..Tally::default() },
        }
    }

    /// For how many days the line has been known: none on the day on which it was added.
    fn days_of(&self, line: &Line, now: UnixMillis) -> u32 {
        let added = line.added_at.map_or(i64::MIN, |at| self.day.day(at));
        u32::try_from(self.day.day(now).saturating_sub(added).max(0)).unwrap_or(u32::MAX)
    }
}

impl PartialEq for Rules {
    fn eq(&self, other: &Self) -> bool {
        let same_zones = match (&self.zones, &other.zones) {
            (Some(ours), Some(theirs)) => Arc::ptr_eq(ours, theirs),
            (None, None) => true,
            _ => false,
        };
        same_zones
            && self.daily == other.daily
            && self.strangers == other.strangers
            && self.quiet == other.quiet
            && self.day == other.day
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules")
            .field("daily", &self.daily)
            .field("strangers", &self.strangers)
            .field("quiet", &self.quiet)
            .field("day", &self.day)
            .finish_non_exhaustive()
    }
}
