//! What is accepted: blocks in order, each once, each final by a certificate that was checked here.
//!
//! | offered | answer | effect |
//! |---|---|---|
//! | the next block, certified | `Applied` | applied, with those that waited for it |
//! | the next block, not certified | `Waiting` | kept in memory until a certified descendant comes |
//! | a block that was applied | `Known` | none |
//! | another block at an applied height | [`OfferError::Conflict`] | none |
//! | a block too far ahead | [`OfferError::Gap`] | none |
//! | another block at a waiting height | as for the next | those that waited from there on are dropped |
//! | a block that does not follow | [`OfferError::Headers`] | those that wait are dropped: either side may be the false one |
//! | a block that ends an epoch, not certified | [`OfferError::Uncertified`] | none |
//! | a block with other contents than its header | [`OfferError::Block`] | none |
//! | votes that do not count | [`OfferError::Headers`] | none |
//!
//! After an error go on from the block after [`Projection::height`], from another validator if there is one.

use std::collections::VecDeque;
use std::sync::PoisonError;

use gongxin_types::{FinalizedBlock, Header, HeaderDigest, Height, codec};
use gongxin_verify::block::{self, BlockError};
use gongxin_verify::headers::{self, HeadersError};
use rusqlite::{Connection, TransactionBehavior};

use crate::{Projection, ProjectionError, apply, header, limits, validator_set};

/// What became of a block that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// It was applied, and everything up to it.
    Applied {
        /// Its height.
        height: Height,
    },
    /// It waits for the certificate of a descendant.
    Waiting {
        /// Its height.
        height: Height,
    },
    /// It was applied before.
    Known {
        /// Its height.
        height: Height,
    },
}

/// Why a block was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum OfferError {
    /// Blocks are missing in between.
    #[error("block {found} was offered where block {expected} is next")]
    Gap {
        /// The next height.
        expected: Height,
        /// The height offered.
        found: Height,
    },
    /// Another block stands at this height already.
    #[error(
        "another block than `{applied}` was offered at height {height}: `{offered}`; if it is certified too, the network has split"
    )]
    Conflict {
        /// The height.
        height: Height,
        /// The header that was applied.
        applied: HeaderDigest,
        /// The header that was offered.
        offered: HeaderDigest,
    },
    /// The block does not follow the one before, or its votes do not make it final.
    #[error("block {height} is not accepted")]
    Headers {
        /// Its height.
        height: Height,
        /// Why not.
        source: HeadersError,
    },
    /// Transactions or receipts are not those of the header.
    #[error("block {height} is not accepted")]
    Block {
        /// Its height.
        height: Height,
        /// Why not.
        source: BlockError,
    },
    /// A block that ends an epoch without votes of its own: no block of its epoch comes after it.
    #[error("block {height} ends an epoch, and has no certificate of its own")]
    Uncertified {
        /// Its height.
        height: Height,
    },
    /// Too much waits for a certificate.
    #[error("{blocks} blocks with {bytes} bytes wait for a certificate already")]
    TooManyWaiting {
        /// How many blocks wait.
        blocks: usize,
        /// How many bytes they have.
        bytes: usize,
    },
    /// It could not be stored.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
}

/// The one that writes, and what waits for it.
pub(crate) struct Writer {
    connection: Connection,
    tip: Header,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    block: FinalizedBlock,
    digest: HeaderDigest,
    bytes: usize,
}

impl Writer {
    pub(crate) fn new(connection: Connection, tip: Header) -> Self {
        Self { connection, tip, waiting: VecDeque::new() }
    }

    /// The header that a block at this height must follow, and how many of the waiting blocks are before it.
    fn parent_of(&self, height: Height) -> Option<(&Header, usize)> {
        let before = height.get().checked_sub(self.tip.height.next().get())?;
        let before = usize::try_from(before).ok()?;
        match before.checked_sub(1) {
            None => Some((&self.tip, 0)),
            Some(last) => self.waiting.get(last).map(|waiting| (&waiting.block.header, before)),
        }
    }

