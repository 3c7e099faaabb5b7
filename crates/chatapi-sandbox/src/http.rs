//! From an HTTP request to an HTTP answer.

mod args;
mod faulty;
mod garble;
mod host;
mod multipart;
mod route;

use std::borrow::Cow;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use chatapi_types::{ArgError, Args, Binary, Reply, UnixMillis};
use http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, DATE, HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use http::{Request, Response, StatusCode};
use serde::Serialize;

use crate::conduct::Conduct;
use crate::world::{File, Scene, Subject, World};

pub(crate) use faulty::Struck;
#[cfg(feature = "tls")]
pub(crate) use host::{admin_host, is_admin_host};

/// What stood before the path of a request: it stands before the paths in its answer, too.
#[derive(Clone, Debug)]
pub(crate) struct Prefix(pub(crate) String);

/// What a method is asked.
#[derive(Debug)]
pub(crate) struct Question {
    /// From query and body, the body winning; for wamm from the path too.
    pub(crate) args: Args,
    pub(crate) is_post: bool,
    /// The address that was called, without path: what `apiUrl` and the addresses of files begin
    /// with.
    pub(crate) origin: String,
}

/// What a method answers.
pub(crate) struct Answer {
    pub(crate) status: u16,
    content_type: Cow<'static, str>,
    body: Vec<u8>,
    /// Whether it is somebody's file, which a browser must neither run nor guess about.
    is_foreign: bool,
}

impl Answer {
    /// A reply as the vendor writes it, its keys in the documented order.
    pub(crate) fn of(reply: &impl Reply) -> Self {
        let (content_type, body) = reply.encode();
        Self { status: 200, content_type, body, is_foreign: false }
    }

    /// Chat API's and the admin functions' way to say no.
    pub(crate) fn error(status: u16, text: impl Into<String>) -> Self {
        #[derive(Serialize)]
        struct Error {
            error: String,
        }
        let error = text.into();
        Self::json(status, &Error { error })
    }

    /// An argument that cannot be read. That the vendor answers so is our choice.
    pub(crate) fn bad_argument(error: &ArgError) -> Self {
        Self::error(400, error.to_string())
    }

    /// wamm's way to say no.
    pub(crate) fn err(status: u16, word: &str) -> Self {
        #[derive(Serialize)]
        struct Err<'a> {
            err: &'a str,
        }
        Self::json(status, &Err { err: word })
    }

    fn json(status: u16, body: &impl Serialize) -> Self {
        Self {
            status,
            content_type: Cow::Borrowed("application/json; charset=utf-8"),
            // One member of text: writing it cannot fail.
            body: serde_json::to_vec(body).unwrap_or_default(),
            is_foreign: false,
        }
    }

    /// A file of the sender's.
    pub(crate) fn file(file: &File) -> Self {
        Self { is_foreign: true, ..Self::of(&Binary::new(&*file.mime, file.bytes.to_vec())) }
    }

    fn into_response(self, scene: &Scene) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let headers = response.headers_mut();
        if let Ok(content_type) = HeaderValue::from_str(&self.content_type) {
            headers.insert(CONTENT_TYPE, content_type);
        }
        if self.is_foreign {
            let alone = HeaderValue::from_static("default-src 'none'; sandbox");
            headers.insert(CONTENT_SECURITY_POLICY, alone);
            headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        }
        if let Some(date) = date(scene.unix()) {
            headers.insert(DATE, date);
        }
        response
    }
}

/// The header `Date`, which follows the world's clock. Years beyond 9999 have no date.
pub(crate) fn date(now: UnixMillis) -> Option<HeaderValue> {
    let since_1970 = u64::try_from(now.as_millis()).unwrap_or(0);
    let now = UNIX_EPOCH + Duration::from_millis(since_1970.min(253_402_300_799_000));
    HeaderValue::from_str(&httpdate::fmt_http_date(now)).ok()
}

impl World {
    /// Answers a request at the present moment of the world, and tells who was asked
    /// and how the answer travels.
    pub(crate) fn answer(
        &mut self,
        request: Request<Bytes>,
    ) -> (Subject, Response<Bytes>, Conduct) {
        if self.scene.faults.is_empty() && request.extensions().get::<Struck>().is_none() {
            let (subject, answer) = self.answer_honestly(request);
            return (subject, answer, Conduct::default());
        }
        faulty::answer(self, request)
    }

    /// What befalls a call of which there is only the head so far: to be given to
    /// [`answer`](Self::answer) among the extensions of the whole.
    #[cfg(feature = "server")]
    pub(crate) fn foresee(&mut self, head: &Request<Bytes>, is_whole: bool) -> Option<Struck> {
        faulty::foresee(self, head, is_whole)
    }

    /// Answers as if nothing ever went wrong.
    fn answer_honestly(&mut self, request: Request<Bytes>) -> (Subject, Response<Bytes>) {
        let (subject, answer) = route::route(self, request);
        (subject, answer.into_response(&self.scene))
    }
}
