//! Use cases of one organization's gateway: one module per use case; no HTTP, no HTML.
//!
//! An [`Office`] follows the finalized blocks (checking every certificate itself, through `projection`), hands its
//! officers' transactions to the validators, keeps the bodies of its own records in the `vault`, and answers readings.
//!
//! **Promises.** Nothing that depends on a register leaves before its access is final on the ledger: [`reading`] holds
//! the one function that opens a body, and what it builds is sealed, stored and put on the ledger before anyone sees it
//! (PROTOCOL 20, 21). A body that does not hash to the ledger's commitment is never served. A transaction that was
//! accepted is resent, the same bytes, until it is final or expired, whoever still waits for it. One key has one living
//! record.
//!
//! **Leaves to others.** Who may do what is decided by `state`; a check here is a courtesy and may be stale. Who the
//! caller is, and what a caller may see in lists, is the faces' business. `port` is what they see of this crate.

mod alerts;
mod clock;
mod decided;
mod facts;
mod follow;
pub mod limits;
mod machine;
mod office;
mod office_port;
#[cfg(feature = "simulated")]
mod planted;
pub mod port;
mod reading;
mod readings;
mod records;
mod resend;
mod sender;
mod sequence;
mod serving;
mod settle;
mod submit;
mod terms;
mod tips;
mod unique;
mod validators;

pub use clock::Clock;
pub use machine::{Machine, OnTokio, Task};
pub use office::{Office, OfficeConfig, OpenError};
#[cfg(feature = "simulated")]
pub use planted::Bug;
pub use validators::{Blocks, Reached, Validators};
