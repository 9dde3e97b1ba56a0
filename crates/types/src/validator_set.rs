//! Validator set: who orders and executes, and since which epoch.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{List, OrganizationId, Validator, limits};

/// The validators that serve.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidatorSet {
    /// Encoding version: 1.
    pub version: u8,
    /// Counts the sets, from 0 for that of genesis.
    #[serde(with = "crate::json::integer")]
    pub epoch: u64,
    /// The validators, ascending by key.
    pub validators: List<Validator, { limits::VALIDATORS_MAX }>,
}

impl ValidatorSet {
    /// Votes that make a header final: n − ⌊(n − 1) / 3⌋, which is 2f + 1 of 3f + 1.
    pub fn quorum(&self) -> usize {
        quorum(self.validators.len())
    }

    /// Whose they are: ascending, each once.
    pub fn organizations(&self) -> List<OrganizationId, { limits::VALIDATORS_MAX }> {
        let owners: std::collections::BTreeSet<OrganizationId> =
            self.validators.iter().map(|validator| validator.organization.clone()).collect();
        // There are no more owners than validators.
        List::new(owners.into_iter().collect()).unwrap_or(List::empty())
    }
}

/// Votes of so many validators that make a header final: n − ⌊(n − 1) / 3⌋, which is 2f + 1 of 3f + 1.
pub const fn quorum(validators: usize) -> usize {
    validators.saturating_sub(validators.saturating_sub(1) / 3)
}
