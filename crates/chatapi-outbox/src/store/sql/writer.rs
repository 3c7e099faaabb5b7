//! One task that writes: what waits at the same time shares one transaction, and so one flush to
//! the disk.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::batch::{Applied, Job, apply};
use super::{Arrived, Engine, Fault, Task as Events, Tidying};
use crate::store::{Needs, StoreError};

/// How many jobs may wait before callers do.
const QUEUE: usize = 1024;
/// How many jobs share a transaction at most: more would make each wait for longer than the flush
/// that they share.
const BATCH: usize = 128;
/// How often a transaction is tried again when others got in its way.
const TRIES: u32 = 10;

type Answer = Result<Job, StoreError>;
type Waiting = (Job, oneshot::Sender<Answer>);

/// The task, as long as somebody has this. What is queued is done all the same; then it ends.
#[derive(Debug)]
pub(crate) struct Writer {
    name: Arc<str>,
    sender: Mutex<Option<mpsc::Sender<Waiting>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the task on a connection. `arrived` is called after each transaction.
    pub(crate) fn start<E: Engine>(
        engine: E,
        connection: E::Connection,
        arrived: impl Fn(Arrived) + Send + Sync + 'static,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let name = engine.name().into();
        let task = Task {
            engine,
            connection: Some(connection),
            arrived: Box::new(arrived),
            // A process that died may have left something.
            tidying: Tidying::new(),
        };
        let task = tokio::spawn(task.run(receiver));
        Self { name, sender: Mutex::new(Some(sender)), task: Mutex::new(Some(task)) }
    }

    /// Has something done. When the caller goes away meanwhile, it is done all the same.
    pub(crate) async fn ask(&self, job: Job) -> Answer {
        let ended = || {
            let what = format!("{}: the store was closed", self.name);
            StoreError::unavailable(what, "nothing can be written any more")
        };
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (answer, asked) = oneshot::channel();
        sender.ok_or_else(ended)?.send((job, answer)).await.map_err(|_| ended())?;
        let lost = |_| {
            let what = format!("{}: the task that writes ended meanwhile", self.name);
            StoreError::unknown(what, "its runtime was shut down, or it failed")
        };
        asked.await.map_err(lost)?
    }

    /// Takes nothing new, and waits until everything that is queued is done.
    pub(crate) async fn close(&self) {
        drop(self.sender.lock().unwrap_or_else(PoisonError::into_inner).take());
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            // It ended in any case; what it could not do it has answered.
            drop(task.await);
        }
    }
}

struct Task<E: Engine> {
    engine: E,
    connection: Option<E::Connection>,
    arrived: Box<dyn Fn(Arrived) + Send + Sync>,
    tidying: Tidying,
}

impl<E: Engine> Task<E> {
    async fn run(mut self, mut receiver: mpsc::Receiver<Waiting>) {
        let mut left = Vec::new();
        loop {
            if self.tidying.is_due() {
                self.tidy().await;
            }
            if left.is_empty() {
                let received = tokio::select! {
                    biased;
                    received = receiver.recv_many(&mut left, BATCH) => received,
                    () = self.tidying.due() => continue,
                };
                if received == 0 {
                    break;
                }
            }
            // Whoever was answered just now may have the next thing ready.
            tokio::task::yield_now().await;
            while left.len() < BATCH
                && let Ok(waiting) = receiver.try_recv()
            {
                left.push(waiting);
            }
            let (needs, batch) = join(&mut left);
            self.answer(&needs, batch).await;
        }
        if self.tidying.is_wanted() {
            self.tidy().await;
        }
        if let Some(connection) = self.connection.take() {
            // Everything that was answered is on the disk already.
            drop(sqlx::Connection::close(connection).await);
        }
    }

    async fn answer(&mut self, needs: &Needs, batch: Vec<Waiting>) {
        let (mut jobs, answers): (Vec<Job>, Vec<oneshot::Sender<Answer>>) =
            batch.into_iter().unzip();
        let mut jobs: Vec<(usize, Job)> = jobs.drain(..).enumerate().collect();
        match self.commit(needs, &mut jobs).await {
            Ok(()) => {
                let mut answers: Vec<Option<_>> = answers.into_iter().map(Some).collect();
                for (index, job) in jobs {
                    if let Some(answer) = answers.get_mut(index).and_then(Option::take) {
                        drop(answer.send(Ok(job)));
                    }
                }
            }
            Err(Failed { unsure: false, error }) if answers.len() > 1 => {
                // One of them may be at fault: each by itself.
                let together = answers.len();
                tracing::warn!(%error, together, "tried again one after the other, which is slow");
                jobs.sort_by_key(|(index, _)| *index);
                for ((_, job), answer) in jobs.into_iter().zip(answers) {
                    let needs = needs_of(&job);
                    let mut alone = [(0, job)];
                    let done = self.commit(&needs, &mut alone).await;
                    let [(_, job)] = alone;
                    drop(answer.send(done.map(|()| job).map_err(|failed| failed.error)));
                }
            }
            Err(Failed { error, .. }) => {
                for answer in answers {
                    drop(answer.send(Err(error.copy())));
                }
            }
        }
    }

