//! One address that a vendor posts to.

use std::fmt;
use std::time::Duration;

use chatapi_types::InstanceId;
use subtle::Choice;

use crate::payload::Addressee;
use crate::{SecretHash, Vendor};

/// One address that a vendor posts to: whose payloads come there, for which line, and by which
/// secrets. Give every line one of its own: a secret that leaks then opens that line only.
#[derive(Clone, Debug)]
#[must_use = "give it to a receiver"]
pub struct Hook {
    vendor: Vendor,
    line: InstanceId,
    /// The one in use, and while they are exchanged, the one before it.
    secret: SecretHash,
    previous: Option<SecretHash>,
    any_line: bool,
    fetch_back: bool,
}

impl Hook {
    /// The address of a Chat API instance.
    pub fn chat_api(instance: impl Into<InstanceId>, secret: SecretHash) -> Self {
        Self::new(Vendor::ChatApi, instance.into(), secret)
    }

    /// The address of a wamm channel. Its payloads name no channel (wamm §4, grade A), so the name
    /// is yours to choose; the outbox and a [`Source`](crate::Source) go by it.
    pub fn wamm(channel: impl Into<InstanceId>, secret: SecretHash) -> Self {
        Self::new(Vendor::Wamm, channel.into(), secret)
    }

    const fn new(vendor: Vendor, line: InstanceId, secret: SecretHash) -> Self {
        Self { vendor, line, secret, previous: None, any_line: false, fetch_back: false }
    }

    /// Another secret that is good as well: the one that the vendor still uses.
    pub const fn previous(mut self, secret: SecretHash) -> Self {
        self.previous = Some(secret);
        self
    }

    /// Takes the payloads of all instances, as one Chat API account may post everything to one
    /// address; what names none belongs to the line of the hook. Without this, what names another
    /// instance than the hook's is kept as [`Unknown`](crate::Content::Unknown).
    pub const fn any_instance(mut self) -> Self {
        self.any_line = true;
        self
    }

    /// Takes what is posted for a hint: what it says is read again from the vendor before the
    /// application sees it. Needs [`Events::source`](crate::Events::source).
    pub const fn fetch_back(mut self) -> Self {
        self.fetch_back = true;
        self
    }

    /// Its line.
    #[must_use]
    pub const fn line(&self) -> &InstanceId {
        &self.line
    }

    /// Its vendor.
    #[must_use]
    pub const fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// Whether a second secret is good, too.
    #[must_use]
    pub const fn is_rotating(&self) -> bool {
        self.previous.is_some()
    }

    /// Whether that is its secret, and whether the one before. Takes the same time either way.
    fn opens(&self, presented: &SecretHash) -> (Choice, Choice) {
        let previous = self.previous.as_ref().unwrap_or(&self.secret);
        (self.secret.is(presented), previous.is(presented))
    }

    pub(crate) const fn addressee(&self, repeated_within: Duration) -> Addressee<'_> {
        Addressee {
            vendor: self.vendor,
            line: &self.line,
            any_line: self.any_line,
            hint: self.fetch_back,
            repeated_within,
        }
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.vendor, self.line)
    }
}

/// All hooks of a receiver.
#[derive(Debug, Default)]
pub(crate) struct Hooks(Vec<Hook>);

impl Hooks {
    pub(crate) fn add(&mut self, hook: Hook) {
        self.0.retain(|other| other.vendor != hook.vendor || other.line != hook.line);
        self.0.push(hook);
    }

    pub(crate) fn remove(&mut self, vendor: Vendor, line: &InstanceId) -> bool {
        let before = self.0.len();
        self.0.retain(|hook| hook.vendor != vendor || hook.line != *line);
        self.0.len() < before
    }

    /// The hook that a secret opens, and whether that secret is on its way out. Compares with every
    /// secret of every hook, found or not, so that the time it takes tells nothing.
    pub(crate) fn opened_by(&self, presented: &str) -> Option<(&Hook, bool)> {
        let presented = SecretHash::of(presented);
        let mut found = None;
        for hook in &self.0 {
            let (present, previous) = hook.opens(&presented);
            if bool::from(present | previous) {
                found = Some((hook, bool::from(!present)));
            }
        }
        found
    }

    pub(crate) fn rotate(&mut self, vendor: Vendor, line: &InstanceId, to: SecretHash) -> bool {
        self.change(vendor, line, |hook| {
            hook.previous = Some(std::mem::replace(&mut hook.secret, to));
        })
    }

    pub(crate) fn retire(&mut self, vendor: Vendor, line: &InstanceId) -> bool {
        self.change(vendor, line, |hook| hook.previous = None)
    }

    fn change(&mut self, vendor: Vendor, line: &InstanceId, how: impl FnOnce(&mut Hook)) -> bool {
        let found = self.0.iter_mut().find(|hook| hook.vendor == vendor && hook.line == *line);
        found.map(how).is_some()
    }
}
