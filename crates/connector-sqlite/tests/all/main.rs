//! The SQLite connector against real files: the contract, and what is done behind its back.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests stop where something is not so")]

mod contract;
mod department;
mod schema;
mod tampered;
mod values;
