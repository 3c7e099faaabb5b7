//! What a message looks like in the vendor's records.

use std::fmt;

use chatapi_client::line::{Kind, Sighting, Waiting};
use chatapi_types::ChatId;
use sha2::{Digest as _, Sha256};

/// How far to the left the sort stands in a [`Look`], and below it the chat.
const SORT: u32 = 120;
const CHAT_AT: u32 = 64;
/// What is kept of the hash of a chat.
const CHAT: u64 = u64::MAX >> 8;

/// What a message looks like in the vendor's records: what sort of message it is, its chat, and as
/// much of its content as the records are known to repeat. 128 bits, so that the database holds no
/// second copy of a text that is to be wiped: 8 of the sort, 56 of a SHA-256 of the chat, 64 of one
/// of the content.
///
/// | Sort | Content |
/// |---|---|
/// | text | the text |
/// | file | its caption, because its body there is an address of the vendor's own |
/// | location, contact | none: how the records write them is not known to the letter |
/// | link | the address, which is looked for within texts too: no record calls a link a link |
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Look(u128);

/// How much something in the vendor's records looks like a message of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Likeness {
    /// It is another.
    No,
    /// It can be neither ruled out nor adopted.
    Perhaps,
    /// It looks as ours would.
    Yes,
}

impl Look {
    /// The look of a message whose content was wiped: like nothing else.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// The look of a text to a chat.
    #[must_use]
    pub fn of_text(chat: &ChatId, text: &str) -> Self {
        Self::hash(chat, Kind::Text, Some(text))
    }

    /// The look of a file to a chat.
    #[must_use]
    pub fn of_file(chat: &ChatId, caption: Option<&str>) -> Self {
        Self::hash(chat, Kind::File, caption)
    }

    /// The look of a place to a chat.
    #[must_use]
    pub fn of_location(chat: &ChatId) -> Self {
        Self::hash(chat, Kind::Location, None)
    }

    /// The look of a contact card to a chat.
    #[must_use]
    pub fn of_contact(chat: &ChatId) -> Self {
        Self::hash(chat, Kind::Contact, None)
    }

    /// The look of a link to a chat.
    #[must_use]
    pub fn of_link(chat: &ChatId, address: &str) -> Self {
        Self::hash(chat, Kind::Link, Some(address))
    }

    /// The look of what stands in the vendor's history. Another look does not mean another message:
    /// that is for [`likeness`](Self::likeness) to say.
    #[must_use]
    pub fn of_sighting(sighting: &Sighting) -> Self {
        let Sighting { chat, kind, body, caption, .. } = sighting;
        match kind {
            Kind::File => Self::of_file(chat, caption.as_deref()),
            Kind::Location => Self::of_location(chat),
            Kind::Contact => Self::of_contact(chat),
            Kind::Link => Self::of_link(chat, body),
            _ => Self::of_text(chat, body),
        }
    }

