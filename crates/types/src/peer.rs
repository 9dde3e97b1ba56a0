//! Peer messages: what nodes tell each other beside consensus, as bytes.
//!
//! **Form**, little-endian: `0 ‖ (u32 length ‖ transaction)…` · `1 ‖ u64 epoch ‖ u64 view` (all ones: not known yet) ·
//! `2 ‖ u64 height ‖ u32 offset` · `3 ‖ u64 height ‖ u32 total ‖ u32 offset ‖ bytes` · `4 ‖ u64 epoch` ·
//! `5 ‖ canonical epoch change` · `6 ‖ u64 height ‖ u8 all (0 or 1)`. There is one way to write each, and
//! nothing is copied or decoded in reading one: it costs no more than its bytes.
//!
//! Who sent it was authenticated by the transport; what it is worth, and whether the transactions are any, is left to
//! `chain`.

use crate::limits;

const TRANSACTIONS: u8 = 0;
const POSITION: u8 = 1;
const WANTED: u8 = 2;
const PART: u8 = 3;
const ENDED: u8 = 4;
const EPOCH_CHANGE: u8 = 5;
const HOLDS: u8 = 6;

/// Stands for a view that is not known since the start.
const UNKNOWN: u64 = u64::MAX;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// The bytes of new transactions, at least one, none of them empty or longer than a transaction may be.
    Transactions(Vec<&'a [u8]>),
    /// The epoch the sender is in, and the highest view of it that it has entered; no view while it does not know.
    Position {
        /// The epoch.
        epoch: u64,
        /// The view.
        view: Option<u64>,
    },
    /// A request for the archived block of this height, from this byte on.
    Wanted {
        /// Which block.
        height: u64,
        /// From where, bytes.
        offset: u32,
    },
    /// A part of an archived block.
    Part {
        /// Which block.
        height: u64,
        /// Bytes of the whole block.
        total: u32,
        /// Where the part begins, bytes.
        offset: u32,
        /// The part: at least one byte, and none behind the end.
        bytes: &'a [u8],
    },
    /// A request for the change with which this epoch ended.
    Ended {
        /// Which epoch.
        epoch: u64,
    },
    /// Canonical [`crate::EpochChange`]: at least one byte, and no more than one may have.
    EpochChange(&'a [u8]),
    /// What the sender has of the archive.
    Holds {
        /// The lowest height from which on it has every block.
        from: u64,
        /// Whether it keeps all that it has, for good.
        all: bool,
    },
}

/// Bytes that are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Nothing at all.
    #[error("an empty message")]
    Empty,
    /// A kind that this version does not know.
    #[error("a message of the unknown kind {kind}")]
    Kind {
        /// Its first byte.
        kind: u8,
    },
    /// Bytes missing or left over.
    #[error("a message of kind {kind} with bytes missing or left over")]
    Length {
        /// Its first byte.
        kind: u8,
    },
    /// A transaction of no bytes, or of too many.
    #[error("a transaction of {bytes} bytes where 1 to {} are allowed", limits::TRANSACTION_BYTES_MAX)]
    Transaction {
        /// Its length.
        bytes: u32,
    },
    /// More transactions than one message may carry.
    #[error("more than {} transactions in a message", limits::PEER_TRANSACTIONS_MAX)]
    Count,
    /// A part that ends behind the end of its block.
    #[error("a part that ends behind the end of its block")]
    Part,
}

impl<'a> Message<'a> {
    /// Reads exactly one message.
    ///
    /// # Errors
    /// See [`MessageError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, MessageError> {
        let (kind, rest) = bytes.split_first().ok_or(MessageError::Empty)?;
        let kind = *kind;
        let malformed = MessageError::Length { kind };
        match kind {
            TRANSACTIONS => transactions(rest).map(Self::Transactions),
            POSITION => {
                let (epoch, rest) = take_u64(rest).ok_or(malformed)?;
                let view = u64::from_le_bytes(rest.try_into().map_err(|_| malformed)?);
                Ok(Self::Position { epoch, view: (view != UNKNOWN).then_some(view) })
            }
            WANTED => {
                let (height, rest) = take_u64(rest).ok_or(malformed)?;
                let (offset, rest) = take_u32(rest).ok_or(malformed)?;
                if rest.is_empty() { Ok(Self::Wanted { height, offset }) } else { Err(malformed) }
            }
            PART => {
                let (height, rest) = take_u64(rest).ok_or(malformed)?;
                let (total, rest) = take_u32(rest).ok_or(malformed)?;
                let (offset, bytes) = take_u32(rest).filter(|(_, bytes)| !bytes.is_empty()).ok_or(malformed)?;
                let end = u32::try_from(bytes.len()).ok().and_then(|length| offset.checked_add(length));
                match end {
                    Some(end) if end <= total => Ok(Self::Part { height, total, offset, bytes }),
                    _ => Err(MessageError::Part),
                }
            }
            ENDED => {
                let epoch = u64::from_le_bytes(rest.try_into().map_err(|_| malformed)?);
                Ok(Self::Ended { epoch })
            }
            EPOCH_CHANGE if (1..=limits::EPOCH_CHANGE_BYTES_MAX).contains(&rest.len()) => Ok(Self::EpochChange(rest)),
            EPOCH_CHANGE => Err(malformed),
            HOLDS => {
                let (from, rest) = take_u64(rest).ok_or(malformed)?;
                match rest {
                    [0] => Ok(Self::Holds { from, all: false }),
                    [1] => Ok(Self::Holds { from, all: true }),
                    _ => Err(malformed),
                }
            }
            kind => Err(MessageError::Kind { kind }),
        }
    }

    /// The bytes of a message.
    pub fn encode(&self) -> Vec<u8> {
        let mut message = Vec::new();
        match self {
            Self::Transactions(transactions) => {
                transactions.iter().for_each(|transaction| push_transaction(&mut message, transaction));
            }
            Self::Position { epoch, view } => {
                message.push(POSITION);
                message.extend_from_slice(&epoch.to_le_bytes());
                message.extend_from_slice(&view.unwrap_or(UNKNOWN).to_le_bytes());
            }
            Self::Wanted { height, offset } => {
                message.push(WANTED);
                message.extend_from_slice(&height.to_le_bytes());
                message.extend_from_slice(&offset.to_le_bytes());
            }
            Self::Part { height, total, offset, bytes } => {
                message.reserve_exact(bytes.len().saturating_add(17));
                message.push(PART);
                message.extend_from_slice(&height.to_le_bytes());
                message.extend_from_slice(&total.to_le_bytes());
                message.extend_from_slice(&offset.to_le_bytes());
                message.extend_from_slice(bytes);
            }
            Self::Ended { epoch } => {
                message.push(ENDED);
                message.extend_from_slice(&epoch.to_le_bytes());
            }
            Self::EpochChange(bytes) => {
                message.push(EPOCH_CHANGE);
                message.extend_from_slice(bytes);
            }
            Self::Holds { from, all } => {
                message.push(HOLDS);
                message.extend_from_slice(&from.to_le_bytes());
                message.push(u8::from(*all));
            }
        }
        message
    }
}

