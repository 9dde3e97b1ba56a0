//! Check that transactions and receipts are those that a block's header stands for.
//!
//! The header is taken as given: whether it is final is for [`crate::headers`] to say.

use gongxin_crypto::{Digest, merkle};
use gongxin_types::receipt::{ActionResult, TransactionReceipts, writes_root};
use gongxin_types::{FinalizedBlock, Height, Transaction};

use crate::TrustedNetwork;

/// Why a block is not what its header says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// A block of another network.
    #[error("block {height} is of network `{network}`")]
    OtherNetwork {
        /// Its height.
        height: Height,
        /// The network it names.
        network: Digest,
    },
    /// Other transactions.
    #[error("the transactions of block {height} do not hash to the root in its header")]
    Transactions {
        /// Its height.
        height: Height,
    },
    /// Other receipts.
    #[error("the receipts of block {height} do not hash to the root in its header")]
    Receipts {
        /// Its height.
        height: Height,
    },
    /// Receipts that are not those of the transactions.
    #[error("the receipts of transaction {transaction} of block {height} are not its own")]
    Pairing {
        /// Its height.
        height: Height,
        /// Place of the transaction in the block, from 0.
        transaction: usize,
    },
    /// Writes that are not those of their receipt.
    #[error("the writes of transaction {transaction} of block {height} do not hash to the root in their receipt")]
    Writes {
        /// Its height.
        height: Height,
        /// Place of the transaction in the block, from 0.
        transaction: usize,
    },
}

/// Checks transactions and receipts against the header's roots, each receipt against its transaction and action, and
/// each list of writes against its receipt.
///
/// # Errors
/// See [`BlockError`].
pub fn check(network: &TrustedNetwork, block: &FinalizedBlock) -> Result<(), BlockError> {
    let (suite, header) = (network.suite, &block.header);
    let height = header.height;
    if header.network != network.network {
        return Err(BlockError::OtherNetwork { height, network: header.network });
    }
    let ids: Vec<_> = block.transactions.iter().map(|transaction| transaction.id(suite)).collect();
    let leaves: Vec<Digest> = ids
        .iter()
        .zip(&block.transactions)
        .map(|(id, transaction)| merkle::leaf_hash(suite, &Transaction::leaf(id, &transaction.signature)))
        .collect();
    if merkle::root_of_hashes(suite, &leaves) != header.transactions_root {
        return Err(BlockError::Transactions { height });
    }
    if block.receipts.root(suite) != header.receipts_root {
        return Err(BlockError::Receipts { height });
    }
    if block.receipts.transactions.len() != ids.len() {
        return Err(BlockError::Pairing { height, transaction: ids.len() });
    }
    let pairs = ids.iter().zip(&block.transactions).zip(&block.receipts.transactions).enumerate();
    for (place, ((id, transaction), receipts)) in pairs {
        let is_paired = |result: &(usize, &ActionResult)| {
            let (index, receipt) = (result.0, &result.1.receipt);
            let action = transaction.body.actions.get(index).map(|action| action.digest(suite));
            receipt.transaction == *id && usize::from(receipt.index) == index && Some(receipt.action_digest) == action
        };
        let count_agrees = receipts.actions.len() == transaction.body.actions.len();
        if !count_agrees || !receipts.actions.iter().enumerate().all(|result| is_paired(&result)) {
            return Err(BlockError::Pairing { height, transaction: place });
        }
        if !holds_its_writes(network, receipts) {
            return Err(BlockError::Writes { height, transaction: place });
        }
    }
    Ok(())
}

fn holds_its_writes(network: &TrustedNetwork, receipts: &TransactionReceipts) -> bool {
    receipts.actions.iter().all(|result| {
        usize::try_from(result.receipt.writes) == Ok(result.writes.len())
            && result.receipt.writes_root == writes_root(network.suite, &result.writes)
    })
}
