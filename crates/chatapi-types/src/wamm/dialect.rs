//! How wamm.chat is spoken to.

use serde_json::Value;

use super::{Address, ErrorCode, envelope};
use crate::{
    Answer, Args, BadArg, Body, Dialect, Layout, Messenger, Operation, Part, Rotates, Verb, plain,
};

/// Where the vendor serves its API (grade A).
pub const DEFAULT_ADDRESS: &str = "https://wamm.chat/api2";

/// The wamm.chat dialect. One token is one channel, so there is nothing to address but the token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wamm {
    addressing: Addressing,
    messenger: Option<Messenger>,
    limits: Limits,
}

/// Where the arguments stand. Both styles are live (grade A).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Addressing {
    /// `/{method}/{token}/?phone=&text=`.
    #[default]
    Query,
    /// `/{method}/{token}/{phone}/{text}`. What cannot stand in a path (nothing, `.`, `..`) goes
    /// into the query all the same.
    Path,
}

impl Wamm {
    /// Arguments in the query.
    #[must_use]
    pub fn query() -> Self {
        Self::default()
    }

    /// Arguments in the path.
    #[must_use]
    pub fn path() -> Self {
        Self { addressing: Addressing::Path, ..Self::default() }
    }

    /// Names the messenger behind the channel, so that calls which do not work on it are refused
    /// before they leave. `channel_list` with the filter `one` tells it.
    #[must_use]
    pub const fn on(mut self, messenger: Messenger) -> Self {
        self.messenger = Some(messenger);
        self
    }

    /// Overrides the limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Where the arguments stand.
    #[must_use]
    pub const fn addressing(&self) -> Addressing {
        self.addressing
    }
}

impl Dialect for Wamm {
    type Limits = Limits;
    type Code = ErrorCode;
    const NAME: &'static str = "wamm.chat";

    fn lay_out(&self, operation: &Operation, mut args: Args) -> Layout {
        let mut path = vec![Part::word(operation.name), Part::SECRET];
        for (at, slot) in operation.slots.iter().enumerate() {
            if at >= operation.fixed && self.addressing == Addressing::Query {
                break;
            }
            match args.get(slot).map(plain) {
                Some(text) if at < operation.fixed || fits_path(&text) => {
                    path.push(Part::Arg(text));
                    args.take(slot);
                }
                // The slots are positional: after a hole, the rest must be named.
                _ => break,
            }
        }
        let (query, form): (Vec<_>, Vec<_>) = args.into_iter().partition(|(name, _)| {
            operation.verb == Verb::Get || operation.slots.contains(&name.as_ref())
        });
        if !query.is_empty() {
            // The documented form has a slash before the question mark.
            path.push(Part::word(""));
        }
        let named = |pairs: Vec<(_, Value)>| {
            pairs.into_iter().map(|(name, value)| (name, Part::arg(&value))).collect::<Vec<_>>()
        };
        let mut layout = Layout::new(operation.verb, path);
        layout.query = named(query);
        if !form.is_empty() {
            layout = layout.body(Body::Form(named(form)));
        }
        layout
    }

    fn complaint(&self, answer: &Answer<'_>) -> Option<String> {
        envelope::complaint(answer)
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn messenger(&self) -> Option<Messenger> {
        self.messenger
    }
}

impl Rotates for Wamm {}

/// URLs have no way to write these as one path segment: browsers and libraries take them away.
fn fits_path(text: &str) -> bool {
    !matches!(text, "" | "." | "..")
}

/// The vendor's limits. All differ between generations of its pages, so all can be overridden.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many characters a text may have: 4500 (grade A; 1500 in 2021).
    pub text_chars: usize,
    /// The delays that are taken, in seconds: 15, 20, 30, 45, 60, 120, 180 (grade A; an older page
    /// has 20, 30 and 60 only).
    pub delays: Vec<u32>,
    /// How many messages one call may list: 1 to 100 (grade A).
    pub listing: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { text_chars: 4500, delays: vec![15, 20, 30, 45, 60, 120, 180], listing: 100 }
    }
}

