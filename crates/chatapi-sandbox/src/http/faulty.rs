//! Calls that a fault befalls.

use bytes::Bytes;
use chatapi_types::wamm::ErrorCode;
use chatapi_types::{InstanceId, Operation};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode};

use super::{Answer, args, garble, route};
use crate::conduct::{Conduct, Manner};
use crate::fault::{Effect, Vendor};
use crate::world::{Event, Happening, Late, Subject, Whom, World};
use crate::{admin, chat_api, wamm};

/// How many bytes of calls wait to be carried out late at most; one more is not carried out.
const LATE: usize = 64 * 1024 * 1024;

/// Whom a call is for, before anybody has looked whether he may call.
pub(super) struct Aim {
    vendor: Vendor,
    id: Option<InstanceId>,
    method: Option<&'static Operation>,
    token: Option<String>,
}

/// What befalls a call.
#[derive(Clone)]
pub(crate) struct Struck(Vec<Effect>);

impl Struck {
    fn strike(world: &mut World, aim: &Aim) -> Self {
        let target = Whom { vendor: aim.vendor, id: aim.id.as_ref(), method: aim.method };
        Self(world.scene.strike_call(&target).into_iter().map(|(_, effect)| effect).collect())
    }

    /// The effect on a call that is never read as a whole, where it is such a one.
    #[cfg(feature = "server")]
    pub(crate) fn end(&self) -> Option<&Effect> {
        self.0.iter().find(|effect| effect.ends_early())
    }
}

/// What befalls a call of which there is only the head, where a rule may end it before it is whole
/// and the head tells whom it is for.
#[cfg(feature = "server")]
pub(super) fn foresee(world: &mut World, head: &Request<Bytes>, is_whole: bool) -> Option<Struck> {
    let rules = world.scene.faults.list();
    // An instance that no path names may be named by the body, which wins.
    let matters = rules.iter().any(|rule| rule.fault.scope.instance.is_some());
    let is_in_path = route::segments(head.uri().path()).len() > 1;
    let aim = aim(world, head).filter(|_| is_whole || is_in_path || !matters)?;
    Some(Struck::strike(world, &aim))
}

/// Answers a call while faults are in force.
pub(super) fn answer(
    world: &mut World,
    mut request: Request<Bytes>,
) -> (Subject, Response<Bytes>, Conduct) {
    let mut conduct = Conduct::default();
    let Some(aim) = aim(world, &request) else {
        let (subject, answer) = world.answer_honestly(request);
        return (subject, answer, conduct);
    };
    let mut misfortune = None;
    let foreseen = request.extensions_mut().remove();
    let Struck(effects) = foreseen.unwrap_or_else(|| Struck::strike(world, &aim));
    for effect in effects {
        match effect {
            Effect::Latency { seconds } => {
                let delay = world.scene.random.within(&seconds);
                conduct.delay = conduct.delay.saturating_add(delay);
            }
            effect => misfortune = Some(effect),
        }
    }
    let Some(effect) = misfortune else {
        let (subject, answer) = world.answer_honestly(request);
        return (subject, answer, conduct);
    };
    if let Effect::AcceptedLate { after, .. } = &effect {
        world.put_off(&request, *after);
    }
    let (subject, mut answer) = match effect.carries_out() {
        true => world.answer_honestly(request),
        false => (aim.subject(world), Response::new(Bytes::new())),
    };
    if let Some(instead) = aim.instead(&effect) {
        let event = Happening::Answered {
            method: aim.method.map(|method| method.name.into()),
            status: instead.status,
        };
        world.scene.note(&subject, event);
        answer = instead.into_response(&world.scene);
    }
    conduct.manner = travels(&effect, &mut answer);
    (subject, answer, conduct)
}

/// Changes an answer as the effect has it, and tells how it travels.
fn travels(effect: &Effect, answer: &mut Response<Bytes>) -> Manner {
    let length = answer.body().len();
    match effect {
        Effect::RateLimited { retry_after } => {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*retry_after));
        }
        Effect::Html { status, .. } => {
            *answer.body_mut() = page(*status).into();
            *answer.status_mut() = StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_GATEWAY);
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            answer.headers_mut().insert(CONTENT_TYPE, html);
        }
        Effect::WrongTypes {} => garble::change(answer, garble::wrong_types),
        Effect::UnknownEnum {} => garble::change(answer, garble::unknown_words),
        Effect::Truncated { bytes, cleanly } => {
            let after = bytes.unwrap_or(length / 2).min(length.saturating_sub(1));
            if !cleanly {
                return Manner::Cut { after };
            }
            answer.body_mut().truncate(after);
        }
        Effect::Drip { bytes, seconds } => {
            return Manner::Drip { bytes: *bytes, every: *seconds };
        }
        Effect::Huge { bytes } => return Manner::Padded { to: *bytes },
        Effect::Refused {} => return Manner::Refused,
        Effect::ResetBefore {} | Effect::ResetAfter { .. } => return Manner::Reset,
        Effect::AnswerLost { hold } | Effect::AcceptedLate { hold, .. } => {
            return Manner::Silent { hold: *hold };
        }
        _ => {}
    }
    Manner::Whole
}

