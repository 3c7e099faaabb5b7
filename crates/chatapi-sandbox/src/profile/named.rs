//! Profiles by name.

use std::borrow::Cow;
use std::time::Duration;

use super::{Profile, millis};

type Make = fn(&mut Profile);

/// What each changes in the usual profile.
const NAMED: &[(&str, Make)] = &[
    ("chat-api", |_| {}),
    ("wamm", |_| {}),
    // The older pages: a gap of 3 to 6 s, three delays, 1500 characters (§5, grades A and C).
    ("wamm-2021", |profile| {
        profile.wamm.delays = vec![20, 30, 60];
        profile.wamm.text_chars = 1_500;
    }),
    ("wamm-test", |profile| profile.wamm.test_account = true),
    ("green-api-like", |profile| {
        let figures = &mut profile.chat_api;
        figures.queue_keeps = Some(Duration::from_secs(24 * 3_600));
        figures.listing = 500;
        figures.pause = millis(500, 500);
        figures.recovery_burst = figures.queue_cap;
    }),
];

impl Profile {
    /// A profile by its name, without regard to case; `None` for a name that none has.
    ///
    /// | name | what it is |
    /// |---|---|
    /// | `chat-api` | the usual one: Chat API of 2020 beside wamm.chat of 2025 |
    /// | `wamm` | the same: wamm.chat as its pages of 2025 show it |
    /// | `wamm-2021` | wamm.chat as its older pages do: 1,500 characters, `delay` of 20, 30, 60 |
    /// | `wamm-test` | the wamm account is a test account: 30 messages a day, for 3 days |
    /// | `green-api-like` | Chat API with the queue of a sister vendor: kept for 24 hours, 500 shown, 500 ms between messages, no portions after a standstill (the last is grade D, the others B) |
    ///
    /// ```
    /// use chatapi_sandbox::Profile;
    ///
    /// let profile = Profile::named("green-api-like").ok_or("no such profile")?;
    /// assert_eq!(profile.chat_api.listing, 500);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (name, make) = NAMED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        let mut profile = Self { name: Cow::Borrowed(name), ..Self::default() };
        make(&mut profile);
        Some(profile)
    }

    /// The names that [`named`](Self::named) knows.
    pub fn names() -> impl ExactSizeIterator<Item = &'static str> {
        NAMED.iter().map(|(name, _)| *name)
    }
}
