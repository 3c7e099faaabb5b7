//! The rules for transports that reach a socket.

use std::error::Error;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use chatapi_types::{Layout, Operation, Part, Token, Verb, chat_api::ShowMessagesQueue};

use super::{CANARY, Failed, Nowhere, Outcome, SECRET, Server, Step, read, send};
use crate::request::Request;
use crate::response::Response;
use crate::transport::{Fate, Transport, TransportError};

/// How long an attempt may take where the server is to let it run out.
const SHORT: Duration = Duration::from_millis(150);
const LIMIT: usize = 64 * 1024;
/// What kernels may hold between two sockets although nobody reads it.
const SLACK: usize = 16 << 20;

/// Plays a loopback server against a transport and checks it against every rule of [`Transport`].
/// `make` makes the transport; it is called once for each rule.
///
/// # Errors
///
/// [`Failed`] lists the rules that it broke.
pub async fn check<T: Transport>(make: impl Fn() -> T + Send + Sync) -> Result<(), Failed> {
    let mut failed = Failed::default();
    let rule = "any HTTP status is an answer";
    failed.note(rule, statuses(&make())).await;
    let rule = "bodies arrive intact, both ways";
    failed.note(rule, bodies(&make())).await;
    let rule = "an answer in pieces arrives whole";
    failed.note(rule, pieces(&make())).await;
    let rule = "a request arrives as it was laid out, up to a target of 60 KiB";
    failed.note(rule, targets(&make())).await;
    let rule = "redirects are not followed, and no header names where one came from";
    failed.note(rule, redirects(&make())).await;
    let rule = "what cannot connect or be expressed is known not to have been sent";
    failed.note(rule, not_sent(&make())).await;
    let rule = "an answer that does not come in time is a timeout of unknown fate";
    failed.note(rule, timeouts(&make())).await;
    let rule = "a connection that breaks leaves the fate unknown";
    failed.note(rule, breaks(&make())).await;
    let rule = "answers are read up to their limit and no further";
    failed.note(rule, limits(&make())).await;
    let rule = "one exchange is one request";
    failed.note(rule, repeats(&make())).await;
    let rule = "the secret shows in no Debug, no Display and no source";
    failed.note(rule, leaks(&make())).await;
    failed.unless_none()
}

async fn start(scripts: impl Into<Vec<Vec<Step>>> + Send) -> Result<Server, String> {
    Server::start(scripts).await.map_err(no_server)
}

fn no_server(error: io::Error) -> String {
    format!("the server of the checks did not start: {error}")
}

/// The answer, where there must be one.
async fn answer(transport: &impl Transport, request: Request) -> Result<Response, String> {
    let answer = transport.exchange(request).await;
    answer.map_err(|error| format!("an error instead of an answer: {error}"))
}

/// The error, where there must be one of this fate.
async fn error(
    transport: &impl Transport,
    request: Request,
    fate: Fate,
) -> Result<TransportError, String> {
    let error = match transport.exchange(request).await {
        Ok(response) => return Err(format!("an answer instead of an error: {response:?}")),
        Err(error) => error,
    };
    ensure!(error.fate() == fate, "{:?} instead of {fate:?}: {error}", error.fate());
    Ok(error)
}

async fn statuses(transport: &impl Transport) -> Outcome {
    let headers = "Location: /elsewhere\r\nRetry-After: 7\r\n";
    let no_content = "HTTP/1.1 204 No Content\r\nRetry-After: 7\r\nConnection: close\r\n\r\n";
    for status in [200, 204, 302, 404, 429, 500] {
        let (step, body) = match status {
            204 => (Step::Write(no_content.into()), ""),
            _ => (Step::answer(status, headers, "why"), "why"),
        };
        let server = start([vec![Step::Read, step]]).await?;
        let answer = answer(transport, read(server.address())).await?;
        ensure!(answer.status().as_u16() == status, "{} instead of {status}", answer.status());
        let header = answer.headers().get("retry-after");
        ensure!(header.is_some_and(|value| value == "7"), "{status} lost a header");
        ensure!(answer.body() == body, "{status} lost its body");
    }
    Ok(())
}

