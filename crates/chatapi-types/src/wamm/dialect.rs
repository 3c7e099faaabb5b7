//! How wamm.chat is spoken to.

use serde_json::Value;

use super::{ErrorCode, Limits, envelope};
use crate::{
    Answer, Args, Body, Dialect, Layout, Messenger, Operation, Part, Rotates, Verb, plain,
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
    /// into the query all the same, and with it the slots after it.
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
                Some(text) if fits_path(&text) => {
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
        // Not even where the vendor wants it in the path: `/msg_edit/T/..` would be another call.
        let edit = MsgEdit::new("..", "x");
        assert_eq!(laid(&Wamm::path(), &edit), "/msg_edit/T/?msg_id=..&text=x");
        assert_eq!(laid(&Wamm::query(), &edit), "/msg_edit/T/?msg_id=..&text=x");
        let phone: Phone = "79000000001".parse().unwrap();
        for dots in [".", ".."] {
            let send = MsgTo::new(&phone, dots);
            let expected = format!("/msg_to/T/79000000001/?text={dots}");
            assert_eq!(laid(&Wamm::path(), &send), expected);
        }
    }
}
