//! Words: every noun of the platform and its one canonical encoding.
//!
//! What two validators must agree on byte for byte is a type of this crate, encoded with borsh. Every noun begins with
//! a version byte, so that it can grow; every collection has a bound from [`limits`]; every text on the ledger is an
//! official public text or a code, never a sentence about a person (see [`text`]).
//!
//! This crate decides nothing: what may be done is `policy` and `state`. It reads no clock and does no I/O, and builds
//! for `wasm32-unknown-unknown`, because the verifier in a browser speaks the same words.

pub mod access;
pub mod action;
pub mod alert;
pub mod bundle;
pub mod calendar;
pub mod certificate;
pub mod codec;
pub mod decision;
pub mod duty;
pub mod epoch_change;
pub mod evidence;
pub mod fault;
pub mod gateway;
pub mod genesis;
pub mod grant;
pub mod header;
pub mod id;
pub mod json;
pub mod limits;
pub mod list;
pub mod obligation;
pub mod officer;
pub mod organization;
pub mod parameters;
pub mod peer;
pub mod pending;
pub mod policy_set;
pub mod proposal;
pub mod proposed_block;
pub mod receipt;
pub mod record;
pub mod resource;
pub mod response;
pub mod row;
pub mod text;
pub mod time;
pub mod transaction;
pub mod validator_set;

pub use access::{Access, AccessAuthority, AccessClaim, AccessOutcome, AccessRequest, ListKey};
pub use action::{Action, ActionCode};
pub use alert::{Alert, AlertKind};
pub use bundle::{Bundle, Network};
pub use calendar::{Calendar, CalendarYear, Ordinal, clock::LegalClock};
pub use certificate::Certificate;
pub use decision::{Decision, Effect, Refusal};
pub use duty::Duty;
pub use epoch_change::EpochChange;
pub use evidence::Evidence;
pub use fault::FaultEvidence;
pub use gateway::Gateway;
pub use genesis::{Genesis, NetworkHead, Validator};
pub use grant::Grant;
pub use header::{FinalizedBlock, Header, HeaderDigest};
pub use id::{
    AlertId, BasisCode, DutyId, EvidenceId, FieldName, GatewayId, GrantId, ObligationId, OfficerId, OrganizationId,
    PendingId, PolicyId, ProposalId, PurposeCode, RecordId, RequestId, ResourceId, Slug,
};
pub use list::List;
pub use obligation::Obligation;
pub use officer::{Officer, OfficerKey, Role};
pub use organization::{Organization, OrganizationKind};
pub use parameters::Parameters;
pub use pending::Pending;
pub use policy_set::PolicySet;
pub use proposal::Proposal;
pub use receipt::{ActionReceipt, ActionResult, BlockReceipt, ReceiptLeaf, TransactionReceipts, Write};
pub use record::{RecordBatch, RecordOp};
pub use resource::{Field, Resource};
pub use text::{Bilingual, PublicText};
pub use time::{Date, Height, Time};
pub use transaction::{Atomicity, Body, Sender, Transaction, TransactionId};
pub use validator_set::ValidatorSet;
