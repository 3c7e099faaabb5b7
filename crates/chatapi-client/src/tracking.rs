//! Following a message to where it shall arrive.

use std::time::Duration;

use chatapi_transport::{Error, Moment, Result};
use chatapi_types::Delivery;
use futures_core::Stream;
use futures_util::stream;

use crate::line::{Line, State, Submitted};

/// How long is followed unless [`Tracking::within`] says otherwise.
const PATIENCE: Duration = Duration::from_secs(120);

/// The first pause between two looks; each further one is half as long again, up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(1);

/// The longest pause between two looks.
const LONGEST: Duration = Duration::from_secs(15);

/// Follows a message on any [`Line`]: set the goal, then ask for its [`outcome`](Self::outcome), or
/// for every [change](Self::changes).
///
/// How far polling can see depends on the vendor: see
/// [`Capabilities::polls_delivery`](crate::line::Capabilities::polls_delivery).
#[derive(Clone, Debug)]
#[must_use = "nothing is followed until the outcome or the changes are asked for"]
pub struct Tracking<'a> {
    line: &'a dyn Line,
    message: Submitted,
    goal: Delivery,
    patience: Duration,
    poll: Option<Duration>,
}

/// How following a message ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The goal is reached, or passed.
    Reached(State),
    /// The message will never reach it: it failed, or was deleted.
    Ended(State),
    /// Time is up.
    TimedOut {
        /// The last state that was seen; `None` when the vendor's records never showed the message.
        /// A queue cannot be searched by id: of a message followed by its id alone, `None` means
        /// that it was not in the history; it may still wait.
        last: Option<State>,
        /// Why the last look failed, if it did.
        error: Option<Error>,
    },
}

impl Outcome {
    /// Whether the goal is reached.
    #[must_use]
    pub const fn is_reached(&self) -> bool {
        matches!(self, Self::Reached(_))
    }

    /// The last state that was seen.
    #[must_use]
    pub const fn state(&self) -> Option<&State> {
        match self {
            Self::Reached(state) | Self::Ended(state) => Some(state),
            Self::TimedOut { last, .. } => last.as_ref(),
        }
    }
}

impl<'a> Tracking<'a> {
    /// Follows a message until it is sent, for two minutes at most.
    pub fn new(line: &'a dyn Line, message: impl Into<Submitted>) -> Self {
        let message = message.into();
        Self { line, message, goal: Delivery::Sent, patience: PATIENCE, poll: None }
    }

    /// Follows it until this state; until it is sent unless given.
    pub fn until(mut self, goal: Delivery) -> Self {
        self.goal = goal;
        self
    }

    /// Follows it at most this long; two minutes unless given.
    pub const fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Looks this often, but not more often than every millisecond; after 1 second and then at
    /// growing intervals up to 15 unless given.
    pub const fn every(mut self, poll: Duration) -> Self {
        self.poll = Some(if poll.as_millis() == 0 { Duration::from_millis(1) } else { poll });
        self
    }

    /// Waits for the outcome.
    ///
    /// # Errors
    ///
    /// Those of a call, unless it may succeed a little later: such ones are outlived, and reported
    /// only if they last until time is up.
    pub async fn outcome(self) -> Result<Outcome> {
        let mut watch = Watch::new(self);
        loop {
            match watch.look().await? {
                Look::Seen(state) if state.delivery.has_reached(&watch.tracking.goal) => {
                    return Ok(Outcome::Reached(state));
                }
                Look::Seen(state) if state.delivery.is_final() => return Ok(Outcome::Ended(state)),
                Look::Seen(_) | Look::Nothing => {}
                Look::TimeIsUp => {
                    return Ok(Outcome::TimedOut { last: watch.last, error: watch.error });
                }
            }
        }
    }

    /// The states of the message, each once, in order, up to the goal, to its end, or until time is
    /// up.
    ///
    /// An error that will not pass by itself ends the stream; so does one that lasts until time is
    /// up.
    pub fn changes(self) -> impl Stream<Item = Result<State>> + Send + Unpin + 'a {
        let watch = Watch::new(self);
        Box::pin(stream::unfold(Some(watch), |watch| async move {
            let mut watch = watch?;
            loop {
                let before = watch.last.clone();
                match watch.look().await {
                    Ok(Look::Seen(state)) => {
                        let goal = &watch.tracking.goal;
                        let over = state.delivery.has_reached(goal) || state.delivery.is_final();
                        if over || before.as_ref() != Some(&state) {
                            return Some((Ok(state), (!over).then_some(watch)));
                        }
                    }
                    Ok(Look::Nothing) => {}
                    Ok(Look::TimeIsUp) => return Some((Err(watch.error?), None)),
                    Err(error) => return Some((Err(error), None)),
                }
            }
        }))
    }
}

struct Watch<'a> {
    tracking: Tracking<'a>,
    deadline: Moment,
    pause: Option<Duration>,
    last: Option<State>,
    error: Option<Error>,
}

enum Look {
    Seen(State),
    Nothing,
    TimeIsUp,
}

impl<'a> Watch<'a> {
    fn new(tracking: Tracking<'a>) -> Self {
        let deadline = tracking.line.clock().now().plus(tracking.patience);
        Self { tracking, deadline, pause: None, last: None, error: None }
    }

    /// Waits for the next look, which the first is not, and looks.
    async fn look(&mut self) -> Result<Look> {
        let clock = self.tracking.line.clock();
        if let Some(pause) = self.pause {
            let left = self.deadline.since(clock.now());
            if left.is_zero() {
                return Ok(Look::TimeIsUp);
            }
            clock.sleep(pause.min(left)).await;
        }
        self.pause = Some(self.tracking.poll.unwrap_or_else(|| {
            self.pause.map_or(FIRST, |pause| (pause.saturating_mul(3) / 2).min(LONGEST))
        }));
        match self.tracking.line.state(&self.tracking.message).await {
            Ok(state) => {
                self.error = None;
                // A message that has left the queue and does not stand in the history yet is on
                // its way: what was seen before still holds.
                Ok(state.map_or(Look::Nothing, |state| {
                    self.last = Some(state.clone());
                    Look::Seen(state)
                }))
            }
            Err(error) if error.is_transient() => {
                self.error = Some(error);
                Ok(Look::Nothing)
            }
            Err(error) => Err(error),
        }
    }
}
