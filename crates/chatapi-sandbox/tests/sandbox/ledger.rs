//! Books that are kept beside the sandbox, from its journal and from what was done to it: where
//! every message is, and whether it got there lawfully.

#![expect(unreachable_pub, reason = "shared by the tests")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use chatapi_sandbox::{Entry, Happening, MagicRecipient, Profile, Subject};
use chatapi_types::{ChatId, Delivery, MessageId, UnixMillis};

/// The books of everybody who sends.
#[derive(Default)]
pub struct Ledger {
    books: BTreeMap<String, Book>,
    people: People,
    /// How many departures were held against the pace of recovery.
    pub paced: usize,
}

/// Who can be reached, as the test has arranged it: the sandbox is not asked.
#[derive(Default)]
struct People {
    without_account: BTreeSet<ChatId>,
    began: Option<UnixMillis>,
}

/// The messages of one instance or channel.
#[derive(Default)]
struct Book {
    /// Every id that was ever written down as queued.
    queued: BTreeSet<MessageId>,
    waiting: Vec<MessageId>,
    chats: BTreeMap<MessageId, ChatId>,
    /// Those that a fault lets leave under a second id.
    twice: BTreeSet<MessageId>,
    /// How far those are that have left.
    progress: BTreeMap<MessageId, u8>,
    /// Second ids that have left before the message whose they are …
    early: usize,
    /// … and messages that have left before their second id.
    owed: usize,
    /// Whether the entry before this one says that a message was queued.
    just_queued: bool,
    /// Whether a fault has just emptied the queue.
    emptied: bool,
    recovering: bool,
    departures: VecDeque<UnixMillis>,
}

/// What calls brought about, for those who were told less than that.
#[derive(Default)]
pub struct Slice {
    /// Ids that were queued.
    pub queued: Vec<MessageId>,
    /// Faults that befell calls and may keep from the caller what was done.
    pub veiled: usize,
    /// Calls that were put off.
    pub late: usize,
    /// Banned people who wrote: they may be answered.
    pub banned: usize,
}

impl Ledger {
    /// Is told that a number has an account from now on, or none.
    pub fn account(&mut self, number: &str, is_open: bool) {
        let chat = ChatId::new(format!("{number}@c.us"));
        match is_open {
            true => self.people.without_account.remove(&chat),
            false => self.people.without_account.insert(chat),
        };
    }

    /// Writes down what has happened; the complaint where that is against the law.
    pub fn enter(&mut self, journal: &[Entry]) -> Result<Slice, String> {
        let mut slice = Slice::default();
        for entry in journal {
            slice.enter(&entry.event);
            self.people.began.get_or_insert(entry.at);
            if matches!(entry.subject, Subject::Instance(_) | Subject::Channel(_)) {
                let book = self.books.entry(entry.subject.to_string()).or_default();
                let done = book.enter(entry, &self.people);
                self.paced += usize::from(done.map_err(|what| format!("{what}: {entry}"))?);
            }
        }
        for (whose, book) in &self.books {
            let open = match book {
                Book { early: 1.., .. } => "a message has left that nobody sent",
                Book { owed: 1.., .. } => "a message was to leave twice, and left once",
                Book { emptied: true, .. } => "a fault emptied the queue, and it was not",
                _ => continue,
            };
            return Err(format!("{whose}: {open}"));
        }
        Ok(slice)
    }

    /// Holds the books against what the sandbox says of itself.
    pub fn agree(&self, whose: &str, waiting: usize, sent: &[MessageId]) -> Result<(), String> {
        let empty = Book::default();
        let book = self.books.get(whose).unwrap_or(&empty);
        if book.waiting.len() != waiting {
            let due = book.waiting.len();
            return Err(format!("{whose}: {waiting} wait, by the journal {due}"));
        }
        let ids: BTreeSet<_> = sent.iter().collect();
        if ids.len() != sent.len() {
            return Err(format!("{whose}: an id has left twice: {sent:?}"));
        }
        let left: BTreeSet<_> = book.progress.keys().collect();
        match ids == left {
            true => Ok(()),
            false => Err(format!("{whose}: these have left: {ids:?}, by the journal {left:?}")),
        }
    }
}

impl People {
    /// Whether a message to a chat could leave at a moment, if the phone could send.
    fn can_be_reached(&self, chat: &ChatId, at: UnixMillis) -> bool {
        let age = at.since(self.began.unwrap_or(at));
        match MagicRecipient::of(chat.as_str()) {
            Some(MagicRecipient::AccountLater) => age >= Duration::from_secs(600),
            _ => !self.without_account.contains(chat),
        }
    }
}

