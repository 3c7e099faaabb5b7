#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod clock;
mod error;
mod gateway;
#[cfg(feature = "reqwest")]
mod network;
mod rate_limit;
mod request;
#[cfg(feature = "reqwest")]
mod reqwest;
mod response;
mod retry;
mod retry_after;
mod transport;

#[cfg(feature = "conformance")]
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
pub mod conformance;

#[cfg(feature = "reqwest")]
#[cfg_attr(docsrs, doc(cfg(feature = "reqwest")))]
pub use self::reqwest::{ReqwestOptions, ReqwestTransport, SetupError};
pub use address::{Address, BadAddress};
pub use clock::{Clock, Moment, TokioClock};
pub use error::{Error, ErrorKind, Result};
pub use gateway::Gateway;
#[cfg(feature = "reqwest")]
pub use network::network;
pub use rate_limit::{Rate, RateLimit};
pub use request::{ANSWER_LIMIT, ATTEMPT_TIMEOUT, Request};
pub use response::Response;
pub use retry::{Retry, RetryPolicy};
#[cfg(any(test, feature = "mock"))]
#[cfg_attr(docsrs, doc(cfg(feature = "mock")))]
pub use transport::MockTransport;
pub use transport::{Fate, Transport, TransportError};

pub use chatapi_types::{ApiKey, Secret, Token};
