use std::time::Duration;

use chatapi_types::{ChatId, Delivery, FailureReason, MessageId, UnixMillis};
use proptest::prelude::*;

use crate::machine::{Figures, Look, Resolution, Verdict};
use crate::record::{LineName, OutboxId, Route};
use crate::store::{Content, Grant, Intend, Intended, Intent, Ledger, NewMessage, Review};
use crate::{OnDoubt, State};

const ID: OutboxId = OutboxId::from_u128(1);

/// One message on one of two phones, and what was done with it so far.
struct Desk {
    ledger: Ledger,
    figures: Figures,
    grants: Vec<Grant>,
    intent: Option<Intent>,
    now: UnixMillis,
}

impl Desk {
    fn new(route: Route, on_doubt: OnDoubt, attempts: u32) -> Self {
        let mut ledger = Ledger::default();
        let figures = Figures { attempts, ..Figures::default() };
        let now = UnixMillis::from_millis(1_600_000_000_000);
        let mut grants = Vec::new();
        for name in ["one", "two"] {
            let line = LineName::from(name);
            ledger.add_line(line.clone(), Some("pair".into()), now);
            grants.extend(ledger.acquire(&line, "owner", &figures, now));
        }
        let chat = ChatId::new("79000000001@c.us");
        let look = Look::of_text(&chat, "hello");
        let mut new = NewMessage::new("key", chat, route, look, Content::new("hello", None));
        new.on_doubt = Some(on_doubt);
        ledger.enqueue(new, ID, now).unwrap();
        Self { ledger, figures, grants, intent: None, now }
    }

    fn state(&self) -> State {
        self.ledger.message(ID).unwrap().state
    }

    fn pass(&mut self, seconds: u64) {
        self.now = self.now.plus(Duration::from_secs(seconds));
        self.ledger.tend(self.now);
    }

    fn intend(&mut self, phone: usize) -> Intended {
        let grant = self.grants[phone].clone();
        self.ledger.renew(&grant, &self.figures, self.now).unwrap();
        let ask = Intend::new(grant, self.now);
        let intended = self.ledger.intend(&ask, &self.figures, self.now).unwrap();
        if let Intended::Send(intent) = &intended {
            self.intent = Some(intent.clone());
        }
        intended
    }

    fn answer(&mut self, phone: usize, verdict: &Verdict) {
        let (grant, intent) = (&self.grants[phone], self.intent.as_ref().unwrap());
        self.ledger.settle(grant, intent, verdict.clone(), &self.figures, self.now).unwrap();
    }

    fn sent(&mut self, phone: usize, verdict: &Verdict) {
        assert!(matches!(self.intend(phone), Intended::Send(_)));
        self.answer(phone, verdict);
        self.pass(60);
    }

    fn lost(&mut self, phone: usize) {
        self.ledger.lost(&self.grants[phone], ID, &self.figures, self.now).unwrap();
    }

    fn resolve(&mut self, phone: usize, resolution: Resolution) {
        self.ledger.resolve(&self.grants[phone], ID, resolution, self.now).unwrap();
    }

    fn review(&mut self, review: Review) {
        assert!(self.ledger.review(ID, review, "anna", self.now));
    }

    fn ack(&mut self, id: &str, ack: &Delivery) {
        self.ledger.ack(&"one".into(), &MessageId::new(id), None, ack, self.now);
    }
}

fn accepted(id: &str) -> Verdict {
    Verdict::Accepted { id: Some(MessageId::new(id)), queue_number: None }
}

fn unsent() -> Verdict {
    Verdict::NotSent { reason: "refused".into(), retry_after_ms: None, pauses_phone: true }
}

fn unknown() -> Verdict {
    Verdict::Unknown { reason: "no answer".into() }
}

fn failed() -> Delivery {
    Delivery::Failed(FailureReason::Messenger)
}

/// A message in every state in which one can rest, and how it may have come there: `a` is the
/// vendor's id of its first attempt where that has one, `b` of its second.
const SCENES: usize = 20;

