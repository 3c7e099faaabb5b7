//! Files to send.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatapi_transport::{Error, Result};
use percent_encoding::percent_decode_str;

/// How many bytes of a local file are taken unless [`File::path_at_most`] says otherwise: 64 MiB.
/// Ours, not the vendor's, whose limit is unknown: the whole file travels as base64 in one request
/// and stands in memory several times.
const LIMIT: u64 = 64 * 1024 * 1024;

/// A file to send: at an address, or carried along.
///
/// ```
/// use chatapi_client::File;
///
/// let there = File::url("https://example.com/price list.pdf?v=2");
/// assert_eq!(there.name(), "price list.pdf");
///
/// let here = File::bytes("hello.txt", "hello");
/// assert_eq!(here.body(), "data:text/plain;base64,aGVsbG8=");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    name: String,
    body: String,
}

impl File {
    /// The file at an http(s) address, which the gateway must be able to reach. Its name is the
    /// last part of the address's path, decoded, and empty where there is none;
    /// [`named`](Self::named) gives another.
    pub fn url(url: impl Into<String>) -> Self {
        let body = url.into();
        let place = body.split(['?', '#']).next().unwrap_or_default();
        let path = match place.split_once("://") {
            Some((_, host_and_path)) => host_and_path.split_once('/').map_or("", |(_, path)| path),
            None => place,
        };
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let decoded = percent_decode_str(last).decode_utf8_lossy();
        // An encoded slash must not make a name a path.
        let name = decoded.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        Self { name, body }
    }

    /// A file in memory. The extension of its name tells what it is.
    pub fn bytes(name: impl Into<String>, content: impl AsRef<[u8]>) -> Self {
        let name = name.into();
        let mime = mime_guess::from_path(&name).first_or_octet_stream();
        let body = format!("data:{};base64,{}", mime.essence_str(), STANDARD.encode(content));
        Self { name, body }
    }

    /// A file on disk, of at most 64 MiB.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when it cannot be read, is no
    /// file, is empty or is too large.
    pub async fn path(path: impl AsRef<Path>) -> Result<Self> {
        Self::path_at_most(path, LIMIT).await
    }

    /// A file on disk, of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// As [`path`](Self::path).
    pub async fn path_at_most(path: impl AsRef<Path>, limit: u64) -> Result<Self> {
        let path = path.as_ref();
        let content = read("sendFile", path, limit).await?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Self::bytes(name, content))
    }

    /// Gives it another name. The extension tells the messenger what it is.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The name that the recipient sees.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address, or the content as a data URI.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The address, unless the content is carried along.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        (!self.body.starts_with("data:")).then_some(&self.body)
    }

    /// What it is, by the extension of its name, where the content is carried along.
    #[must_use]
    pub fn mime(&self) -> Option<&str> {
        self.body.strip_prefix("data:")?.split_once(';').map(|(mime, _)| mime)
    }

    pub(crate) fn into_parts(self) -> (String, String) {
        (self.body, self.name)
    }
}

/// The content of a local file that is to be sent by `operation`.
pub(crate) async fn read(operation: &'static str, path: &Path, limit: u64) -> Result<Vec<u8>> {
    let refuse = |problem: String| Error::invalid(operation, problem);
    let unreadable =
        |error: std::io::Error| refuse(format!("{} cannot be read: {error}", path.display()));
    let about = tokio::fs::metadata(path).await.map_err(unreadable)?;
    if !about.is_file() {
        return Err(refuse(format!("{} is no file", path.display())));
    }
    let too_large = |size: u64| {
        refuse(format!("{} has {size} bytes; at most {limit} are taken", path.display()))
    };
    if about.len() > limit {
        return Err(too_large(about.len()));
    }
    let content = tokio::fs::read(path).await.map_err(unreadable)?;
    match content.len() as u64 {
        0 => Err(refuse(format!("{} is empty", path.display()))),
        // It may have grown since it was looked at.
        size if size > limit => Err(too_large(size)),
        _ => Ok(content),
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({:?}, {} B)", self.name, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use chatapi_transport::ErrorKind;

    use super::*;

    #[test]
    fn names_come_from_addresses() {
        assert_eq!(File::url("https://h/a/b.png#x").name(), "b.png");
        assert_eq!(File::url("https://h/a/").name(), "a");
        assert_eq!(File::url("https://h/x").named("y.pdf").name(), "y.pdf");
        let decoded = File::url("https://h/%D1%81%D1%87%D1%91%D1%82%20%231.pdf?x=/y.png");
        assert_eq!(decoded.name(), "счёт #1.pdf");
        assert_eq!(File::url("https://h/o/bills%2F..%2Fa.pdf").name(), "a.pdf");
        assert_eq!(File::url("https://h/o/a%5Cb.pdf").name(), "b.pdf");
        for bare in ["https://example.com", "https://example.com/", "https://example.com?a.pdf"] {
            assert_eq!(File::url(bare).name(), "", "{bare}");
        }
        assert_eq!(File::url("https://h/x").address(), Some("https://h/x"));
        assert_eq!(
            (File::bytes("x.png", [0]).mime(), File::url("data").mime()),
            (Some("image/png"), None)
        );
        assert_eq!(File::bytes("x.bin", [0]).body(), "data:application/octet-stream;base64,AA==");
    }

    #[tokio::test]
    async fn what_cannot_be_sent_is_refused_before_it_is_sent() {
        let folder = std::env::temp_dir().join(format!("chatapi-file-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (empty, full) = (folder.join("empty.txt"), folder.join("a b.txt"));
        std::fs::write(&empty, "").unwrap();
        std::fs::write(&full, "12345").unwrap();

        let refused = [
            (File::path(&empty).await, "is empty"),
            (File::path(&folder).await, "is no file"),
            (File::path(folder.join("none")).await, "cannot be read"),
            (File::path_at_most(&full, 4).await, "has 5 bytes; at most 4 are taken"),
        ];
        for (result, words) in refused {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid);
            assert!(error.to_string().contains(words), "{error}");
            assert!(!error.may_have_taken_effect());
        }
        let file = File::path(&full).await.unwrap();
        assert_eq!((file.name(), file.body()), ("a b.txt", "data:text/plain;base64,MTIzNDU="));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
