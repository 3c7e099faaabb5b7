//! What a database must be able to do, and what an outbox asks of it.

use std::fmt;

use async_trait::async_trait;
use chatapi_client::line::{Cursor, Sightings};
use chatapi_types::{ChatId, Delivery, MessageId, UnixMillis};

use super::{
    Change, Checked, Content, Count, Edited, Enqueued, Fenced, Filter, Grant, HealthNote, Intend,
    Intended, Intent, Ledger, Line, Needs, NewMessage, NotEnqueued, Period, Place, Review, Settled,
    StoreError, Taken, Tended, Turned,
};
use crate::machine::{Figures, Look, Resolution, Verdict};
use crate::record::{Cleared, LineName, OutboxId, Record, Route};

/// The tables of an outbox. Whoever brings a database of his own implements this; the feature
/// `conformance` exports the checks that it must pass. What is done with the tables is in [`Store`].
#[async_trait]
pub trait Tables: fmt::Debug + Send + Sync {
    /// Finds what the transaction needs, has it work on that, and keeps what it changed, all or
    /// nothing, durably before it returns. Transactions that look at the same rows come one after
    /// the other.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; its [`fault`](StoreError::fault) says whether something may have changed.
    async fn transact(
        &self,
        needs: Needs,
        work: Box<dyn Work>,
    ) -> Result<Box<dyn Work>, StoreError>;

    /// The time by the store's clock, by which leases are judged.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn now(&self) -> Result<UnixMillis, StoreError>;

    /// What a message says; `None` when it is not known, or its content was wiped.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn content(&self, id: OutboxId) -> Result<Option<Content>, StoreError>;

    /// A message.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn message(&self, id: OutboxId) -> Result<Option<Record>, StoreError>;

    /// The message under a key.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn by_key(&self, namespace: &str, key: &str) -> Result<Option<Record>, StoreError>;

    /// Messages, newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn find(&self, filter: &Filter) -> Result<Vec<Record>, StoreError>;

    /// How many messages there are by line, label and state, of those enqueued in a period.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn counts(&self, period: &Period) -> Result<Vec<Count>, StoreError>;

    /// The lines, by name.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn lines(&self) -> Result<Vec<(LineName, Line)>, StoreError>;

    /// What happened to one message, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn history(&self, id: OutboxId) -> Result<Vec<Change>, StoreError>;

    /// What happened after that place, oldest first, at most so many. Nothing that can still be
    /// preceded by something that is not committed yet.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn changes(&self, after: Place, limit: u32) -> Result<Vec<(Place, Change)>, StoreError>;

    /// How far a consumer of the changes has come; the beginning for one that is new.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn consumed(&self, consumer: &str) -> Result<Place, StoreError>;

    /// Notes how far a consumer has come. It never goes back.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn consume(&self, consumer: &str, place: Place) -> Result<(), StoreError>;

    /// On which of these routes something is ready and due, so that their phones are to be called.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn due(&self, on: &[Route]) -> Result<Vec<Route>, StoreError>;

    /// Messages whose recipient or link is to be checked, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn unchecked(&self, now: UnixMillis, limit: u32) -> Result<Vec<Record>, StoreError>;

    /// Deletes settled messages that came before then, with their attempts, and changes that came
    /// before then and that every consumer has seen; files that no message carries any more. Gives
    /// back how many messages.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn purge(&self, before: UnixMillis, limit: u32) -> Result<u64, StoreError>;

    /// Comes back when there may be something new to send since the last call, or never: dispatchers
    /// look from time to time in any case.
    async fn arrival(&self) {
        std::future::pending::<()>().await;
    }
}

/// A piece of work on the tables, done within a transaction. It may be done several times, each time
/// on tables as they were before it; only the last time counts.
pub trait Work: Send + std::any::Any {
    /// Does it.
    fn run(&mut self, tables: &mut Ledger, now: UnixMillis);
}

struct Asked<T, F> {
    work: F,
    answer: Option<T>,
}

impl<T, F> Work for Asked<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut Ledger, UnixMillis) -> T + Send + 'static,
{
    fn run(&mut self, tables: &mut Ledger, now: UnixMillis) {
        self.answer = Some((self.work)(tables, now));
    }
}

/// Messages to be taken in.
pub(super) struct Enqueuing {
    batch: Vec<(OutboxId, NewMessage)>,
    answers: Option<Answers>,
}

type Answers = Vec<Result<Enqueued, NotEnqueued>>;

impl Enqueuing {
    pub(super) const fn new(batch: Vec<(OutboxId, NewMessage)>) -> Self {
        Self { batch, answers: None }
    }

