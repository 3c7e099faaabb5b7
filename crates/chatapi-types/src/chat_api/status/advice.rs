//! What a state means and what to do about it.

use super::{AccountStatus, LoadingReason, Status, Substatus};

/// What a state means and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advice {
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// Whether messages leave in this state. Where they do not, sends are queued.
    pub can_send: bool,
    /// Whether it usually passes without anybody doing anything.
    pub heals_itself: bool,
    /// What to do, for programs.
    pub remedy: Remedy,
    /// What to do, for people; one sentence.
    pub action: &'static str,
}

/// What to do about a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Remedy {
    /// Nothing.
    Nothing,
    /// Wait; it passes.
    Wait,
    /// Ask for the status without `no_wakeup`, which wakes the instance.
    Wake,
    /// Scan the QR code with the phone.
    ScanQr,
    /// Call `expiry` for a new QR code.
    RefreshQr,
    /// Call `retry`.
    Retry,
    /// Close the other session or call `takeover`.
    TakeOver,
    /// See to the phone: power, network, the messenger running.
    CheckPhone,
    /// Charge the phone.
    ChargePhone,
    /// Change the proxy.
    ChangeProxy,
    /// Call `reboot` if it lasts.
    Reboot,
    /// Pay.
    Pay,
    /// A person must look: the state is unknown to this version.
    Look,
}

const fn advice(
    can_send: bool,
    heals_itself: bool,
    remedy: Remedy,
    meaning: &'static str,
    action: &'static str,
) -> Advice {
    Advice {
        meaning,
        can_send,
        heals_itself,
        remedy,
        action,
    }
}

const PAY: Advice = advice(
    false,
    false,
    Remedy::Pay,
    "the instance must be paid for",
    "pay for the instance; nothing leaves until then",
);
const CONFLICT: Advice = advice(
    false,
    false,
    Remedy::TakeOver,
    "a second session is open, and the two interrupt each other",
    "close the other messenger window, or call takeover",
);
const PHONE_OFFLINE: Advice = advice(
    false,
    false,
    Remedy::CheckPhone,
    "the phone is switched off or has no network",
    "switch the phone on and give it stable internet; what is queued then leaves in 5 messages per 2 minutes",
);
const LOADING: Advice = advice(
    false,
    true,
    Remedy::Wait,
    "the instance is loading",
    "wait; reboot the instance if it takes more than 5 minutes",
);
const FINE: Advice = advice(
    true,
    true,
    Remedy::Nothing,
    "the instance is running, everything is in order",
    "nothing",
);

impl Status {
    /// What this state means and what to do about it.
    ///
    /// `expired` is the one word with two meanings, because its two sources speak of different
    /// moments: while a QR code is shown it has run out (specification, grade A); otherwise the
    /// instance must be paid for (help page, grade A).
    #[must_use]
    pub fn advice(&self) -> Advice {
        match &self.account_status {
            AccountStatus::NotPaid => PAY,
            AccountStatus::Conflict => CONFLICT,
            AccountStatus::Init => advice(
                false,
                false,
                Remedy::Wake,
                "the instance is asleep",
                "ask for the status without no_wakeup: that wakes it",
            ),
            AccountStatus::GotQrCode => match self.substatus() {
                Some(Substatus::Expired) => advice(
                    false,
                    false,
                    Remedy::RefreshQr,
                    "the QR code has run out",
                    "call expiry for a new QR code and scan it within a minute",
                ),
                _ => advice(
                    false,
                    false,
                    Remedy::ScanQr,
                    "the instance waits for its phone",
                    "scan the QR code with the phone within a minute; messages sent now wait",
                ),
            },
            AccountStatus::Loading => match (self.reason(), self.substatus()) {
                (Some(reason), _) if reason.is_known() => reason.advice(),
                (_, Some(substatus)) if *substatus != Substatus::Normal => substatus.advice(),
                _ => LOADING,
            },
            AccountStatus::Authenticated => self.substatus().map_or(FINE, Substatus::advice),
            AccountStatus::Unknown(_) => LOOK,
        }
    }
}

const LOOK: Advice = advice(
    false,
    false,
    Remedy::Look,
    "a state that this version does not know",
    "look at the instance in the vendor's account, and update this library",
);

