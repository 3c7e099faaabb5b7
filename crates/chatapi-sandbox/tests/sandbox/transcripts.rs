//! Conversations in raw HTTP, written from the wire documents and played over a socket.
//!
//! A file of `tests/transcripts` holds sections. `## id` begins one, on a sandbox of its own, with
//! the account `uid`, its instance 123 (token `token`), a WhatsApp channel `T` and a Telegram
//! channel `G`. Below it
//!
//! - `# ` is a remark, `! ` something that is done to the sandbox (see `control`),
//! - `> ` is a line of a request: request line, headers, and after an empty line the body; `Host`,
//!   `Content-Length` and `Connection: close` are added; `«x*9»` stands for nine times `x`,
//! - `< ` is an answer: the status and the content type, then its body to the byte, where `«id»`,
//!   `«hex»`, `«int»`, `«text»` and `«any»` stand for what is left to chance, `«$id»` in a
//!   request for the message id that was seen last, and `«qr»` and `«png»`
//!   for a picture that a decoder reads.
//!
//! `notes.tsv` maps every note of the wire documents to the section that plays it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use chatapi_sandbox::{Profile, Sandbox, Server};
use chatapi_types::Messenger;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::phone::read_qr;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

struct Section {
    id: String,
    lines: Vec<String>,
}

fn sections() -> Vec<Section> {
    let mut files: Vec<_> =
        std::fs::read_dir(folder()).unwrap().map(|f| f.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "http"));
    files.sort();
    let mut sections: Vec<Section> = Vec::new();
    for file in files {
        for line in std::fs::read_to_string(file).unwrap().lines() {
            match (line.strip_prefix("## "), sections.last_mut()) {
                (Some(id), _) => sections.push(Section { id: id.to_owned(), lines: Vec::new() }),
                (None, Some(section)) => section.lines.push(line.to_owned()),
                (None, None) => assert!(line.is_empty() || line.starts_with("# "), "{line}"),
            }
        }
    }
    sections
}