    fn next(&self) -> Height {
        let waiting = u64::try_from(self.waiting.len()).unwrap_or(u64::MAX);
        Height::new(self.tip.height.next().get().saturating_add(waiting))
    }
}

impl Projection {
    /// Takes a block, as the table above says.
    ///
    /// # Errors
    /// See [`OfferError`]; nothing was applied of the block then.
    pub fn offer(&self, offered: FinalizedBlock) -> Result<Offered, OfferError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let (height, digest) = (offered.header.height, offered.header.digest());
        if height <= writer.tip.height {
            return known(&writer.connection, height, digest);
        }
        let gap = OfferError::Gap { expected: writer.next(), found: height };
        let Some((parent, before)) = writer.parent_of(height) else {
            return Err(gap);
        };
        let waits = writer.waiting.get(before).is_some_and(|waiting| waiting.digest == digest);
        if waits && offered.certificate.is_none() {
            return Ok(Offered::Waiting { height });
        }
        let network = self.network();
        let links = headers::check_links(&[parent.clone(), offered.header.clone()], &network);
        if let Err(source) = links {
            if before > 0 {
                writer.waiting.clear();
            }
            return Err(OfferError::Headers { height, source });
        }
        block::check(&network, &offered).map_err(|source| OfferError::Block { height, source })?;
        match &offered.certificate {
            Some(certificate) => {
                headers::check_certified(std::slice::from_ref(&offered.header), certificate, &network)
                    .map_err(|source| OfferError::Headers { height, source })?;
                writer.waiting.truncate(before);
                let mut blocks: Vec<FinalizedBlock> = writer.waiting.drain(..).map(|waiting| waiting.block).collect();
                blocks.push(offered);
                blocks.iter().try_for_each(|block| self.apply(&mut writer, block))?;
                Ok(Offered::Applied { height })
            }
            None if offered.header.ends_epoch() => Err(OfferError::Uncertified { height }),
            None => {
                writer.waiting.truncate(before);
                wait(&mut writer, offered, digest)
            }
        }
    }

    /// Forgets the blocks that wait for a certificate: before following another validator.
    pub fn drop_waiting(&self) {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).waiting.clear();
    }

    /// Applies one block in one database transaction, and tells its height.
    fn apply(&self, writer: &mut Writer, block: &FinalizedBlock) -> Result<(), ProjectionError> {
        const ACTION: &str = "apply a block";
        let database = writer
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(ProjectionError::storage(ACTION))?;
        let network = self.network();
        apply::block(&database, network.suite, block)?;
        let next = validator_set::hand_over(&database, &network, block)?;
        database.commit().map_err(ProjectionError::storage(ACTION))?;
        if let Some(next) = next {
            self.trust(next);
        }
        writer.tip = block.header.clone();
        self.heights.send_replace(block.header.height);
        Ok(())
    }
}

fn known(database: &Connection, height: Height, offered: HeaderDigest) -> Result<Offered, OfferError> {
    match header::digest_at(database, height)? {
        Some(applied) if applied == offered => Ok(Offered::Known { height }),
        Some(applied) => Err(OfferError::Conflict { height, applied, offered }),
        None => Err(ProjectionError::Damaged { what: "header" }.into()),
    }
}

fn wait(writer: &mut Writer, block: FinalizedBlock, digest: HeaderDigest) -> Result<Offered, OfferError> {
    let height = block.header.height;
    let bytes = codec::encode(&block).len();
    let waiting: usize = writer.waiting.iter().map(|waiting| waiting.bytes).sum();
    let total = waiting.saturating_add(bytes);
    if writer.waiting.len() >= limits::WAITING_BLOCKS_MAX || total > limits::WAITING_BYTES_MAX {
        return Err(OfferError::TooManyWaiting { blocks: writer.waiting.len(), bytes: waiting });
    }
    writer.waiting.push_back(Waiting { block, digest, bytes });
    Ok(Offered::Waiting { height })
}
