//! Speak HTTP: the routers of validators and gateways.
//!
//! **Promises.** Every error is a problem document (RFC 9457): a message for the person, a code for the program, nothing
//! internal. Every body, page, header and wait has a limit. Every call under `/api/v1` is signed by an officer whom the
//! ledger knows (RFC 9421), fresh and not seen before; who may see what stands in one table, [`routes`], from which the
//! routers themselves are made. Whatever carries a receipt is JCS (RFC 8785) bytes.
//!
//! **Leaves to others.** No decision is taken here: what is true, allowed or final is said by whoever implements
//! [`ValidatorPort`] and [`OfficePort`]. The validator's router checks no signature of calls: transactions carry their own,
//! and its port is for members' machines.

mod error;
mod extract;
pub mod gateway;
mod health;
mod layers;
pub mod limits;
pub mod office_port;
mod respond;
pub mod routes;
mod serve;
pub mod validator;
pub mod validator_port;

pub use office_port::OfficePort;
pub use serve::serve;
pub use validator_port::ValidatorPort;
