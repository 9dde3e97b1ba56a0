//! Signatures of transactions, each verified once per node and in batches, away from the engine's threads.

use std::sync::Arc;

use commonware_runtime::{Spawner as _, Supervisor as _};
use gongxin_crypto::{PublicKey, Signature};
use gongxin_types::Transaction;

use crate::block::Block;
use crate::execution::Rules;
use crate::names::Runtime;
use crate::node::Node;
use crate::planted::Bug;
use crate::rules::{self, SignatureCheck};

/// The verdict on each transaction: all of its signatures are good.
pub(crate) fn check_each<'a>(rules: &Rules, transactions: impl IntoIterator<Item = &'a Transaction>) -> Vec<bool> {
    let suite = rules.suite;
    let mut checks: Vec<SignatureCheck> = Vec::new();
    let mut ends = Vec::new();
    for transaction in transactions {
        checks.extend(rules::signature_checks(suite, transaction));
        ends.push(checks.len());
    }
    let items: Vec<(&PublicKey, &[u8], &Signature)> =
        checks.iter().map(|check| (&check.key, check.message.as_slice(), &check.signature)).collect();
    let verdicts = suite.verify_each(&items);
    let mut begin = 0;
    ends.into_iter()
        .map(|end| {
            let good = verdicts.get(begin..end).is_some_and(|part| !part.is_empty() && part.iter().all(|good| *good));
            begin = end;
            good || rules.planted.has(Bug::SkippedSignature)
        })
        .collect()
}

/// Verifies those signatures of a block that this node has not verified on the way in.
///
/// A waiting transaction counts only if the block carries the very same signature: the identifier does not cover it.
pub(crate) async fn check_block(runtime: &Runtime, node: &Arc<Node>, block: &Block) -> Result<(), String> {
    let unseen: Vec<usize> = {
        let mempool = node.mempool();
        let transactions = block.transactions().iter().zip(block.ids()).enumerate();
        let seen = |transaction: &Transaction, id| {
            mempool.get(id).is_some_and(|known| known.transaction.signature == transaction.signature)
        };
        transactions.filter(|(_, (transaction, id))| !seen(transaction, id)).map(|(place, _)| place).collect()
    };
    if unseen.is_empty() {
        return Ok(());
    }
    node.metrics.verified_signatures_total.add(unseen.len() as u64);
    let rules = Arc::clone(&node.rules);
    let transactions = Arc::clone(block.transactions());
    let task = runtime.child("signatures").shared(true).spawn(move |_| async move {
        let chosen = unseen.iter().filter_map(|place| transactions.get(*place));
        check_each(&rules, chosen).into_iter().all(|good| good)
    });
    match task.await {
        Ok(true) => Ok(()),
        Ok(false) => Err("a signature in it is wrong".to_owned()),
        // The node is going down; no verdict may come of that.
        Err(_) => std::future::pending().await,
    }
}
