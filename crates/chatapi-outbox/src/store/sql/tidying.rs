//! When what was deleted is made to be gone.

use std::time::Duration;

use chatapi_transport::{Clock as _, Moment, TokioClock};

/// For how long what was deleted may still be found in the files.
const SOON: Duration = Duration::from_secs(1);
/// After how long it is tried again at the latest while somebody is in the way.
const LATER: Duration = Duration::from_secs(60);

/// When it is done next, by the machine's own clock, whatever clock the store judges by: it is for
/// files, and nothing is decided by it.
#[derive(Debug)]
pub(super) struct Tidying {
    clock: TokioClock,
    due: Option<Moment>,
    /// How long it is waited when somebody is in the way.
    pause: Duration,
}

impl Tidying {
    /// It is due: nobody knows what was left here.
    pub(super) fn new() -> Self {
        let clock = TokioClock::new();
        Self { clock, due: Some(clock.now()), pause: SOON }
    }

    /// Something was deleted.
    pub(super) fn want(&mut self) {
        self.due.get_or_insert(self.clock.now().plus(SOON));
    }

    /// Everything is gone.
    pub(super) const fn done(&mut self) {
        (self.due, self.pause) = (None, SOON);
    }

    /// Somebody is in the way: less and less often.
    pub(super) fn later(&mut self) {
        self.due = Some(self.clock.now().plus(self.pause));
        self.pause = (self.pause * 2).min(LATER);
    }

    /// Whether there is something to do.
    pub(super) const fn is_wanted(&self) -> bool {
        self.due.is_some()
    }

    /// Whether there is something to do now.
    pub(super) fn is_due(&self) -> bool {
        self.due.is_some_and(|due| due <= self.clock.now())
    }

    /// Comes back when there is something to do.
    pub(super) async fn due(&self) {
        match self.due {
            Some(due) => self.clock.sleep(due.since(self.clock.now())).await,
            None => std::future::pending().await,
        }
    }
}
