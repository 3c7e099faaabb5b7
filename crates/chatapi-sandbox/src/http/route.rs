//! Who a request is for.

use std::borrow::Cow;

use bytes::Bytes;
use chatapi_types::wamm::ErrorCode;
use http::header::HOST;
use http::request::Parts;
use http::uri::Authority;
use http::{Method, Request};
use percent_encoding::percent_decode_str;

use crate::http::{Answer, Prefix, Question, args, host};
use crate::wamm::Channel;
use crate::world::{Happening, Subject, World};
use crate::{admin, chat_api, wamm};

/// Finds out who is asked what, lets him answer, and writes both down.
///
/// | path | who |
/// |---|---|
/// | `/instance{ID}/{method}`, `/{method}?instanceId=` | a Chat API instance |
/// | `/admin/{function}`, `/{function}` under the vendor's host | the account that owns instances |
/// | `/api2/{method}/{token}/…` | a wamm channel |
/// | `/files/{name}` | a file that came as data |
pub(super) fn route(world: &mut World, request: Request<Bytes>) -> (Subject, Answer) {
    let (head, body) = request.into_parts();
    // Empty segments do not count: bases end with a slash and clients add another (§1, grade B).
    let path = head.uri.path().to_owned();
    let segments = segments(&path);
    let names: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    let is_admin = is_for_admin(&head);
    let visit = Visit { world, head, body };
    let (subject, method, answer) = match &*names {
        ["api2", rest @ ..] => visit.wamm(rest),
        ["admin", function] => visit.admin(function),
        [function] if is_admin => visit.admin(function),
        ["files", name] => visit.file(name),
        [instance, method] => match instance.strip_prefix("instance") {
            Some(id) => visit.chat_api(Some(id), method),
            None => nowhere(),
        },
        // A setting that once had its own path (§3.1, grade C).
        [instance, method @ "settings", "ackNotificationsOn"] => {
            match instance.strip_prefix("instance") {
                Some(id) => visit.chat_api(Some(id), method),
                None => nowhere(),
            }
        }
        [method] => visit.chat_api(None, method),
        _ => nowhere(),
    };
    let event = Happening::Answered { method: method.map(Cow::Borrowed), status: answer.status };
    world.scene.note(&subject, event);
    (subject, answer)
}

/// What a path names.
pub(super) fn segments(path: &str) -> Vec<Cow<'_, str>> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
        .collect()
}

/// Whether the vendor's host for the admin functions was called.
pub(super) fn is_for_admin(head: &Parts) -> bool {
    called(head).is_some_and(|called| host::is_admin_host(called.host()))
}

/// Who was asked, the method's name where it has one, the answer.
type Outcome = (Subject, Option<&'static str>, Answer);

fn nobody(answer: Answer) -> Outcome {
    (Subject::Sandbox, None, answer)
}

fn nowhere() -> Outcome {
    nobody(Answer::error(404, "There is nothing at this address"))
}

/// The host and port that were called.
fn called(head: &Parts) -> Option<Authority> {
    let host = || Authority::try_from(head.headers.get(HOST)?.as_bytes()).ok();
    head.uri.authority().cloned().or_else(host)
}

struct Visit<'a> {
    world: &'a mut World,
    head: Parts,
    body: Bytes,
}

