//! Why does the queue grow?
//!
//! The vendor names four causes (help page "Why are messages accumulating in the queue", grade A):
//! files to numbers without an account, a phone that is off or low, a second session, dead links.
//! An [`Examination`] looks for these, for a queue that only drains slowly, and for one that is
//! about to be full, and returns a ranked [`Diagnosis`]: every finding with its evidence and a
//! remedy. It reads only; it changes nothing and wakes nothing.

mod drain;
mod examination;
mod links;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

pub use examination::Examination;
pub use links::{LinkProbe, LinkState};

/// Why messages wait, most likely cause first.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// What was found, worst first; among equals, what explains most of the queue first.
    pub findings: Vec<Finding>,
    /// How many messages waited at the last look; `None` when the vendor does not show its queue.
    pub waiting: Option<u64>,
}

impl Diagnosis {
    /// The finding to act on first, if anything is wrong.
    #[must_use]
    pub fn first(&self) -> Option<&Finding> {
        self.findings.first().filter(|finding| finding.severity > Severity::Note)
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.first().is_none()
    }

    /// The finding of a cause, if there is one.
    #[must_use]
    pub fn finding(&self, cause: Cause) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.cause == cause)
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, finding) in self.findings.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{finding}")?;
        }
        Ok(())
    }
}

/// One cause, with what speaks for it and what to do about it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// The cause.
    pub cause: Cause,
    /// How bad it is.
    pub severity: Severity,
    /// What speaks for it: one sentence each. Phones are masked.
    pub evidence: Vec<String>,
    /// What to do; one sentence.
    pub remedy: String,
    /// How many of the waiting messages it explains, where that can be counted.
    pub explains: Option<u64>,
}

impl Finding {
    fn new(cause: Cause, severity: Severity, evidence: impl Into<String>, remedy: &str) -> Self {
        Self {
            cause,
            severity,
            evidence: vec![evidence.into()],
            remedy: remedy.to_owned(),
            explains: None,
        }
    }

    /// Worth knowing; nothing to do.
    fn note(cause: Cause, evidence: impl Into<String>) -> Self {
        Self::new(cause, Severity::Note, evidence, "nothing")
    }

    fn explaining(mut self, messages: u64) -> Self {
        self.explains = Some(messages);
        self
    }

    fn with(mut self, evidence: impl Into<String>) -> Self {
        self.evidence.push(evidence.into());
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.severity, self.cause.code(), self.cause)?;
        for evidence in &self.evidence {
            write!(f, "\n      {evidence}")?;
        }
        if self.severity > Severity::Note {
            write!(f, "\n      do: {}", self.remedy)?;
        }
        Ok(())
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing; nothing to do.
    Note,
    /// It will become trouble, or passes by itself.
    Warning,
    /// Messages do not leave because of it.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Note => "note ",
            Self::Warning => "warn ",
            Self::Error => "ERROR",
        })
    }
}

/// Why messages wait. Each cause has a stable [`code`](Self::code) for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The instance or channel is not paid for.
    Unpaid,
    /// It is not linked to a phone.
    NotLinked,
    /// The phone is off, without network, or does not answer.
    PhoneOffline,
    /// It is on its way up.
    Starting,
    /// It is asleep and must be woken.
    Asleep,
    /// The battery is low.
    Battery,
    /// A second session is open.
    SecondSession,
    /// The queue drains, only slowly.
    SlowDrain,
    /// All looks well and yet nothing leaves, watched for long enough to be sure: after an outage 5
    /// messages leave in 2 minutes (help page, grade A), so for 150 seconds.
    Stuck,
    /// It was not seen to drain, which proves little: the watch was too short, or the listing was,
    /// or the second look failed.
    NotSeenDraining,
    /// Messages wait for recipients without an account.
    NoAccount,
    /// Messages hold links that lead nowhere.
    DeadLinks,
    /// The queue is nearly full.
    NearlyFull,
    /// The vendor's own machines are in trouble.
    Vendor,
    /// The messenger has blocked the account.
    Blocked,
    /// A state that this version does not know.
    UnknownState,
    /// The vendor does not show its queue.
    HiddenQueue,
    /// Nothing is wrong.
    Healthy,
}

impl Cause {
    /// A stable code for scripts.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Healthy => "Q00",
            Self::Unpaid | Self::NotLinked => "Q01",
            Self::PhoneOffline | Self::Starting => "Q02",
            Self::Battery => "Q03",
            Self::SecondSession => "Q04",
            Self::SlowDrain => "Q05",
            Self::Stuck => "Q06",
            Self::NoAccount => "Q08",
            Self::DeadLinks => "Q09",
            Self::NearlyFull => "Q11",
            Self::Vendor => "Q16",
            Self::Blocked => "Q17",
            Self::UnknownState => "Q18",
            Self::HiddenQueue => "Q19",
            Self::NotSeenDraining => "Q20",
            Self::Asleep => "Q21",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Unpaid => "not paid for",
            Self::NotLinked => "not linked to a phone",
            Self::PhoneOffline => "the phone is offline",
            Self::Starting => "still starting",
            Self::Asleep => "the instance is asleep",
            Self::Battery => "the battery is low",
            Self::SecondSession => "a second session is open",
            Self::SlowDrain => "the queue drains slowly",
            Self::Stuck => "nothing leaves although all looks well",
            Self::NotSeenDraining => "the queue was not seen to drain",
            Self::NoAccount => "recipients without an account",
            Self::DeadLinks => "dead links",
            Self::NearlyFull => "the queue is nearly full",
            Self::Vendor => "trouble on the vendor's side",
            Self::Blocked => "the account is blocked",
            Self::UnknownState => "a state that this version does not know",
            Self::HiddenQueue => "the vendor does not show its queue",
            Self::Healthy => "nothing is wrong",
        })
    }
}

/// About how long, in words: `3 min`.
pub(crate) fn roughly(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7199 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h", seconds.div_ceil(3600)),
    }
}
