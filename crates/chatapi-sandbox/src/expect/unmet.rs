//! An expectation that was not met, and why.

use std::fmt;

use chatapi_types::Masked;
use serde::Serialize;

use crate::received::Submission;

/// How many messages an explanation shows of each kind.
const SHOWN: usize = 5;

/// How many characters of a text an explanation shows.
const TEXT: usize = 200;

/// What was expected and was not so. `Display` explains it in several lines, phone numbers masked.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Unmet {
    /// What was expected and what was found, in one line.
    pub reason: String,
    /// The messages that are meant, up to 5.
    pub found: Vec<Submission>,
    /// How many there are.
    pub count: usize,
    /// Others that come closest, up to 5.
    pub closest: Vec<Submission>,
    /// What the text should have been, and that of the closest one, where they differ: common parts
    /// as they are, `[-what was expected-]{+what was there+}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// Whether the expectation itself makes no sense.
    #[serde(skip)]
    pub(crate) is_invalid: bool,
}

impl Unmet {
    pub(super) fn of(
        reason: String,
        wanted: Option<&str>,
        meant: &[Submission],
        closest: &[&Submission],
    ) -> Self {
        let nearest = closest.first().filter(|_| meant.is_empty());
        let diff = wanted.zip(nearest).and_then(|(wanted, it)| diff(wanted, &it.text));
        Self {
            reason,
            count: meant.len(),
            found: meant.iter().take(SHOWN).cloned().collect(),
            closest: closest.iter().take(SHOWN).map(|it| (*it).clone()).collect(),
            diff,
            is_invalid: false,
        }
    }

    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self { is_invalid: true, ..Self::of(reason.into(), None, &[], &[]) }
    }

    pub(super) fn after(mut self, seconds: f64) -> Self {
        if seconds > 0.0 {
            self.reason.push_str(&format!(" (waited {seconds} s of the sandbox's time)"));
        }
        self
    }
}

impl std::error::Error for Unmet {}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        if self.is_invalid {
            return Ok(());
        }
        if !self.found.is_empty() {
            write!(f, "\nfound {}:", self.count)?;
            list(&self.found, f)?;
        }
        match self.closest.is_empty() {
            true if self.found.is_empty() => f.write_str("\nno client has sent anything there")?,
            true => {}
            false => {
                f.write_str("\nclosest others:")?;
                list(&self.closest, f)?;
            }
        }
        match &self.diff {
            Some(diff) => write!(f, "\n[-expected-]{{+found+}}: {diff}"),
            None => Ok(()),
        }
    }
}

fn list(messages: &[Submission], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for Submission { subject, chat, text, state, .. } in messages {
        let (chat, text) = (Masked::new(chat.as_str()), cut(text));
        write!(f, "\n  {subject} to {chat}, {state}: {text:?}")?;
    }
    Ok(())
}

fn cut(text: &str) -> String {
    match text.chars().count() > TEXT {
        true => text.chars().take(TEXT).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

/// Where two texts differ; `None` where they do not.
fn diff(wanted: &str, found: &str) -> Option<String> {
    if wanted == found {
        return None;
    }
    let (wanted, found): (Vec<char>, Vec<char>) =
        (wanted.chars().collect(), found.chars().collect());
    let head = wanted.iter().zip(&found).take_while(|(a, b)| a == b).count();
    let ends = wanted.iter().skip(head).rev().zip(found.iter().skip(head).rev());
    let tail = ends.take_while(|(a, b)| a == b).count();
    let middle = |text: &[char]| -> String {
        text.iter().skip(head).take(text.len() - head - tail).collect()
    };
    let start: String = wanted.iter().take(head).collect();
    let end: String = wanted.iter().skip(wanted.len() - tail).collect();
    let (wanted, found) = (cut(&middle(&wanted)), cut(&middle(&found)));
    Some(format!("{}[-{wanted}-]{{+{found}+}}{}", cut(&start), cut(&end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_where_they_differ() {
        assert_eq!(diff("same", "same"), None);
        assert_eq!(diff("order 17", "order 71").unwrap(), "order [-17-]{+71+}");
        assert_eq!(diff("aaa", "aa").unwrap(), "aa[-a-]{++}");
        assert_eq!(diff("", "x").unwrap(), "[--]{+x+}");
        assert_eq!(diff("привет, Аня", "привет, Оля").unwrap(), "привет, [-Ан-]{+Ол+}я");
    }
}
