//! wamm.chat: channels and what can be said to them.

mod channels;
mod chats;
mod check;
mod contacts;
mod file;
mod glance;
mod history;
mod hooks;
mod inbound;
mod line;
#[cfg(feature = "page")]
mod look;
mod message;
mod office;
mod send;
mod users;

use chatapi_types::wamm::{
    ChannelKind, ChannelList, ChannelState, CheckPhone, ContactDelete, ContactGet, ContactOpen,
    ContactTagDelete, ContactTo, ContactToUser, ErrorCode, FileFromBase64, FileTo, MsgEdit, MsgGet,
    MsgGetLast, MsgState, MsgTo, PayState, UserChats, UserList,
};
use chatapi_types::{Call as _, InstanceId, Messenger, Operation, Token, Verb};
use serde::{Deserialize, Serialize};

use crate::http::{Answer, Question};
use crate::profile::WammFigures;
use crate::world::{Event as WorldEvent, Happening, Key, Progress, Roster, Scene, Subject, Ticket};

pub(crate) use check::address;
pub(crate) use message::Record;
pub(crate) use office::Office;

use chats::Chats;
use line::Line;
use message::Messages;

/// One channel: the connection to a messenger.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Channel {
    pub(crate) key: Key,
    pub(crate) api_id: InstanceId,
    // The sandbox's own secret: without it, a restored channel could not be called.
    #[serde(serialize_with = "Token::serialize_exposed")]
    pub(crate) token: Token,
    pub(crate) messenger: Messenger,
    pub(crate) state: ChannelState,
    pub(crate) pay_state: PayState,
    /// Our number on it.
    pub(crate) phone: String,
    /// Whether the messenger gives no answer when asked about a number.
    pub(crate) checks_time_out: bool,
    /// Where its webhooks go.
    pub(crate) hook: Option<String>,
    chats: Chats,
    messages: Messages,
    /// How many bytes they have.
    #[serde(deserialize_with = "crate::world::saved::count")]
    weight: usize,
    line: Line,
    /// When it is connected.
    starts: Option<Ticket>,
}

/// What may happen to a channel when its time comes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Event {
    /// The first message in the line leaves.
    Departure,
    /// The messenger is connected.
    Started,
    /// The recipient's device, or the recipient, has the message.
    Progress {
        /// The message's id.
        id: u64,
        /// How far it is now.
        progress: Progress,
    },
}

impl Channel {
    pub(crate) fn new(key: Key, api_id: InstanceId, token: Token, messenger: Messenger) -> Self {
        Self {
            key,
            api_id,
            token,
            messenger,
            state: ChannelState::Authorized,
            pay_state: PayState::Active,
            phone: format!("7998{:07}", key.number()),
            checks_time_out: false,
            hook: None,
            chats: Chats::default(),
            messages: Messages::default(),
            weight: 0,
            line: Line::default(),
            starts: None,
        }
    }

    pub(crate) fn on(&mut self, event: Event, scene: &mut Scene) {
        match event {
            Event::Departure => self.depart(scene),
            Event::Started => {
                self.starts = None;
                self.set_state(ChannelState::Authorized, scene);
            }
            Event::Progress { id, progress } => self.progress(id, progress, scene),
        }
        self.plan_departure(scene);
    }

    /// Connects it, takes the connection away, blocks it.
    pub(crate) fn set_state(&mut self, state: ChannelState, scene: &mut Scene) {
        self.stop_starting(scene);
        self.state = state.clone();
        self.note(scene, Happening::Channel(state));
        self.plan_departure(scene);
    }

    /// Connects it anew: it is `starting` for a while.
    pub(crate) fn restart(&mut self, scene: &mut Scene) {
        self.set_state(ChannelState::Starting, scene);
        let takes = scene.profile.wamm.starting;
        self.starts = Some(scene.plan_in(takes, self.event(Event::Started)));
    }

    fn stop_starting(&mut self, scene: &mut Scene) {
        if let Some(ticket) = self.starts.take() {
            scene.agenda.take_back(ticket);
        }
    }

    /// Takes back all plans: the channel is about to be deleted.
    pub(crate) fn retire(&mut self, scene: &mut Scene) {
        self.stop_starting(scene);
        self.stop_line(scene);
        scene.retire_hooks(self.party());
    }

    /// The channel's messenger as the vendor writes it.
    fn kind(&self, figures: &WammFigures) -> ChannelKind {
        match self.messenger {
            Messenger::WhatsApp => ChannelKind::WhatsApp,
            Messenger::Telegram => ChannelKind::Telegram,
            Messenger::TelegramBot => ChannelKind::TelegramBot,
            _ => figures.max_kind.as_str().into(),
        }
    }

    pub(crate) fn subject(&self) -> Subject {
        Subject::Channel(self.api_id.clone())
    }

