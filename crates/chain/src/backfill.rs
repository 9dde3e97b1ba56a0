//! Blocks below a state sync come into the archive afterwards, downwards, each checked against the hash above it.
//!
//! The header above names its parent's digest, the header names the roots of transactions and receipts: a peer cannot
//! slip in anything. Peers are asked in turn; one that answers wrongly or not at all is simply followed by the next.

use std::sync::Arc;
use std::time::Duration;

use commonware_p2p::Sender;
use commonware_runtime::Clock as _;
use gongxin_crypto::{Digest, Suite, merkle};
use gongxin_types::{FinalizedBlock, HeaderDigest, Transaction, codec};
use tokio::sync::mpsc;

use crate::gossip::{self, Part};
use crate::ledger;
use crate::limits;
use crate::names::{NodeKey, Runtime};
use crate::node::Node;
use crate::recent::prefix;

/// Fills the archive downwards until it reaches block 1, or what is kept on purpose, then sleeps.
pub(crate) async fn run<S: Sender<PublicKey = NodeKey>>(
    runtime: Runtime,
    node: Arc<Node>,
    me: [u8; 32],
    mut sender: S,
    mut parts: mpsc::Receiver<Part>,
) {
    let mut turn = 0_usize;
    let mut wanted: Option<(u64, HeaderDigest)> = None;
    loop {
        let extent = node.archive.extent().filter(|extent| extent.first > node.archive.kept_from());
        let Some(extent) = extent else {
            wanted = None;
            runtime.sleep(Duration::from_secs(1)).await;
            while parts.try_recv().is_ok() {}
            continue;
        };
        let below = extent.first.saturating_sub(1);
        let expected = match wanted.filter(|(height, _)| *height == below) {
            Some((_, digest)) => digest,
            None => match parent_of(&node, extent.first) {
                Some(digest) => digest,
                None => return std::future::pending().await,
            },
        };
        turn = turn.wrapping_add(1);
        let fetched = match peer(&node, &me, turn, below) {
            Some(peer) => fetch(&runtime, &mut sender, &mut parts, &peer, below).await,
            None => None,
        };
        let Some(bytes) = fetched else {
            runtime.sleep(Duration::from_millis(50)).await;
            continue;
        };
        match checked(node.rules.suite, below, expected, &bytes) {
            Some((block, ids)) => {
                wanted = Some((below.saturating_sub(1), block.header.parent));
                let (height, time) = (block.header.height, block.header.time);
                match node.archive.put(below, time.millis(), &bytes, &ids) {
                    Ok(_) => node.recent().insert_older(height, time, ids),
                    Err(error) => {
                        tracing::error!(%error, height = below, "an older block cannot be archived");
                        runtime.sleep(Duration::from_secs(1)).await;
                    }
                }
            }
            None => tracing::warn!(height = below, "a peer sent a block that is not the one asked for"),
        }
    }
}

/// The validator of the present epoch whose turn it is, other than this node and those who have dropped the block.
fn peer(node: &Node, me: &[u8; 32], turn: usize, height: u64) -> Option<NodeKey> {
    let serving = node.epochs.validators(node.epochs.reached())?;
    let others = serving.into_iter().filter(|key| ledger::key_bytes(key) != *me);
    let others: Vec<NodeKey> = others.filter(|key| node.holdings.may_have(key, height)).collect();
    others.get(turn % others.len().max(1)).cloned()
}

fn parent_of(node: &Node, height: u64) -> Option<HeaderDigest> {
    let bytes = node.archive.get(height).ok()??;
    let block: FinalizedBlock = codec::decode("finalized block", &bytes).ok()?;
    Some(block.header.parent)
}

/// Asks one peer for one block, part by part.
async fn fetch<S: Sender<PublicKey = NodeKey>>(
    runtime: &Runtime,
    sender: &mut S,
    parts: &mut mpsc::Receiver<Part>,
    peer: &NodeKey,
    height: u64,
) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let offset = u32::try_from(bytes.len()).ok()?;
        gossip::want(sender, peer.clone(), height, offset);
        let part = tokio::select! {
            biased;
            part = parts.recv() => part?,
            () = runtime.sleep(limits::PART_PATIENCE) => return None,
        };
        let total = usize::try_from(part.total).ok()?;
        if part.from != *peer
            || part.height != height
            || part.offset != offset
            || total > gongxin_archive::limits::BLOCK_BYTES_MAX
        {
            return None;
        }
        bytes.extend_from_slice(&part.bytes);
        if bytes.len() >= total {
            return (bytes.len() == total).then_some(bytes);
        }
    }
}

/// The block, if the bytes are the one with this digest and everything in it is what its header commits to.
fn checked(suite: Suite, height: u64, expected: HeaderDigest, bytes: &[u8]) -> Option<(FinalizedBlock, Vec<u64>)> {
    let block: FinalizedBlock = codec::decode("finalized block", bytes).ok()?;
    let (mut leaves, mut ids) = (Vec::<Digest>::new(), Vec::new());
    for transaction in &block.transactions {
        let id = transaction.id(suite);
        leaves.push(merkle::leaf_hash(suite, &Transaction::leaf(&id, &transaction.signature)));
        ids.push(prefix(&id));
    }
    let whole = block.header.height.get() == height
        && block.header.digest() == expected
        && merkle::root_of_hashes(suite, &leaves) == block.header.transactions_root
        && block.receipts.root(suite) == block.header.receipts_root;
    whole.then_some((block, ids))
}