#[tokio::test]
async fn every_transcript_is_answered_to_the_byte() {
    let (mut played, mut wrong) = (0, Vec::new());
    for section in sections() {
        played += play(&section, &mut wrong).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(played > 150, "only {played} requests were played");
}

#[test]
fn every_note_of_the_wire_documents_has_its_transcript_and_every_transcript_its_note() {
    let docs = ["chat-api.md", "wamm.md"].map(|name| {
        let path = format!("{}/../../docs/wire/{name}", env!("CARGO_MANIFEST_DIR"));
        (name, std::fs::read_to_string(path).unwrap())
    });
    let table = std::fs::read_to_string(folder().join("notes.tsv")).unwrap();
    let rows = table.lines().map(|row| row.split('\t').collect::<Vec<_>>());
    let rows: Vec<(String, String, String)> = rows
        .map(|row| {
            let [id, doc, quote] = row[..] else { unreachable!("{row:?}") };
            (id.to_owned(), doc.to_owned(), quote.to_owned())
        })
        .collect();
    for (id, doc, quote) in &rows {
        let (_, text) = docs.iter().find(|(name, _)| name == doc).unwrap();
        assert!(text.contains(&**quote), "{id}: {doc} does not say {quote:?}");
    }
    let played: BTreeSet<_> = sections().into_iter().map(|section| section.id).collect();
    let mapped: BTreeSet<_> = rows.iter().map(|(id, ..)| id.clone()).collect();
    assert_eq!(played, mapped);
    for (doc, text) in &docs {
        for line in text.lines() {
            let small = line.to_lowercase();
            let orders = ["emulator", "**accept", "**emit"].iter().any(|word| small.contains(word));
            let is_about_the_document = [
                "Purpose: ",
                "Not found anywhere: ",
                "**\"Emulator\"** notes",
                "Evidence grade on",
            ]
            .iter()
            .any(|beginning| line.starts_with(beginning));
            let is_mapped =
                rows.iter().any(|(_, name, quote)| name == doc && line.contains(&**quote));
            assert!(
                !orders || is_about_the_document || is_mapped,
                "{doc} has no transcript: {line}"
            );
        }
    }
}

/// Plays a section; gives back how many requests it had.
async fn play(section: &Section, wrong: &mut Vec<String>) -> usize {
    let profile = section.lines.iter().find_map(|line| line.strip_prefix("! profile "));
    let profile = profile.map_or_else(Profile::default, |text| {
        let data = serde_json::from_str(text).unwrap();
        Profile::read(&data).unwrap()
    });
    let sandbox = Sandbox::builder().profile(profile).build();
    sandbox.add_account("uid").add_instance("123", "token");
    sandbox.add_channel("T", Messenger::WhatsApp);
    sandbox.add_channel("G", Messenger::Telegram);
    let server = sandbox.serve().await.unwrap();
    let (mut request, mut count, mut last_id) = (Vec::new(), 0, String::new());
    let mut lines = section.lines.iter().peekable();
    while let Some(line) = lines.next() {
        if let Some(asked) = said(line, '>') {
            request.push(asked.to_owned());
        } else if let Some(head) = said(line, '<') {
            let mut body = Vec::new();
            while let Some(more) = lines.next_if(|line| line.starts_with('<')) {
                body.push(said(more, '<').unwrap());
            }
            let asked = std::mem::take(&mut request);
            let answer = ask(&server, &asked, &last_id).await;
            last_id = message_id(&answer).unwrap_or(last_id);
            if let Err(problem) = compare(head, &body.join("\n"), &answer) {
                wrong.push(format!("{}: {}\n{problem}", section.id, asked[0]));
            }
            count += 1;
        } else if let Some(command) = line.strip_prefix("! ") {
            control(&sandbox, command);
        } else {
            assert!(line.is_empty() || line.starts_with('#'), "{}: {line}", section.id);
        }
    }
    assert!(request.is_empty() && count > 0, "{} ends in the middle", section.id);
    server.shutdown().await;
    count
}

fn said(line: &str, mark: char) -> Option<&str> {
    let rest = line.strip_prefix(mark)?;
    Some(rest.strip_prefix(' ').unwrap_or(rest))
}

fn control(sandbox: &Sandbox, command: &str) {
    let phone = sandbox.instance("123");
    let words: Vec<_> = command.splitn(3, ' ').collect();
    match words[..] {
        ["profile", ..] => {}
        ["advance", seconds] => {
            sandbox.clock().advance(Duration::from_secs(seconds.parse().unwrap()));
        }
        ["idle"] => drop(sandbox.run_until_idle()),
        ["phone", "offline"] => phone.phone_offline(),
        ["phone", "online"] => phone.phone_online(),
        ["phone", "silent"] => phone.phone_silent(),
        ["second-session"] => phone.open_second_session(),
        ["log-out"] => phone.log_out(),
        ["scan"] => assert!(phone.scan_qr()),
        ["unpaid"] => phone.unpaid(),
        ["block-proxy"] => phone.block_proxy(),
        ["no-account", number] => sandbox.no_account(number),
        ["writes", from, text] => drop(phone.contact_writes(from, text)),
        ["channel", state] => sandbox.channel("T").state(state),
        ["checks-time-out"] => sandbox.channel("T").checks_time_out(),
        ["tag", phone, tag] => drop(sandbox.channel("T").tag_contact(phone, tag)),
        ["user", name] => drop(sandbox.add_user("admin", name)),
        ["pay-days", days] => {
            // The account of the instance was the first.
            sandbox.add_account("other").pay_days("123", days.parse().unwrap());
        }
        _ => unreachable!("no such control: {command}"),
    }
}

/// The first message id in an answer.
fn message_id(answer: &[u8]) -> Option<String> {
    let id = regex_lite::Regex::new("(true|false)_[0-9-]+@[cg]\\.us_[0-9A-F]+").unwrap();
    Some(id.find(&String::from_utf8_lossy(answer))?.as_str().to_owned())
}

async fn ask(server: &Server, lines: &[String], last_id: &str) -> Vec<u8> {
    let lines: Vec<_> =
        lines.iter().map(|line| repeated(&line.replace("«$id»", last_id))).collect();
    let end = lines.iter().position(String::is_empty).unwrap_or(lines.len());
    let is_form = lines[..end].iter().any(|line| line.contains("multipart/"));
    let body = lines.get(end + 1..).unwrap_or_default();
    let body = body.join(if is_form { "\r\n" } else { "\n" });
    let body = if is_form { body + "\r\n" } else { body };
    let (line, headers) = lines[..end].split_first().unwrap();
    let mut head = format!("{line} HTTP/1.1\r\nHost: sandbox.test\r\nConnection: close\r\n");
    headers.iter().for_each(|header| head += &format!("{header}\r\n"));
    if !body.is_empty() {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    socket.write_all(format!("{head}\r\n{body}").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    answer
}

fn repeated(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('«') {
        let (pattern, behind) = after.split_once('»').unwrap();
        let (text, times) = pattern.rsplit_once('*').unwrap();
        out += before;
        out += &text.repeat(times.parse().unwrap());
        rest = behind;
    }
    out + rest
}

fn compare(head: &str, body: &str, answer: &[u8]) -> Result<(), String> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no answer")?;
    let found = std::str::from_utf8(&answer[..end]).unwrap().to_lowercase();
    let status = found.split(' ').nth(1).unwrap();
    let content_type = found.lines().find_map(|line| line.strip_prefix("content-type: "));
    let content = &answer[end + 4..];
    let said = String::from_utf8_lossy(content);
    // Numbers alone mean JSON, which is what nearly every answer is.
    let (wanted, kind) = head.split_once(' ').unwrap_or((head, "application/json; charset=utf-8"));
    let fits = (status, content_type) == (wanted, Some(kind))
        && match body {
            "«qr»" => !read_qr(content).is_empty(),
            "«png»" => is_picture(content),
            body => regex_lite::Regex::new(&pattern(body)).unwrap().is_match(&said),
        };
    let got = format!("{status} {}\n        {said}", content_type.unwrap_or_default());
    if fits { Ok(()) } else { Err(format!("  wanted {head}\n        {body}\n  got   {got}")) }
}

/// Whether it is a PNG that shows something.
fn is_picture(file: &[u8]) -> bool {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    frame.width > 100 && pixels.iter().any(|byte| *byte != pixels[0])
}

fn pattern(body: &str) -> String {
    let mut out = String::from("^(?s)");
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('«') {
        let (name, behind) = after.split_once('»').unwrap();
        out += &regex_lite::escape(before);
        out += match name {
            "id" => "(true|false)_[0-9-]+@[cg]\\.us_3EB0[0-9A-F]{16}",
            "hex" => "[0-9A-F]+",
            "int" => "[0-9]+",
            "text" => "[^\"]+",
            "any" => ".*",
            other => unreachable!("no such placeholder: {other}"),
        };
        rest = behind;
    }
    out + &regex_lite::escape(rest) + "$"
}
