//! `status` and `qr_code`: what the instance says about itself.

use chatapi_types::Binary;
use chatapi_types::chat_api::{
    AccountStatus, Action, Actions, LoadingReason, ReadStatus, Status, StatusData, Substatus,
};
use serde::{Deserialize, Serialize};

use crate::chat_api::Instance;
use crate::chat_api::session::{Stage, Uplink};
use crate::http::{Answer, Question};
use crate::profile::ChatApiFigures;
use crate::world::{Happening, Scene};

/// The state of an instance in the vendor's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) account: AccountStatus,
    pub(crate) substatus: Substatus,
    pub(crate) reason: Option<LoadingReason>,
}

impl Instance {
    /// The state, as it follows from payment, session and phone. The wire document proposes the
    /// machine (§2.1, grade D); what it leaves open is decided here: a sleeping instance is
    /// `offline` ("disabled"), and a session that needs a phone out of reach loads because of that.
    pub(crate) fn state(&self, figures: &ChatApiFigures) -> State {
        use AccountStatus as Account;
        let loading = |substatus, reason| (Account::Loading, substatus, Some(reason));
        let is_poor = self.session.uplink == Uplink::Poor;
        let on_the_way = if is_poor { Substatus::Computer } else { Substatus::Loading };
        let (account, substatus, reason) = match &self.session.stage {
            _ if !self.paid => (Account::NotPaid, Substatus::Expired, None),
            Stage::Asleep => (Account::Init, Substatus::Offline, None),
            // The page that shows the QR code has been loaded; nobody gets further from there.
            Stage::Showing { expired, .. } => match expired {
                true => (Account::GotQrCode, Substatus::Expired, None),
                false => (Account::GotQrCode, Substatus::Loading, None),
            },
            _ if self.session.uplink == Uplink::ProxyBlocked => {
                loading(Substatus::Computer, LoadingReason::ProxyBlock)
            }
            Stage::Connecting => loading(on_the_way, LoadingReason::Connecting),
            Stage::Syncing | Stage::Opening if !self.phone.is_online() => {
                loading(Substatus::Offline, LoadingReason::Offline)
            }
            Stage::Syncing => loading(on_the_way, LoadingReason::Syncing),
            Stage::Opening if is_poor => loading(on_the_way, LoadingReason::Connecting),
            Stage::Opening => loading(Substatus::Opening, LoadingReason::Connecting),
            Stage::Linked if self.session.rival => {
                loading(Substatus::Pairing, LoadingReason::Conflict)
            }
            Stage::Linked if is_poor => (Account::Authenticated, Substatus::Computer, None),
            Stage::Linked => (Account::Authenticated, self.phone.substatus(figures), None),
        };
        State { account, substatus, reason }
    }

    pub(crate) fn account_status(&self, scene: &Scene) -> AccountStatus {
        self.state(&scene.profile.chat_api).account
    }

    /// Whether messages leave.
    pub(super) fn can_send(&self, figures: &ChatApiFigures) -> bool {
        let linked = matches!(self.session.stage, Stage::Linked) && !self.session.rival;
        self.paid && linked && self.uplink_is_open() && self.phone.sends(figures)
    }

    pub(super) fn note_state(&mut self, scene: &mut Scene) {
        let state = self.state(&scene.profile.chat_api);
        if self.noted.as_ref() != Some(&state) {
            let (account, substatus) = (state.account.clone(), state.substatus.clone());
            if self.noted.as_ref().is_none_or(|noted| noted.account != account) {
                self.journal_status(account.clone(), scene);
            }
            self.note(scene, Happening::Status { account, substatus });
            if self.noted.is_some() {
                self.tell_status(&state, scene);
            }
            self.noted = Some(state);
        }
    }
}

pub(super) fn status(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let asked: ReadStatus = match question.args.read() {
        Ok(asked) => asked,
        Err(error) => return Answer::bad_argument(&error),
    };
    let state = instance.state(&scene.profile.chat_api);
    let mut reply = Status::new(state.account.clone());
    if let Stage::Showing { qr, .. } = &instance.session.stage
        && state.account == AccountStatus::GotQrCode
    {
        reply.qr_code = Some(qr.data_uri());
    }
    // A client was seen that needs the reason for `loading` even where it did not ask for it.
    if asked.full == Some(true) || state.account == AccountStatus::Loading {
        reply.status_data = Some(describe(&state));
    }
    // The answer shows the instance as it was found; asking wakes it.
    if asked.no_wakeup != Some(true) {
        instance.wake(scene);
    }
    Answer::of(&reply)
}

pub(super) fn qr_code(instance: &mut Instance, _: &mut Scene, _: &Question) -> Answer {
    match &instance.session.stage {
        Stage::Showing { qr, .. } => Answer::of(&Binary::new("image/png", qr.png())),
        // The vendor's answer was never seen.
        _ => Answer::error(200, "There is no QR code now: see the status"),
    }
}

/// A state for people. Two texts are the specification's (grade A), the others ours.
pub(super) fn describe(state: &State) -> StatusData {
    let (title, msg, submsg) = words(state);
    let mut actions = Actions::default();
    let act = |name: &str, label| Some(Action::new(name, label));
    match (&state.account, &state.substatus, &state.reason) {
        (AccountStatus::GotQrCode, Substatus::Expired, _) => {
            actions.expiry = act("expiry", "Show a new QR code");
        }
        (_, _, Some(LoadingReason::Conflict)) => {
            actions.takeover = act("takeover", "Use here");
            actions.logout = act("logout", "Log out");
        }
        (_, _, Some(LoadingReason::Syncing)) => {
            actions.retry = act("retry", "Retry now");
            actions.logout = act("logout", "Log out");
        }
        (AccountStatus::Authenticated, ..) => actions.logout = act("logout", "Log out"),
        _ => {}
    }
    let text = |text: &str| Some(text.to_owned());
    let mut data = StatusData::default();
    data.substatus = Some(state.substatus.clone());
    data.title = text(title);
    data.msg = text(msg);
    data.submsg = text(submsg);
    data.reason = state.reason.clone();
    data.actions = (actions != Actions::default()).then_some(actions);
    data
}

fn words(state: &State) -> (&'static str, &'static str, &'static str) {
    match (&state.account, &state.substatus) {
        (AccountStatus::NotPaid, _) => ("Not paid", "The instance must be paid for.", ""),
        (AccountStatus::Init, _) => ("Asleep", "The instance is not started.", ""),
        (AccountStatus::GotQrCode, Substatus::Expired) => {
            ("QR code expired", "Ask for a new QR code.", "")
        }
        (AccountStatus::GotQrCode, _) => ("Scan the QR code", "Link your phone.", ""),
        (_, Substatus::Pairing) => {
            ("Opened in another window", "Only one session can be open at a time.", "")
        }
        (_, Substatus::Offline) => {
            ("Keep your phone connected", "The phone has no network.", "Retrying...")
        }
        (_, Substatus::Computer) => {
            ("Keep your computer connected", "The server has no connection.", "Retrying...")
        }
        (_, Substatus::Phone) => {
            ("Keep your phone connected", "The phone's connection is poor.", "Retrying...")
        }
        (AccountStatus::Loading, _) => ("Loading", "The instance is loading.", ""),
        (_, Substatus::Timeout) => {
            ("Keep your phone connected", "The phone gives no answer.", "Retrying...")
        }
        (_, Substatus::BatteryLow1) => ("Battery low", "Charge your phone.", ""),
        (_, Substatus::BatteryLow2) => ("Battery very low", "Charge your phone now.", ""),
        _ => ("Connected", "The instance is running.", ""),
    }
}
