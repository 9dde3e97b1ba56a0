//! When the next block is due: at once while transactions wait, at the heartbeat while none do.
//!
//! The waiting stands between consensus and the state actor, not in [`crate::application`]: the actor that builds a
//! proposal applies no final block meanwhile, and a leader that waits there would hear of its own transactions' finality
//! only with the next block.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use commonware_consensus::Application;
use commonware_consensus::marshal::ancestry::Ancestry;
use commonware_cryptography::Digested;
use commonware_glue::stateful::Mailbox;
use commonware_runtime::Clock as _;
use gongxin_types::Header;

use crate::application::Ledger;
use crate::block::Block;
use crate::clock;
use crate::flight::InFlight;
use crate::limits;
use crate::machine::Sentinel;
use crate::names::{Runtime, Scheme, VoteContext};
use crate::node::Node;

/// How much became final lately.
///
/// A block costs every validator about 8 ms of a core however little is in it. Many small blocks would leave nothing for
/// the transactions, so the least interval grows with the load, up to [`limits::INTERVAL_MAX`].
#[derive(Default)]
pub(crate) struct Load {
    blocks: VecDeque<(Duration, usize)>,
}

impl Load {
    /// Counts a final block by what it wrote, now by the steady clock.
    pub(crate) fn note(&mut self, now: Duration, writes: usize) {
        self.forget(now);
        self.blocks.push_back((now, writes));
    }

    /// The least interval between blocks now: `least` while little is written, up to [`limits::INTERVAL_MAX`].
    fn interval(&mut self, now: Duration, least: Duration) -> Duration {
        self.forget(now);
        let writes = self.blocks.iter().fold(0_usize, |sum, (_, writes)| sum.saturating_add(*writes));
        let wanted = limits::INTERVAL_PER_WRITE.saturating_mul(u32::try_from(writes).unwrap_or(u32::MAX));
        wanted.clamp(least, limits::INTERVAL_MAX.max(least))
    }

    /// Keeps the blocks of the last second.
    fn forget(&mut self, now: Duration) {
        while self.blocks.front().is_some_and(|(at, _)| now.saturating_sub(*at) > Duration::from_secs(1)) {
            self.blocks.pop_front();
        }
    }
}

/// The ledger's application, whose proposals are asked for when they are due.
#[derive(Clone)]
pub(crate) struct Paced {
    node: Arc<Node>,
    inner: Mailbox<Runtime, Ledger>,
    /// The engine's tasks of proposing, verifying and certifying hold it.
    _sentinel: Sentinel,
}

impl Paced {
    pub(crate) fn new(node: Arc<Node>, inner: Mailbox<Runtime, Ledger>) -> Self {
        Self { _sentinel: Sentinel::of(&node), node, inner }
    }

    /// Waits until it is time for the next block: at once (after the least interval) if transactions wait, otherwise at
    /// the heartbeat. Measured from the parent's timestamp, so that proposing and voting overlap with the waiting.
    ///
    /// A block whose own finalization did not come about becomes final only with a later one. While transactions of an
    /// ancestor are in that state, the next block comes after [`crate::Pacing::settling`] instead of at the heartbeat.
    async fn wait(&self, runtime: &Runtime, parent: &Header, flight: &InFlight) {
        let pacing = &self.node.pacing;
        let interval = self.node.load().interval(self.node.clock.steady(), pacing.min_interval).min(pacing.heartbeat);
        let begun = self.node.clock.steady();
        loop {
            let now = self.node.clock.now();
            let (least, most) = (interval.as_millis() as u64, pacing.heartbeat.as_millis() as u64);
            let earliest = clock::until(parent.time.plus_millis(least), now).min(interval);
            let latest = clock::until(parent.time.plus_millis(most), now);
            let unsettled = flight.through > self.node.final_height().get();
            let patience = if unsettled { pacing.settling.min(pacing.heartbeat) } else { pacing.heartbeat };
            // A parent's timestamp ahead of this clock must not make a leader late.
            let latest = latest.min(patience.saturating_sub(self.node.clock.steady().saturating_sub(begun)));
            let arrival = self.node.arrivals.notified();
            let waiting = self.node.mempool().has_more_than(&flight.ids);
            if latest.is_zero() || (waiting && earliest.is_zero()) {
                return;
            }
            if waiting {
                runtime.sleep(earliest).await;
            } else {
                // After a short wait for finality the rest of the heartbeat may still be ahead: the loop looks again.
                tokio::select! {
                    biased;
                    () = arrival => {}
                    () = runtime.sleep(latest) => {}
                }
            }
        }
    }
}

impl Application<Runtime> for Paced {
    type SigningScheme = Scheme;
    type Context = VoteContext;
    type Block = Block;
    type Input = ();

    // `prepare` is not forwarded: the ledger builds on certified parents only.

    async fn propose(
        &mut self,
        (runtime, context): (Runtime, VoteContext),
        ancestry: impl Ancestry<Block>,
        input: (),
    ) -> Option<Digested<Block>> {
        let (parent, flight) = InFlight::of(&self.node, ancestry.clone()).await?;
        self.wait(&runtime, parent.inner().header(), &flight).await;
        self.inner.propose((runtime, context), ancestry, input).await
    }

    async fn verify(&mut self, context: (Runtime, VoteContext), ancestry: impl Ancestry<Block>) -> bool {
        self.inner.verify(context, ancestry).await
    }
}