    /// Has what was deleted gone, or tries again later.
    async fn tidy(&mut self) {
        let Some(connection) = &mut self.connection else { return self.tidying.later() };
        match E::tidy(connection).await {
            Ok(true) => self.tidying.done(),
            Ok(false) => self.tidying.later(),
            Err(fault) => {
                tracing::warn!(%fault, "what was deleted is not overwritten yet");
                self.tidying.later();
            }
        }
    }

    /// One transaction, tried again when others got in its way.
    async fn commit(&mut self, needs: &Needs, jobs: &mut [(usize, Job)]) -> Result<(), Failed> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.attempt(needs, jobs).await {
                Ok(applied) => {
                    (self.arrived)(applied.arrived);
                    return Ok(());
                }
                Err((fault, false)) if tries < TRIES && E::may_repeat(&fault) => {}
                Err((fault, unsure)) => {
                    let what = |what: &str| format!("{}: {what}", self.engine.name());
                    let error = match unsure {
                        true => fault.unknown(&what("the connection failed while committing")),
                        false => fault.unavailable(&what("it could not be written")),
                    };
                    return Err(Failed { error, unsure });
                }
            }
        }
    }

    async fn connect(&mut self) -> Result<E::Connection, (Fault, bool)> {
        self.engine.connect().await.map_err(|error| (error.into(), false))
    }

    /// Of a failure it is told whether the transaction may have been committed all the same.
    async fn attempt(
        &mut self,
        needs: &Needs,
        jobs: &mut [(usize, Job)],
    ) -> Result<Applied, (Fault, bool)> {
        let (mut connection, is_old) = match self.connection.take() {
            Some(connection) => (connection, true),
            None => (self.connect().await?, false),
        };
        let mut begun = E::raw(&mut connection, E::BEGIN).await;
        if is_old && begun.as_ref().is_err_and(E::is_broken) {
            // It broke while nothing was asked for: the database was restarted.
            connection = self.connect().await?;
            begun = E::raw(&mut connection, E::BEGIN).await;
        }
        let done = match begun {
            Ok(()) => apply(&self.engine, &mut connection, needs, jobs).await,
            Err(fault) => Err(fault),
        };
        let (fault, at_commit) = match done {
            Ok(applied) => match E::raw(&mut connection, "COMMIT").await {
                Ok(()) => {
                    self.connection = Some(connection);
                    if applied.deleted {
                        self.tidying.want();
                    }
                    if jobs.iter().any(|(_, job)| is_gone_at_once(job)) {
                        self.tidy().await;
                    }
                    return Ok(applied);
                }
                Err(fault) => (fault, true),
            },
            Err(fault) => (fault, false),
        };
        // Where this fails the connection is dropped, and with it the transaction. Where it does not,
        // the database still had the transaction, or has said why it has not.
        let rolled_back = E::raw(&mut connection, "ROLLBACK").await.is_ok();
        let unsure = at_commit && !rolled_back && !E::committed_nothing(&fault);
        if rolled_back {
            self.connection = Some(connection);
        }
        Err((fault, unsure))
    }
}

struct Failed {
    error: StoreError,
    /// Whether it may have been done.
    unsure: bool,
}

/// Takes as much of what waits as goes together.
fn join(left: &mut Vec<Waiting>) -> (Needs, Vec<Waiting>) {
    let mut needs = Needs::nothing();
    let mut batch = Vec::with_capacity(left.len());
    let mut rest = Vec::new();
    for (job, answer) in left.drain(..) {
        let fits = match &job {
            Job::Work(of_job, _) => rest.is_empty() && needs.join(of_job),
            _ => true,
        };
        match fits {
            true => batch.push((job, answer)),
            false => rest.push((job, answer)),
        }
    }
    *left = rest;
    (needs, batch)
}

/// Whether what it deletes is gone when its caller hears of it.
fn is_gone_at_once(job: &Job) -> bool {
    match job {
        Job::Purge(..) => true,
        Job::Events(Events::Forget { count, .. }) => *count > 0,
        _ => false,
    }
}

fn needs_of(job: &Job) -> Needs {
    match job {
        Job::Work(needs, _) => needs.clone(),
        _ => Needs::nothing(),
    }
}
