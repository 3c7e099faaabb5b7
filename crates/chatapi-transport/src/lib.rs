#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod clock;
mod error;
mod gateway;
mod request;
mod response;
mod retry_after;
mod transport;

pub use address::{Address, BadAddress};
pub use clock::{Clock, Moment, TokioClock};
pub use error::{Error, ErrorKind, Result};
pub use gateway::Gateway;
pub use request::{ANSWER_LIMIT, ATTEMPT_TIMEOUT, Request};
pub use response::Response;
#[cfg(any(test, feature = "mock"))]
pub use transport::MockTransport;
pub use transport::{Fate, Transport, TransportError};

pub use chatapi_types::{ApiKey, Secret, Token};
