//! What acknowledgements make of a message: evidence that converges, whatever its order.

use chatapi_types::Delivery;

use crate::State;

/// The state after an acknowledgement; `None` when it changes nothing.
///
/// The way leads forward only: an acknowledgement that comes late, twice or out of order changes
/// nothing, so that any order of the same acknowledgements ends in the same state. A failure counts
/// only until the messenger has delivered.
///
/// A message in doubt, lost or under review whose acknowledgement comes is found by it.
#[must_use]
pub fn after_ack(state: State, ack: &Delivery) -> Option<State> {
    let told = match ack {
        Delivery::Queued => State::AtVendor,
        Delivery::Sent => State::Sent,
        Delivery::Delivered => State::Delivered,
        Delivery::Read => State::Read,
        Delivery::Failed(_) => State::Failed,
        // What was removed was there; what is not understood proves nothing.
        _ => return None,
    };
    let next = match (state, told) {
        // An answer to the attempt is on its way; the caller keeps the acknowledgement until then.
        (State::Sending, _) => return None,
        (State::AtVendor | State::Sent, State::Failed) => State::Failed,
        (_, State::Failed) => return None,
        // The messenger has it, whatever was said before.
        (State::Failed, State::Delivered | State::Read) => told,
        (State::LostAtVendor | State::InDoubt | State::NeedsReview, _) => told,
        (State::Ready, State::Sent | State::Delivered | State::Read) => told,
        (State::AtVendor | State::Sent | State::Delivered | State::Read, _)
            if rank(told) > rank(state) =>
        {
            told
        }
        _ => return None,
    };
    (next != state).then_some(next)
}

const fn rank(state: State) -> u8 {
    match state {
        State::AtVendor => 1,
        State::Sent => 2,
        State::Delivered => 3,
        State::Read => 4,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use chatapi_types::FailureReason;
    use proptest::prelude::*;

    use super::*;

    fn play(acks: &[Delivery]) -> State {
        acks.iter().fold(State::AtVendor, |state, ack| after_ack(state, ack).unwrap_or(state))
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
        assert_eq!(after_ack(State::Sending, &Delivery::Read), None);
        assert_eq!(after_ack(State::InDoubt, &Delivery::Sent), Some(State::Sent));
        assert_eq!(after_ack(State::Cancelled, &Delivery::Sent), None);
    }
}