/// As a proxy in front of the gateway would have it.
fn page(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let title = match (status, reason) {
        (200, _) => "Checking your browser".to_owned(),
        (_, reason) => format!("{status} {}", reason.unwrap_or("Error")),
    };
    format!(
        "<!doctype html>\n<html><head><title>{title}</title></head>\n<body><center><h1>{title}\
         </h1></center><hr><center>proxy</center></body></html>\n"
    )
}

impl Aim {
    fn subject(&self, world: &World) -> Subject {
        match (self.vendor, &self.id) {
            (Vendor::ChatApi, Some(id)) if world.instances.find(id.as_str()).is_some() => {
                Subject::Instance(id.clone())
            }
            (Vendor::Wamm, Some(id)) => Subject::Channel(id.clone()),
            _ => Subject::Sandbox,
        }
    }

    /// What is answered in the gateway's place.
    fn instead(&self, effect: &Effect) -> Option<Answer> {
        Some(match (effect, self.vendor) {
            (Effect::Unauthorized {}, Vendor::ChatApi) => {
                let id = self.id.as_ref().map_or("", |id| id.as_str());
                route::wrong_token(self.token.clone(), id)
            }
            (Effect::Unauthorized {}, Vendor::Wamm) => {
                Answer::err(200, ErrorCode::TokenFail.as_str())
            }
            (Effect::Unauthorized {}, Vendor::Admin) => Answer::error(200, "Wrong uid"),
            (Effect::RateLimited { .. }, _) => self.refusal(429),
            (Effect::ServerError { status, .. } | Effect::Html { status, .. }, _) => {
                self.refusal(*status)
            }
            _ => return None,
        })
    }

    fn refusal(&self, status: u16) -> Answer {
        let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let reason = reason.unwrap_or("Error");
        match self.vendor {
            Vendor::Wamm => Answer::err(status, reason),
            _ => Answer::error(status, reason),
        }
    }
}

/// Whom a call is for; `None` for what is no vendor's.
fn aim(world: &World, request: &Request<Bytes>) -> Option<Aim> {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.uri = request.uri().clone();
    parts.headers = request.headers().clone();
    let path = parts.uri.path().to_owned();
    let names = route::segments(&path);
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let given = |name: &str| args::read(&parts, request.body()).ok()?.text(name);
    let chat_api = |id: Option<String>, method: &str| Aim {
        vendor: Vendor::ChatApi,
        id: id.filter(|id| !id.is_empty()).map(InstanceId::from),
        method: chat_api::method(method).map(|(operation, _)| operation),
        token: given("token"),
    };
    let admin = |function: &str| Aim {
        vendor: Vendor::Admin,
        id: None,
        method: admin::function(function).map(|(operation, _)| operation),
        token: None,
    };
    match &*names {
        ["api2", method, rest @ ..] => {
            let channel = rest.first().and_then(|token| world.channels.find(token));
            Some(Aim {
                vendor: Vendor::Wamm,
                id: channel.and_then(|key| world.channels.get(key)).map(|it| it.api_id.clone()),
                method: wamm::method(method).map(|method| &method.operation),
                token: None,
            })
        }
        ["admin", function] => Some(admin(function)),
        [function] if route::is_for_admin(&parts) => Some(admin(function)),
        ["files", ..] => None,
        [instance, method, ..] => {
            let id = instance.strip_prefix("instance")?;
            Some(chat_api(Some(id.to_owned()), method))
        }
        [method] => Some(chat_api(given("instanceId"), method)),
        _ => None,
    }
}

impl World {
    /// Plans to carry a call out later. Nobody hears of it when there are too many.
    fn put_off(&mut self, request: &Request<Bytes>, after: std::time::Duration) {
        let late = Late::new(request);
        let room = self.scene.faults.late_bytes.saturating_add(late.weight());
        if room > LATE {
            let what = "a late call was not kept: too many wait";
            self.scene.note(&Subject::Sandbox, Happening::Control(what.into()));
            return;
        }
        self.scene.faults.late_bytes = room;
        self.scene.plan_in(after, Event::Late(Box::new(late)));
    }

    /// Carries out a call that was put off. What was answered, nobody sees.
    pub(crate) fn catch_up_on(&mut self, late: Late) {
        let bytes = &mut self.scene.faults.late_bytes;
        *bytes = bytes.saturating_sub(late.weight());
        if let Some(request) = late.request() {
            let _ = self.answer_honestly(request);
        }
    }
}
