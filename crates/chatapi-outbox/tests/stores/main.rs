//! The stores on databases.

#![expect(clippy::unwrap_used, reason = "a test")]

#[cfg(feature = "sqlite")]
mod canary;
mod consuming;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod first_version;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod inbox;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod no_room;
#[cfg(feature = "postgres")]
mod plans;
#[cfg(feature = "postgres")]
mod pooler;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod postgres_inbox;
#[cfg(feature = "postgres")]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "sqlite")]
mod sqlite_inbox;
mod support;
#[cfg(feature = "postgres")]
mod tls;
