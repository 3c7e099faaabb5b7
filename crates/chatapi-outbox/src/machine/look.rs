//! What a message looks like in the vendor's records.

use std::fmt;

use chatapi_client::line::{Sighting, Waiting};
use chatapi_types::ChatId;
use sha2::{Digest as _, Sha256};

/// What a message looks like in the vendor's records: the chat, whether it is a file, and its text
/// (a file's caption, because its body there is an address of the vendor's own). 128 bits of a
/// SHA-256, so that the database holds no second copy of a text that is to be wiped.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Look(u128);

impl Look {
    /// The look of a text to a chat.
    #[must_use]
    pub fn of_text(chat: &ChatId, text: &str) -> Self {
        Self::hash(chat, "text", text)
    }

    /// The look of a file to a chat.
    #[must_use]
    pub fn of_file(chat: &ChatId, caption: Option<&str>) -> Self {
        Self::hash(chat, "file", caption.unwrap_or_default())
    }

    /// The look of what stands in the vendor's history.
    #[must_use]
    pub fn of_sighting(sighting: &Sighting) -> Self {
        match sighting.is_file {
            true => Self::of_file(&sighting.chat, sighting.caption.as_deref()),
            false => Self::of_text(&sighting.chat, &sighting.body),
        }
    }

    /// The look of what waits in the vendor's queue; `None` where its chat is not told.
    #[must_use]
    pub fn of_waiting(waiting: &Waiting) -> Option<Self> {
        let chat = waiting.chat.as_ref()?;
        // A queue tells the address of a file and no caption.
        (!waiting.is_file).then(|| Self::of_text(chat, &waiting.body))
    }

    fn hash(chat: &ChatId, kind: &str, text: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(chat.as_str());
        hash.update([0]);
        hash.update(kind);
        hash.update([0]);
        // Gateways and messengers trim texts and rewrite line ends.
        for (index, word) in text.split_whitespace().enumerate() {
            if index > 0 {
                hash.update(" ");
            }
            hash.update(word);
        }
        let digest = hash.finalize();
        let mut first = [0; 16];
        first.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
        Self(u128::from_be_bytes(first))
    }

    /// The look of a message whose content was wiped: like nothing else.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// As it stands in the database.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// As it stood in the database.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }
}

impl fmt::Debug for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Look({:08x}…)", self.0 >> 96)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_that_gateways_rewrite_does_not_count() {
        let chat = ChatId::from("79000000001@c.us");
        let look = Look::of_text(&chat, "Your code:\n1234");
        assert_eq!(look, Look::of_text(&chat, "  Your code: \r\n 1234 "));
        assert_ne!(look, Look::of_text(&chat, "Your code: 1235"));
        assert_ne!(look, Look::of_text(&ChatId::from("79000000002@c.us"), "Your code: 1234"));
        assert_ne!(look, Look::of_file(&chat, Some("Your code: 1234")));
        assert_eq!(Look::from_bytes(look.to_bytes()), look);
    }
}
