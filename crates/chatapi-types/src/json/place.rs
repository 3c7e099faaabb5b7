//! Where in a document a reader stands.

use std::cell::RefCell;
use std::fmt;

/// Where the first failure of a reading happened.
#[derive(Debug, Default)]
pub(super) struct Track(RefCell<Option<String>>);

impl Track {
    pub(super) const fn new() -> Self {
        Self(RefCell::new(None))
    }

    /// The place of the failure: `messages[3].time`; `None` for the document as a whole.
    pub(super) fn into_place(self) -> Option<String> {
        self.0.into_inner().filter(|place| !place.is_empty())
    }
}

/// A place in a document, told in *declared* names and in numbers only: what a document calls its
/// members may be as private as their values.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'p> {
    /// Nobody wants to know.
    Untracked,
    /// The document as a whole.
    Whole(&'p Track),
    /// A member that the type being read declares.
    Field(&'p Self, &'static str),
    /// A member of a map, whose name comes from the document.
    Member(&'p Self),
    /// An item of a list.
    Item(&'p Self, usize),
}

impl Place<'_> {
    /// Notes that reading failed here, unless it already failed further in.
    pub(super) fn failed(&self) {
        if let Some(track) = self.track() {
            let known = track.0.take();
            track.0.replace(known.or_else(|| Some(self.to_string())));
        }
    }

    /// Notes that reading went well here: whatever failed further in was coped with.
    pub(super) fn passed(&self) {
        if let Some(track) = self.track() {
            track.0.replace(None);
        }
    }

    fn track(&self) -> Option<&Track> {
        match self {
            Self::Untracked => None,
            Self::Whole(track) => Some(track),
            Self::Field(within, _) | Self::Member(within) | Self::Item(within, _) => within.track(),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untracked | Self::Whole(_) => Ok(()),
            Self::Field(within, name) => {
                within.fmt(f)?;
                let dot = match within {
                    Self::Untracked | Self::Whole(_) => "",
                    _ => ".",
                };
                write!(f, "{dot}{name}")
            }
            Self::Member(within) => write!(f, "{within}[…]"),
            Self::Item(within, index) => write!(f, "{within}[{index}]"),
        }
    }
}
