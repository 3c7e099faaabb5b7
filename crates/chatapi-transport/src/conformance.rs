//! What every [`Transport`] must keep to, as checks that can be run against any of them.
//!
//! [`check`] is for transports that reach a socket: it plays a loopback [`Server`] against yours
//! and watches what arrives. [`check_decorator`] is for transports around another transport.
//! Neither may run in paused time.
//!
//! ```
//! # #[cfg(not(feature = "reqwest"))]
//! # fn main() {}
//! # #[cfg(feature = "reqwest")]
//! use chatapi_transport::{ReqwestTransport, Retry, RetryPolicy, conformance};
//!
//! # #[cfg(feature = "reqwest")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let transport = ReqwestTransport::new()?;
//! conformance::check(|| transport.clone()).await?;
//! conformance::check_decorator(|inner| Retry::new(inner, RetryPolicy::never())).await?;
//! # Ok(())
//! # }
//! ```

/// Breaks the rule off with what happened instead.
macro_rules! ensure {
    ($holds:expr, $($what:tt)+) => {
        if !$holds {
            return Err(format!($($what)+));
        }
    };
}

mod decorator;
mod server;
mod wire;

use std::fmt;
use std::future::Future;
use std::time::Duration;

use chatapi_types::chat_api::{SendMessage, ShowMessagesQueue};
use chatapi_types::{Body, Layout, Operation, Part, Token, Verb};

pub use self::decorator::check_decorator;
pub use self::server::{Nowhere, Seen, Server, Step};
pub use self::wire::check;

use crate::address::Address;
use crate::request::Request;
#[cfg(doc)]
use crate::transport::Transport;

/// The rules that a transport broke, one line each: the rule and what happened instead.
#[derive(Default)]
pub struct Failed {
    broken: Vec<(&'static str, String)>,
}

type Outcome = Result<(), String>;

impl Failed {
    /// Notes how a rule fared, if it ended at all.
    async fn note(&mut self, rule: &'static str, check: impl Future<Output = Outcome> + Send) {
        let check = tokio::time::timeout(Duration::from_secs(30), check);
        let outcome = check.await.unwrap_or(Err("no end after 30 s".to_owned()));
        if let Err(what) = outcome {
            self.broken.push((rule, what));
        }
    }

    fn unless_none(self) -> Result<(), Self> {
        match self.broken.is_empty() {
            true => Ok(()),
            false => Err(self),
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these rules are broken:")?;
        for (rule, what) in &self.broken {
            write!(f, "\n- {rule}: {what}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Failed {}

/// What is searched for where no secret may be …
const CANARY: &str = "cAnArY";
/// … as part of a secret that needs care everywhere.
const SECRET: &str = "cAnArY/%&+ \"\u{df}";

fn layout(verb: Verb) -> Layout {
    let method = vec![Part::word("method")];
    Layout::new(verb, method).query("token", Part::SECRET)
}

/// A request that may be repeated.
fn read(address: &Address) -> Request {
    let operation = Operation::of::<ShowMessagesQueue>();
    Request::new(operation, address.clone(), layout(Verb::Get), Token::new(SECRET))
        .within(Duration::from_secs(10))
}

/// A request that may not.
fn send(address: &Address, body: &[u8]) -> Request {
    let layout = layout(Verb::Post)
        .body(Body::Raw { content_type: "application/json".into(), bytes: body.to_vec() });
    let operation = Operation::of::<SendMessage>();
    Request::new(operation, address.clone(), layout, Token::new(SECRET))
        .within(Duration::from_secs(10))
}
