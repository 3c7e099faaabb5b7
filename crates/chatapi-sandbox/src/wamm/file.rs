//! `file_to` and `file_from_base64`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chatapi_types::wamm::{FileSent, MessageKind};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use crate::http::{Answer, Question};
use crate::profile::FileKinds;
use crate::wamm::check::address_of;
use crate::wamm::{Channel, Refusal};
use crate::world::{File, Scene, extension};

/// A file in a message.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attachment {
    pub(crate) kind: MessageKind,
    pub(crate) name: String,
    /// Where it is.
    pub(crate) link: String,
    /// What it holds, where it was handed over and not fetched from elsewhere.
    pub(crate) content: Option<File>,
}

impl Attachment {
    fn new(name: String, link: String, kinds: &FileKinds) -> Self {
        Self { kind: kind_of(&name, kinds), name, link, content: None }
    }
}

pub(super) fn file_to(
    channel: &mut Channel,
    scene: &mut Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let phone = address_of(&question.args, channel.messenger)?;
    let url = question.args.text("url").unwrap_or_default();
    let figures = &scene.profile.wamm;
    let Some(rest) = ["http://", "https://"].iter().find_map(|scheme| url.strip_prefix(scheme))
    else {
        return Err(figures.bad_url.clone());
    };
    let file = Attachment::new(name_in(rest), url.clone(), &figures.file_kinds);
    send(channel, phone, file, scene)
}

pub(super) fn file_from_base64(
    channel: &mut Channel,
    scene: &mut Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let phone = address_of(&question.args, channel.messenger)?;
    let figures = &scene.profile.wamm;
    let name = question.args.text("file_name").unwrap_or_default().trim().to_owned();
    if name.is_empty() {
        return Err(figures.bad_file_name.clone());
    }
    let content = question.args.text("file_base64").unwrap_or_default();
    // A plus sign that was not encoded in the form has become a blank, and is refused here.
    let content = STANDARD.decode(content.trim()).ok().filter(|content| !content.is_empty());
    let content = Bytes::from(content.ok_or_else(|| figures.bad_file.clone())?);
    let kept = format!("{}.{}", scene.random.hex(32), extension(&name));
    let link = format!("{}/files/{kept}", question.origin);
    let mut file = Attachment::new(name, link, &scene.profile.wamm.file_kinds);
    let mime = "application/octet-stream".to_owned();
    let content = File { mime, bytes: content };
    file.content = Some(content.clone());
    let answer = send(channel, phone, file, scene)?;
    scene.keep_file(kept, content);
    Ok(answer)
}

/// There is no caption (§1.1, grade C).
fn send(
    channel: &mut Channel,
    phone: String,
    file: Attachment,
    scene: &mut Scene,
) -> Result<Answer, Refusal> {
    let id = channel.submit(phone, String::new(), Some(file), None, scene.now, scene)?;
    Ok(Answer::of(&FileSent::new(id)))
}

/// The name at the end of an address whose scheme is gone.
fn name_in(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let name = path.split_once('/').map_or("", |(_, path)| path);
    let name = name.rsplit('/').next().unwrap_or_default();
    match percent_decode_str(name).decode_utf8_lossy() {
        name if name.is_empty() => "file".to_owned(),
        name => name.into_owned(),
    }
}

fn kind_of(name: &str, kinds: &FileKinds) -> MessageKind {
    match extension(name).as_str() {
        "jpg" | "jpeg" | "png" | "gif" | "webp" => &kinds.image,
        "mp4" | "mov" | "avi" | "3gp" | "mkv" => &kinds.video,
        "mp3" | "aac" | "m4a" | "amr" | "ogg" | "oga" | "opus" | "wav" => &kinds.audio,
        _ => &kinds.document,
    }
    .clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_what_its_address_ends_with() {
        for (address, name) in [
            ("h/a.pdf", "a.pdf"),
            ("h/x/%D0%B4.pdf?v=1/2#p", "д.pdf"),
            ("h/x/", "file"),
            ("h?a=b/c.pdf", "file"),
            ("h", "file"),
        ] {
            assert_eq!(name_in(address), name, "{address}");
        }
    }
}
