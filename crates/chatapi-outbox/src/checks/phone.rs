//! Has the recipient an account?

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chatapi_client::line::Line;
use chatapi_transport::{Clock, ErrorKind, Moment};
use chatapi_types::Phone;

use super::Checks;
use super::memory::Memory;
use crate::record::LineName;

/// How many questions may wait for their turn on one line.
const AHEAD: u32 = 4;

/// What is known about numbers, and when each line may be asked again.
#[derive(Debug)]
pub(super) struct Phones {
    known: Mutex<Memory<Phone>>,
    free_at: Mutex<HashMap<LineName, Moment>>,
}

/// What became of a question.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The number has an account, or none.
    Known(bool),
    /// There was no answer; the same question later may have one.
    Unclear(String),
    /// This line answers no such questions.
    Never(String),
}

impl Phones {
    pub(super) fn new(checks: &Checks) -> Self {
        let known = Mutex::new(Memory::new(checks.remembered));
        Self { known, free_at: Mutex::default() }
    }

    pub(super) fn known(&self, phone: &Phone, now: Moment) -> Option<bool> {
        lock(&self.known).answer(phone, now)
    }

    /// When a line may be asked, at the earliest; `None` when enough questions wait for it.
    pub(super) fn free_at(&self, line: &LineName, checks: &Checks, now: Moment) -> Option<Moment> {
        let free = lock(&self.free_at).get(line).copied().unwrap_or_default().max(now);
        (free.since(now) <= checks.interval * AHEAD).then_some(free)
    }

    /// Asks, when it is the question's turn.
    pub(super) async fn ask(
        &self,
        phone: &Phone,
        (name, line): (&LineName, &dyn Line),
        checks: &Checks,
        clock: &dyn Clock,
    ) -> Asked {
        let now = clock.now();
        let turn = {
            let mut free_at = lock(&self.free_at);
            let free = free_at.entry(name.clone()).or_default();
            let turn = now.max(*free);
            *free = turn.plus(checks.interval);
            turn
        };
        clock.sleep(turn.since(now)).await;
        let has_account = match line.check_phone(phone).await {
            Ok(has_account) => has_account,
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                return Asked::Never(error.to_string());
            }
            Err(error) => return Asked::Unclear(error.to_string()),
        };
        let now = clock.now();
        let believed = if has_account { checks.account_for } else { checks.none_for };
        lock(&self.known).keep(phone.clone(), has_account, now.plus(believed), now);
        Asked::Known(has_account)
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
