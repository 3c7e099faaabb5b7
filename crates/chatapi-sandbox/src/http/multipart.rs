//! Arguments from a form with files.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_core::Stream;
use multer::Multipart;

/// The parts of a `multipart/form-data` body as arguments: texts as they are, files as data URIs
/// (§1, grade A: "or form file part"). Where no part is named `filename`, the name that a file
/// brings along is (grade D). `None` for a body that is no such form.
pub(super) fn read(content_type: &str, body: &[u8]) -> Option<Vec<(String, String)>> {
    let boundary = multer::parse_boundary(content_type).ok()?;
    let parts = pin!(parts(Multipart::new(Whole(Some(Bytes::copy_from_slice(body))), boundary)));
    // All of it is here: there is nothing that could be waited for.
    match parts.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(parts) => parts.ok(),
        Poll::Pending => None,
    }
}

async fn parts(mut form: Multipart<'_>) -> multer::Result<Vec<(String, String)>> {
    let mut args = Vec::new();
    let mut file_name = None;
    while let Some(part) = form.next_field().await? {
        let Some(name) = part.name().map(str::to_owned) else {
            continue;
        };
        let given = part.file_name().map(str::to_owned);
        let mime = part.content_type().map(ToString::to_string);
        match given {
            None => args.push((name, part.text().await?)),
            Some(given) => {
                let mime = mime.unwrap_or_else(|| "application/octet-stream".to_owned());
                let data = STANDARD.encode(part.bytes().await?);
                args.push((name, format!("data:{mime};base64,{data}")));
                file_name = file_name.or(Some(given).filter(|given| !given.is_empty()));
            }
        }
    }
    if let Some(file_name) = file_name
        && !args.iter().any(|(name, _)| name == "filename")
    {
        args.push(("filename".to_owned(), file_name));
    }
    Ok(args)
}

/// A body that has arrived, in the form in which the reader wants it.
struct Whole(Option<Bytes>);

impl Stream for Whole {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_become_data_uris_and_lend_their_names() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"phone\"\r\n\r\n79\r\n\
                    --b\r\nContent-Disposition: form-data; name=\"body\"; filename=\"a.txt\"\r\n\
                    Content-Type: text/plain\r\n\r\nhi\r\n--b--\r\n";
        let parts = read("multipart/form-data; boundary=b", body.as_bytes()).unwrap();
        let parts: Vec<_> = parts.iter().map(|(name, text)| (&**name, &**text)).collect();
        let file = ("body", "data:text/plain;base64,aGk=");
        assert_eq!(parts, [("phone", "79"), file, ("filename", "a.txt")]);
    }

    #[test]
    fn what_is_no_form_is_refused() {
        for (content_type, body) in [
            ("multipart/form-data", "--b--"),
            ("multipart/form-data; boundary=b", "phone=1"),
            (
                "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data; name=\"x\"",
            ),
        ] {
            assert_eq!(read(content_type, body.as_bytes()), None, "{body}");
        }
    }
}
