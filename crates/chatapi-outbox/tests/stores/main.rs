//! The stores on databases.

#![expect(clippy::unwrap_used, reason = "a test")]

mod consuming;
#[cfg(feature = "postgres")]
mod full_disk;
#[cfg(feature = "postgres")]
mod plans;
#[cfg(feature = "postgres")]
mod pooler;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;
mod support;
#[cfg(feature = "postgres")]
mod tls;
