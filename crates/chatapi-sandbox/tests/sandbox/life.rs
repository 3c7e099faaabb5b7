//! The life of an instance as a walk: from every state only legal steps lead on, every word of the
//! vendor's is reached, and from everywhere there is a way back to work.

use std::collections::BTreeSet;
use std::time::Duration;

use chatapi_sandbox::{InstanceHandle, Sandbox};
use chatapi_types::chat_api::{AccountStatus, LoadingReason, Substatus};
use proptest::prelude::*;

use crate::wire::{call, with_instance};

/// What can be told apart from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Unpaid,
    Asleep,
    Connecting,
    Showing,
    Expired,
    Syncing,
    Opening,
    /// The session needs a phone that cannot be reached.
    Waiting,
    Conflict,
    ProxyBlocked,
    Working,
}

/// `None` for a state that is none of the vendor's.
fn place(phone: &InstanceHandle) -> Option<Place> {
    use {AccountStatus as A, LoadingReason as R, Substatus as S};
    let (account, substatus) = phone.status().unwrap();
    Some(match (account, substatus, phone.reason()) {
        (A::NotPaid, S::Expired, None) => Place::Unpaid,
        (A::Init, S::Offline, None) => Place::Asleep,
        (A::GotQrCode, S::Loading, None) => Place::Showing,
        (A::GotQrCode, S::Expired, None) => Place::Expired,
        (A::Loading, S::Opening, Some(R::Connecting)) => Place::Opening,
        (A::Loading, S::Loading | S::Computer, Some(R::Connecting)) => Place::Connecting,
        (A::Loading, S::Loading | S::Computer, Some(R::Syncing)) => Place::Syncing,
        (A::Loading, S::Offline, Some(R::Offline)) => Place::Waiting,
        (A::Loading, S::Pairing, Some(R::Conflict)) => Place::Conflict,
        (A::Loading, S::Computer, Some(R::ProxyBlock)) => Place::ProxyBlocked,
        (
            A::Authenticated,
            S::Normal
            | S::Offline
            | S::Phone
            | S::Timeout
            | S::Computer
            | S::BatteryLow1
            | S::BatteryLow2,
            None,
        ) => Place::Working,
        _ => return None,
    })
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A second goes by.
    Second,
    Ask,
    Scan,
    Expire,
    Expiry,
    Takeover,
    Retry,
    Logout,
    Reboot,
    Rival,
    NoRival,
    PhoneOffline,
    PhonePoor,
    PhoneSilent,
    PhoneOnline,
    Battery(u8),
    Unplug,
    PlugIn,
    ServerOffline,
    BlockProxy,
    ServerOnline,
    Unpaid,
    Paid,
}

impl Step {
    fn take(self, sandbox: &Sandbox) {
        let phone = sandbox.instance("123");
        match self {
            Self::Second => sandbox.clock().advance(Duration::from_secs(1)),
            Self::Ask => drop(call(sandbox, "status", "{}")),
            Self::Scan => drop(phone.scan_qr()),
            Self::Expire => phone.expire_qr(),
            Self::Expiry => drop(call(sandbox, "expiry", "{}")),
            Self::Takeover => drop(call(sandbox, "takeover", "{}")),
            Self::Retry => drop(call(sandbox, "retry", "{}")),
            Self::Logout => drop(call(sandbox, "logout", "{}")),
            Self::Reboot => drop(call(sandbox, "reboot", "{}")),
            Self::Rival => phone.open_second_session(),
            Self::NoRival => phone.close_second_session(),
            Self::PhoneOffline => phone.phone_offline(),
            Self::PhonePoor => phone.phone_poor(),
            Self::PhoneSilent => phone.phone_silent(),
            Self::PhoneOnline => phone.phone_online(),
            Self::Battery(percent) => phone.battery(percent),
            Self::Unplug => phone.unplug(),
            Self::PlugIn => phone.plug_in(),
            Self::ServerOffline => phone.server_offline(),
            Self::BlockProxy => phone.block_proxy(),
            Self::ServerOnline => phone.server_online(),
            Self::Unpaid => phone.unpaid(),
            Self::Paid => phone.paid(),
        }
    }

