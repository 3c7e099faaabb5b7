//! What a state means and what to do about it.

use super::{AccountStatus, Actions, LoadingReason, Status, Substatus};

/// What a state means and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advice {
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// Whether to send in this state: messages leave, and can be expected to go on leaving. Where
    /// not, sends are taken all the same and wait in the vendor's queue (Chat API §4.1, grade B).
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
    /// Call `retry`: the instance offers it. It may also come right without.
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
    Advice { meaning, can_send, heals_itself, remedy, action }
}

const PAY: Advice = advice(
    false,
    false,
    Remedy::Pay,
    "the instance must be paid for",
    "pay for the instance in the vendor's account",
);
const CONFLICT: Advice = advice(
    false,
    false,
    Remedy::TakeOver,
    "a second session is open, and the two interrupt each other",
    "close the other messenger window, or call takeover",
);
const OFFLINE: Advice = advice(
    false,
    false,
    Remedy::CheckPhone,
    "the instance is offline: its phone is off or without network, or it was disabled",
    "switch the phone on and give it stable internet, then what is queued leaves at 5 messages \
     per 2 minutes; if the phone is well, see whether the instance is disabled in the vendor's \
     account",
);
const LOADING: Advice = advice(
    false,
    true,
    Remedy::Wait,
    "the instance is loading",
    "wait; reboot the instance if it stays so",
);
const SYNCING: Advice = advice(
    false,
    true,
    Remedy::Wait,
    "the instance is reading messages from the phone",
    "keep the phone on and online; call retry if it stays so",
);
const FINE: Advice = advice(
    true,
    true,
    Remedy::Nothing,
    "the instance is running, everything is in order",
    "nothing",
);
const LINKED: Advice = advice(
    true,
    true,
    Remedy::Nothing,
    "the instance is linked to its phone",
    "nothing; the full status also tells of a weak battery or connection",
);
const QR_EXPIRED: Advice = advice(
    false,
    false,
    Remedy::RefreshQr,
    "the QR code has run out",
    "call expiry for a new QR code and scan it within a minute",
);
const LOOK: Advice = advice(
    false,
    false,
    Remedy::Look,
    "a state that this version does not know",
    "look at the instance in the vendor's account, and update this library",
);

impl Status {
    /// What this state means and what to do about it.
    ///
    /// Without [`status_data`](Self::status_data), which only the full status has, this is all that
    /// the account's state alone tells.
    ///
    /// `expired` is the one word with two meanings, because its two sources speak of different
    /// moments: while a QR code is shown, or the vendor offers the action `expiry`, the code has run
    /// out (specification, grade A); otherwise the instance must be paid for (help page, grade A).
    #[must_use]
    pub fn advice(&self) -> Advice {
        if self.has_expired_qr() {
            return QR_EXPIRED;
        }
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
            AccountStatus::GotQrCode => advice(
                false,
                false,
                Remedy::ScanQr,
                "the instance waits for its phone",
                "scan the QR code with the phone within a minute; messages sent now wait",
            ),
            AccountStatus::Loading => self.advice_on_loading(),
            AccountStatus::Authenticated => self.substatus().map_or(LINKED, Substatus::advice),
            AccountStatus::Unknown(_) => LOOK,
        }
    }

    fn has_expired_qr(&self) -> bool {
        self.substatus() == Some(&Substatus::Expired)
            && (self.account_status == AccountStatus::GotQrCode
                || self.qr_code.as_deref().is_some_and(|qr| !qr.is_empty())
                || self.actions().is_some_and(|actions| actions.expiry.is_some()))
    }

    /// The reason says more than the substatus, where both are known.
    fn advice_on_loading(&self) -> Advice {
        match (self.reason(), self.substatus()) {
            (Some(LoadingReason::Syncing), _) => match self.actions() {
                Some(actions) if actions.retry.is_some() => {
                    Advice { remedy: Remedy::Retry, ..SYNCING }
                }
                _ => SYNCING,
            },
            (Some(reason), _) if reason.is_known() => reason.advice(),
            (_, Some(substatus)) if substatus.is_known() && *substatus != Substatus::Normal => {
                substatus.advice()
            }
            (None, None | Some(Substatus::Normal)) => LOADING,
            _ => LOOK,
        }
    }

    fn actions(&self) -> Option<&Actions> {
        self.status_data.as_ref()?.actions.as_ref()
    }
}

