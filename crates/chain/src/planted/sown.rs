//! A build in which a node can be given a defect: that of the simulation, and the forging one of the tests with real processes.

use gongxin_crypto::{Digest, Suite};
use gongxin_types::Time;

use crate::clock::Clock;
use crate::config::ValidatorConfig;
use crate::ledger;
use crate::planted::Bug;
use crate::rules::Executed;

/// The defect that is planted in a node, if any.
#[derive(Debug)]
pub(crate) struct Planted {
    bug: Option<Bug>,
    clock: Clock,
    /// Differs from node to node.
    odd: bool,
}

impl Planted {
    /// Nothing, for whoever has no configuration of a node.
    #[cfg(not(feature = "simulated"))]
    pub(crate) fn none() -> Self {
        Self { bug: None, clock: Clock::default(), odd: false }
    }

    /// What is planted in a node.
    pub(crate) fn of(config: &ValidatorConfig) -> Self {
        let key = ledger::consensus_public_key(&config.key);
        let odd = key.first().is_some_and(|byte| byte % 2 == 1);
        #[cfg(feature = "simulated")]
        let bug = config.world.bug;
        #[cfg(not(feature = "simulated"))]
        let bug = config.bug;
        Self { bug, clock: config.clock.clone(), odd }
    }

    /// Whether it is this one.
    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// The time that the rules see.
    pub(crate) fn time(&self, block: Time) -> Time {
        if self.has(Bug::ClockInState) { self.clock.now() } else { block }
    }

    /// The receipts that a proposal claims.
    pub(crate) fn claim(&self, receipts_root: Digest) -> Digest {
        if self.has(Bug::Lie) { Suite::Intl.hash(&[receipts_root.as_bytes()]) } else { receipts_root }
    }

    /// What the rules have computed.
    pub(crate) fn executed(&self, suite: Suite, mut executed: Executed) -> Executed {
        if self.has(Bug::UnorderedMap) && self.odd {
            executed.receipts.writes.reverse();
            executed.receipts_root = executed.receipts.root(suite);
        }
        executed
    }
}
