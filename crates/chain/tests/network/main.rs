//! A network of four validators in one process: what they promise, and what must hold after something breaks.
//!
//! The nodes are the real ones, on loopback. Nothing here sleeps: a test follows blocks until what it waits for is true,
//! or its patience ends.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod archive;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod contradictions;
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
mod pruning;
#[cfg(test)]
mod town;
#[cfg(test)]
mod twins;
#[cfg(test)]
mod versions;
