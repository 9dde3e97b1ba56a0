//! A gateway that follows validators: what its copy accepts, what it answers, what it can prove.

mod answers;
mod chain;
mod ledger;
mod offering;
mod opening;
mod receipts;
