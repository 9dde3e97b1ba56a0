//! What must hold of a run, whatever went wrong in it.

mod acknowledged;
mod kept;
mod listed;
pub(crate) mod noted;
mod once;
mod reproduced;
mod shown;
mod state;
mod verified;

use gongxin_types::Genesis;

use crate::report::Violation;
use crate::witness::Witness;

/// A promise, and how it is checked.
type Check = fn(&Genesis, &Witness) -> Result<(), Violation>;

/// All of them, the cheap ones first.
const CHECKS: [Check; 9] = [
    seen,
    acknowledged::nothing_is_lost,
    once::nothing_is_executed_twice,
    kept::nothing_is_lost,
    shown::every_answer,
    listed::every_reading,
    noted::every_term,
    verified::every_block,
    reproduced::every_receipt,
];

/// Checks everything that was seen.
///
/// # Errors
/// The first promise that was not kept.
pub fn check(genesis: &Genesis, witness: &Witness) -> Result<(), Violation> {
    CHECKS.iter().try_for_each(|check| check(genesis, witness))
}

/// What was objected to while the network ran.
fn seen(_: &Genesis, witness: &Witness) -> Result<(), Violation> {
    witness.violation.clone().map_or(Ok(()), Err)
}