    pub(crate) fn note(&self, scene: &mut Scene, event: Happening) {
        scene.note(&self.subject(), event);
    }

    fn event(&self, event: Event) -> WorldEvent {
        WorldEvent::Channel(self.key, event)
    }
}

/// How a method is answered.
#[derive(Clone, Copy)]
enum Handler {
    /// By the channel whose token it is.
    Channel(fn(&mut Channel, &mut Scene, &Question) -> Result<Answer, Refusal>),
    /// By the account: any channel's token shows the whole of it (§1.3, grade A).
    Account(fn(&Roster<Channel>, Key, &Scene, &Question) -> Result<Answer, Refusal>),
}

/// What stands in `err`: mostly one of [`ErrorCode`]'s words.
type Refusal = String;

fn refuse(code: ErrorCode) -> Refusal {
    code.as_str().to_owned()
}

/// A method of the vendor's.
pub(crate) struct Method {
    pub(crate) operation: Operation,
    needs_connection: bool,
    handler: Handler,
}

impl Method {
    const fn new(operation: Operation, needs_connection: bool, handler: Handler) -> Self {
        Self { operation, needs_connection, handler }
    }

    /// All but the upload take `GET` (§0, grade A).
    pub(crate) fn takes_get(&self) -> bool {
        self.operation.verb == Verb::Get
    }

    /// The upload is a `POST`; `msg_edit` takes its text so too (§0, grade A).
    pub(crate) fn takes_post(&self, figures: &WammFigures) -> bool {
        figures.post_everywhere || !self.takes_get() || self.operation.name == MsgEdit::NAME
    }
}

/// Every method, and whether it is refused while the channel is not connected (§1.4, grade A).
const METHODS: &[Method] = &[
    Method::new(Operation::of::<MsgTo>(), true, Handler::Channel(send::msg_to)),
    Method::new(Operation::of::<MsgState>(), true, Handler::Channel(history::msg_state)),
    Method::new(Operation::of::<MsgGet>(), false, Handler::Channel(history::msg_get)),
    Method::new(Operation::of::<MsgGetLast>(), false, Handler::Channel(history::msg_get_last)),
    Method::new(Operation::of::<MsgEdit>(), true, Handler::Channel(send::msg_edit)),
    // Of the file methods only the words are unknown.
    Method::new(Operation::of::<FileTo>(), true, Handler::Channel(file::file_to)),
    Method::new(Operation::of::<FileFromBase64>(), true, Handler::Channel(file::file_from_base64)),
    Method::new(Operation::of::<CheckPhone>(), true, Handler::Channel(check::check_phone)),
    Method::new(Operation::of::<ContactTo>(), true, Handler::Channel(contacts::contact_to)),
    Method::new(Operation::of::<ContactDelete>(), true, Handler::Channel(contacts::contact_delete)),
    Method::new(Operation::of::<ContactGet>(), false, Handler::Channel(contacts::contact_get)),
    Method::new(Operation::of::<ContactOpen>(), false, Handler::Channel(contacts::contact_open)),
    Method::new(
        Operation::of::<ContactToUser>(),
        false,
        Handler::Channel(contacts::contact_to_user),
    ),
    Method::new(
        Operation::of::<ContactTagDelete>(),
        false,
        Handler::Channel(contacts::contact_tag_delete),
    ),
    Method::new(Operation::of::<ChannelList>(), false, Handler::Account(channels::channel_list)),
    Method::new(Operation::of::<UserList>(), false, Handler::Account(users::user_list)),
    Method::new(Operation::of::<UserChats>(), true, Handler::Account(users::user_chats)),
];

/// A method by its name.
pub(crate) fn method(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.operation.is_named(name))
}

/// Answers a call whose token was that of the channel `key`. Refusals are HTTP 200 (§0, grade D).
pub(crate) fn answer(
    method: &Method,
    channels: &mut Roster<Channel>,
    key: Key,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    let trial_is_over = scene.office.trial_is_over(scene.now, &scene.profile.wamm);
    let answer = match (channels.get_mut(key), method.handler) {
        (None, _) => Err(refuse(ErrorCode::TokenFail)),
        (Some(channel), _) if method.needs_connection && !channel.state.can_send() => {
            Err(refuse(ErrorCode::NotAuthorized))
        }
        (Some(_), _) if method.needs_connection && trial_is_over => {
            Err(scene.profile.wamm.trial_over.clone())
        }
        (Some(channel), Handler::Channel(handler)) => {
            let answer = handler(channel, scene, question);
            channel.plan_departure(scene);
            answer
        }
        (Some(_), Handler::Account(handler)) => handler(channels, key, scene, question),
    };
    answer.unwrap_or_else(|refusal| Answer::err(200, &refusal))
}
