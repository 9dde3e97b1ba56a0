//! Choices that follow from a seed.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

/// A stream of choices.
#[derive(Debug)]
pub(crate) struct Dice(StdRng);

impl Dice {
    /// The choices of a seed for one purpose: more of them for one change nothing for the others.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        Self(StdRng::from_seed(gongxin_test_support::cast::bytes(seed, "dice", purpose)))
    }

    /// A number from `least` to `most`.
    pub(crate) fn number(&mut self, least: u64, most: u64) -> u64 {
        self.0.random_range(least..=most)
    }

    /// A place in a list of so many.
    pub(crate) fn place(&mut self, count: usize) -> usize {
        if count == 0 { 0 } else { self.0.random_range(0..count) }
    }

    /// Yes in so many of a hundred cases.
    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.number(0, 99) < chance
    }

    /// Any bytes.
    pub(crate) fn fill(&mut self, destination: &mut [u8]) {
        self.0.fill_bytes(destination);
    }

    /// So many bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A time from `least` to `most` milliseconds.
    pub(crate) fn millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.number(least, most))
    }
}
