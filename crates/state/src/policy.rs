//! The rules of access in force, compiled, and the facts they are asked with.
//!
//! This room only lends the words of the crate `policy` to this one, and keeps a compiled set beside its revision and its
//! remembered decisions. What may be remembered is `policy`'s promise: only answers that depend on nothing but what the
//! memory is asked by.

use std::sync::Arc;

use gongxin_policy::{CompiledSet, DecisionCache, PolicySetError, Verdict};
use gongxin_types::PolicySet;

pub(crate) use gongxin_policy::{
    Context, DataFacts, InvariantError, OrganizationFacts, Principal, Request, ResourceFacts, ResourceKind,
    check_invariants, roles,
};

/// A policy set that can be asked.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Its revision, as receipts name it.
    pub(crate) revision: u32,
    set: Arc<CompiledSet>,
    decisions: DecisionCache,
}

impl Rules {
    pub(crate) fn new(set: &PolicySet) -> Result<Self, PolicySetError> {
        Ok(Self { revision: set.revision, set: CompiledSet::shared(set)?, decisions: DecisionCache::default() })
    }

    pub(crate) fn decide(&self, request: &Request) -> Arc<Verdict> {
        self.decisions.decide(&self.set, request)
    }
}
