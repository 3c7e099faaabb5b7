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

/// The headers that tell something.
const TELLING: [HeaderName; 6] = [HOST, CONTENT_TYPE, USER_AGENT, ACCEPT, AUTHORIZATION, COOKIE];

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

/// A request, before it is given away to be answered.
#[derive(Clone)]
pub(crate) struct Asked {
    method: Method,
    target: Cut,
    headers: Vec<(HeaderName, Cut)>,
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

/// The beginning of a text: a copy, because a slice would hold the buffer that it came in.
#[derive(Clone)]
struct Cut {
    head: Box<[u8]>,
    bytes: usize,
}

impl Cut {
    fn of(whole: &[u8], most: usize) -> Self {
        Self { head: whole.get(..most).unwrap_or(whole).into(), bytes: whole.len() }
    }

    fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.head)
    }

    fn describe(&self, mask: impl FnOnce(&str) -> String) -> Excerpt {
        let text = self.text();
        let is_whole = self.head.len() == self.bytes && matches!(text, Cow::Borrowed(_));
        Excerpt { text: mask(&text), bytes: self.bytes, is_whole }
    }
}

impl Asked {
    pub(crate) fn new(request: &Request<Bytes>) -> Self {
        let telling = |name| {
            let value = Cut::of(request.headers().get(&name)?.as_bytes(), HEADER);
            Some((name, value))
        };
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        Self {
            method: request.method().clone(),
            target: Cut::of(target.as_bytes(), EXCERPT),
            headers: TELLING.into_iter().filter_map(telling).collect(),
            body: Cut::of(request.body(), EXCERPT),
        }
    }
}

impl Seen {
    /// How much memory it takes, more or less.
    fn weight(&self) -> usize {
        let headers: usize =
            self.asked.headers.iter().map(|(_, value)| value.head.len() + 64).sum();
        let texts = [&self.asked.target, &self.asked.body, &self.answer];
        texts.iter().map(|cut| cut.head.len()).sum::<usize>() + headers + size_of::<Self>()
    }

    /// It as it may be seen.
    pub(crate) fn describe(&self) -> Exchange {
        let Asked { method, target, headers, body } = &self.asked;
        let mask = Mask::for_request(&target.text(), &body.text());
        let header = |(name, value): &(HeaderName, Cut)| {
            let value = match *name == AUTHORIZATION || *name == COOKIE {
                true => Mask::MARK.to_owned(),
                false => mask.text(&value.text()),
            };
            (name.as_str().to_owned(), value)
        };
        Exchange {
            number: self.number,
            at: self.at,
            subject: self.subject.clone(),
            method: method.as_str().to_owned(),
            target: target.describe(|text| mask.target(text)),
            headers: headers.iter().map(header).collect(),
            body: body.describe(|text| mask.text(text)),
            status: self.status,
            answer: self.answer.describe(|text| mask.text(text)),
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
        asked: Asked,
        answer: &Response<Bytes>,
    ) {
        self.written += 1;
        let (number, status) = (self.written, answer.status().as_u16());
        let answer = Cut::of(answer.body(), EXCERPT);
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
