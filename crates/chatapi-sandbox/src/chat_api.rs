//! Chat API: instances and what can be said to them.

mod actions;
mod activity;
mod bans;
mod bounds;
mod chats;
mod commands;
mod glance;
mod groups;
mod history;
mod hooks;
mod identity;
mod inbound;
mod journals;
mod labels;
#[cfg(feature = "page")]
mod look;
mod messages;
mod misfortune;
mod participants;
mod phone;
mod picture;
mod power;
mod queue;
mod recipient;
mod screenshot;
mod send;
mod session;
mod settings;
mod shop;
mod status;
mod upkeep;

use chatapi_types::admin::Platform;
use chatapi_types::chat_api::{self as calls, AccountStatus, ReadStatus, Settings};
use chatapi_types::{Call as _, InstanceId, Operation, Token, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::http::{Answer, Question};
use crate::world::{Event as WorldEvent, Happening, Key, Progress, Scene, Subject};

pub(crate) use activity::Activity;
pub(crate) use chats::Chat;
pub(crate) use history::Record;
pub(crate) use phone::Network;
pub(crate) use power::Cable;
pub(crate) use session::Uplink;

use actions::Actions;
use bans::Bans;
use chats::Chats;
use history::History;
use journals::Journals;
use labels::Labels;
use phone::Phone;
use queue::Queue;
use session::Session;
use shop::Ordered;
use status::State;

/// One instance: a web session, the phone that it is linked to, a queue and a history.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Instance {
    pub(crate) key: Key,
    pub(crate) id: InstanceId,
    // The sandbox's own secret: without it, a restored instance could not be called.
    #[serde(serialize_with = "Token::serialize_exposed")]
    pub(crate) token: Token,
    /// Which account it belongs to, by its place in the list of accounts.
    pub(crate) owner: Option<usize>,
    pub(crate) platform: Platform,
    pub(crate) paid: bool,
    pub(crate) paid_till: UnixMillis,
    pub(crate) phone: Phone,
    session: Session,
    #[serde(with = "crate::world::saved::wire")]
    settings: Settings,
    queue: Queue,
    history: History,
    chats: Chats,
    labels: Labels,
    actions: Actions,
    bans: Bans,
    journals: Journals,
    orders: Vec<Ordered>,
    /// What the contacts see it do now.
    pub(crate) activity: Option<Activity>,
    /// The account's line about itself.
    pub(crate) about: String,
    /// Chats that have changed, as they were.
    // Empty whenever nobody is at work.
    #[serde(skip)]
    before: hooks::Before,
    /// The state that was last written down.
    noted: Option<State>,
}

/// What may happen to an instance when its time comes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Event {
    /// The session goes on to its next stage.
    Session,
    /// The phone has been silent for too long.
    PhoneTimeout,
    /// The battery has a percent less, or more.
    Charge,
    /// The line is free for a message.
    Departure {
        /// Whether it is one that could not leave before and cannot now.
        again: bool,
    },
    /// The oldest message has waited for too long.
    QueueLapse,
    /// The first action's turn has come.
    Action {
        /// Whether it is one that could not be done before and cannot now.
        again: bool,
    },
    /// Nobody types any more.
    ActivityEnds,
    /// The recipient's device, or the recipient, has the message.
    Progress {
        /// The message's number in the history.
        number: u64,
        /// How far it is now.
        progress: Progress,
    },
}

