//! Chat API: instances and what can be said to them.

mod commands;
mod history;
mod messages;
mod phone;
mod picture;
mod queue;
mod recipient;
mod send;
mod session;
mod settings;
mod status;

use chatapi_types::admin::Platform;
use chatapi_types::chat_api::{
    AccountStatus, CheckPhone, ClearMessagesQueue, Expiry, ListMessages, Logout, ReadQrCode,
    ReadSettings, ReadStatus, ReadWebhook, Reboot, Retry, SendFile, SendMessage, Settings,
    ShowMessagesQueue, Takeover,
};
use chatapi_types::{Call as _, InstanceId, Operation, Token, UnixMillis};

use crate::http::{Answer, Question};
use crate::world::{Event as WorldEvent, Happening, Key, Progress, Scene, Subject};

pub(crate) use history::Record;
pub(crate) use phone::Network;

use history::History;
use phone::Phone;
use queue::Queue;
use session::Session;
use status::State;

/// One instance: a web session, the phone that it is linked to, a queue and a history.
#[derive(Clone)]
pub(crate) struct Instance {
    pub(crate) key: Key,
    pub(crate) id: InstanceId,
    pub(crate) token: Token,
    /// Which account it belongs to, by its place in the list of accounts.
    pub(crate) owner: Option<usize>,
    pub(crate) platform: Platform,
    pub(crate) paid: bool,
    pub(crate) paid_till: UnixMillis,
    pub(crate) phone: Phone,
    session: Session,
    settings: Settings,
    queue: Queue,
    history: History,
    /// The state that was last written down.
    noted: Option<State>,
}

/// What may happen to an instance when its time comes.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// The session goes on to its next stage.
    Session,
    /// The phone has been silent for too long.
    PhoneTimeout,
    /// The line is free for a message.
    Departure {
        /// Whether it is one that could not leave before and cannot now.
        again: bool,
    },
    /// The recipient's device, or the recipient, has the message.
    Progress {
        /// The message's number in the history.
        number: u64,
        /// How far it is now.
        progress: Progress,
    },
}

impl Event {
    /// Trying a message again and again that cannot leave gets nobody anywhere.
    pub(crate) const fn is_idle(&self) -> bool {
        matches!(self, Self::Departure { again: true })
    }
}

impl Instance {
    /// An instance that was never linked to a phone, and sleeps.
    pub(crate) fn new(key: Key, id: InstanceId, token: Token, scene: &Scene) -> Self {
        Self {
            key,
            id,
            token,
            owner: None,
            platform: Platform::WhatsApp,
            paid: true,
            paid_till: scene.unix().plus(scene.profile.chat_api.paid_for),
            phone: Phone::new(key),
            session: Session::asleep(),
            settings: Settings::new(),
            queue: Queue::default(),
            history: History::default(),
            noted: None,
        }
    }

    pub(crate) fn on(&mut self, event: Event, scene: &mut Scene) {
        match event {
            Event::Session => self.session_goes_on(scene),
            Event::PhoneTimeout => self.phone.time_out(),
            Event::Departure { .. } => self.depart(scene),
            Event::Progress { number, progress } => self.progress(number, progress, scene),
        }
        self.settle(scene);
    }

    /// Puts plans in order after anything has changed. Everything that changes an instance ends
    /// here, so that no timer is forgotten.
    pub(crate) fn settle(&mut self, scene: &mut Scene) {
        self.note_state(scene);
        self.plan_session(scene);
        self.plan_phone_timeout(scene);
        self.plan_departure(scene);
    }

    /// Takes back all plans: the instance is about to be deleted.
    pub(crate) fn retire(&mut self, scene: &mut Scene) {
        self.session.retire(scene);
        self.phone.retire(scene);
        self.queue.retire(scene);
    }

    pub(crate) fn subject(&self) -> Subject {
        Subject::Instance(self.id.clone())
    }

    pub(crate) fn note(&self, scene: &mut Scene, event: Happening) {
        scene.note(&self.subject(), event);
    }

    fn event(&self, event: Event) -> WorldEvent {
        WorldEvent::Instance(self.key, event)
    }
}

type Handler = fn(&mut Instance, &mut Scene, &Question) -> Answer;

/// Every method: its declaration, and how it is answered.
const METHODS: &[(Operation, Handler)] = &[
    (Operation::of::<ReadStatus>(), status::status),
    (Operation::of::<ReadQrCode>(), status::qr_code),
    (Operation::of::<SendMessage>(), send::send_message),
    (Operation::of::<SendFile>(), send::send_file),
    (Operation::of::<ListMessages>(), messages::messages),
    (Operation::of::<CheckPhone>(), recipient::check_phone),
    (Operation::of::<ShowMessagesQueue>(), queue::show),
    (Operation::of::<ClearMessagesQueue>(), queue::clear),
    (Operation::of::<ReadSettings>(), settings::settings),
    (Operation::of::<ReadWebhook>(), settings::webhook),
    (Operation::of::<Takeover>(), commands::takeover),
    (Operation::of::<Expiry>(), commands::expiry),
    (Operation::of::<Retry>(), commands::retry),
    (Operation::of::<Logout>(), commands::logout),
    (Operation::of::<Reboot>(), commands::reboot),
];

/// A method by its name or alias. Case matters (§1, grade B).
pub(crate) fn method(name: &str) -> Option<&'static (Operation, Handler)> {
    METHODS.iter().find(|(operation, _)| operation.is_named(name))
}

/// Answers a call to an instance whose token was right.
pub(crate) fn answer(
    instance: &mut Instance,
    scene: &mut Scene,
    (operation, handler): &(Operation, Handler),
    question: &Question,
) -> Answer {
    let answer = match instance.account_status(scene) {
        // Who has not paid is told so by everything but the status (§1.2, grade C).
        AccountStatus::NotPaid if operation.name != ReadStatus::NAME => {
            let status = scene.profile.chat_api.not_paid_status;
            let id = &instance.id;
            let text = format!("Instance \"{id}\" is not paid. Please pay at app.chat-api.com");
            Answer::error(status, text)
        }
        _ => handler(instance, scene, question),
    };
    instance.settle(scene);
    answer
}
