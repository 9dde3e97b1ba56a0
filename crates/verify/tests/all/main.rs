//! Tests of the verifier, and the makers of `conformance/`.
//!
//! `UPDATE_EXPECT=1 cargo test -p gongxin-verify --test all` writes the vectors anew; without it the same tests say
//! whether the committed files are what is made here.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests stop at the first surprise, as tests do"
)]
#![expect(clippy::too_many_lines, clippy::type_complexity, reason = "a table of cases is read as one page")]

mod blocks;
mod epochs;
mod fixture;
mod hostile;
mod jcs;
mod replay;
mod rows;
mod state_proofs;
mod suites;
mod transactions;
mod vectors;
