//! Voice messages to send.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatapi_transport::{Error, Result};

/// How many bytes of a local recording are taken: 16 MiB, hours of speech. Ours, not the vendor's.
const LIMIT: u64 = 16 * 1024 * 1024;

/// A voice message: opus in an ogg container, as the messengers record it (Chat API §4.2, grade A).
/// Other recordings must be converted first, or sent as files.
#[derive(Clone, PartialEq, Eq)]
pub struct Voice {
    audio: String,
}

impl Voice {
    /// The recording at an http(s) address. It is not looked at.
    pub fn url(url: impl Into<String>) -> Self {
        Self { audio: url.into() }
    }

    /// A recording in memory.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when its header is not that of
    /// opus in ogg.
    pub fn bytes(recording: impl AsRef<[u8]>) -> Result<Self> {
        let recording = recording.as_ref();
        check(recording).map_err(|problem| Error::invalid("sendPTT", problem))?;
        Ok(Self { audio: format!("data:audio/ogg;base64,{}", STANDARD.encode(recording)) })
    }

    /// A recording on disk, of at most 16 MiB.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](chatapi_transport::ErrorKind::Invalid) when it cannot be read, is too
    /// large, or is not opus in ogg by its header.
    pub async fn path(path: impl AsRef<Path>) -> Result<Self> {
        let recording = crate::file::read("sendPTT", path.as_ref(), LIMIT).await?;
        Self::bytes(recording)
    }

    pub(crate) fn into_audio(self) -> String {
        self.audio
    }
}

/// The first page of an ogg stream begins with `OggS`, and its first packet, after the page's header
/// and its table of segments, with the name of the codec (RFC 3533, RFC 7845).
fn check(recording: &[u8]) -> std::result::Result<(), &'static str> {
    const PAGE_HEADER: usize = 27;
    if !recording.starts_with(b"OggS") {
        return Err("a voice message must be an ogg file, and this is none by its header");
    }
    let segments = recording.get(PAGE_HEADER - 1).copied().map_or(0, usize::from);
    match recording.get(PAGE_HEADER + segments..) {
        Some(packet) if packet.starts_with(b"OpusHead") => Ok(()),
        Some(packet) if packet.starts_with(b"\x01vorbis") => Err(
            "a voice message must be opus, and this is vorbis: convert it, or send it as a file",
        ),
        _ => Err("a voice message must be opus in ogg, and this ogg file holds something else"),
    }
}

impl fmt::Debug for Voice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Voice({} B)", self.audio.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(packet: &[u8]) -> Vec<u8> {
        let mut page = b"OggS".to_vec();
        page.resize(26, 0);
        page.extend([1, u8::try_from(packet.len()).unwrap()]);
        page.extend(packet);
        page
    }

    #[test]
    fn recordings_are_known_by_their_header() {
        let opus = page(b"OpusHead\x01\x01");
        let voice = Voice::bytes(&opus).unwrap();
        assert!(voice.into_audio().starts_with("data:audio/ogg;base64,T2dnUw"));
        for (recording, words) in [
            (page(b"\x01vorbis"), "this is vorbis"),
            (page(b"\x7fFLAC"), "holds something else"),
            (b"OggS".to_vec(), "holds something else"),
            (b"ID3\x04mp3".to_vec(), "must be an ogg file"),
            (Vec::new(), "must be an ogg file"),
        ] {
            let error = Voice::bytes(recording).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