impl Limits {
    pub(super) fn check_address(&self, address: &Address) -> Result<(), BadArg> {
        match address.as_str().trim() {
            "" => Err(BadArg::new("phone", "say who it is for: a phone, a chat id or a nickname")),
            group if group.ends_with("@g.us") => {
                Err(BadArg::new("phone", "write a group as its bare number, without @g.us"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_text(&self, text: &str) -> Result<(), BadArg> {
        let chars = text.chars().count();
        if text.trim().is_empty() {
            Err(BadArg::new("text", "the text is empty"))
        } else if chars > self.text_chars {
            let most = self.text_chars;
            Err(BadArg::new("text", format!("{chars} characters; at most {most} are taken")))
        } else {
            Ok(())
        }
    }

    pub(super) fn check_delay(&self, delay: Option<u32>) -> Result<(), BadArg> {
        match delay {
            Some(delay) if !self.delays.contains(&delay) => {
                let taken: Vec<_> = self.delays.iter().map(ToString::to_string).collect();
                let taken = taken.join(", ");
                Err(BadArg::new("delay", format!("{delay} s; only {taken} are taken")))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_count(&self, count: u32) -> Result<(), BadArg> {
        let most = self.listing;
        if (1..=most).contains(&count) {
            Ok(())
        } else {
            Err(BadArg::new("col", format!("{count} messages; 1 to {most} can be asked for")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wamm::{ChannelFilter, ChannelList, MsgEdit, MsgState, MsgTo};
    use crate::{Call, Phone};

    fn laid<C: Call<Dialect = Wamm>>(dialect: &Wamm, call: &C) -> String {
        let layout = dialect.lay_out(&Operation::of::<C>(), Args::of(call).unwrap());
        let show = |part: &Part| match part {
            Part::Word(word) => word.to_string(),
            Part::Arg(text) => text.clone(),
            Part::Secret { .. } => "T".to_owned(),
        };
        let path: Vec<_> = layout.path.iter().map(show).collect();
        let query: Vec<_> =
            layout.query.iter().map(|(name, part)| format!("{name}={}", show(part))).collect();
        format!("/{}?{}", path.join("/"), query.join("&"))
    }

    #[test]
    fn both_url_styles() {
        let phone: Phone = "79000000001".parse().unwrap();
        let send = MsgTo::new(&phone, "hi").delay(20);
        assert_eq!(laid(&Wamm::query(), &send), "/msg_to/T/?phone=79000000001&text=hi&delay=20");
        assert_eq!(laid(&Wamm::path(), &send), "/msg_to/T/79000000001/hi/?delay=20");
        assert_eq!(laid(&Wamm::query(), &MsgState::new(7)), "/msg_state/T/?msg_id=7");
        assert_eq!(laid(&Wamm::path(), &MsgState::new(7)), "/msg_state/T/7?");
        assert_eq!(laid(&Wamm::query(), &MsgEdit::new(7, "x")), "/msg_edit/T/7/?text=x");
        assert_eq!(laid(&Wamm::path(), &MsgEdit::new(7, "x")), "/msg_edit/T/7/x?");
        assert_eq!(laid(&Wamm::query(), &ChannelList::new()), "/channel_list/T?");
        let one = ChannelList::new().only(ChannelFilter::One);
        assert_eq!(laid(&Wamm::query(), &one), "/channel_list/T/one?");
    }

    #[test]
    fn what_cannot_stand_in_a_path_is_named() {
        let phone: Phone = "79000000001".parse().unwrap();
        for dots in [".", ".."] {
            let send = MsgTo::new(&phone, dots);
            let expected = format!("/msg_to/T/79000000001/?text={dots}");
            assert_eq!(laid(&Wamm::path(), &send), expected);
        }
    }
}
