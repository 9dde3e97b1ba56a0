//! A gateway that follows validators: what its copy accepts, what it answers, what it can prove.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a wrong stage ends the test that set it")]

mod alerts;
mod answers;
mod chain;
mod ledger;
mod obligations;
mod offering;
mod opening;
mod pending;
mod proposals;
mod receipts;
mod validators;