impl Visit<'_> {
    /// What is asked; a complaint where that cannot be made out. That the vendors answer so is our
    /// choice.
    fn question(&self, takes_post: bool) -> Result<Question, (u16, &'static str)> {
        let is_post = self.head.method == Method::POST;
        match self.head.method {
            Method::GET => {}
            Method::POST if takes_post => {}
            _ => return Err((405, "It is not called by this verb")),
        }
        let args = args::read(&self.head, &self.body);
        let args = args.map_err(|error| (400, error.sentence()))?;
        let origin = self.origin();
        Ok(Question { args, is_post, origin })
    }

    fn origin(&self) -> String {
        let prefix = self.head.extensions.get::<Prefix>().map_or("", |prefix| &*prefix.0);
        format!("{}{prefix}", self.called())
    }

    fn called(&self) -> String {
        if let Some(url) = &self.world.public_url {
            return url.trim_end_matches('/').to_owned();
        }
        let scheme = self.head.uri.scheme_str().unwrap_or("http");
        match called(&self.head) {
            Some(called) if host::is_admin_host(called.host()) => {
                format!("{scheme}://{}", host::instance_host(&called))
            }
            Some(called) => format!("{scheme}://{called}"),
            None => format!("{scheme}://sandbox.invalid"),
        }
    }

    fn chat_api(self, id: Option<&str>, name: &str) -> Outcome {
        let Some(method) = chat_api::method(name) else {
            return nobody(Answer::error(404, "Unknown method"));
        };
        let question = match self.question(true) {
            Ok(question) => question,
            Err((status, text)) => return nobody(Answer::error(status, text)),
        };
        let given = |name| question.args.text(name).filter(|text| !text.is_empty());
        let id = id.map(str::to_owned).or_else(|| given("instanceId"));
        let (id, token) = (id.unwrap_or_default(), given("token"));
        let World { instances, scene, .. } = self.world;
        let found = instances.find(&id).and_then(|key| instances.get_mut(key));
        let (subject, answer) = match found {
            Some(instance) if token.as_deref() == Some(instance.token.expose()) => {
                let answer = chat_api::answer(instance, scene, method, &question);
                (instance.subject(), answer)
            }
            _ => (Subject::Sandbox, wrong_token(token, &id)),
        };
        (subject, Some(method.0.name), answer)
    }

    fn admin(self, name: &str) -> Outcome {
        let Some((operation, handler)) = admin::function(name) else {
            return nobody(Answer::error(404, "Unknown function"));
        };
        let answer = match self.question(true) {
            Ok(question) => admin::answer(self.world, *handler, &question),
            Err((status, text)) => Answer::error(status, text),
        };
        (Subject::Sandbox, Some(operation.name), answer)
    }

    /// `/api2/{method}/{token}/…`
    fn wamm(self, path: &[&str]) -> Outcome {
        let (name, path) = path.split_first().unwrap_or((&"", path));
        let Some(method) = wamm::method(name) else {
            return nobody(Answer::err(404, "method not found"));
        };
        if self.head.method == Method::GET && !method.takes_get() {
            return nobody(Answer::err(405, "It is not called by this verb"));
        }
        let question = self.question(method.takes_post(&self.world.scene.profile.wamm));
        let mut question = match question {
            Ok(question) => question,
            Err((status, text)) => return nobody(Answer::err(status, text)),
        };
        let (token, path) = path.split_first().unwrap_or((&"", path));
        // What stands in the path goes before what is named, so that both styles mix.
        for (slot, value) in method.operation.slots.iter().zip(path) {
            question.args.set(*slot, *value);
        }
        let World { channels, scene, .. } = self.world;
        let (subject, answer) = match channels.find(token) {
            Some(key) => {
                let subject = channels.get(key).map(Channel::subject);
                (subject, wamm::answer(method, channels, key, scene, &question))
            }
            None => (None, Answer::err(200, ErrorCode::TokenFail.as_str())),
        };
        let subject = subject.unwrap_or(Subject::Sandbox);
        (subject, Some(method.operation.name), answer)
    }

    fn file(self, name: &str) -> Outcome {
        nobody(match self.world.scene.files.get(name) {
            Some(file) => Answer::file(file),
            None => Answer::error(404, "No such file"),
        })
    }
}

/// One and the same for a wrong token and for an instance that does not exist; the shorter text
/// where no token was given (§1.2, grades A and B).
pub(super) fn wrong_token(token: Option<String>, instance: &str) -> Answer {
    let whose =
        token.map_or_else(String::new, |token| format!(" \"{token}\" for instance \"{instance}\""));
    let text = format!("Wrong token{whose}. Please provide token as a GET parameter.");
    Answer::error(401, text)
}
