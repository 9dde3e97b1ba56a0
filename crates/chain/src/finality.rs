//! What follows from finality: the block goes into the archive, and everyone who waits for it is told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use borsh::BorshSerialize;
use bytes::Bytes;
use commonware_cryptography::Digestible as _;
use gongxin_types::receipt::BlockReceipts;
use gongxin_types::{Certificate, EpochChange, Header, OrganizationId, Transaction, ValidatorSet};

use crate::block::Block;
use crate::feed::Final;
use crate::node::{Node, Tip};
use crate::planted::Bug;
use crate::recent::{FinalPosition, prefix};

/// The parts of a [`gongxin_types::FinalizedBlock`], borrowed: the same canonical bytes without copying it together.
#[derive(BorshSerialize)]
struct Parts<'a> {
    header: &'a Header,
    certificate: Option<&'a Certificate>,
    transactions: &'a Vec<Transaction>,
    receipts: &'a BlockReceipts,
}

/// Archives a final block and publishes it. Told again of the same block, it changes nothing.
///
/// # Panics
/// When the archive cannot be written: going on would acknowledge what is not kept.
pub(crate) fn settle(node: &Arc<Node>, block: &Block, certificate: Option<Arc<Certificate>>) {
    let begun = Instant::now();
    let header = block.header();
    let height = block.number();
    if node.archive.extent().is_some_and(|extent| height.get() <= extent.last) {
        return;
    }
    let Some(executed) = node.executed(&block.digest()) else {
        // State sync jumped over its execution; the backfill brings its receipts from a peer.
        tracing::warn!(%height, "a final block was not executed here");
        return;
    };
    let forgets = node.rules.planted.has(Bug::ForgottenEpochCheck);
    if !forgets {
        end_epoch(node, header, certificate.as_deref(), executed.validators.as_ref());
    }
    let parts = Parts {
        header,
        certificate: certificate.as_deref(),
        transactions: block.transactions(),
        receipts: &executed.receipts,
    };
    let bytes = Bytes::from(gongxin_types::codec::encode(&parts));
    let prefixes: Vec<u64> = block.ids().iter().map(prefix).collect();
    let written = node.archive.put(height.get(), header.time.millis(), &bytes, &prefixes);
    #[expect(
        clippy::panic,
        reason = "an acknowledged block must be in the archive; the supervisor reports this and stops"
    )]
    if let Err(error) = written {
        panic!("block {height} cannot be archived: {error}");
    }
    node.metrics.archive_microseconds_total.add(begun.elapsed().as_micros() as u64);
    node.metrics.finalized_transactions_total.add(block.ids().len() as u64);
    node.metrics.finalized_bytes_total.add(bytes.len() as u64);
    node.recent().insert(height, header.time, prefixes);
    node.replay().apply(&executed.writes);
    node.load().note(node.clock.steady(), writes_of_each(block.transactions(), &executed.receipts));
    node.feed.push(Final::new(height, bytes));
    node.advance(Tip { header: Arc::new(header.clone()), certificate, view: block.view() });
    let expired = {
        let mut mempool = node.mempool();
        mempool.settle(block.transactions().iter());
        mempool.expire(header.time)
    };
    node.metrics.expired_transactions_total.add(expired.len() as u64);
    let mut waiters = node.waiters();
    waiters.settle(FinalPosition { height, index: 0 }, block.ids());
    waiters.expire(&expired);
    drop(waiters);
    node.forget(height.get());
    if !forgets {
        node.epochs.reach(header.next_epoch());
    }
}

/// How much each organization wrote.
fn writes_of_each(transactions: &[Transaction], receipts: &BlockReceipts) -> BTreeMap<OrganizationId, usize> {
    let mut writes: BTreeMap<OrganizationId, usize> = BTreeMap::new();
    for (transaction, receipts) in transactions.iter().zip(&receipts.transactions) {
        let sum = writes.entry(transaction.body.sender.organization.clone()).or_default();
        *sum = receipts.actions.iter().fold(*sum, |sum, action| sum.saturating_add(action.writes.len()));
    }
    writes
}

/// Keeps the change with which an epoch ends, before its last block is archived.
///
/// # Panics
/// When it cannot be kept: nobody could check the blocks that follow.
fn end_epoch(node: &Node, header: &Header, certificate: Option<&Certificate>, next: Option<&ValidatorSet>) {
    if !header.ends_epoch() {
        return node.epochs.goes_on(header.height.get());
    }
    // No block of its epoch follows: it has a certificate of its own.
    let change = certificate.zip(next).map(|(certificate, next)| EpochChange {
        header: header.clone(),
        certificate: certificate.clone(),
        validators: next.validators.clone(),
    });
    let kept = change.ok_or("it has no certificate".to_owned());
    let kept = kept.and_then(|change| node.epochs.learn(&change).map_err(|error| error.to_string()));
    #[expect(clippy::panic, reason = "an epoch must not begin unknown; the supervisor reports this and stops")]
    if let Err(error) = kept {
        panic!("the end of epoch {} with block {} cannot be kept: {error}", header.epoch, header.height);
    }
}