impl Slice {
    fn enter(&mut self, event: &Happening) {
        match event {
            Happening::Queued { message, .. } => self.queued.push(message.clone()),
            Happening::Banned { .. } => self.banned += 1,
            Happening::Fault { effect, .. } => match &**effect {
                "acceptedLate" => self.late += 1,
                "serverError" | "html" | "truncated" | "wrongTypes" | "unknownEnum"
                | "resetAfter" | "answerLost" => self.veiled += 1,
                _ => {}
            },
            _ => {}
        }
    }
}

impl Book {
    /// Gives back whether it was a departure in recovery.
    fn enter(&mut self, entry: &Entry, people: &People) -> Result<bool, &'static str> {
        let just_queued = std::mem::take(&mut self.just_queued);
        if std::mem::take(&mut self.emptied) && !matches!(entry.event, Happening::Cleared(_)) {
            return Err("a fault emptied the queue, and it was not");
        }
        match &entry.event {
            Happening::Queued { message, chat } => {
                self.just_queued = true;
                self.chats.insert(message.clone(), chat.clone());
                self.waiting.push(message.clone());
                lawful(self.queued.insert(message.clone()), "an id was given out twice")?;
            }
            Happening::Fault { effect, .. } => match &**effect {
                "messageDropped" | "vendorDuplicate" | "queueCleared" if !just_queued => {
                    return Err("it befell no message that was just accepted");
                }
                "messageDropped" => drop(self.waiting.pop()),
                "vendorDuplicate" => self.twice.extend(self.waiting.last().cloned()),
                "queueCleared" => self.emptied = true,
                _ => {}
            },
            Happening::Cleared(count) => {
                lawful(*count == self.waiting.len(), "cleared of more or less than waited")?;
                self.waiting.clear();
            }
            Happening::Lapsed { message } => {
                lawful(self.stops_waiting(message), "too old, and it did not wait")?;
            }
            Happening::Held { message, .. } => {
                lawful(self.waiting.contains(message), "held, and it did not wait")?;
            }
            Happening::RecoveryBegan => self.recovering = true,
            Happening::RecoveryEnded => {
                self.recovering = false;
                let mut chats = self.waiting.iter().filter_map(|id| self.chats.get(id));
                let is_over = !chats.any(|chat| people.can_be_reached(chat, entry.at));
                lawful(is_over, "recovery ended, and there is a backlog")?;
            }
            Happening::Went { message, state: Delivery::Failed(_) } => {
                lawful(self.stops_waiting(message), "it failed, and did not wait")?;
            }
            Happening::Went { message, state } => {
                let to = state.progress().ok_or("no way of a message of ours")?;
                if to == 1 {
                    let chat = self.chats.get(message);
                    let arrives = chat.is_none_or(|chat| people.can_be_reached(chat, entry.at));
                    lawful(arrives, "it left for nobody")?;
                    self.depart(message)?;
                } else {
                    lawful(self.progress.contains_key(message), "it had not left")?;
                }
                let from = self.progress.insert(message.clone(), to).unwrap_or(0);
                lawful(to > from, "it went back, or twice")?;
                return if to == 1 { self.keeps_pace(entry.at) } else { Ok(false) };
            }
            _ => {}
        }
        Ok(false)
    }

    fn stops_waiting(&mut self, message: &MessageId) -> bool {
        let place = self.waiting.iter().position(|waiting| waiting == message);
        place.map(|place| self.waiting.remove(place)).is_some()
    }

    fn depart(&mut self, message: &MessageId) -> Result<(), &'static str> {
        if self.stops_waiting(message) {
            // Chat API's second id is written down first, wamm's afterwards.
            match (self.twice.remove(message), self.early) {
                (true, 0) => self.owed += 1,
                (true, _) => self.early -= 1,
                (false, 0) => {}
                (false, _) => return Err("another message has left that nobody sent"),
            }
            return Ok(());
        }
        lawful(!self.queued.contains(message), "it left, and did not wait")?;
        match self.owed {
            0 => self.early += 1,
            _ => self.owed -= 1,
        }
        Ok(())
    }

    /// No stretch of the recovery window that ends during recovery sees more than a burst leave.
    fn keeps_pace(&mut self, at: UnixMillis) -> Result<bool, &'static str> {
        let figures = Profile::default().chat_api;
        self.departures.push_back(at);
        self.departures.retain(|left| at.since(*left) < figures.recovery_window);
        let in_time = !self.recovering || self.departures.len() <= figures.recovery_burst;
        lawful(in_time, "too many have left in recovery")?;
        Ok(self.recovering)
    }
}

fn lawful(is_so: bool, complaint: &'static str) -> Result<(), &'static str> {
    if is_so { Ok(()) } else { Err(complaint) }
}
