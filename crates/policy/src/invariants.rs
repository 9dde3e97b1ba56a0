//! PLACEHOLDER to be overwritten by whoever writes the invariants (keeps `state` compiling meanwhile).

use gongxin_types::PolicySet;

use crate::{CompiledSet, PolicySetError};

/// Placeholder.
#[derive(Debug, thiserror::Error)]
pub enum InvariantError {
    /// Unsound.
    #[error(transparent)]
    Unsound(#[from] PolicySetError),
    /// Broken.
    #[error("broken")]
    Broken {},
}

/// Placeholder.
///
/// # Errors
/// Placeholder.
pub fn check_invariants(set: &PolicySet) -> Result<(), InvariantError> {
    CompiledSet::compile(set)?;
    if set.policies.is_empty() { Err(InvariantError::Broken {}) } else { Ok(()) }
}
