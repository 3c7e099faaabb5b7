//! What happened, for an application that keeps records of its own.

use std::sync::Arc;

use crate::store::{self, Place, StoreError, Tables};

/// A change, and its place in the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// Its place: what to acknowledge once it has been dealt with.
    pub place: Place,
    /// What happened.
    pub change: store::Change,
}

/// The changes from where a consumer left off. What was not acknowledged comes again, also after a
/// crash; what happened to one message comes in the order in which it happened.
#[derive(Clone, Debug)]
pub struct Feed {
    tables: Arc<dyn Tables>,
    consumer: String,
    place: Option<Place>,
}

impl Feed {
    pub(super) const fn new(tables: Arc<dyn Tables>, consumer: String) -> Self {
        Self { tables, consumer, place: None }
    }

    /// The consumer's name.
    #[must_use]
    pub fn consumer(&self) -> &str {
        &self.consumer
    }

    /// The next changes, at most so many; none when nothing has happened. Asked again, it goes on
    /// after them, whether they were acknowledged or not.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; asked again, it tells the same.
    pub async fn read(&mut self, limit: u32) -> Result<Vec<Change>, StoreError> {
        let from = match self.place {
            Some(place) => place,
            None => self.tables.consumed(&self.consumer).await?,
        };
        let changes = self.tables.changes(from, limit).await?;
        self.place = Some(changes.last().map_or(from, |(place, _)| *place));
        Ok(changes.into_iter().map(|(place, change)| Change { place, change }).collect())
    }

    /// Everything up to that place has been dealt with. To have that and the application's own
    /// records change together, do all three with the store within the application's transaction
    /// instead: `consumed_in`, `changes_in`, `consume_in`.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the changes then come again.
    pub async fn acknowledge(&self, place: Place) -> Result<(), StoreError> {
        self.tables.consume(&self.consumer, place).await
    }
}