impl Event {
    /// Trying a message again and again that cannot leave gets nobody anywhere, and nobody waits
    /// for a battery to run down or a message to be too old.
    pub(crate) const fn is_idle(&self) -> bool {
        matches!(
            self,
            Self::Departure { again: true }
                | Self::Action { again: true }
                | Self::Charge
                | Self::QueueLapse
        )
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
            chats: Chats::default(),
            labels: Labels::default(),
            actions: Actions::default(),
            bans: Bans::default(),
            journals: Journals::default(),
            orders: Vec::new(),
            activity: None,
            about: String::new(),
            before: hooks::Before::new(),
            noted: None,
        }
    }

    pub(crate) fn on(&mut self, event: Event, scene: &mut Scene) {
        match event {
            Event::Session => self.session_goes_on(scene),
            Event::PhoneTimeout => self.phone.time_out(),
            Event::Charge => self.charge_moves(scene),
            Event::Departure { .. } => self.depart(scene),
            Event::QueueLapse => self.lapse(scene),
            Event::Action { .. } => self.try_action(scene),
            Event::ActivityEnds => self.activity = None,
            Event::Progress { number, progress } => self.progress(number, progress, scene),
        }
        self.settle(scene);
    }

    /// Puts plans in order after anything has changed. Everything that changes an instance ends
    /// here, so that no timer is forgotten.
    pub(crate) fn settle(&mut self, scene: &mut Scene) {
        self.keep_within_bounds(scene);
        self.note_state(scene);
        self.tell_chat_updates(scene);
        self.plan_session(scene);
        self.plan_charge(scene);
        self.plan_phone_timeout(scene);
        self.plan_action(scene);
        self.plan_departure(scene);
        self.plan_lapse(scene);
    }

    /// Takes back all plans: the instance is about to be deleted.
    pub(crate) fn retire(&mut self, scene: &mut Scene) {
        self.session.retire(scene);
        self.phone.retire(scene);
        self.queue.retire(scene);
        self.actions.retire(scene);
        self.stop_activity(scene);
        scene.retire_hooks(self.party());
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

/// Every method: its declaration, and how it is answered. Reading and setting share a name: where
/// there is a call for each, the one that reads stands here.
const METHODS: &[(Operation, Handler)] = &[
    (Operation::of::<calls::ReadStatus>(), status::status),
    (Operation::of::<calls::ReadQrCode>(), status::qr_code),
    (Operation::of::<calls::ReadScreenshot>(), identity::screenshot),
    (Operation::of::<calls::ReadMe>(), identity::me),
    (Operation::of::<calls::ReadOutputIp>(), identity::output_ip),
    (Operation::of::<calls::SetName>(), identity::set_name),
    (Operation::of::<calls::SetStatus>(), identity::set_status),
    (Operation::of::<calls::Takeover>(), commands::takeover),
    (Operation::of::<calls::Expiry>(), commands::expiry),
    (Operation::of::<calls::Retry>(), commands::retry),
    (Operation::of::<calls::Logout>(), commands::logout),
    (Operation::of::<calls::Reboot>(), commands::reboot),
    (Operation::of::<calls::ReadSettings>(), settings::settings),
    (Operation::of::<calls::ReadWebhook>(), settings::webhook),
    (Operation::of::<calls::RepeatHook>(), journals::repeat),
    (Operation::of::<calls::SendMessage>(), send::send_message),
    (Operation::of::<calls::SendFile>(), send::send_file),
    (Operation::of::<calls::SendVoice>(), send::send_voice),
    (Operation::of::<calls::SendLink>(), send::send_link),
    (Operation::of::<calls::SendContact>(), send::send_contact),
    (Operation::of::<calls::SendLocation>(), send::send_location),
    (Operation::of::<calls::SendVCard>(), send::send_vcard),
    (Operation::of::<calls::ForwardMessage>(), send::forward_message),
    (Operation::of::<calls::DeleteMessage>(), send::delete_message),
    (Operation::of::<calls::SendButtons>(), send::send_buttons),
    (Operation::of::<calls::SendProduct>(), send::send_product),
    (Operation::of::<calls::ListMessages>(), messages::messages),
    (Operation::of::<calls::ListHistory>(), messages::history),
    (Operation::of::<calls::ReadFile>(), messages::file),
    (Operation::of::<calls::ListProducts>(), shop::products),
    (Operation::of::<calls::ReadProduct>(), shop::product),
    (Operation::of::<calls::ReadOrder>(), shop::order),
    (Operation::of::<calls::ListDialogs>(), chats::dialogs),
    (Operation::of::<calls::ReadDialog>(), chats::dialog),
    (Operation::of::<calls::CreateGroup>(), groups::group),
    (Operation::of::<calls::AddGroupParticipant>(), participants::add),
    (Operation::of::<calls::RemoveGroupParticipant>(), participants::remove),
    (Operation::of::<calls::PromoteGroupParticipant>(), participants::promote),
    (Operation::of::<calls::DemoteGroupParticipant>(), participants::demote),
    (Operation::of::<calls::JoinGroup>(), groups::join),
    (Operation::of::<calls::LeaveGroup>(), groups::leave),
    (Operation::of::<calls::ReadChat>(), chats::read),
    (Operation::of::<calls::UnreadChat>(), chats::unread),
    (Operation::of::<calls::PinChat>(), chats::pin),
    (Operation::of::<calls::UnpinChat>(), chats::unpin),
    (Operation::of::<calls::RemoveChat>(), chats::remove),
    (Operation::of::<calls::ShowTyping>(), activity::typing),
    (Operation::of::<calls::ShowRecording>(), activity::recording),
    (Operation::of::<calls::ArchiveChat>(), chats::archive),
    (Operation::of::<calls::UnarchiveChat>(), chats::unarchive),
    (Operation::of::<calls::ClearChat>(), chats::clear),
    (Operation::of::<calls::SetDisappearing>(), chats::disappearing),
    (Operation::of::<calls::ListLabels>(), labels::list),
    (Operation::of::<calls::CreateLabel>(), labels::create),
    (Operation::of::<calls::UpdateLabel>(), labels::update),
    (Operation::of::<calls::RemoveLabel>(), labels::remove),
    (Operation::of::<calls::LabelChat>(), labels::attach),
    (Operation::of::<calls::UnlabelChat>(), labels::detach),
    (Operation::of::<calls::CheckPhone>(), recipient::check_phone),
    (Operation::of::<calls::ReadUserStatus>(), activity::user_status),
    (Operation::of::<calls::ShowMessagesQueue>(), queue::show),
    (Operation::of::<calls::ShowActionsQueue>(), actions::show),
    (Operation::of::<calls::ClearMessagesQueue>(), queue::clear),
    (Operation::of::<calls::ClearActionsQueue>(), actions::clear),
    (Operation::of::<calls::ReadBanSettings>(), bans::settings),
    (Operation::of::<calls::TestBan>(), bans::test),
    (Operation::of::<calls::ListInstanceStatuses>(), journals::statuses),
    (Operation::of::<calls::ReadWebhookStatus>(), journals::webhook_status),
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