impl LoadingReason {
    /// What it means that an instance is loading for this reason, and what to do about it.
    #[must_use]
    pub const fn advice(&self) -> Advice {
        match self {
            Self::Connecting => LOADING,
            Self::Syncing => SYNCING,
            Self::Offline => OFFLINE,
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
                "the instance is being launched: its web session is opening",
                "wait; reboot the instance if it stays so",
            ),
            Self::Offline => OFFLINE,
            Self::Expired => PAY,
            Self::Pairing => CONFLICT,
            Self::Timeout => advice(
                false,
                true,
                Remedy::CheckPhone,
                "the instance gave no answer within 30 seconds: its phone cannot be reached",
                "see that the phone is on, online, and lets the messenger run in the background",
            ),
            Self::Computer => advice(
                false,
                true,
                Remedy::Reboot,
                "the vendor's computer has trouble connecting",
                "wait a little; reboot the instance if it stays so",
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
    use crate::chat_api::{Action, StatusData};

    fn status(account: AccountStatus, substatus: Substatus) -> Status {
        let data = StatusData { substatus: Some(substatus), ..StatusData::default() };
        Status { status_data: Some(data), ..Status::new(account) }
    }

    fn with(status: Status, change: impl FnOnce(&mut StatusData)) -> Status {
        let mut status = status;
        change(status.status_data.get_or_insert_default());
        status
    }

    #[test]
    fn expired_means_two_things() {
        let qr = status(AccountStatus::GotQrCode, Substatus::Expired);
        assert_eq!(qr.advice().remedy, Remedy::RefreshQr);
        for account in [AccountStatus::Authenticated, AccountStatus::Loading] {
            let unpaid = status(account.clone(), Substatus::Expired);
            assert_eq!(unpaid.advice().remedy, Remedy::Pay, "{account}");
            let offered = with(unpaid, |data| {
                let expiry = Some(Action::new("expiry", "Reload"));
                data.actions = Some(Actions { expiry, ..Actions::default() });
            });
            assert_eq!(offered.advice().remedy, Remedy::RefreshQr, "{account}");
        }
    }

    #[test]
    fn only_normal_and_low_battery_send() {
        for word in Substatus::KNOWN {
            let sends = matches!(*word, "normal" | "battery_low_1");
            let advice = status(AccountStatus::Authenticated, (*word).into()).advice();
            assert_eq!(advice.can_send, sends, "{word}");
            assert_ne!(advice.remedy, Remedy::Look, "{word}");
            assert!(!advice.action.is_empty() && !advice.meaning.is_empty());
        }
        assert_eq!(Substatus::from("battery_low2"), Substatus::BatteryLow2);
    }

    #[test]
    fn every_account_status_has_advice_without_details() {
        let expected = [
            ("got qr code", Remedy::ScanQr),
            ("authenticated", Remedy::Nothing),
            ("loading", Remedy::Wait),
            ("init", Remedy::Wake),
            ("not_paid", Remedy::Pay),
            ("conflict", Remedy::TakeOver),
        ];
        assert_eq!(expected.map(|(word, _)| word), AccountStatus::KNOWN);
        for (word, remedy) in expected {
            let advice = Status::new(word.into()).advice();
            assert_eq!(advice.remedy, remedy, "{word}");
            assert_eq!(advice.can_send, word == "authenticated", "{word}");
        }
        assert_eq!(Status::new("dreaming".into()).advice().remedy, Remedy::Look);
        // The short status cannot know that everything is in order.
        assert_ne!(
            Status::new(AccountStatus::Authenticated).advice().meaning,
            status(AccountStatus::Authenticated, Substatus::Normal).advice().meaning
        );
    }

    #[test]
    fn the_reason_beats_the_substatus_while_loading() {
        let loading = status(AccountStatus::Loading, Substatus::Pairing);
        assert_eq!(loading.advice().remedy, Remedy::TakeOver);
        for (reason, remedy) in [
            ("connecting", Remedy::Wait),
            ("syncing", Remedy::Wait),
            ("offline", Remedy::CheckPhone),
            ("proxyblock", Remedy::ChangeProxy),
            ("conflict", Remedy::TakeOver),
            // An unknown reason leaves the word to a known substatus.
            ("dreaming", Remedy::TakeOver),
        ] {
            let status = with(loading.clone(), |data| data.reason = Some(reason.into()));
            assert_eq!(status.advice().remedy, remedy, "{reason}");
        }
    }

    #[test]
    fn unknown_words_about_loading_ask_for_a_person() {
        let loading = || Status::new(AccountStatus::Loading);
        let reason = with(loading(), |data| data.reason = Some("dreaming".into()));
        assert_eq!(reason.advice().remedy, Remedy::Look);
        let substatus = status(AccountStatus::Loading, "dreaming".into());
        assert_eq!(substatus.advice().remedy, Remedy::Look);
        let normal = status(AccountStatus::Loading, Substatus::Normal);
        assert_eq!(normal.advice().remedy, Remedy::Wait);
    }

    #[test]
    fn retry_is_advised_where_it_is_offered() {
        let syncing = with(Status::new(AccountStatus::Loading), |data| {
            data.reason = Some(LoadingReason::Syncing);
        });
        assert_eq!(syncing.advice().remedy, Remedy::Wait);
        let offered = with(syncing, |data| {
            let retry = Some(Action::new("retry", "Retry now"));
            data.actions = Some(Actions { retry, ..Actions::default() });
        });
        assert_eq!(offered.advice().remedy, Remedy::Retry);
        assert!(offered.advice().heals_itself);
    }
}
