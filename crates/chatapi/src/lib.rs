#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(doc, doctest))]
pub mod guide;

/// The README of the workspace, so that its example is run, too.
#[cfg(doctest)]
#[doc = include_str!("../WORKSPACE.md")]
mod readme {}

#[doc(inline)]
pub use chatapi_types as types;
#[doc(no_inline)]
pub use chatapi_types::{
    ApiKey, ChatId, Delivery, FailureReason, InstanceId, MessageId, Phone, Token, UnixMillis,
    UnixTime,
};

#[doc(inline)]
pub use chatapi_transport as transport;
#[doc(no_inline)]
pub use chatapi_transport::{Address, Clock, Error, ErrorKind, Gateway, Result, Transport};

#[cfg(feature = "client")]
#[doc(inline)]
pub use chatapi_client as client;
#[cfg(feature = "client")]
#[doc(no_inline)]
pub use chatapi_client::{Broadcast, Diagnosis, File, Line, Outcome, Voice};

#[cfg(feature = "admin")]
#[doc(inline)]
pub use chatapi_admin as admin;
#[cfg(feature = "admin")]
#[doc(no_inline)]
pub use chatapi_admin::Admin;

#[cfg(feature = "webhook")]
#[doc(inline)]
pub use chatapi_webhook as webhook;

#[cfg(feature = "outbox")]
#[doc(inline)]
pub use chatapi_outbox as outbox;

#[cfg(feature = "sandbox")]
#[doc(inline)]
pub use chatapi_sandbox as sandbox;
#[cfg(feature = "sandbox")]
#[doc(no_inline)]
pub use chatapi_sandbox::Sandbox;

/// Chat API: its client and all that is said to it.
pub mod chat_api {
    #[cfg(feature = "client")]
    #[doc(no_inline)]
    pub use chatapi_client::chat_api::{Client, MessageStream, QrCode, Readiness};
    #[doc(no_inline)]
    pub use chatapi_types::chat_api::*;
}

/// wamm.chat: its client and all that is said to it.
pub mod wamm {
    #[cfg(feature = "client")]
    #[doc(no_inline)]
    pub use chatapi_client::wamm::Client;
    #[doc(no_inline)]
    pub use chatapi_types::wamm::*;
}
