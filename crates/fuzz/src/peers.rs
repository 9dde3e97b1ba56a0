//! What validators send each other beside votes: messages and proposed blocks.

use gongxin_crypto::Suite;
use gongxin_types::{
    codec, limits,
    peer::Message,
    proposed_block::{self, ProposedBlock},
};

use crate::Outcome;

/// As many transactions as `chain` takes in one proposed block.
const TRANSACTIONS_MAX: usize = 8_192;

/// A message of the peer-to-peer channel that is not the engine's.
pub(crate) fn peer_message(bytes: &[u8]) -> Outcome {
    let Ok(message) = Message::parse(bytes) else {
        return Outcome::Refused;
    };
    assert_eq!(message.encode(), bytes, "a message has two encodings");
    if let Message::Transactions(transactions) = &message {
        assert!(transactions.iter().all(|one| (1..=limits::TRANSACTION_BYTES_MAX).contains(&one.len())));
    }
    Outcome::Accepted
}

/// A block as consensus carries it.
pub(crate) fn proposed_block(bytes: &[u8]) -> Outcome {
    let Ok(parsed) = ProposedBlock::parse(bytes, Suite::Intl, TRANSACTIONS_MAX) else {
        return Outcome::Refused;
    };
    let ProposedBlock { header, transactions, ids, body_bytes } = &parsed;
    let encoded: Vec<Vec<u8>> = transactions.iter().map(codec::encode).collect();
    assert_eq!(proposed_block::encode(header, &encoded), bytes, "a proposed block has two encodings");
    assert_eq!(encoded.iter().map(|one| one.len() + 4).sum::<usize>(), *body_bytes);
    assert!(transactions.len() == ids.len() && ids.len() <= TRANSACTIONS_MAX);
    Outcome::Accepted
}
