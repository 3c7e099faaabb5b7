//! Gauges.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use ::metrics::gauge;
use chatapi_types::UnixMillis;

use super::{DOUBT_AGE, MESSAGES, Metered, OLDEST, SENDS};
use crate::State;
use crate::store::{Count, Period, Store as _, StoreError, Tables as _};

/// Line, label and state.
pub(super) type Place = (String, String, State);

impl Metered {
    /// Sets the gauges by what the store says now.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; gauges that were not set keep their values.
    pub async fn sample(&self) -> Result<(), StoreError> {
        let now = self.now().await?;
        let day = i64::from(self.days).saturating_mul(24 * 60 * 60 * 1000);
        let since = UnixMillis::from_millis(now.as_millis().saturating_sub(day));
        self.show(&self.counts(&Period::all().since(since)).await?, now);
        for (name, line) in self.lines().await? {
            let doubts = self.doubts(&name).await?;
            let ages = doubts.iter().filter_map(|record| record.doubt.as_ref());
            let oldest = ages.map(|doubt| now.since(doubt.since)).max().unwrap_or_default();
            let labels = [("line", name.as_str().to_owned())];
            gauge!(DOUBT_AGE, &labels).set(oldest.as_secs_f64());
            if let Some(health) = line.health {
                gauge!(SENDS, &labels).set(if health.can_send { 1.0 } else { 0.0 });
            }
        }
        Ok(())
    }

    fn show(&self, counts: &[Count], now: UnixMillis) {
        let mut places: BTreeMap<Place, (u64, Duration)> = BTreeMap::new();
        for count in counts {
            let line = count.line.as_ref().map(|line| line.as_str().to_owned());
            let label = count.label.clone().unwrap_or_default();
            let place = (line.unwrap_or_default(), label, count.state);
            places.insert(place, (count.messages, now.since(count.oldest)));
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        for place in std::mem::take(&mut *shown) {
            places.entry(place).or_default();
        }
        for ((line, label, state), (messages, oldest)) in places {
            let labels = [
                ("line", line.clone()),
                ("label", label.clone()),
                ("state", state.as_str().to_owned()),
            ];
            // A number of messages is small enough for a float.
            gauge!(MESSAGES, &labels).set(f64::from(u32::try_from(messages).unwrap_or(u32::MAX)));
            if !state.is_settled() {
                gauge!(OLDEST, &labels).set(oldest.as_secs_f64());
            }
            if messages > 0 {
                shown.insert((line, label, state));
            }
        }
    }
}
