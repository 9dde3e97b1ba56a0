//! A build in which a node can be given a defect: that of the simulation, and the forging one of the tests with real processes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use commonware_consensus::CertifiableBlock as _;
use commonware_cryptography::Digestible as _;
use gongxin_crypto::{Digest, Suite};
use gongxin_types::{Header, Time};

use crate::block::{Block, Body};
use crate::clock::{self, Clock};
use crate::config::ValidatorConfig;
use crate::databases::Batches;
use crate::execution::{self, Rules};
use crate::ledger;
use crate::names::{Commitment, Runtime};
use crate::planted::Bug;
use crate::rules::Executed;

/// So many second blocks are kept.
const TWINS: usize = 64;

/// The defect that is planted in a node, if any.
#[derive(Debug)]
pub(crate) struct Planted {
    bug: Option<Bug>,
    clock: Clock,
    /// Differs from node to node.
    odd: bool,
    /// The second blocks of an equivocator, by the digest of the first, oldest first.
    twins: Mutex<(BTreeMap<Commitment, Block>, Vec<Commitment>)>,
}

/// A second block of the same view, of the same transactions, as right as the first.
pub(crate) struct Double {
    time: Time,
    body: Body,
    receipts_root: Digest,
}

impl Planted {
    /// Nothing, for whoever has no configuration of a node.
    #[cfg(not(feature = "simulated"))]
    pub(crate) fn none() -> Self {
        Self { bug: None, clock: Clock::default(), odd: false, twins: Mutex::default() }
    }

    /// What is planted in a node.
    pub(crate) fn of(config: &ValidatorConfig) -> Self {
        let key = ledger::consensus_public_key(&config.key);
        let odd = key.first().is_some_and(|byte| byte % 2 == 1);
        #[cfg(feature = "simulated")]
        let bug = config.world.bug;
        #[cfg(not(feature = "simulated"))]
        let bug = config.bug;
        Self { bug, clock: config.clock.clone(), odd, twins: Mutex::default() }
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

    /// What a second block of the same view would be: a moment later, where that writes the same.
    pub(crate) async fn double(
        &self,
        runtime: &Runtime,
        rules: &Arc<Rules>,
        parent: &Header,
        (time, body, executed): (Time, &Body, &Executed),
        batches: &Batches,
    ) -> Option<Double> {
        let later = time.plus_millis(1);
        if !self.has(Bug::Equivocate) || !clock::admissible(parent.time, later) {
            return None;
        }
        let height = parent.height.next();
        let second = execution::evaluate(runtime, rules, (height, later), &body.transactions, batches).await.ok()?;
        let same = second.writes == executed.writes && second.protocol_version == executed.protocol_version;
        let same = same && second.validators.is_some() == executed.validators.is_some();
        same.then(|| Double { time: later, body: body.clone(), receipts_root: second.receipts_root })
    }

    /// Keeps it beside the first.
    pub(crate) fn twin(&self, block: &Block, double: Option<Double>) {
        let Some(Double { time, body, receipts_root }) = double else { return };
        let header = Header { time, receipts_root, ..block.header().clone() };
        let mut twins = self.twins.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, order) = &mut *twins;
        of.insert(block.digest(), Block::new(header, block.context(), body));
        order.push(block.digest());
        if order.len() > TWINS {
            let oldest = order.remove(0);
            of.remove(&oldest);
        }
    }

    /// The second block beside this one, if there is one.
    #[cfg(feature = "simulated")]
    pub(crate) fn twin_of(&self, digest: &Commitment) -> Option<Block> {
        self.twins.lock().unwrap_or_else(PoisonError::into_inner).0.get(digest).cloned()
    }
}