    /// Whether a step may lead from one place to another. To stay is always legal.
    fn may_lead(self, from: Place, to: Place) -> bool {
        use Place::*;
        // A session on its way is seen as what holds it up, where something does.
        let on_its_way = matches!(to, Syncing | Opening | Connecting | Waiting | ProxyBlocked);
        let phone_matters = matches!(from, Syncing | Opening | Connecting | Waiting) && on_its_way;
        from == to
            || match self {
                Self::Second => {
                    matches!(
                        (from, to),
                        (Connecting, Showing)
                            | (Showing, Expired)
                            | (Syncing, Working)
                            | (Opening, Working | Conflict)
                    ) || phone_matters
                }
                Self::Ask => matches!((from, to), (Asleep, Connecting | ProxyBlocked)),
                Self::Scan => matches!((from, to), (Showing, Syncing)),
                Self::Expire => matches!((from, to), (Showing, Expired)),
                Self::Expiry => matches!((from, to), (Expired, Showing)),
                Self::Takeover => from == Conflict && on_its_way,
                Self::Retry => false,
                Self::Logout => from != Unpaid && to == Asleep,
                Self::Reboot => from != Unpaid && on_its_way,
                Self::Rival => matches!((from, to), (Working, Conflict)),
                Self::NoRival => matches!((from, to), (Conflict, Working)),
                Self::PhoneOffline
                | Self::PhonePoor
                | Self::PhoneSilent
                | Self::PhoneOnline
                | Self::Battery(_)
                | Self::Unplug
                | Self::PlugIn => phone_matters,
                Self::ServerOffline => matches!(from, ProxyBlocked | Opening | Waiting),
                Self::BlockProxy => {
                    to == ProxyBlocked && !matches!(from, Unpaid | Asleep | Showing | Expired)
                }
                Self::ServerOnline => from == ProxyBlocked || phone_matters,
                Self::Unpaid => to == Unpaid,
                Self::Paid => from == Unpaid,
            }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use Step::*;
    let step = prop_oneof![
        6 => Just(Second),
        3 => Just(Ask),
        3 => Just(Scan),
        1 => (0..=20u8).prop_map(Battery),
        12 => proptest::sample::select(vec![
            Expire, Expiry, Takeover, Retry, Logout, Reboot, Rival, NoRival, PhoneOffline, PhonePoor,
            PhoneSilent, PhoneOnline, Unplug, PlugIn, ServerOffline, BlockProxy, ServerOnline,
            Unpaid, Paid,
        ]),
    ];
    // Steps are taken once, or for some time.
    let run = (step, prop_oneof![3 => Just(1usize), 1 => 1..130usize]);
    proptest::collection::vec(run, 1..40).prop_map(|runs| {
        let repeat = |(step, times)| match step {
            Second => vec![Second; times],
            step => vec![step],
        };
        runs.into_iter().flat_map(repeat).collect()
    })
}

/// What a person can do to get any instance to work.
fn rescue(sandbox: &Sandbox) {
    let phone = sandbox.instance("123");
    phone.paid();
    phone.server_online();
    phone.battery(100);
    phone.phone_online();
    phone.close_second_session();
    call(sandbox, "status", "{}");
    sandbox.clock().advance(Duration::from_secs(5));
    call(sandbox, "expiry", "{}");
    phone.scan_qr();
    sandbox.clock().advance(Duration::from_secs(5));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn only_legal_steps_lead_on_and_there_is_always_a_way_back(steps in steps()) {
        let sandbox = with_instance();
        let phone = sandbox.instance("123");
        let mut from = place(&phone).unwrap();
        for step in steps {
            step.take(&sandbox);
            let to = place(&phone);
            let Some(to) = to else {
                return Err(TestCaseError::fail(format!("{step:?} led from {from:?} nowhere")));
            };
            prop_assert!(step.may_lead(from, to), "{step:?} led from {from:?} to {to:?}");
            from = to;
        }
        rescue(&sandbox);
        prop_assert_eq!(phone.status().unwrap(), (AccountStatus::Authenticated, Substatus::Normal));
    }
}

/// Everything that the vendor's documents name is reached by a legal way and left again.
#[test]
fn every_word_of_the_vendors_is_reached_and_left_again() {
    use Step::*;
    let ways: &[&[Step]] = &[
        &[Logout, Ask],
        &[Logout, Ask, Second, Second],
        &[Logout, Ask, Second, Second, Expire],
        &[Logout, Ask, Second, Second, Scan],
        &[Reboot],
        &[PhoneOffline, Reboot],
        &[PhoneOffline],
        &[PhonePoor],
        &[Battery(15)],
        &[Battery(4)],
        &[ServerOffline],
        &[BlockProxy],
        &[Rival],
        &[Unpaid],
    ];
    let mut seen = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let silence = [vec![PhoneSilent], vec![Second; 30]].concat();
    for way in ways.iter().copied().chain([&*silence]) {
        let sandbox = with_instance();
        let phone = sandbox.instance("123");
        for step in way {
            step.take(&sandbox);
            let (account, substatus) = phone.status().unwrap();
            seen.0.insert(account.as_str().to_owned());
            seen.1.insert(substatus.as_str().to_owned());
            seen.2.extend(phone.reason().map(|reason| reason.as_str().to_owned()));
        }
        assert_ne!(phone.status().unwrap().1, Substatus::Normal, "{way:?}");
        rescue(&sandbox);
        let works = (AccountStatus::Authenticated, Substatus::Normal);
        assert_eq!(phone.status().unwrap(), works, "{way:?}");
    }
    let (accounts, substatuses, reasons) = seen;
    for word in ["authenticated", "got qr code", "init", "loading", "not_paid"] {
        assert!(accounts.contains(word), "{word}");
    }
    for word in [
        "normal",
        "loading",
        "offline",
        "expired",
        "opening",
        "pairing",
        "timeout",
        "computer",
        "phone",
        "battery_low_1",
        "battery_low_2",
    ] {
        // The way back from each went over `normal`.
        assert!(word == "normal" || substatuses.contains(word), "{word}");
    }
    for word in ["connecting", "syncing", "offline", "proxyblock", "conflict"] {
        assert!(reasons.contains(word), "{word}");
    }
}

#[test]
fn an_unplugged_phone_runs_down_and_a_plugged_in_one_charges() {
    let sandbox = with_instance();
    let phone = sandbox.instance("123");
    let minutes = |count: u64| sandbox.clock().advance(Duration::from_secs(60 * count));
    let seen = || (phone.battery_level().unwrap(), phone.status().unwrap().1);
    minutes(100_000);
    assert_eq!(seen(), (100, Substatus::Normal), "held until somebody touches the cable");
    phone.unplug();
    assert_eq!(sandbox.run_until_idle(), Duration::ZERO, "nobody waits for a battery");
    // Ten minutes for a percent.
    minutes(840);
    assert_eq!(seen(), (16, Substatus::Normal));
    minutes(10);
    assert_eq!(seen(), (15, Substatus::BatteryLow1));
    minutes(110);
    assert_eq!(seen(), (4, Substatus::BatteryLow2));
    call(&sandbox, "sendMessage", r#"{"phone":"79000000001","body":"on the last percent"}"#);
    minutes(30);
    assert_eq!((seen(), phone.queue_len()), ((1, Substatus::BatteryLow2), 0));
    minutes(10);
    assert_eq!(seen(), (0, Substatus::Offline));
    call(&sandbox, "sendMessage", r#"{"phone":"79000000001","body":"too late"}"#);
    minutes(60);
    phone.phone_online();
    assert_eq!((seen(), phone.queue_len()), ((0, Substatus::Offline), 1));
    // A minute for a percent; it starts at three.
    phone.plug_in();
    minutes(2);
    assert_eq!(seen(), (2, Substatus::Offline));
    minutes(1);
    assert_eq!(seen(), (3, Substatus::BatteryLow2));
    minutes(2);
    assert_eq!((seen(), phone.queue_len()), ((5, Substatus::BatteryLow1), 0));
    minutes(200);
    assert_eq!(seen(), (100, Substatus::Normal));
    let sent: Vec<_> = phone.sent().into_iter().map(|sent| sent.body).collect();
    assert_eq!(sent, ["on the last percent", "too late"]);
}

#[test]
fn nothing_leaves_over_a_connection_in_trouble_and_all_of_it_in_portions_afterwards() {
    type Misfortune = fn(&InstanceHandle);
    let troubles: &[(Misfortune, Misfortune)] = &[
        (InstanceHandle::phone_offline, InstanceHandle::phone_online),
        (InstanceHandle::phone_poor, InstanceHandle::phone_online),
        (InstanceHandle::phone_silent, InstanceHandle::phone_online),
        (InstanceHandle::server_offline, InstanceHandle::server_online),
        (InstanceHandle::block_proxy, InstanceHandle::server_online),
        (InstanceHandle::open_second_session, InstanceHandle::close_second_session),
        (InstanceHandle::unpaid, InstanceHandle::paid),
    ];
    for (begin, end) in troubles {
        let sandbox = with_instance();
        let phone = sandbox.instance("123");
        for number in 0..12 {
            let body = format!(r#"{{"phone":"79000000001","body":"{number}"}}"#);
            call(&sandbox, "sendMessage", &body);
        }
        begin(&phone);
        sandbox.clock().advance(Duration::from_secs(3_600));
        assert_eq!(phone.sent().len(), 0);
        end(&phone);
        for (seconds, left) in [(60, 5), (59, 5), (61, 10), (120, 12)] {
            sandbox.clock().advance(Duration::from_secs(seconds));
            assert_eq!(phone.sent().len(), left);
        }
    }
}
