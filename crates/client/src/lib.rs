//! Reach: talk to validators and gateways over HTTP, and sign what is said to a gateway.
//!
//! **Promises.** A transaction is resent as the same bytes, to another validator when one is busy or silent, until it is
//! final or its time is over (PROTOCOL 1). A followed stream goes on without a gap when its validator fails, stalls or
//! sends nonsense. Everything read from a peer is bounded before it is kept. A refusal arrives with its problem document.
//!
//! What an owner's gateway answers to a reading is opened only when its receipt proves it ([`reading`]).
//!
//! **Leaves to others.** What a peer says is believed nowhere here: certificates, blocks and receipts are checked by
//! `verify` and `projection`. [`http_signature`] is shared with `api`, so that both ends write the same bytes.

pub mod error;
pub mod frame;
pub mod gateway;
pub mod http_signature;
pub mod limits;
pub mod problem;
pub mod reading;
mod transport;
pub mod validator;
pub mod wire;

pub use error::ClientError;
pub use gateway::GatewayClient;
pub use problem::Problem;
pub use transport::Answer;
pub use validator::{Follow, Submitted, ValidatorClient};
pub use wire::Wait;
