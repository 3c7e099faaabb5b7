//! What the HTTP library refuses by itself, with a reason: it says a number and no word.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::limits::HEAD;

/// How many bytes the library lets a target have, two short of the 64 KiB of wamm.md, note 8 …
const TARGET: usize = 65_534;

/// … and how many headers a request.
const HEADERS: usize = 100;

/// Puts a reason into refusals that have none. They are the last that a connection says.
pub(super) struct Refusals<S> {
    stream: S,
    /// What is to be written in the place of what was written.
    rest: Vec<u8>,
}

impl<S> Refusals<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self { stream, rest: Vec::new() }
    }
}

/// A refusal that is nothing but a head, with its reason.
fn explained(head: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(head).ok()?;
    let status = text.strip_prefix("HTTP/1.1 ")?.get(..3)?;
    let reason = match status {
        "400" => "this is no request in HTTP/1.1. (For TLS there is a port of its own: `--tls`.)"
            .to_owned(),
        "414" => format!("the address in a request has at most {TARGET} bytes"),
        "431" => format!("the head of a request has at most {HEAD} bytes and {HEADERS} headers"),
        _ => return None,
    };
    let lines = text.strip_suffix("\r\n\r\n")?;
    // An answer of ours says of what type it is, even when a fault has left nothing of it.
    if text.contains("content-type:") || !lines.contains("\r\ncontent-length: 0") {
        return None;
    }
    let body = format!("{{\"error\":\"{reason}\"}}");
    let length = format!("\r\ncontent-length: {}", body.len());
    let lines = lines.replace("\r\ncontent-length: 0", &length);
    let kind = "content-type: application/json; charset=utf-8";
    Some(format!("{lines}\r\n{kind}\r\n\r\n{body}").into_bytes())
}

impl<S: AsyncWrite + Unpin> Refusals<S> {
    fn drain(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.rest.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, &self.rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.rest.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Refusals<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Refusals<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.drain(context))?;
        if let [head] = slices
            && let Some(explained) = explained(head)
        {
            this.rest = explained;
            return Poll::Ready(Ok(head.len()));
        }
        Pin::new(&mut this.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.drain(context))?;
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.drain(context))?;
        Pin::new(&mut this.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::explained;

    #[test]
    fn only_what_says_nothing_is_explained() {
        let head = |status: &str, more: &str| {
            format!("HTTP/1.1 {status}\r\nconnection: close\r\n{more}date: x\r\n\r\n")
        };
        let none = "content-length: 0\r\n";
        for status in ["400 Bad Request", "414 URI Too Long", "431 Request Header Fields Too Large"]
        {
            let text = explained(head(status, none).as_bytes()).unwrap();
            let text = String::from_utf8(text).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{text}");
            assert!(serde_json::from_str::<serde_json::Value>(body).is_ok(), "{body}");
        }
        for other in [
            head("404 Not Found", none),
            head("400 Bad Request", "content-length: 5\r\n"),
            head("400 Bad Request", "content-type: text/html\r\ncontent-length: 0\r\n"),
            "\x16\x03\x01".to_owned(),
        ] {
            assert_eq!(explained(other.as_bytes()), None, "{other}");
        }
    }
}
