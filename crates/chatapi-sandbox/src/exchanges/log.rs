//! What was seen, kept as cheaply as can be: it is made readable, and loses its secrets, when
//! somebody looks.

use std::borrow::Cow;
use std::collections::VecDeque;

use bytes::Bytes;
use chatapi_types::UnixMillis;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, USER_AGENT};
use http::{HeaderName, Method, Request, Response};

use super::mask::Mask;
use super::{EXCERPT, Excerpt, Exchange};
use crate::world::Subject;

/// How many headers tell something …
const HEADERS: usize = 6;

/// … and which.
const TELLING: [HeaderName; HEADERS] =
    [HOST, CONTENT_TYPE, USER_AGENT, ACCEPT, AUTHORIZATION, COOKIE];

/// How many bytes of a header's value are kept.
const HEADER: usize = 512;

/// The latest exchanges.
pub(crate) struct Log {
    kept: VecDeque<Seen>,
    bytes: usize,
    most: usize,
    most_bytes: usize,
    written: u64,
}

/// A request, before it is given away to be answered. Its texts stand one after the other in one
/// piece of memory of its own: slices of the request would hold the whole buffer that it came in.
#[derive(Clone)]
pub(crate) struct Asked {
    method: Method,
    texts: Vec<u8>,
    target: Cut,
    headers: [Option<Cut>; HEADERS],
    body: Cut,
}

/// An exchange as it was, secrets and all.
#[derive(Clone)]
pub(crate) struct Seen {
    number: u64,
    at: UnixMillis,
    subject: Subject,
    asked: Asked,
    status: u16,
    answer: Cut,
}

/// The beginning of a text, by its place.
#[derive(Clone, Copy)]
struct Cut {
    from: u32,
    to: u32,
    /// How many bytes the whole text had.
    bytes: usize,
}

impl Cut {
    fn of(whole: &[u8], most: usize, texts: &mut Vec<u8>) -> Self {
        let place = |texts: &Vec<u8>| u32::try_from(texts.len()).unwrap_or(u32::MAX);
        let from = place(texts);
        texts.extend_from_slice(whole.get(..most).unwrap_or(whole));
        Self { from, to: place(texts), bytes: whole.len() }
    }

    /// As of a text that blanks follow, up to this size.
    fn padded(whole: &[u8], to: usize, most: usize, texts: &mut Vec<u8>) -> Self {
        let bytes = to.max(whole.len());
        let mut cut = Self::of(whole, most, texts);
        texts.resize(texts.len() + bytes.min(most).saturating_sub(whole.len()), b' ');
        cut.to = u32::try_from(texts.len()).unwrap_or(u32::MAX);
        Self { bytes, ..cut }
    }

    fn text(self, texts: &[u8]) -> Cow<'_, str> {
        let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        let kept = texts.get(place(self.from)..place(self.to));
        String::from_utf8_lossy(kept.unwrap_or_default())
    }

    fn describe(self, texts: &[u8], mask: impl FnOnce(&str) -> String) -> Excerpt {
        let text = self.text(texts);
        let is_whole = text.len() == self.bytes && matches!(text, Cow::Borrowed(_));
        Excerpt { text: mask(&text), bytes: self.bytes, is_whole }
    }
}

impl Asked {
    pub(crate) fn new(request: &Request<Bytes>) -> Self {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        // Room for all of an ordinary exchange, its answer too.
        let mut texts = Vec::with_capacity(512 + target.len() + request.body().len().min(EXCERPT));
        let target = Cut::of(target.as_bytes(), EXCERPT, &mut texts);
        let body = Cut::of(request.body(), EXCERPT, &mut texts);
        let mut headers = [None; HEADERS];
        for (name, value) in request.headers() {
            if let Some(place) = TELLING.iter().position(|telling| telling == name)
                && let Some(header) = headers.get_mut(place)
                && header.is_none()
            {
                *header = Some(Cut::of(value.as_bytes(), HEADER, &mut texts));
            }
        }
        Self { method: request.method().clone(), texts, target, headers, body }
    }
}

impl Seen {
    /// How much memory it takes, more or less.
    fn weight(&self) -> usize {
        self.asked.texts.capacity() + size_of::<Self>()
    }

    /// It as it may be seen.
    pub(crate) fn describe(&self) -> Exchange {
        let Asked { method, texts, target, headers, body } = &self.asked;
        let mask = Mask::for_request(&target.text(texts), &body.text(texts));
        let header = |(name, value): (HeaderName, &Option<Cut>)| {
            let value = match name == AUTHORIZATION || name == COOKIE {
                true => value.map(|_| Mask::MARK.to_owned()),
                false => value.map(|value| mask.text(&value.text(texts))),
            };
            Some((name.as_str().to_owned(), value?))
        };
        Exchange {
            number: self.number,
            at: self.at,
            subject: self.subject.clone(),
            method: method.as_str().to_owned(),
            target: target.describe(texts, |text| mask.target(text)),
            headers: TELLING.into_iter().zip(headers).filter_map(header).collect(),
            body: body.describe(texts, |text| mask.text(text)),
            status: self.status,
            answer: self.answer.describe(texts, |text| mask.text(text)),
        }
    }
}

impl Log {
    /// A log of so many exchanges in about so many bytes.
    pub(crate) const fn new(most: usize, most_bytes: usize) -> Self {
        Self { kept: VecDeque::new(), bytes: 0, most, most_bytes, written: 0 }
    }

    pub(crate) fn write(
        &mut self,
        at: UnixMillis,
        subject: Subject,
        mut asked: Asked,
        answer: &Response<Bytes>,
        padded_to: usize,
    ) {
        self.written += 1;
        let (number, status) = (self.written, answer.status().as_u16());
        let answer = Cut::padded(answer.body(), padded_to, EXCERPT, &mut asked.texts);
        let seen = Seen { number, at, subject, asked, status, answer };
        self.bytes += seen.weight();
        self.kept.push_back(seen);
        while self.kept.len() > self.most || self.bytes > self.most_bytes {
            match self.kept.pop_front() {
                Some(oldest) => self.bytes -= oldest.weight(),
                None => return,
            }
        }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.kept.iter().cloned().collect()
    }
}
