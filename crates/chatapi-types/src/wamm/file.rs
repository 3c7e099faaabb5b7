//! Sending files.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::envelope::NoError;
use super::{Address, Limits, Wamm};
use crate::{BadArg, Call, Grade, JsonReply, MessageId, Repeat, Verb, json};

/// `file_to`: sends a file that the vendor fetches from a public address. wamm §1.1, grade B; its
/// answer was never seen.
///
/// There is no caption (grade C): send a text of its own before the file. Name and kind of the file
/// come from the end of the address (grade D). The vendor names sending files for all its
/// messengers (the list: grade D); how large a file may be and how a bad address is answered are
/// unknown. Arguments in the path, `/file_to/T/{phone}/{url}`, were never seen (grade D): only the
/// switch [`Addressing::Path`](super::Addressing) writes them so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileTo {
    /// Who it is for.
    pub phone: Address,
    /// Where the file is: an `http://` or `https://` address that anybody can open.
    pub url: String,
}

impl FileTo {
    /// Sends the file at an address.
    pub fn new(to: impl Into<Address>, url: impl Into<String>) -> Self {
        Self { phone: to.into(), url: url.into() }
    }
}

impl Call for FileTo {
    type Dialect = Wamm;
    type Reply = FileSent;
    const NAME: &'static str = "file_to";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::B;
    const SLOTS: &'static [&'static str] = &["phone", "url"];

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_address(&self.phone)?;
        crate::chat_api::check_url("url", &self.url)
    }
}

/// `POST file_from_base64`: sends a file whose content travels with the call. wamm §1.1, grade C;
/// its answer was never seen.
///
/// The receiver stands in the query, name and content in a form body. There is no caption (grade
/// C). One attempt may take 120 s, as the one known client allows it. The vendor names sending
/// files for all its messengers (the list: grade D); how large a file may be is unknown
/// ([`Limits::file_base64_bytes`]). A receiver in the path was never seen (grade D): only the switch
/// [`Addressing::Path`](super::Addressing) writes it so.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileFromBase64 {
    /// Who it is for.
    pub phone: Address,
    /// The file's name.
    pub file_name: String,
    /// Its content: base64 in the standard alphabet, without a `data:` prefix.
    pub file_base64: String,
}

impl FileFromBase64 {
    /// Sends a file of a name and a content in base64.
    pub fn new(
        to: impl Into<Address>,
        file_name: impl Into<String>,
        file_base64: impl Into<String>,
    ) -> Self {
        Self { phone: to.into(), file_name: file_name.into(), file_base64: file_base64.into() }
    }
}

/// Shows how long the content is, not the content.
impl std::fmt::Debug for FileFromBase64 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileFromBase64")
            .field("phone", &self.phone)
            .field("file_name", &self.file_name)
            .field("file_base64", &format_args!("{} B", self.file_base64.len()))
            .finish()
    }
}

impl Call for FileFromBase64 {
    type Dialect = Wamm;
    type Reply = FileSent;
    const NAME: &'static str = "file_from_base64";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::C;
    // Not for the path: what is a slot stands in the query even of a POST.
    const SLOTS: &'static [&'static str] = &["phone"];
    const TIMEOUT: Option<Duration> = Some(Duration::from_secs(120));

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_address(&self.phone)?;
        if self.file_name.trim().is_empty() {
            return Err(BadArg::new("file_name", "give the file a name"));
        }
        limits.check_base64(&self.file_base64)
    }
}

/// The answer to a send of a file. It was never seen: that it is the one to
/// [`MsgTo`](super::MsgTo) is our inference (grade D), so an answer without an id is read as well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileSent {
    #[serde(default)]
    err: NoError,
    /// The message's id, by which it is followed; `None` where the vendor did not give one.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "json::optional_id_as_number"
    )]
    pub msg_id: Option<MessageId>,
}

impl FileSent {
    /// The vendor took it.
    pub fn new(msg_id: impl Into<MessageId>) -> Self {
        Self { err: NoError, msg_id: Some(msg_id.into()) }
    }
}

impl JsonReply for FileSent {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_is_checked_and_never_shown() {
        let limits = Limits { file_base64_bytes: 8, ..Limits::default() };
        let check = |name: &str, content: &str| {
            FileFromBase64::new("79000000001", name, content).check(&limits)
        };
        for fine in ["aGk=", "aGkh", "+/8=", "aGkhaGkh"] {
            assert!(check("a.txt", fine).is_ok(), "{fine}");
        }
        for wrong in ["", "aGk", "aGk-", "a=k=", "====", "aGkhaGkhaGkh"] {
            assert_eq!(check("a.txt", wrong).unwrap_err().field(), "file_base64", "{wrong}");
        }
        let error = check("a.txt", "data:text/plain;base64,aGk=").unwrap_err();
        assert!(error.problem().contains("data:"), "{error}");
        assert_eq!(check(" ", "aGk=").unwrap_err().field(), "file_name");
        let shown = format!("{:?}", FileFromBase64::new("79000000001", "a.txt", "c2VjcmV0"));
        assert!(shown.contains("8 B") && !shown.contains("c2Vj"), "{shown}");
    }

    #[test]
    fn a_file_is_fetched_from_an_address() {
        let check = |url: &str| FileTo::new("79000000001", url).check(&Limits::default());
        assert!(check("https://files.example/a.pdf?x=1").is_ok());
        for wrong in ["", "a.pdf", "data:text/plain;base64,aGk=", "ftp://h/a"] {
            assert_eq!(check(wrong).unwrap_err().field(), "url", "{wrong}");
        }
    }
}
