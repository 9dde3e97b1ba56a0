//! Stories: who does what to whom, and what the ledger says to it. Every story is told with both suites.

mod catalogue;
mod grants;
pub(crate) mod obligations;
mod people;
mod proposals;
mod readings;
mod records;
mod rules;

use gongxin_test_support::{Sandbox, world};
use gongxin_types::{AccessAuthority, Action, Evidence};

/// A day.
const DAY_MS: u64 = 86_400_000;

/// The notarisation of a document.
pub(crate) fn evidence(sandbox: &Sandbox, document: &str) -> Action {
    Action::NotariseEvidence(Evidence {
        digest: sandbox.suite.hash(&[document.as_bytes()]),
        media_type: "application/pdf".parse().unwrap(),
        legal_basis: "electronic-signature-law-art-8".parse().unwrap(),
    })
}

/// The owner's duty under which its own officers read the divisions.
pub(crate) fn duty() -> AccessAuthority {
    AccessAuthority::Duty { duty: world::DIVISIONS_DUTY.parse().unwrap() }
}