impl LoadingReason {
    /// What it means that an instance is loading for this reason, and what to do about it.
    #[must_use]
    pub const fn advice(&self) -> Advice {
        match self {
            Self::Connecting => LOADING,
            Self::Syncing => advice(
                false,
                true,
                Remedy::Wait,
                "the instance is reading messages from the phone",
                "keep the phone on and near its network; call retry if it takes more than 5 minutes",
            ),
            Self::Offline => PHONE_OFFLINE,
            Self::ProxyBlock => advice(
                false,
                false,
                Remedy::ChangeProxy,
                "the proxy of the instance is blocked",
                "set another proxy in the settings, or ask the vendor for one",
            ),
            Self::Conflict => CONFLICT,
            Self::Unknown(_) => LOOK,
        }
    }
}

impl Substatus {
    /// What this substatus means outside the QR screen, and what to do about it. With a whole
    /// [`Status`] at hand, ask that: it knows whether a QR code is shown.
    #[must_use]
    pub const fn advice(&self) -> Advice {
        match self {
            Self::Normal => FINE,
            Self::Loading => LOADING,
            Self::Opening => advice(
                false,
                true,
                Remedy::Wait,
                "the web session is being opened",
                "wait; reboot the instance if it takes more than 5 minutes",
            ),
            Self::Offline => PHONE_OFFLINE,
            Self::Expired => PAY,
            Self::Pairing => CONFLICT,
            Self::Timeout => advice(
                false,
                true,
                Remedy::CheckPhone,
                "the phone gave no answer within 30 seconds",
                "see that the phone is on, has internet, and lets the messenger run in the background",
            ),
            Self::Computer => advice(
                false,
                true,
                Remedy::Reboot,
                "the vendor's computer has trouble connecting",
                "wait a little; reboot the instance if it lasts",
            ),
            Self::Phone => advice(
                false,
                true,
                Remedy::CheckPhone,
                "the phone has trouble connecting",
                "see to the phone's internet connection",
            ),
            Self::BatteryLow1 => advice(
                true,
                false,
                Remedy::ChargePhone,
                "the phone's battery is low",
                "charge the phone: sending still works",
            ),
            Self::BatteryLow2 => advice(
                false,
                false,
                Remedy::ChargePhone,
                "the phone's battery is below 5 %",
                "charge the phone now: it may go off any minute, so nothing should be sent",
            ),
            Self::Unknown(_) => LOOK,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat_api::StatusData;

    fn status(account: AccountStatus, substatus: Substatus) -> Status {
        let data = StatusData {
            substatus: Some(substatus),
            ..StatusData::default()
        };
        Status {
            status_data: Some(data),
            ..Status::new(account)
        }
    }

    #[test]
    fn expired_means_two_things() {
        let qr = status(AccountStatus::GotQrCode, Substatus::Expired);
        assert_eq!(qr.advice().remedy, Remedy::RefreshQr);
        let unpaid = status(AccountStatus::Authenticated, Substatus::Expired);
        assert_eq!(unpaid.advice().remedy, Remedy::Pay);
    }

    #[test]
    fn only_normal_and_low_battery_send() {
        for word in Substatus::KNOWN {
            let sends = matches!(*word, "normal" | "battery_low_1");
            let advice = status(AccountStatus::Authenticated, (*word).into()).advice();
            assert_eq!(advice.can_send, sends, "{word}");
            assert!(!advice.action.is_empty() && !advice.meaning.is_empty());
        }
        assert_eq!(Substatus::from("battery_low2"), Substatus::BatteryLow2);
    }

    #[test]
    fn the_reason_beats_the_substatus_while_loading() {
        let mut loading = status(AccountStatus::Loading, Substatus::Pairing);
        assert_eq!(loading.advice().remedy, Remedy::TakeOver);
        loading.status_data.as_mut().unwrap().reason = Some(LoadingReason::ProxyBlock);
        assert_eq!(loading.advice().remedy, Remedy::ChangeProxy);
        assert_eq!(Status::new("dreaming".into()).advice().remedy, Remedy::Look);
    }
}
