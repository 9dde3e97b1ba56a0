//! When the next block is due: at once while transactions wait, at the heartbeat while none do.
//!
//! The waiting stands between consensus and the state actor, not in [`crate::application`]: the actor that builds a
//! proposal applies no final block meanwhile, and a leader that waits there would hear of its own transactions' finality
//! only with the next block.

use std::sync::Arc;

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
        let begun = self.node.clock.steady();
        loop {
            let waiting = self.node.mempool().waiting(&flight.ids);
            let steady = self.node.clock.steady();
            let interval = self.node.load().interval(steady, pacing.min_interval, &waiting).min(pacing.heartbeat);
            let now = self.node.clock.now();
            let (least, most) = (interval.as_millis() as u64, pacing.heartbeat.as_millis() as u64);
            let earliest = clock::until(parent.time.plus_millis(least), now).min(interval);
            let latest = clock::until(parent.time.plus_millis(most), now);
            let unsettled = flight.through > self.node.final_height().get();
            let patience = if unsettled { pacing.settling.min(pacing.heartbeat) } else { pacing.heartbeat };
            // A parent's timestamp ahead of this clock must not make a leader late.
            let latest = latest.min(patience.saturating_sub(steady.saturating_sub(begun)));
            let arrival = self.node.arrivals.notified();
            let waits = !waiting.is_empty();
            if latest.is_zero() || (waits && earliest.is_zero()) {
                return;
            }
            if waits {
                // In short steps: somebody may come whose turn is sooner.
                runtime.sleep(earliest.min(limits::PACING_STEP)).await;
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