fn scene(which: usize) -> Desk {
    let attempts = if which == 17 { 2 } else { 10 };
    let on_doubt = if which == 12 { OnDoubt::Hold } else { OnDoubt::ProveThenResend };
    let mut desk = Desk::new(Route::line("one"), on_doubt, attempts);
    let lost = |desk: &mut Desk| {
        desk.sent(0, &accepted("a"));
        desk.lost(0);
    };
    match which {
        0 => {}
        1 => drop(desk.intend(0)),
        // In flight once more, the first attempt having been lost.
        2 => {
            lost(&mut desk);
            desk.intend(0);
        }
        // … having failed, and a person wants it sent again.
        3 => {
            desk.sent(0, &accepted("a"));
            desk.ack("a", &failed());
            desk.review(Review::Resend);
            desk.intend(0);
        }
        4 => desk.sent(0, &accepted("a")),
        5 => desk.sent(0, &Verdict::Accepted { id: None, queue_number: Some(7) }),
        6 => {
            lost(&mut desk);
            desk.sent(0, &accepted("b"));
        }
        7 => desk.sent(0, &unknown()),
        8 => {
            lost(&mut desk);
            desk.sent(0, &unknown());
        }
        9 => lost(&mut desk),
        10 => {
            desk.sent(0, &accepted("a"));
            desk.ack("a", &failed());
            desk.review(Review::Resend);
        }
        11 => {
            lost(&mut desk);
            desk.sent(0, &unsent());
        }
        12 => lost(&mut desk),
        13 => {
            lost(&mut desk);
            desk.sent(0, &unknown());
            desk.resolve(0, Resolution::Review("nobody knows".into()));
        }
        14..17 => {
            let ack = [Delivery::Sent, Delivery::Delivered, failed()][which - 14].clone();
            desk.sent(0, &accepted("a"));
            desk.ack("a", &ack);
        }
        17 => {
            lost(&mut desk);
            desk.sent(0, &unsent());
        }
        18 => {
            lost(&mut desk);
            assert!(desk.ledger.cancel(ID, desk.now));
        }
        _ => {
            lost(&mut desk);
            desk.sent(0, &Verdict::Refused { reason: "no account".into(), may_heal: false });
        }
    }
    desk
}

