//! What would become of a message.

use super::Outbox;
use crate::State;
use crate::message::{BadMessage, Key, Message};
use crate::record::{OutboxId, Route};
use crate::store::{Filter, StoreError};

/// What would become of a message if it were enqueued now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DryRun {
    /// The message that its key stands for already, and whether the content is the same.
    pub known: Option<(OutboxId, bool)>,
    /// How many messages wait on its route and would go before it, up to 1,000.
    pub ahead: usize,
    /// What stands in its way. Nothing: it would go out.
    pub obstacles: Vec<Obstacle>,
}

/// What stands in the way of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// It is not sound.
    Message(BadMessage),
    /// Its key stands for another message.
    Conflict(OutboxId),
    /// No phone of its route is known to the store.
    NoPhone,
    /// None of the phones of its route can send; the first says this.
    Phone {
        /// Its state in the vendor's words.
        state: String,
        /// What to do.
        advice: Option<String>,
    },
}

impl Outbox {
    /// Says what would become of a message, and stores nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn dry_run(&self, message: &Message, key: &str) -> Result<DryRun, StoreError> {
        let mut run = DryRun { known: None, ahead: 0, obstacles: Vec::new() };
        if let Err(bad) = message.check().and_then(|()| Key::new(key).map(drop)) {
            run.obstacles.push(Obstacle::Message(bad));
        }
        if let Some(known) = self.by_key(&message.namespace, key).await? {
            let same = known.content_hash.is_none_or(|hash| hash == message.content_hash());
            run.known = Some((known.id, same));
            if !same {
                run.obstacles.push(Obstacle::Conflict(known.id));
            }
        }
        let route = self.way(message);
        let phones = self.phones().await?;
        let mut of_route = phones.iter().filter(|(name, line)| match &route {
            Route::Line(of) => of == name,
            Route::Group(of) => line.group.as_ref() == Some(of),
        });
        let healths: Vec<_> = of_route.by_ref().map(|(_, line)| line.health.as_ref()).collect();
        // Of a phone that was never asked nothing speaks against it.
        let can_send = healths.iter().any(|health| health.is_none_or(|health| health.can_send));
        match healths.first() {
            None => run.obstacles.push(Obstacle::NoPhone),
            Some(Some(health)) if !can_send => run.obstacles.push(Obstacle::Phone {
                state: health.state.clone(),
                advice: health.advice.clone(),
            }),
            _ => {}
        }
        let waiting = Filter::all().state(State::Ready).state(State::Accepted).limit(1_000);
        let waiting = self.find(&waiting).await?;
        let before = waiting.iter().filter(|record| {
            let on_route = record.route == route;
            on_route
                && record.priority >= message.priority
                && Some(record.id) != run.known.map(|known| known.0)
        });
        run.ahead = before.count();
        Ok(run)
    }
}
