//! Cost: how much asking is left before a set is refused for telling too many cases apart.
//!
//! Counted in steps, never in time, so that every validator stops at the same question.

use crate::limits::{EVALUATION_STEPS, INVARIANT_STEPS_MAX};

/// All steps are spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spent;

/// What has been spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Requests that were decided.
    pub(crate) questions: u64,
    /// Evaluations of one policy.
    pub(crate) evaluations: u64,
    /// About a tenth of a microsecond each.
    pub(crate) steps: u64,
}

impl Cost {
    /// One place of a space, or one answer that a rule may have given before.
    pub(crate) fn step(&mut self) -> Result<(), Spent> {
        self.spend(1)
    }

    /// One evaluation of a policy of this size.
    pub(crate) fn evaluate(&mut self, size: u64) -> Result<(), Spent> {
        self.evaluations = self.evaluations.saturating_add(1);
        self.spend(EVALUATION_STEPS.saturating_add(size))
    }

    fn spend(&mut self, steps: u64) -> Result<(), Spent> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > INVARIANT_STEPS_MAX { Err(Spent) } else { Ok(()) }
    }
}
