//! Proposed block: a block as consensus carries it, the header and the transactions it commits to.
//!
//! **Form**, little-endian: `u32 rest ‖ u32 header length ‖ header ‖ u32 count ‖ (u32 length ‖ transaction)…`; `rest` is the
//! number of bytes after it.
//!
//! **Promise.** A parsed block is whole: header and transactions are canonical, and the header's `transactions_root` is
//! that of the transactions beside it. So the digest of the header alone stands for all of it. Which header may follow
//! which, and what the engine's context says, is left to `chain`.

use gongxin_crypto::{Digest, Suite, merkle};

use crate::{Header, Transaction, TransactionId, codec, codec::DecodeError, limits};

/// Lengths and counts beside header and transactions.
pub const FRAME_BYTES: usize = 12;

/// A whole proposed block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedBlock {
    /// The header.
    pub header: Header,
    /// The transactions, in order.
    pub transactions: Vec<Transaction>,
    /// Their identifiers, in the same order.
    pub ids: Vec<TransactionId>,
    /// Bytes of the transactions and their lengths.
    pub body_bytes: usize,
}

/// Bytes that are no proposed block.
#[derive(Debug, thiserror::Error)]
pub enum ProposedBlockError {
    /// Bytes missing or left over.
    #[error("a proposed block with bytes missing or left over")]
    Length,
    /// A header that is longer than any.
    #[error("a header of {bytes} bytes where at most {} are allowed", limits::HEADER_BYTES_MAX)]
    HeaderLength {
        /// Its length.
        bytes: usize,
    },
    /// More transactions than a block may have, or than there are bytes for.
    #[error("{count} transactions, more than a block or its bytes can hold")]
    Count {
        /// How many are claimed.
        count: usize,
    },
    /// A header or a transaction that is not canonical.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Other transactions than the header names.
    #[error("the transactions do not hash to the root in the header")]
    Root,
}

impl ProposedBlock {
    /// Reads exactly one proposed block of at most `transactions_max` transactions.
    ///
    /// # Errors
    /// See [`ProposedBlockError`].
    pub fn parse(bytes: &[u8], suite: Suite, transactions_max: usize) -> Result<Self, ProposedBlockError> {
        let mut rest = bytes;
        if length(&mut rest)? != rest.len() {
            return Err(ProposedBlockError::Length);
        }
        let head = take(&mut rest)?;
        if head.len() > limits::HEADER_BYTES_MAX {
            return Err(ProposedBlockError::HeaderLength { bytes: head.len() });
        }
        let header: Header = codec::decode("header", head)?;
        let count = length(&mut rest)?;
        // Each has a length of four bytes at least: what is not there costs no memory.
        if count > transactions_max || count > rest.len() / 4 {
            return Err(ProposedBlockError::Count { count });
        }
        let body_bytes = rest.len();
        let mut transactions = Vec::with_capacity(count);
        let mut ids = Vec::with_capacity(count);
        let mut leaves: Vec<Digest> = Vec::with_capacity(count);
        for _ in 0..count {
            let transaction = Transaction::from_bytes(take(&mut rest)?)?;
            let id = transaction.id(suite);
            leaves.push(merkle::leaf_hash(suite, &Transaction::leaf(&id, &transaction.signature)));
            transactions.push(transaction);
            ids.push(id);
        }
        if !rest.is_empty() {
            return Err(ProposedBlockError::Length);
        }
        if merkle::root_of_hashes(suite, &leaves) != header.transactions_root {
            return Err(ProposedBlockError::Root);
        }
        Ok(Self { header, transactions, ids, body_bytes })
    }
}

/// The bytes of the proposed block with this header and these canonical transactions.
pub fn encode<T: AsRef<[u8]>>(header: &Header, transactions: &[T]) -> Vec<u8> {
    let head = codec::encode(header);
    let body: usize = transactions.iter().map(|bytes| bytes.as_ref().len().saturating_add(4)).sum();
    let rest = head.len().saturating_add(8).saturating_add(body);
    let mut bytes = Vec::with_capacity(rest.saturating_add(4));
    put_length(&mut bytes, rest);
    put_length(&mut bytes, head.len());
    bytes.extend_from_slice(&head);
    put_length(&mut bytes, transactions.len());
    for transaction in transactions {
        put_length(&mut bytes, transaction.as_ref().len());
        bytes.extend_from_slice(transaction.as_ref());
    }
    bytes
}

fn put_length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

fn length(rest: &mut &[u8]) -> Result<usize, ProposedBlockError> {
    let (length, after) = rest.split_first_chunk::<4>().ok_or(ProposedBlockError::Length)?;
    *rest = after;
    usize::try_from(u32::from_le_bytes(*length)).map_err(|_| ProposedBlockError::Length)
}

fn take<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], ProposedBlockError> {
    let length = length(rest)?;
    let (taken, after) = rest.split_at_checked(length).ok_or(ProposedBlockError::Length)?;
    *rest = after;
    Ok(taken)
}