async fn bodies(transport: &impl Transport) -> Outcome {
    let long = format!(r#"{{"body":"{}"}}"#, "long".repeat(16 * 1024));
    for body in [&*long, "{\"body\":\"🐈\u{200d}⬛ и\\n\"}", ""] {
        let server = start([vec![Step::Read, Step::json(body)]]).await?;
        let answer = answer(transport, send(server.address(), body.as_bytes())).await?;
        let requests = server.requests();
        let arrived = requests.first().map_or(&[][..], |seen| &seen.body);
        let (here, there, back) = (body.len(), arrived.len(), answer.body().len());
        ensure!(arrived == body.as_bytes(), "{here} B left, other {there} B arrived");
        ensure!(answer.body() == body, "{here} B were answered, other {back} B came back");
    }
    Ok(())
}

async fn pieces(transport: &impl Transport) -> Outcome {
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n";
    let chunked =
        format!("{head}Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
    let measured = format!("{head}Content-Length: 6\r\n\r\nonetwo");
    let until_closed = format!("{head}\r\nonetwo");
    for text in [chunked, measured, until_closed] {
        let server = start([vec![Step::Read, Step::Drip(text.into())]]).await?;
        let answer = answer(transport, read(server.address())).await?;
        let whole = answer.body() == "onetwo";
        ensure!(whole, "{} B instead of 6", answer.body().len());
    }
    Ok(())
}

async fn targets(transport: &impl Transport) -> Outcome {
    let server = start([vec![Step::Read, Step::json("{}")]]).await?;
    let text = "д/%?&+. \n".repeat(60 * 1024 / 28);
    let layout = Layout::new(Verb::Get, vec![Part::word("a b"), Part::Arg(text), Part::word("")])
        .query("token", Part::SECRET)
        .header("X-Key", Part::Secret { prefix: "Key " });
    let operation = Operation::of::<ShowMessagesQueue>();
    let request = Request::new(operation, server.address().clone(), layout, Token::new(SECRET));
    let exposed = request.expose().map_err(|error| error.to_string())?;
    answer(transport, request).await?;
    let requests = server.requests();
    let seen = requests.first().ok_or("nothing arrived")?;
    let (left, arrived) = (exposed.uri().path_and_query(), seen.target());
    ensure!(
        left.is_some_and(|left| left == arrived),
        "of {} B, other {} B arrived",
        left.map_or(0, |left| left.as_str().len()),
        arrived.len()
    );
    ensure!(seen.header("x-key") == Some(&format!("Key {SECRET}")), "a header did not arrive");
    let host = server.address().as_str().trim_start_matches("http://");
    let named = seen.header("host");
    ensure!(named == Some(host), "the host is {named:?} instead of {host}");
    Ok(())
}

async fn redirects(transport: &impl Transport) -> Outcome {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = start([vec![Step::Read, Step::json("{}")]]).await?;
        let location = format!("Location: {}/\r\n", elsewhere.address());
        let server = start([vec![Step::Read, Step::answer(status, &location, "")]]).await?;
        for request in [read(server.address()), send(server.address(), b"{}")] {
            let answer = answer(transport, request).await?;
            ensure!(
                elsewhere.connections() == 0 && answer.status().as_u16() == status,
                "a {status} was followed"
            );
        }
        let referred = server.requests().iter().any(|seen| seen.header("referer").is_some());
        ensure!(!referred, "a Referer was sent");
    }
    Ok(())
}

async fn not_sent(transport: &impl Transport) -> Outcome {
    let nowhere = Nowhere::new().map_err(no_server)?;
    error(transport, send(nowhere.address(), b"{}"), Fate::NotSent).await?;
    let server = start([vec![Step::Read, Step::json("{}")]]).await?;
    let layout = Layout::new(Verb::Get, vec![Part::Arg("x".repeat(70_000))]);
    let operation = Operation::of::<ShowMessagesQueue>();
    let request = Request::new(operation, server.address().clone(), layout, Token::new(SECRET));
    let error = error(transport, request, Fate::NotSent).await?;
    ensure!(error.is_unspeakable(), "not called unspeakable: {error}");
    ensure!(server.requests().is_empty(), "it was sent all the same");
    Ok(())
}

async fn timeouts(transport: &impl Transport) -> Outcome {
    for step in [None, Some("HTTP/1.1 200 OK\r\nContent-Le"), Some(HALF)] {
        let mut script = vec![Step::Read];
        script.extend(step.map(|half| Step::Write(half.into())));
        script.push(Step::Stall);
        let server = start([script]).await?;
        let request = send(server.address(), b"{}").within(SHORT);
        let error = error(transport, request, Fate::Unknown).await?;
        ensure!(error.is_timeout(), "not called a timeout: {error}");
    }
    Ok(())
}

/// Half an answer.
const HALF: &str = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"se";

fn broken_scripts() -> Vec<Vec<Step>> {
    let half = || Step::Write(HALF.into());
    let half_head = || Step::Write("HTTP/1.1 200 OK\r\nConte".into());
    let half_chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"se";
    vec![
        vec![Step::Reset],
        vec![Step::Read, Step::Reset],
        vec![Step::Read, half_head(), Step::Reset],
        vec![Step::Read, half(), Step::Reset],
        vec![Step::Read],
        vec![Step::Read, half_head()],
        vec![Step::Read, half()],
        vec![Step::Read, Step::Write(half_chunk.into())],
        vec![Step::Read, Step::Write("no HTTP at all\r\n\r\n".into())],
    ]
}

async fn breaks(transport: &impl Transport) -> Outcome {
    for script in broken_scripts() {
        let server = start([script.clone()]).await?;
        let outcome = error(transport, send(server.address(), b"{}"), Fate::Unknown).await;
        outcome.map_err(|what| format!("{what} (server: {script:?})"))?;
    }
    Ok(())
}

async fn limits(transport: &impl Transport) -> Outcome {
    let limited = |server: &Server| read(server.address()).at_most(LIMIT);
    let server = start([vec![Step::Read, Step::json(vec![b' '; LIMIT])]]).await?;
    answer(transport, limited(&server)).await?;

    let chunk = [b"1000\r\n", &[b' '; 4096][..], b"\r\n"].concat();
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let announced = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 1_u64 << 40);
    let endless =
        |head: Bytes, part: Bytes| vec![Step::Read, Step::Write(head), Step::Endless(part)];
    let spaces = Bytes::from_static(&[b' '; 4096]);
    for script in [
        vec![Step::Read, Step::json(vec![b' '; LIMIT + 1])],
        endless(chunked.into(), chunk.into()),
        endless(announced.into(), spaces.clone()),
        endless("HTTP/1.1 200 OK\r\n\r\n".into(), spaces),
    ] {
        let server = start([script]).await?;
        let error = error(transport, limited(&server), Fate::Unknown).await?;
        ensure!(error.is_too_long(), "not called too long: {error}");
        let written = server.written();
        ensure!(written <= LIMIT + SLACK, "{written} B were taken in for a limit of {LIMIT} B");
    }
    Ok(())
}