/// Adds a transaction to a message of transactions; an empty buffer becomes one.
pub fn push_transaction(message: &mut Vec<u8>, transaction: &[u8]) {
    if message.is_empty() {
        message.push(TRANSACTIONS);
    }
    message.extend_from_slice(&u32::try_from(transaction.len()).unwrap_or(u32::MAX).to_le_bytes());
    message.extend_from_slice(transaction);
}

fn transactions(mut rest: &[u8]) -> Result<Vec<&[u8]>, MessageError> {
    let malformed = MessageError::Length { kind: TRANSACTIONS };
    let mut transactions = Vec::new();
    while !rest.is_empty() {
        let (bytes, after) = take_u32(rest).ok_or(malformed)?;
        let length = usize::try_from(bytes).ok().filter(|length| (1..=limits::TRANSACTION_BYTES_MAX).contains(length));
        let length = length.ok_or(MessageError::Transaction { bytes })?;
        let (transaction, after) = after.split_at_checked(length).ok_or(malformed)?;
        if transactions.len() >= limits::PEER_TRANSACTIONS_MAX {
            return Err(MessageError::Count);
        }
        transactions.push(transaction);
        rest = after;
    }
    if transactions.is_empty() { Err(malformed) } else { Ok(transactions) }
}

fn take_u32(bytes: &[u8]) -> Option<(u32, &[u8])> {
    bytes.split_first_chunk::<4>().map(|(number, rest)| (u32::from_le_bytes(*number), rest))
}

fn take_u64(bytes: &[u8]) -> Option<(u64, &[u8])> {
    bytes.split_first_chunk::<8>().map(|(number, rest)| (u64::from_le_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind comes back from its bytes, and neither a byte more nor one less is the same message.
    #[test]
    fn messages_are_exact() {
        let messages = [
            Message::Transactions(vec![b"one", b"another"]),
            Message::Position { epoch: 2, view: Some(300) },
            Message::Position { epoch: 0, view: None },
            Message::Ended { epoch: 7 },
            Message::Wanted { height: 7, offset: 786_432 },
            Message::Part { height: 7, total: 9, offset: 4, bytes: b"parts" },
            Message::Holds { from: 1, all: true },
            Message::Holds { from: 70_000, all: false },
        ];
        for message in messages {
            let bytes = message.encode();
            assert_eq!(Message::parse(&bytes).as_ref(), Ok(&message));
            let shorter = &bytes[..bytes.len() - 1];
            assert_ne!(Message::parse(shorter).as_ref(), Ok(&message));
            let longer = [&bytes[..], &[0]].concat();
            assert!(Message::parse(&longer).is_err(), "{message:?}");
        }
    }

    /// As many transactions as fit are a message; one more is none, so that a peer cannot have us keep a heap of crumbs.
    #[test]
    fn the_transactions_of_a_message_are_counted() {
        let full = Message::Transactions(vec![b"x"; limits::PEER_TRANSACTIONS_MAX]).encode();
        assert!(Message::parse(&full).is_ok());
        let mut crumbs = full;
        push_transaction(&mut crumbs, b"x");
        assert_eq!(Message::parse(&crumbs), Err(MessageError::Count));
    }

    /// Four gigabytes that are only claimed, parts beyond their block and kinds of a later version are refused by name.
    #[test]
    fn what_is_no_message_is_refused() {
        assert_eq!(Message::parse(&[]), Err(MessageError::Empty));
        assert_eq!(Message::parse(&[7, 0]), Err(MessageError::Kind { kind: 7 }));
        assert_eq!(Message::parse(&[0]), Err(MessageError::Length { kind: 0 }));
        assert_eq!(Message::parse(&[0, 255, 255, 255, 255]), Err(MessageError::Transaction { bytes: u32::MAX }));
        assert_eq!(Message::parse(&[0, 0, 0, 0, 0]), Err(MessageError::Transaction { bytes: 0 }));
        let empty = Message::EpochChange(&[]).encode();
        assert_eq!(Message::parse(&empty), Err(MessageError::Length { kind: 5 }));
        let behind = Message::Part { height: 1, total: 4, offset: u32::MAX, bytes: b"x" }.encode();
        assert_eq!(Message::parse(&behind), Err(MessageError::Part));
    }
}
