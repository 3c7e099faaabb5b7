//! The stores on databases.

#![expect(clippy::unwrap_used, reason = "a test")]

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;
mod support;
