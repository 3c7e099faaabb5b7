//! Looking after the whole: what is due is made ready, and the phones that can send it are called.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chatapi_transport::{Clock, Moment};
use chatapi_types::UnixMillis;
use tokio::sync::{Notify, watch};

use super::asked_to;
use crate::record::{LineName, Route};
use crate::store::{Store, Tables};

/// How many messages are looked over at a time.
const AT_ONCE: usize = 500;
/// How many messages are deleted at a time, so that nobody waits long for that.
const PURGED_AT_ONCE: u32 = 200;
/// How often what is too old is looked for, at the least.
const PURGE_EVERY: Duration = Duration::from_secs(10 * 60);
/// How often within the time for which it is kept.
const PURGES: u32 = 10;
/// News that come within this time are one call.
const GATHER: Duration = Duration::from_millis(2);

pub(super) struct Tending {
    tables: Arc<dyn Tables>,
    clock: Arc<dyn Clock>,
    poll: Duration,
    retention: Option<Duration>,
    calls: BTreeMap<LineName, (Option<Box<str>>, Arc<Notify>)>,
    stop: watch::Receiver<bool>,
}

impl Tending {
    pub(super) const fn new(
        tables: Arc<dyn Tables>,
        clock: Arc<dyn Clock>,
        poll: Duration,
        retention: Option<Duration>,
        calls: BTreeMap<LineName, (Option<Box<str>>, Arc<Notify>)>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self { tables, clock, poll, retention, calls, stop }
    }

    pub(super) async fn tend(mut self) {
        let routes = self.routes();
        let mut tend_at = Moment::default();
        let mut purge_at = Moment::default();
        loop {
            let now = self.clock.now();
            if now >= tend_at {
                tend_at = now.plus(self.look_over().await);
            }
            if let Some(retention) = self.retention
                && now >= purge_at
            {
                purge_at = now.plus(self.purge(retention).await);
            }
            match self.tables.due(&routes).await {
                Ok(due) => self.call(&due),
                Err(error) => tracing::warn!(%error, "what is due could not be asked for"),
            }
            let sleep = self.clock.sleep(tend_at.since(self.clock.now()));
            tokio::select! {
                () = sleep => {}
                () = self.tables.arrival() => self.clock.sleep(GATHER.min(self.poll)).await,
                () = asked_to(&mut self.stop) => return,
            }
        }
    }

    /// How long until it is to be done again.
    async fn look_over(&self) -> Duration {
        match self.tables.tend(AT_ONCE).await {
            // There may be more.
            Ok(tended) if tended.woken + tended.expired + tended.overdue >= AT_ONCE => {
                Duration::ZERO
            }
            Ok(_) => self.poll,
            Err(error) => {
                tracing::warn!(%error, "what waits could not be looked over");
                self.poll
            }
        }
    }

    /// Deletes what is older than that. Gives back how long until it is to be done again.
    async fn purge(&self, retention: Duration) -> Duration {
        let purge = async {
            let now = self.tables.now().await?;
            let millis = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
            let before = UnixMillis::from_millis(now.as_millis().saturating_sub(millis));
            self.tables.purge(before, PURGED_AT_ONCE).await
        };
        match purge.await {
            // There may be more.
            Ok(purged) if purged >= u64::from(PURGED_AT_ONCE) => self.poll,
            Ok(_) => PURGE_EVERY.min(retention / PURGES).max(self.poll),
            Err(error) => {
                tracing::warn!(%error, "what is old could not be deleted");
                PURGE_EVERY
            }
        }
    }

    fn routes(&self) -> Vec<Route> {
        let lines = self.calls.keys().cloned().map(Route::Line);
        let mut groups: Vec<&Box<str>> =
            self.calls.values().filter_map(|(group, _)| group.as_ref()).collect();
        groups.sort();
        groups.dedup();
        lines.chain(groups.into_iter().cloned().map(Route::Group)).collect()
    }

    fn call(&self, due: &[Route]) {
        for route in due {
            match route {
                Route::Line(name) => {
                    if let Some((_, call)) = self.calls.get(name) {
                        call.notify_one();
                    }
                }
                Route::Group(group) => {
                    let of_group = self.calls.values().filter(|(of, _)| of.as_ref() == Some(group));
                    of_group.for_each(|(_, call)| call.notify_one());
                }
            }
        }
    }
}
