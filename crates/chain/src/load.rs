//! How much became final lately, and whose it was: how often blocks come, and what one organization may put into a block
//! beside others.
//!
//! A block costs every validator about 8 ms of a core however little is in it. Many small blocks would leave nothing for the
//! transactions, so the least interval grows with the load, up to [`limits::INTERVAL_MAX`]. But an office that floods the
//! ledger shall not make the readings of the others slow (PROTOCOL 5): whoever waits and writes little has the interval of
//! a ledger on which nobody writes more than that one does, and beside it a flood fills no block: it gets
//! [`limits::SHARE_WEIGHT_MAX`] of each. Where nobody waits but those that write much, blocks are as large as they can be.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use gongxin_types::OrganizationId;

use crate::limits;

/// What became final in the last second.
#[derive(Default)]
pub(crate) struct Load {
    blocks: VecDeque<(Duration, BTreeMap<OrganizationId, usize>)>,
}

impl Load {
    /// Counts a final block by what each organization wrote in it, now by the steady clock.
    pub(crate) fn note(&mut self, now: Duration, writes: BTreeMap<OrganizationId, usize>) {
        self.forget(now);
        self.blocks.push_back((now, writes));
    }

    /// The least interval between blocks now, while these wait: `least` while little is written, up to
    /// [`limits::INTERVAL_MAX`]. Others count for no more than the least of those who wait wrote itself.
    pub(crate) fn interval(&mut self, now: Duration, least: Duration, waiting: &[OrganizationId]) -> Duration {
        let written = self.written(now);
        let of = |name: &OrganizationId| written.get(name).copied().unwrap_or(0);
        let own = waiting.iter().map(of).min().unwrap_or(usize::MAX);
        let counted = written.values().fold(0_usize, |sum, writes| sum.saturating_add((*writes).min(own)));
        interval_of(counted).clamp(least, limits::INTERVAL_MAX.max(least))
    }

    /// The weight that one organization may put into a block while these wait, if there is a bound: where several write or wait,
    /// and one of them writes little.
    pub(crate) fn share(&mut self, now: Duration, waiting: &[OrganizationId]) -> Option<u64> {
        let mut writing = self.written(now);
        for name in waiting {
            writing.entry(name.clone()).or_insert(0);
        }
        let is_modest = |writes: &usize| interval_of(*writes) <= limits::MODEST_INTERVAL;
        (writing.len() > 1 && writing.values().any(is_modest)).then_some(limits::SHARE_WEIGHT_MAX)
    }

    /// Writes of each organization in the last second.
    fn written(&mut self, now: Duration) -> BTreeMap<OrganizationId, usize> {
        self.forget(now);
        let mut written: BTreeMap<OrganizationId, usize> = BTreeMap::new();
        for (name, writes) in self.blocks.iter().flat_map(|(_, block)| block) {
            let sum = written.entry(name.clone()).or_default();
            *sum = sum.saturating_add(*writes);
        }
        written
    }

    /// Keeps the blocks of the last second.
    fn forget(&mut self, now: Duration) {
        while self.blocks.front().is_some_and(|(at, _)| now.saturating_sub(*at) > Duration::from_secs(1)) {
            self.blocks.pop_front();
        }
    }
}

/// What so many writes a second ask for between blocks.
fn interval_of(writes: usize) -> Duration {
    limits::INTERVAL_PER_WRITE.saturating_mul(u32::try_from(writes).unwrap_or(u32::MAX))
}
