//! The SQLite connector against real files: the contract, and what is done behind its back.
#![expect(clippy::unwrap_used, reason = "tests stop where something is not so")]

mod contract;
mod department;
mod schema;
mod tampered;
mod values;
