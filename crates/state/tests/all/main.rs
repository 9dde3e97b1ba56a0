//! Tests of the crate from outside, one program: stories, properties, what may be included, pages and keys.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where its stage is wrong; helpers of tests are tests too; a story is told in one piece"
)]

mod alone;
mod inclusion;
mod pages;
mod properties;
mod stories;
mod support;
mod terms;