async fn repeats(transport: &impl Transport) -> Outcome {
    let mut scripts = broken_scripts();
    scripts.extend([
        vec![Step::Read, Step::json("{}")],
        vec![Step::Read, Step::Stall],
        vec![Step::Read, Step::answer(429, "Retry-After: 0\r\n", "")],
        vec![Step::Read, Step::answer(503, "Retry-After: 0\r\n", "")],
        vec![Step::Read, Step::answer(408, "", "")],
    ]);
    for script in scripts {
        let server = start([script.clone()]).await?;
        for request in [read(server.address()), send(server.address(), b"{}")] {
            // How it ends is the business of other rules.
            let _ = transport.exchange(request.within(SHORT)).await;
        }
        let (connections, requests) = (server.connections(), server.requests().len());
        ensure!(
            connections <= 2 && requests <= 2,
            "2 exchanges were {requests} requests on {connections} connections ({script:?})"
        );
    }
    // A connection that is kept for the next request, which it then fails.
    let kept = Step::Write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".into());
    for end in [vec![], vec![Step::Read], vec![Step::Read, Step::Reset]] {
        let first = [vec![Step::Read, kept.clone()], end].concat();
        let server = start([first, vec![Step::Read, Step::json("{}")]]).await?;
        answer(transport, send(server.address(), b"1")).await?;
        let again = transport.exchange(send(server.address(), b"2")).await;
        let seconds = server.requests().iter().filter(|seen| seen.body == b"2").count();
        ensure!(
            seconds == 1 || again.is_err() && seconds == 0,
            "on a kept connection, the second exchange was {seconds} requests"
        );
    }
    Ok(())
}

async fn leaks(transport: &impl Transport) -> Outcome {
    let debug = format!("{transport:?}");
    ensure!(!debug.contains(CANARY), "in the transport's Debug");
    let mut scripts = broken_scripts();
    scripts.push(vec![Step::Read, Step::Stall]);
    // A server that says the secret.
    let echo = format!("HTTP/1.1 {SECRET} {SECRET}\r\n{SECRET}\r\n\r\n");
    scripts.push(vec![Step::Read, Step::Write(echo.into())]);
    let nowhere = Nowhere::new().map_err(no_server)?;
    let mut errors = vec![error(transport, send(nowhere.address(), b"{}"), Fate::NotSent).await?];
    for script in scripts {
        let server = start([script]).await?;
        let request = send(server.address(), b"{}").within(SHORT);
        errors.extend(transport.exchange(request).await.err());
    }
    for error in errors {
        let mut below: Option<&dyn Error> = Some(&error);
        while let Some(error) = below {
            let shown = format!("{error} {error:?} {error:#?}");
            ensure!(!shown.contains(CANARY), "in an error's text");
            below = error.source();
        }
    }
    Ok(())
}
