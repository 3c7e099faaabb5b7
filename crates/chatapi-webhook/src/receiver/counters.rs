//! How much has come.

use std::sync::atomic::{AtomicU64, Ordering};

/// What has come so far, counted since the receiver was built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Payloads that were stored and answered with 200.
    pub payloads: u64,
    /// … of which by a secret that is about to be retired.
    pub by_previous_secret: u64,
    /// Events that were new.
    pub events: u64,
    /// Events that were kept already.
    pub repeated: u64,
    /// Events of a shape that is not known; they are among the others.
    pub unknown: u64,
    /// Messages with a number that is too far ahead to be believed; they are among the others.
    pub doubted: u64,
    /// Requests with a wrong secret, an unknown path, or from an address that may not post: 404.
    pub unauthenticated: u64,
    /// Requests with a right secret that were refused for what they are: 400, 405, 408, 413, 415.
    pub refused: u64,
    /// Payloads that could not be stored: 503.
    pub not_stored: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Refusal {
    Unauthenticated,
    Method,
    Compressed,
    TooLong,
    TooSlow,
    BrokenOff,
    NotStored,
}

impl Refusal {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Method => "method",
            Self::Compressed => "compressed",
            Self::TooLong => "too_long",
            Self::TooSlow => "too_slow",
            Self::BrokenOff => "broken_off",
            Self::NotStored => "not_stored",
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    payloads: AtomicU64,
    by_previous_secret: AtomicU64,
    events: AtomicU64,
    repeated: AtomicU64,
    unknown: AtomicU64,
    doubted: AtomicU64,
    unauthenticated: AtomicU64,
    refused: AtomicU64,
    not_stored: AtomicU64,
}

impl Counters {
    pub(super) fn accepted(
        &self,
        stored: usize,
        repeated: usize,
        unknown: usize,
        doubted: usize,
        previous: bool,
    ) {
        add(&self.payloads, 1);
        add(&self.by_previous_secret, usize::from(previous));
        add(&self.events, stored);
        add(&self.repeated, repeated);
        add(&self.unknown, unknown);
        add(&self.doubted, doubted);
    }

    pub(super) fn refused(&self, why: Refusal) {
        let counter = match why {
            Refusal::Unauthenticated => &self.unauthenticated,
            Refusal::NotStored => &self.not_stored,
            _ => &self.refused,
        };
        add(counter, 1);
    }

    pub(super) fn read(&self) -> Counts {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            payloads: get(&self.payloads),
            by_previous_secret: get(&self.by_previous_secret),
            events: get(&self.events),
            repeated: get(&self.repeated),
            unknown: get(&self.unknown),
            doubted: get(&self.doubted),
            unauthenticated: get(&self.unauthenticated),
            refused: get(&self.refused),
            not_stored: get(&self.not_stored),
        }
    }
}

fn add(counter: &AtomicU64, count: usize) {
    counter.fetch_add(count as u64, Ordering::Relaxed);
}