#[derive(Clone, Debug)]
enum News {
    Ack(&'static str, Delivery),
    Answer(Verdict),
}

fn end(which: usize, news: &[News]) -> State {
    let mut desk = scene(which);
    let is_in_flight = desk.state() == State::Sending;
    for one in news {
        match one {
            News::Ack(id, ack) => desk.ack(id, ack),
            News::Answer(verdict) if is_in_flight => desk.answer(0, verdict),
            News::Answer(_) => {}
        }
        assert_eq!(desk.ledger.contradiction(), None);
    }
    desk.state()
}

fn acks() -> impl Strategy<Value = Vec<News>> {
    let ack = prop_oneof![
        Just(Delivery::Queued),
        Just(Delivery::Sent),
        Just(Delivery::Delivered),
        Just(Delivery::Read),
        Just(failed()),
        Just(Delivery::Other("opened".into())),
    ];
    let ack = (prop_oneof![Just("a"), Just("b")], ack).prop_map(|(id, ack)| News::Ack(id, ack));
    proptest::collection::vec(ack, 0..6)
}

fn answers() -> impl Strategy<Value = Verdict> {
    let refused = |may_heal| Verdict::Refused { reason: "busy".into(), may_heal };
    prop_oneof![
        3 => Just(accepted("b")),
        1 => Just(Verdict::Accepted { id: None, queue_number: None }),
        1 => Just(unsent()),
        1 => Just(refused(true)),
        1 => Just(refused(false)),
        2 => Just(unknown()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn from_every_state_any_order_and_repetition_of_news_ends_in_the_same_state(
        which in 0..SCENES,
        acks in acks(),
        answer in answers(),
        seed: u64,
    ) {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut news = acks;
        news.push(News::Answer(answer));
        let expected = end(which, &news);
        let again = news.iter().filter(|_| random.bool()).cloned();
        let mut shuffled: Vec<News> = news.iter().cloned().chain(again).collect();
        random.shuffle(&mut shuffled);
        prop_assert_eq!(end(which, &shuffled), expected, "{:?} and {:?}", news, shuffled);
    }
}

#[test]
fn the_scenes_are_every_state_that_acknowledgements_can_meet() {
    let met: std::collections::BTreeSet<State> = (0..SCENES).map(|n| scene(n).state()).collect();
    // Accepted and expired were never tried; lost is passed through; read is as delivered.
    let never = [State::Accepted, State::LostAtVendor, State::Expired, State::Read];
    let missing: Vec<State> = State::ALL.into_iter().filter(|state| !met.contains(state)).collect();
    assert_eq!(missing, [State::Accepted, State::Read, State::LostAtVendor, State::Expired]);
    assert!(missing.iter().all(|state| never.contains(state)));
}

#[test]
fn that_an_earlier_attempt_arrived_is_remembered_while_the_latest_is_on_its_way() {
    for (answer, early) in [(accepted("b"), Delivery::Delivered), (unsent(), Delivery::Sent)] {
        let mut desk = scene(2);
        desk.ack("a", &early);
        assert_eq!(desk.state(), State::Sending);
        desk.answer(0, &answer);
        assert_eq!(
            Some(desk.state()),
            State::ALL.into_iter().find(|s| s.delivery() == Some(early.clone()))
        );
    }
}

#[test]
fn a_failure_that_is_told_again_does_not_undo_that_a_person_has_it_sent_again() {
    let mut desk = scene(10);
    desk.ack("a", &failed());
    desk.ack("a", &Delivery::Sent);
    assert_eq!(desk.state(), State::Ready);
    desk.sent(0, &accepted("b"));
    desk.ack("a", &failed());
    assert_eq!(desk.state(), State::AtVendor);
}

#[test]
fn what_was_not_taken_leaves_through_another_phone_of_its_group() {
    let group = || Desk::new(Route::group("pair"), OnDoubt::ProveThenResend, 10);
    let ways: [fn(&mut Desk); 6] = [
        |desk| desk.sent(0, &unsent()),
        |desk| desk.sent(0, &Verdict::Refused { reason: "busy".into(), may_heal: true }),
        |desk| {
            desk.intend(0);
            let (grant, intent) = (desk.grants[0].clone(), desk.intent.clone().unwrap());
            desk.ledger.give_back(&grant, &intent, desk.now).unwrap();
        },
        |desk| {
            desk.sent(0, &unknown());
            desk.resolve(0, Resolution::Resend);
        },
        |desk| {
            desk.sent(0, &accepted("a"));
            desk.lost(0);
        },
        |desk| {
            desk.sent(0, &unknown());
            desk.resolve(0, Resolution::Review("nobody knows".into()));
            desk.review(Review::Resend);
        },
    ];
    for (number, way) in ways.into_iter().enumerate() {
        let mut desk = group();
        way(&mut desk);
        assert_eq!(desk.state(), State::Ready, "{number}");
        assert!(matches!(desk.intend(1), Intended::Send(_)), "{number}");
    }
}

#[test]
fn what_the_first_phone_may_have_goes_through_no_other() {
    for verdict in [unknown(), accepted("a")] {
        let mut desk = Desk::new(Route::group("pair"), OnDoubt::ProveThenResend, 10);
        desk.intend(0);
        assert!(matches!(desk.intend(1), Intended::Nothing { .. }), "in flight");
        desk.answer(0, &verdict);
        desk.pass(3_600);
        // Its lease is long over; the other phone's was renewed.
        assert!(matches!(desk.intend(1), Intended::Nothing { .. }), "{verdict:?}");
    }
}
