//! Speak to a gateway that chatapi has never heard of, with its public API only.
//!
//! "Pigeon" is such a gateway. It puts the instance and the token into the path
//! (`/pigeon{id}/{method}/{token}`), takes JSON, and says no with a status and a text. A dialect and
//! four calls later it has everything that the built-in gateways have: checks before a byte leaves,
//! errors that know their fate, retries that never repeat a send, a secret that never prints.

use std::sync::Mutex;

use chatapi::transport::{Request, Response, Transport, TransportError};
use chatapi::types::{
    Answer, Args, BadArg, Body, Call, Dialect, ErrorCode, Grade, JsonReply, Layout, List, Member,
    Operation, Part, Repeat, Rotates, Verb, Verdict, open_enum,
};
use chatapi::{ErrorKind, Gateway, MessageId, Phone, Token};
use serde::{Deserialize, Serialize};

// ── The dialect: where arguments go and how an answer says no ──────────────────────────────────

#[derive(Clone, Debug)]
struct Pigeon {
    instance: u64,
    limits: Limits,
}

#[derive(Clone, Debug)]
struct Limits {
    text_chars: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { text_chars: 20_000 }
    }
}

impl Dialect for Pigeon {
    type Limits = Limits;
    type Code = PigeonError;
    const NAME: &'static str = "Pigeon";

    fn lay_out(&self, operation: &Operation, args: Args) -> Layout {
        let instance = Part::word(format!("pigeon{}", self.instance));
        let path = vec![instance, Part::word(operation.name), Part::SECRET];
        let layout = Layout::new(operation.verb, path);
        match operation.verb {
            Verb::Post => layout.body(Body::Json(
                args.into_iter().map(|(name, value)| (name, Member::Value(value))).collect(),
            )),
            _ => layout,
        }
    }

    fn complaint(&self, answer: &Answer<'_>) -> Option<String> {
        (answer.status >= 400).then(|| String::from_utf8_lossy(answer.body).into_owned())
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }
}

impl Rotates for Pigeon {}

open_enum! {
    /// Pigeon's words for what went wrong.
    pub enum PigeonError {
        /// The pigeons are tired.
        Tired = "quota exceeded",
        /// The number is no number.
        BadNumber = "bad number",
    }
}

impl ErrorCode for PigeonError {
    fn classify(text: &str) -> Self {
        text.trim().into()
    }

    fn verdict(&self) -> Verdict {
        Verdict::Refused
    }

    fn is_transient(&self) -> bool {
        matches!(self, Self::Tired)
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::Tired => "wait until tomorrow",
            _ => "read Pigeon's words",
        }
    }
}

// ── Four calls ─────────────────────────────────────────────────────────────────────────────────

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SendMessage {
    number: Phone,
    message: String,
}

impl Call for SendMessage {
    type Dialect = Pigeon;
    type Reply = Sent;
    const NAME: &'static str = "sendMessage";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        match self.message.chars().count() {
            0 => Err(BadArg::new("message", "the text is empty")),
            n if n > limits.text_chars => Err(BadArg::new("message", "the text is too long")),
            _ => Ok(()),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    id_message: MessageId,
}

#[derive(Debug, Serialize, Deserialize)]
struct ReadState {}

impl Call for ReadState {
    type Dialect = Pigeon;
    type Reply = State;
    const NAME: &'static str = "getStateInstance";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    state_instance: StateWord,
}

open_enum! {
    /// The state of a Pigeon instance.
    pub enum StateWord {
        /// Linked to a phone.
        Authorized = "authorized",
        /// Not linked.
        NotAuthorized = "notAuthorized",
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct ShowMessagesQueue {}

impl Call for ShowMessagesQueue {
    type Dialect = Pigeon;
    type Reply = Queue;
    const NAME: &'static str = "showMessagesQueue";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
}

/// Pigeon answers with a bare list.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Queue(List<QueuedMessage>);

#[derive(Debug, Serialize, Deserialize)]
struct QueuedMessage {
    body: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CheckNumber {
    number: Phone,
}

impl Call for CheckNumber {
    type Dialect = Pigeon;
    type Reply = NumberCheck;
    const NAME: &'static str = "checkNumber";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::B;
}

#[derive(Debug, Serialize, Deserialize)]
struct NumberCheck {
    exists: bool,
}

impl JsonReply for Sent {}
impl JsonReply for State {}
impl JsonReply for Queue {}
impl JsonReply for NumberCheck {}

// ── A loft to try it on: any transport will do ─────────────────────────────────────────────────

#[derive(Debug, Default)]
struct Loft {
    sent: Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl Transport for Loft {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let http = request.expose()?;
        let mut sent = self.sent.lock().map_err(|_| TransportError::no_connection())?;
        let refuse = |status, words| Response::new(status, http::HeaderMap::new(), words);
        Ok(match http.uri().path() {
            "/pigeon7/sendMessage/s3cret" if sent.len() == 2 => {
                refuse(http::StatusCode::BAD_REQUEST, "quota exceeded")
            }
            "/pigeon7/sendMessage/s3cret" => {
                sent.push(String::from_utf8_lossy(http.body()).into_owned());
                Response::json(format!(r#"{{"idMessage":{}}}"#, sent.len()))
            }
            "/pigeon7/getStateInstance/s3cret" => {
                Response::json(r#"{"stateInstance":"moulting","since":"may"}"#)
            }
            "/pigeon7/showMessagesQueue/s3cret" => Response::json(r#"[{"body":"hi"},"?"]"#),
            "/pigeon7/checkNumber/s3cret" => Response::json(r#"{"exists":"1"}"#),
            _ => refuse(http::StatusCode::NOT_FOUND, "no such method"),
        })
    }
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dialect = Pigeon { instance: 7, limits: Limits::default() };
    let address = "https://pigeon.example".parse()?;
    let gateway = Gateway::new(address, dialect, Token::new("s3cret"), Loft::default());
    let number: Phone = "+44 20 7946 0000".parse()?;

    let check = gateway.call(&CheckNumber { number: number.clone() }).await?;
    println!("number has an account: {}", check.exists);

    let hello = SendMessage { number, message: "coo".to_owned() };
    println!("sent as {}", gateway.call(&hello).await?.id_message);
    println!("sent as {}", gateway.call(&hello).await?.id_message);

    // A word that nobody knows is no reason to fail.
    let state = gateway.call(&ReadState {}).await?.state_instance;
    println!("state: {state}, known: {}", state.is_known());

    // One odd entry does not spoil the list.
    let queue = gateway.call(&ShowMessagesQueue {}).await?.0;
    println!("queue: {} read, {} odd", queue.known().count(), queue.raw().count());

    // Errors speak Pigeon's language and tell the truth.
    let error = gateway.call(&hello).await.err().ok_or("the third pigeon should be tired")?;
    println!("{error}");
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(error.code(), Some(&PigeonError::Tired));
    assert!(error.is_transient() && !error.may_have_taken_effect());

    let empty = SendMessage { message: String::new(), ..hello };
    let error = gateway.call(&empty).await.err().ok_or("an empty text should be refused")?;
    println!("{error}");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    Ok(())
}
