//! The stores on databases.

#![expect(clippy::unwrap_used, reason = "a test")]

#[cfg(feature = "sqlite")]
mod sqlite;
mod support;
