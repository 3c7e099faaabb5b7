//! What acknowledgements make of a message: evidence that converges, whatever its order.

use chatapi_types::Delivery;

use crate::State;

/// Of which attempt an acknowledgement tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tells {
    /// Of the latest.
    Latest,
    /// Of the latest, which was known to have failed when the message was put back to be sent again.
    Failed,
    /// Of one before the latest, which had been given up: that it arrived counts, that it waits or
    /// failed does not.
    Earlier,
}

/// The state after an acknowledgement; `None` when it changes nothing.
///
/// Any order of the same acknowledgements, however often each comes, ends in the same state: what was
/// told furthest counts, and a failure stands between sent and delivered. While a message is being
/// sent its acknowledgements wait until the answer is written down, so that the answer always comes
/// first.
///
/// A message in doubt, lost or under review whose acknowledgement comes is found by it. What its owner
/// or the outbox has ended stays ended.
#[must_use]
pub fn after_ack(state: State, ack: &Delivery, tells: Tells) -> Option<State> {
    let told = match ack {
        Delivery::Queued => State::AtVendor,
        Delivery::Sent => State::Sent,
        Delivery::Delivered => State::Delivered,
        Delivery::Read => State::Read,
        Delivery::Failed(_) => State::Failed,
        // What was removed was there; what is not understood proves nothing.
        _ => return None,
    };
    let before = match state {
        State::Ready if tells == Tells::Failed => rank(State::Failed),
        // It is to be sent in any case; that it waits at the vendor would be old news.
        State::Ready => rank(State::AtVendor),
        State::LostAtVendor | State::InDoubt | State::NeedsReview => 0,
        _ => rank(state),
    };
    let counts = tells != Tells::Earlier || !matches!(told, State::AtVendor | State::Failed);
    (before < rank(told) && counts).then_some(told)
}

/// How far that is; what no acknowledgement moves is furthest.
const fn rank(state: State) -> u8 {
    match state {
        State::AtVendor => 1,
        State::Sent => 2,
        State::Failed => 3,
        State::Delivered => 4,
        State::Read => 5,
        _ => u8::MAX,
    }
}

#[cfg(test)]
mod tests {
    use chatapi_types::FailureReason;
    use proptest::prelude::*;

    use super::*;

    fn play(acks: &[Delivery]) -> State {
        acks.iter().fold(State::AtVendor, |state, ack| {
            after_ack(state, ack, Tells::Latest).unwrap_or(state)
        })
    }

    fn evidence() -> impl Strategy<Value = Vec<Delivery>> {
        let ack = prop_oneof![
            Just(Delivery::Queued),
            Just(Delivery::Sent),
            Just(Delivery::Delivered),
            Just(Delivery::Read),
            Just(Delivery::Failed(FailureReason::Messenger)),
            Just(Delivery::Other("opened".into())),
        ];
        proptest::collection::vec(ack, 0..8)
    }

    proptest! {
        #[test]
        fn any_order_and_any_repetition_end_in_the_same_state(
            acks in evidence(),
            seed: u64,
        ) {
            let expected = play(&acks);
            let mut random = fastrand::Rng::with_seed(seed);
            let mut shuffled = acks.clone();
            shuffled.extend(acks.iter().filter(|_| random.bool()).cloned());
            random.shuffle(&mut shuffled);
            prop_assert_eq!(play(&shuffled), expected);
        }

        #[test]
        fn what_was_dropped_and_filled_in_later_makes_no_difference(acks in evidence(), seed: u64) {
            let mut random = fastrand::Rng::with_seed(seed);
            let (dropped, mut kept): (Vec<_>, Vec<_>) =
                acks.iter().cloned().partition(|_| random.bool());
            kept.extend(dropped);
            prop_assert_eq!(play(&kept), play(&acks));
        }
    }

    #[test]
    fn a_failure_does_not_undo_what_was_delivered() {
        let failed = Delivery::Failed(FailureReason::NotSent);
        assert_eq!(play(&[Delivery::Delivered, failed.clone()]), State::Delivered);
        assert_eq!(play(&[failed.clone(), Delivery::Delivered]), State::Delivered);
        assert_eq!(play(&[Delivery::Sent, failed.clone()]), State::Failed);
        assert_eq!(play(&[failed, Delivery::Sent]), State::Failed);
    }

    #[test]
    fn what_is_being_sent_waits_for_its_answer() {
        let after = |state| after_ack(state, &Delivery::Sent, Tells::Latest);
        assert_eq!(after(State::Sending), None);
        assert_eq!(after(State::InDoubt), Some(State::Sent));
        assert_eq!(after(State::Cancelled), None);
    }
}
