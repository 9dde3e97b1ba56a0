//! A network of four validators in one process: what they promise, and what must hold after something breaks.
//!
//! The nodes are the real ones, on loopback. Nothing here sleeps: a test follows blocks until what it waits for is true,
//! or its patience ends.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod archive;
// Its tests run here: the library itself, with the whole engine, is not compiled a second time for them.
#[cfg(test)]
#[path = "../../src/backlog.rs"]
mod backlog;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod directories;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod epochs;
#[cfg(test)]
mod flood;
#[cfg(test)]
mod pacing;
#[cfg(test)]
mod town;
#[cfg(test)]
mod twins;
#[cfg(test)]
mod versions;

#[cfg(test)]
use gongxin_chain::limits;
