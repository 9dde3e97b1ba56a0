//! Decide: may this sender do this act to this noun, and by which written rules.
//!
//! The rules are Cedar policies that stand on the ledger as [`gongxin_types::PolicySet`]; `state` asks the set of the
//! height it executes. This crate promises that the answer depends on the set and the request alone: not on the
//! machine, the thread's stack, the order of the policies, a clock, or what was asked before. Default is deny, an
//! evaluation error is a deny, and no text of the rules engine reaches an answer, only identifiers of policies in
//! bytewise order (PROTOCOL 13). Before a set is proposed, [`check_invariants`] proves that no request whatever is answered
//! against the rows of `policies/invariants/` (PROTOCOL 14).
//!
//! It is the only crate that names Cedar. What is left to others: which facts are true (`state`), terms, purposes and
//! scopes of grants (`state`, per access), and the fixed rules that no policy set may widen (PROTOCOL 14).
//! `docs/spec/policy.md` says how a request looks to a policy.

mod analysis;
pub mod cache;
pub mod check;
pub mod compiled;
pub mod defaults;
pub mod error;
pub mod invariants;
pub mod limits;
pub mod request;
mod vocabulary;

#[cfg(test)]
mod tests;

pub use cache::DecisionCache;
pub use check::{CheckError, CheckReport, PolicyFile, check_files};
pub use compiled::{CompiledSet, Verdict};
pub use defaults::{PolicyFileError, SCHEMA, default_legal_bases, default_purposes, default_set, policy_set};
pub use error::PolicySetError;
pub use invariants::{InvariantError, check_invariants};
pub use request::{
    Context, DataFacts, Open, OrganizationFacts, Principal, PrincipalKind, Request, ResourceFacts, ResourceKind, Roles,
    Share, roles,
};
