//! Tests of the verifier, and the makers of `conformance/`.
//!
//! `UPDATE_EXPECT=1 cargo test -p gongxin-verify --test all` writes the vectors anew; without it the same tests say
//! whether the committed files are what is made here.

mod blocks;
mod fixture;
mod hostile;
mod jcs;
mod replay;
mod rows;
mod suites;
mod transactions;
mod vectors;
