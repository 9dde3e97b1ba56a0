//! The PostgreSQL connector against a real server, started for each test in a directory of its own: the contract, what is done
//! behind its back, faults, and a role that may follow and read and nothing else.
//!
//! PostgreSQL 15 or later must be installed; where it is not, these tests fail and say so.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests stop where something is not so"
)]

mod contract;
mod department;
mod faults;
mod long;
mod privileges;
mod schema;
mod server;
mod tampered;
mod tickets;
mod tls;
mod values;
