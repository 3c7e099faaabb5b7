//! One phone's task.

use std::sync::Arc;

use chatapi_client::line::Line;
use chatapi_transport::{Clock, Moment};
use tokio::sync::{Notify, watch};

use super::asked_to;
use crate::machine::{Answer, Figures, Lane, Step};
use crate::record::LineName;
use crate::store::{Store, Tables};

/// Asks the lane what is to be done, does it, and tells the lane what came of it.
pub(super) struct Driver {
    pub(super) tables: Arc<dyn Tables>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) line: Arc<dyn Line>,
    pub(super) owner: String,
    pub(super) figures: Figures,
    pub(super) lane: Lane,
    /// The phone's state as it was last written down, and when.
    pub(super) noted: Option<(String, Moment)>,
    call: Arc<Notify>,
    stop: watch::Receiver<bool>,
}

impl Driver {
    #[expect(clippy::too_many_arguments, reason = "built in one place, from named fields")]
    pub(super) fn new(
        tables: Arc<dyn Tables>,
        clock: Arc<dyn Clock>,
        line: Arc<dyn Line>,
        name: LineName,
        owner: String,
        figures: Figures,
        seed: u64,
        call: Arc<Notify>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let lane = Lane::new(name, figures.clone(), seed);
        Self { tables, clock, line, owner, figures, lane, noted: None, call, stop }
    }

    pub(super) async fn drive(mut self) {
        loop {
            if *self.stop.borrow() {
                if !self.lane.is_in_flight() {
                    return self.release().await;
                }
                self.lane.wind_down();
            }
            let step = self.lane.next(self.clock.now());
            let answer = match &step {
                Step::Wait(until) => Some(self.wait(*until).await),
                Step::Submit(intent) => self.submit(intent).await.map(Answer::Submitted),
                step => Some(self.carry_out(step).await),
            };
            // Without an answer the lane says what is to be done instead.
            if let Some(answer) = answer {
                self.lane.answered(&step, answer, self.clock.now());
            }
        }
    }

    async fn wait(&mut self, until: Moment) -> Answer {
        let sleep = self.clock.sleep(until.since(self.clock.now()));
        let in_flight = self.lane.is_in_flight();
        tokio::select! {
            () = sleep => {}
            () = self.call.notified() => self.lane.wake(),
            () = asked_to(&mut self.stop), if !in_flight => {}
        }
        Answer::Woken
    }

    /// Gives the phone back, so that the next owner need not wait for the lease to run out.
    async fn release(&self) {
        if let Some(grant) = self.lane.grant()
            && let Err(error) = self.tables.release(grant).await
        {
            tracing::debug!(line = %grant.line, %error, "the phone is not given back");
        }
    }
}
