//! Set the stage for tests: a ledger in memory, with members, officers and gateways that always are the same.
//!
//! [`Sandbox`] is a network of four validators without consensus, network or disk: it executes transactions with the real
//! rules of `state`, and makes real headers and real certificates, so that everything that follows blocks can be tested
//! against it. State roots are left out (headers name none). Everything follows from a seed.
//!
//! Mistakes of a test end the test: this crate may panic, and is never linked into a program.

#![expect(clippy::expect_used, clippy::panic, reason = "a wrong stage ends the test that set it")]

pub mod cast;
pub mod pages;
pub mod reading;
pub mod sandbox;
pub mod validators;
pub mod world;

pub use cast::{Cast, Person};
pub use reading::Reading;
pub use sandbox::Sandbox;
