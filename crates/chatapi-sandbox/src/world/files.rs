//! Files that came as data and are now at an address.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct File {
    pub(crate) mime: String,
    #[serde(with = "super::saved::bytes")]
    pub(crate) bytes: Bytes,
}

impl File {
    /// How much room it takes; an empty one, too, has a name and a place.
    fn weight(&self) -> usize {
        self.bytes.len() + self.mime.len() + 256
    }

    /// Reads `data:{mime};base64,{data}`.
    pub(crate) fn from_data_uri(uri: &str) -> Option<Self> {
        let (head, data) = uri.strip_prefix("data:")?.split_once(',')?;
        let mime = head.strip_suffix(";base64")?;
        let bytes = STANDARD.decode(data.trim()).ok()?;
        Some(Self {
            mime: match mime {
                "" => "application/octet-stream".to_owned(),
                mime => mime.to_owned(),
            },
            bytes: bytes.into(),
        })
    }
}

/// The ending of a file's name, lower case; `bin` where it has none that is plain.
pub(crate) fn extension(name: &str) -> String {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_plain = !extension.is_empty() && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    match is_plain {
        true => extension.to_ascii_lowercase(),
        false => "bin".to_owned(),
    }
}

/// The latest files, by name.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Files {
    kept: VecDeque<(String, File)>,
    #[serde(deserialize_with = "crate::world::saved::count")]
    bytes: usize,
}

impl Files {
    pub(crate) fn keep(&mut self, name: String, file: File, most: usize) {
        self.bytes += file.weight();
        self.kept.push_back((name, file));
        while self.bytes > most {
            match self.kept.pop_front() {
                Some((_, oldest)) => self.bytes = self.bytes.saturating_sub(oldest.weight()),
                None => return,
            }
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&File> {
        let found = self.kept.iter().rev().find(|(kept, _)| kept == name);
        found.map(|(_, file)| file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_uris_are_read_or_refused() {
        let file = File::from_data_uri("data:text/plain;base64,aGk=").unwrap();
        assert_eq!((&*file.mime, &*file.bytes), ("text/plain", &b"hi"[..]));
        for wrong in ["data:text/plain,hi", "data:text/plain;base64,***", "http://h/", "data:"] {
            assert_eq!(File::from_data_uri(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_oldest_go_when_there_is_no_room() {
        let mut files = Files::default();
        let third = File { mime: String::new(), bytes: vec![0; 1_000_000].into() };
        for name in ["a", "b", "c", "d"] {
            files.keep(name.to_owned(), third.clone(), 3_100_000);
        }
        assert!(files.get("a").is_none() && files.get("b").is_some() && files.get("d").is_some());
        assert!(files.bytes <= 3_100_000);
    }
}