    pub(super) fn needs(&self) -> Needs {
        let keys = self.batch.iter().map(|(_, new)| (new.namespace.clone(), new.key.clone()));
        Needs { keys: keys.collect(), ..Needs::default() }
    }

    /// What came of it; `None` where that is other work, or was not done.
    pub(super) fn answers(done: Box<dyn Work>) -> Option<Answers> {
        let done: Box<dyn std::any::Any> = done;
        done.downcast::<Self>().ok()?.answers
    }
}

impl Work for Enqueuing {
    fn run(&mut self, tables: &mut Ledger, now: UnixMillis) {
        let batch = self.batch.iter();
        let answers = batch.map(|(id, new)| tables.enqueue(new.clone(), *id, now));
        self.answers = Some(answers.collect());
    }
}

/// What an outbox asks of its tables; every database does it alike.
#[async_trait]
pub trait Store: Tables {
    /// Makes a line known, or changes its group.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn add_line(&self, line: &LineName, group: Option<Box<str>>) -> Result<(), StoreError> {
        self.add_lines(vec![(line.clone(), group)]).await
    }

    /// Makes lines known, or changes their groups, all in one transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; its [`fault`](StoreError::fault) says whether they may have been added.
    async fn add_lines(&self, lines: Vec<(LineName, Option<Box<str>>)>) -> Result<(), StoreError> {
        let needs = lines.iter().fold(Needs::nothing(), |needs, (line, _)| needs.line(line));
        ask(self, needs, move |tables, now| {
            for (line, group) in &lines {
                tables.add_line(line.clone(), group.clone(), now);
            }
        })
        .await
    }

    /// Takes messages in: all that are new are durable when it returns.
    ///
    /// # Errors
    ///
    /// [`StoreError`]. Of one that is refused the reason stands in its place.
    async fn enqueue(
        &self,
        batch: Vec<(OutboxId, NewMessage)>,
    ) -> Result<Vec<Result<Enqueued, NotEnqueued>>, StoreError> {
        let enqueuing = Enqueuing::new(batch);
        let done = self.transact(enqueuing.needs(), Box::new(enqueuing)).await?;
        Enqueuing::answers(done).ok_or_else(StoreError::confused)
    }

    /// Takes a line over, if nobody drives it any more.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn acquire(
        &self,
        line: &LineName,
        owner: &str,
        figures: &Figures,
    ) -> Result<Option<Grant>, StoreError> {
        let needs = Needs::nothing().line(line).unsure(line);
        let (line, owner, figures) = (line.clone(), owner.to_owned(), figures.clone());
        ask(self, needs, move |tables, now| tables.acquire(&line, &owner, &figures, now)).await
    }

    /// Goes on driving a line.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; [`is_fenced`](StoreError::is_fenced) when somebody else drives it.
    async fn renew(&self, grant: &Grant, figures: &Figures) -> Result<(), StoreError> {
        let needs = Needs::nothing().line(&grant.line);
        let (grant, figures) = (grant.clone(), figures.clone());
        held(ask(self, needs, move |tables, now| tables.renew(&grant, &figures, now)).await)
    }

    /// Gives a line back, unless something is in flight.
    ///
    /// # Errors
    ///
    /// As [`renew`](Self::renew).
    async fn release(&self, grant: &Grant) -> Result<(), StoreError> {
        let needs = Needs::nothing().line(&grant.line).unsure(&grant.line);
        let grant = grant.clone();
        held(ask(self, needs, move |tables, _| tables.release(&grant)).await)
    }

    /// Writes down the intent to send the next message.
    ///
    /// # Errors
    ///
    /// As [`renew`](Self::renew).
    async fn intend(&self, ask_for: &Intend, figures: &Figures) -> Result<Intended, StoreError> {
        let line = &ask_for.grant.line;
        let contacts = figures.rules.counts_strangers();
        let needs = Needs { contacts, ..Needs::nothing().next(line) };
        let (ask_for, figures) = (ask_for.clone(), figures.clone());
        held(ask(self, needs, move |tables, now| tables.intend(&ask_for, &figures, now)).await)
    }

    /// Gives an intent back whose request was never made.
    ///
    /// # Errors
    ///
    /// As [`renew`](Self::renew).
    async fn give_back(&self, grant: &Grant, intent: &Intent) -> Result<Settled, StoreError> {
        let needs = Needs::nothing().line(&grant.line).message(intent.id);
        let (grant, intent) = (grant.clone(), intent.clone());
        held(ask(self, needs, move |tables, now| tables.give_back(&grant, &intent, now)).await)
    }

    /// Writes down what an attempt came to.
    ///
    /// # Errors
    ///
    /// As [`renew`](Self::renew).
    async fn settle(
        &self,
        grant: &Grant,
        intent: &Intent,
        verdict: &Verdict,
        figures: &Figures,
    ) -> Result<Settled, StoreError> {
        let mut needs = Needs::nothing().line(&grant.line).message(intent.id);
        if let Verdict::Accepted { id: Some(id), .. } = verdict {
            needs = needs.vendor_id(&grant.line, id);
        }
        let (grant, intent) = (grant.clone(), intent.clone());
        let (verdict, figures) = (verdict.clone(), figures.clone());
        held(
            ask(self, needs, move |tables, now| {
                tables.settle(&grant, &intent, verdict.clone(), &figures, now)
            })
            .await,
        )
    }

    /// Writes down what an attempt came to and the intent to send the next message, in one
    /// transaction: a phone that has much to send flushes the disk once for each message, not twice.
    ///
    /// # Errors
    ///
    /// As [`renew`](Self::renew). When it is not known whether it was done, neither is known.
    async fn turn(
        &self,
        ask_for: &Intend,
        intent: &Intent,
        verdict: &Verdict,
        figures: &Figures,
    ) -> Result<Turned, StoreError> {
        let line = &ask_for.grant.line;
        let mut needs = Needs::nothing().next(line).message(intent.id);
        needs.contacts = figures.rules.counts_strangers();
        if let Verdict::Accepted { id: Some(id), .. } = verdict {
            needs = needs.vendor_id(line, id);
        }
        let (ask_for, intent) = (ask_for.clone(), intent.clone());
        let (verdict, figures) = (verdict.clone(), figures.clone());
        held(
            ask(self, needs, move |tables, now| {
                tables.turn(&ask_for, (&intent, &verdict), &figures, now)
            })
            .await,
        )
    }

    /// Writes down what was decided about a doubt.
    ///
    /// # Errors
    ///
    /// As [`renew`](Self::renew).
    async fn resolve(
        &self,
        grant: &Grant,
        id: OutboxId,
        resolution: &Resolution,
    ) -> Result<Settled, StoreError> {
        let mut needs = Needs::nothing().line(&grant.line).message(id);
        if let Resolution::Adopt { id: Some(id), .. } = resolution {
            needs = needs.vendor_id(&grant.line, id);
        }
        let (grant, resolution) = (grant.clone(), resolution.clone());
        held(
            ask(self, needs, move |tables, now| {
                tables.resolve(&grant, id, resolution.clone(), now)
            })
            .await,
        )
    }

    /// The vendor has lost a message.
    ///
    /// # Errors
    ///
    /// As [`renew`](Self::renew).
    async fn lost(
        &self,
        grant: &Grant,
        id: OutboxId,
        figures: &Figures,
    ) -> Result<Settled, StoreError> {
        let needs = Needs::nothing().line(&grant.line).message(id);
        let (grant, figures) = (grant.clone(), figures.clone());
        held(ask(self, needs, move |tables, now| tables.lost(&grant, id, &figures, now)).await)
    }

    /// Messages in doubt on a line, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn doubts(&self, line: &LineName) -> Result<Vec<Record>, StoreError> {
        let (needs, line) = (Needs::nothing().unsure(line), line.clone());
        ask(self, needs, move |tables, _| tables.doubts(&line)).await
    }

    /// Messages that the vendor has had for too long without a sign.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn overdue(&self, line: &LineName, figures: &Figures) -> Result<Vec<Record>, StoreError> {
        let needs = Needs::nothing().driven(line);
        let (line, figures) = (line.clone(), figures.clone());
        ask(self, needs, move |tables, now| tables.overdue(&line, &figures, now)).await
    }

    /// Which of these ids of the vendor's are known to be ours.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn claimed(
        &self,
        line: &LineName,
        ids: &[MessageId],
    ) -> Result<Vec<MessageId>, StoreError> {
        let vendor_ids = ids.iter().map(|id| (line.clone(), id.clone())).collect();
        let needs = Needs { vendor_ids, ..Needs::default() };
        let (line, ids) = (line.clone(), ids.to_vec());
        ask(self, needs, move |tables, _| {
            ids.iter().filter(|id| tables.is_claimed(&line, id)).cloned().collect()
        })
        .await
    }

    /// We have had a vendor's queue cleared: what it had of ours is to be looked for now.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn clear(&self, line: &LineName, what: Cleared) -> Result<usize, StoreError> {
        let (needs, line) = (Needs::nothing().driven(line), line.clone());
        ask(self, needs, move |tables, _| tables.clear(&line, what)).await
    }

    /// An acknowledgement came in.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn ack(
        &self,
        line: &LineName,
        vendor_id: &MessageId,
        queue_number: Option<u64>,
        ack: &Delivery,
    ) -> Result<Taken, StoreError> {
        let needs = Needs::nothing().unsure(line).vendor_id(line, vendor_id);
        let (line, vendor_id, said) = (line.clone(), vendor_id.clone(), ack.clone());
        ask(self, needs, move |tables, now| tables.ack(&line, &vendor_id, queue_number, &said, now))
            .await
    }

    /// A line's history was read: it gives ids to those of ours that have none, and is an
    /// acknowledgement to the others.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn seen(&self, line: &LineName, sightings: &Sightings) -> Result<(), StoreError> {
        let ours = sightings.items.iter().filter(|sighting| sighting.ours);
        let vendor_ids = ours.map(|sighting| (line.clone(), sighting.id.clone())).collect();
        let needs = Needs { vendor_ids, ..Needs::nothing().unsure(line) };
        let (line, sightings) = (line.clone(), sightings.clone());
        ask(self, needs, move |tables, now| tables.seen(&line, &sightings, now)).await
    }

    /// Notes the place in a line's history.
    ///
    /// # Errors
    ///
    /// As [`renew`](Self::renew).
    async fn note_cursor(&self, grant: &Grant, cursor: &Cursor) -> Result<(), StoreError> {
        let needs = Needs::nothing().line(&grant.line);
        let (grant, cursor) = (grant.clone(), cursor.clone());
        held(ask(self, needs, move |tables, _| tables.note_cursor(&grant, cursor.clone())).await)
    }

    /// Notes how a phone is.
    ///
    /// # Errors
    ///
    /// As [`renew`](Self::renew).
    async fn note_health(&self, grant: &Grant, note: &HealthNote) -> Result<(), StoreError> {
        let needs = Needs::nothing().line(&grant.line);
        let (grant, note) = (grant.clone(), note.clone());
        held(ask(self, needs, move |tables, _| tables.note_health(&grant, note.clone())).await)
    }

    /// Looks over what waits, at most that many messages at a time.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn tend(&self, at_most: usize) -> Result<Tended, StoreError> {
        ask(self, Needs::nothing().tend(at_most), |tables, now| tables.tend(now)).await
    }

    /// Takes a message back that has not been sent.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn cancel(&self, id: OutboxId) -> Result<bool, StoreError> {
        ask(self, Needs::nothing().message(id), move |tables, now| tables.cancel(id, now)).await
    }

    /// Puts another content in the place of one that still waits.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn edit(
        &self,
        id: OutboxId,
        content: Content,
        look: Look,
        is_file: bool,
    ) -> Result<Edited, StoreError> {
        ask(self, Needs::nothing().message(id), move |tables, now| {
            tables.edit(id, content.clone(), look, is_file, now)
        })
        .await
    }

    /// A person decides about a message.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn review(&self, id: OutboxId, decision: Review, by: &str) -> Result<bool, StoreError> {
        let by = by.to_owned();
        ask(self, Needs::nothing().message(id), move |tables, now| {
            tables.review(id, decision, &by, now)
        })
        .await
    }

    /// What checking a recipient or a link came to.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn checked(&self, id: OutboxId, checked: Checked) -> Result<Settled, StoreError> {
        ask(self, Needs::nothing().message(id), move |tables, now| {
            tables.checked(id, checked.clone(), now)
        })
        .await
    }

    /// Erases a recipient. Gives back how many messages that are.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn forget(&self, chat: &ChatId) -> Result<usize, StoreError> {
        let (needs, chat) = (Needs::nothing().chat(chat), chat.clone());
        ask(self, needs, move |tables, now| tables.forget(&chat, now)).await
    }
}

impl<T: Tables + ?Sized> Store for T {}

async fn ask<S, T, F>(tables: &S, needs: Needs, work: F) -> Result<T, StoreError>
where
    S: Tables + ?Sized,
    T: Send + 'static,
    F: FnMut(&mut Ledger, UnixMillis) -> T + Send + 'static,
{
    let done = tables.transact(needs, Box::new(Asked { work, answer: None })).await?;
    let done: Box<dyn std::any::Any> = done;
    let asked = done.downcast::<Asked<T, F>>().ok();
    asked.and_then(|asked| asked.answer).ok_or_else(StoreError::confused)
}

fn held<T>(answer: Result<Result<T, Fenced>, StoreError>) -> Result<T, StoreError> {
    Ok(answer??)
}