    /// What sort of message it is.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self.0 >> SORT {
            1 => Kind::Text,
            2 => Kind::File,
            3 => Kind::Location,
            4 => Kind::Contact,
            5 => Kind::Link,
            _ => Kind::Other,
        }
    }

    /// Whether messages of this look may say different things, so that of several candidates none
    /// can be told to be the one. Only texts are repeated whole in the vendor's records.
    #[must_use]
    pub const fn is_vague(self) -> bool {
        !matches!(self.kind(), Kind::Text)
    }

    /// How much something in the vendor's history looks like this.
    #[must_use]
    pub fn likeness(self, sighting: &Sighting) -> Likeness {
        let Sighting { chat, kind, body, caption, .. } = sighting;
        match self.is_to(chat) {
            true => self.compare(*kind, body, caption.as_deref()),
            false => Likeness::No,
        }
    }

    /// How much something in the vendor's queue looks like this. What is vague is never certain
    /// there: a queue shows no ids by which those of ours that wait could be told apart.
    #[must_use]
    pub fn likeness_in_queue(self, waiting: &Waiting) -> Likeness {
        let Waiting { chat, kind, body, .. } = waiting;
        let alike = self.compare(*kind, body, None);
        match (chat, self.is_vague()) {
            (Some(chat), _) if !self.is_to(chat) => Likeness::No,
            (Some(_), false) => alike,
            // Without a chat any text could be it.
            (None, false) if matches!(kind, Kind::Text | Kind::Link | Kind::Other) => {
                Likeness::Perhaps
            }
            _ => alike.min(Likeness::Perhaps),
        }
    }

    /// With something in the same chat.
    fn compare(self, kind: Kind, body: &str, caption: Option<&str>) -> Likeness {
        let same = |text: &str| hash_of(text) == self.content();
        let is_it = match (self.kind(), kind) {
            (Kind::Text, Kind::Text | Kind::Link | Kind::Other) => same(body),
            // Not every service tells captions (grade B).
            (Kind::File, Kind::File) => caption.is_none_or(same),
            (Kind::Link, Kind::Text | Kind::Other) => body.split_whitespace().any(same),
            (Kind::Location, Kind::Location) => true,
            (Kind::Contact, Kind::Contact) => true,
            (Kind::Link, Kind::Link) => true,
            _ => false,
        };
        match (is_it, self.kind(), kind) {
            (true, ..) => Likeness::Yes,
            // A text that lacks the address may be the link in the gateway's own words.
            (false, Kind::Link, Kind::Text) => Likeness::Perhaps,
            (false, ours, Kind::Other) if !matches!(ours, Kind::Text | Kind::Other) => {
                Likeness::Perhaps
            }
            _ => Likeness::No,
        }
    }

    fn hash(chat: &ChatId, kind: Kind, content: Option<&str>) -> Self {
        let sort: u128 = match kind {
            Kind::Text => 1,
            Kind::File => 2,
            Kind::Location => 3,
            Kind::Contact => 4,
            Kind::Link => 5,
            _ => 0,
        };
        // Without content it is that of an empty text: a file without a caption.
        let content = hash_of(content.unwrap_or_default());
        Self((sort << SORT) | (u128::from(hash_of_chat(chat)) << CHAT_AT) | u128::from(content))
    }

    fn is_to(self, chat: &ChatId) -> bool {
        let [_, ours @ .., _, _, _, _, _, _, _, _] = self.to_bytes();
        let [_, theirs @ ..] = hash_of_chat(chat).to_be_bytes();
        ours == theirs
    }

    fn content(self) -> u64 {
        let [.., a, b, c, d, e, f, g, h] = self.to_bytes();
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
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
        write!(f, "Look({:?} {:04x}…)", self.kind(), self.content() >> 48)
    }
}

/// Of a chat as every vendor writes it: wamm.chat leaves out what follows the `@` (grade A).
fn hash_of_chat(chat: &ChatId) -> u64 {
    let chat = chat.as_str();
    let bare = chat.strip_suffix("@c.us").or_else(|| chat.strip_suffix("@g.us"));
    hash_of(bare.unwrap_or(chat)) & CHAT
}

/// Gateways and messengers trim texts and rewrite line ends, so white space does not count.
fn hash_of(text: &str) -> u64 {
    let mut hash = Sha256::new();
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            hash.update(" ");
        }
        hash.update(word);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: &str = "79000000001@c.us";

    fn chat(chat: &str) -> ChatId {
        chat.into()
    }

    fn seen(kind: Kind, body: &str) -> Sighting {
        Sighting::new("1", chat(ANNA), true, kind, body)
    }

    #[test]
    fn white_space_that_gateways_rewrite_does_not_count() {
        let chat = ChatId::from(ANNA);
        let look = Look::of_text(&chat, "Your code:\n1234");
        assert_eq!(look, Look::of_text(&chat, "  Your code: \r\n 1234 "));
        assert_ne!(look, Look::of_text(&chat, "Your code: 1235"));
        assert_ne!(look, Look::of_text(&ChatId::from("79000000002@c.us"), "Your code: 1234"));
        assert_ne!(look, Look::of_file(&chat, Some("Your code: 1234")));
        assert_eq!(Look::from_bytes(look.to_bytes()), look);
        assert_eq!(Look::from_bytes(look.to_bytes()).kind(), Kind::Text);
    }

    #[test]
    fn a_chat_is_the_same_however_the_vendor_writes_it() {
        let look = Look::of_text(&chat(ANNA), "hi");
        assert_eq!(
            look.likeness(&Sighting::text("1", chat("79000000001"), true, "hi")),
            Likeness::Yes
        );
        assert_eq!(
            look.likeness(&Sighting::text("1", chat("79000000002"), true, "hi")),
            Likeness::No
        );
        let group = Look::of_text(&chat("790-16@g.us"), "hi");
        assert_eq!(group, Look::of_text(&chat("790-16"), "hi"));
    }

    #[test]
    fn kinds_are_told_apart_and_what_is_unknown_is_not_ruled_out() {
        use Likeness::{No, Perhaps, Yes};
        let chat = chat(ANNA);
        let url = "https://example.com/a";
        let ours = [
            Look::of_text(&chat, "hi"),
            Look::of_file(&chat, None),
            Look::of_location(&chat),
            Look::of_contact(&chat),
            Look::of_link(&chat, url),
        ];
        let theirs = [
            (seen(Kind::Text, "hi"), [Yes, No, No, No, Perhaps]),
            (seen(Kind::Text, "see\nhttps://example.com/a"), [No, No, No, No, Yes]),
            (seen(Kind::File, url), [No, Yes, No, No, No]),
            (seen(Kind::Location, "55.75;37.62"), [No, No, Yes, No, No]),
            (seen(Kind::Contact, "BEGIN:VCARD"), [No, No, No, Yes, No]),
            (seen(Kind::Link, "?"), [No, No, No, No, Yes]),
            (seen(Kind::Other, "?"), [No, Perhaps, Perhaps, Perhaps, Perhaps]),
            (seen(Kind::Other, "hi"), [Yes, Perhaps, Perhaps, Perhaps, Perhaps]),
        ];
        for (theirs, expected) in theirs {
            assert_eq!(ours.map(|ours| ours.likeness(&theirs)), expected, "{theirs:?}");
        }
        assert_eq!(Look::none().likeness(&seen(Kind::Text, "hi")), No);
    }

    #[test]
    fn a_caption_rules_out_only_where_captions_are_told() {
        let look = Look::of_file(&chat(ANNA), Some("your bill"));
        let mut file = seen(Kind::File, "https://vendor.example/1");
        assert_eq!(look.likeness(&file), Likeness::Yes, "not told");
        file.caption = Some("your bill ".to_owned());
        assert_eq!(look.likeness(&file), Likeness::Yes);
        file.caption = Some("her bill".to_owned());
        assert_eq!(look.likeness(&file), Likeness::No);
    }

    #[test]
    fn in_a_queue_only_a_text_with_its_chat_is_certain() {
        let anna = chat(ANNA);
        let waiting =
            |chat: Option<&ChatId>, kind, body| Waiting::new(1, chat.cloned(), kind, body);
        let (text, place) = (Look::of_text(&anna, "hi"), Look::of_location(&anna));
        for (look, waiting, expected) in [
            (text, waiting(Some(&anna), Kind::Text, "hi"), Likeness::Yes),
            (text, waiting(Some(&anna), Kind::Other, "hi"), Likeness::Yes),
            (text, waiting(Some(&anna), Kind::Text, "ho"), Likeness::No),
            (text, waiting(None, Kind::Text, "ho"), Likeness::Perhaps),
            (text, waiting(None, Kind::File, "hi"), Likeness::No),
            (place, waiting(Some(&anna), Kind::Location, "1;2"), Likeness::Perhaps),
            (place, waiting(None, Kind::Location, "1;2"), Likeness::Perhaps),
            (place, waiting(None, Kind::Text, "1;2"), Likeness::No),
            (place, waiting(Some(&chat("79000000002@c.us")), Kind::Location, "1;2"), Likeness::No),
        ] {
            assert_eq!(look.likeness_in_queue(&waiting), expected, "{look:?} {waiting:?}");
        }
    }
}
