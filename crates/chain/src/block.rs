//! A block as consensus carries it: header, and the transactions the header commits to.
//!
//! **Promise.** A decoded block is whole: its header is canonical, has the engine's context and state ranges in order,
//! and its `transactions_root` is that of the transactions beside it. So the digest of the header alone stands for all
//! of it, and two decoded blocks of one digest are equal. Whether it may follow its parent is [`crate::application`]'s.
//!
//! **Form.** That of [`gongxin_types::proposal`]. The bytes are kept: a block is encoded once, by its proposer.

use std::fmt;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use commonware_codec::{Buf, EncodeSize, Error as CodecError, Read, Write};
use commonware_consensus::types::Height as EngineHeight;
use commonware_consensus::{Block as ConsensusBlock, BoundedBlock, CertifiableBlock, Heightable};
use commonware_cryptography::Digestible;
use gongxin_crypto::Suite;
use gongxin_types::{
    Header, Height, Transaction, TransactionId, limits as ledger_limits,
    proposed_block::{self, FRAME_BYTES, ProposedBlock},
};

use crate::ledger;
use crate::limits;
use crate::names::{Commitment, NodeKey, VoteContext};

/// What a decoder must know.
#[derive(Clone, Debug)]
pub(crate) struct BlockConfig {
    /// The network's suite.
    pub(crate) suite: Suite,
    /// Stands as leader in the genesis context, which nobody proposed.
    pub(crate) genesis_leader: NodeKey,
}

/// A block; cheap to clone.
#[derive(Clone)]
pub(crate) struct Block(Arc<Whole>);

struct Whole {
    header: Header,
    digest: Commitment,
    context: VoteContext,
    bytes: Bytes,
    body: usize,
    transactions: Arc<Vec<Transaction>>,
    ids: Vec<TransactionId>,
}

/// The transactions of a block under construction, with what is known of them already.
#[derive(Clone, Default)]
pub(crate) struct Body {
    /// The transactions.
    pub(crate) transactions: Arc<Vec<Transaction>>,
    /// Their identifiers, in the same order.
    pub(crate) ids: Vec<TransactionId>,
    /// Their canonical bytes, in the same order.
    pub(crate) encoded: Vec<Bytes>,
}

impl Block {
    /// A block from its parts. `header` must commit to `body`.
    pub(crate) fn new(header: Header, context: VoteContext, body: Body) -> Self {
        let bytes = Bytes::from(proposed_block::encode(&header, &body.encoded));
        let length: usize = body.encoded.iter().map(|bytes| bytes.len().saturating_add(4)).sum();
        let digest = ledger::commitment(header.digest());
        let (transactions, ids) = (body.transactions, body.ids);
        Self(Arc::new(Whole { header, digest, context, bytes, body: length, transactions, ids }))
    }

    /// The header.
    pub(crate) fn header(&self) -> &Header {
        &self.0.header
    }

    /// The consensus view that proposed it.
    pub(crate) fn view(&self) -> u64 {
        self.0.context.round.view().get()
    }

    /// The epoch it was proposed in.
    pub(crate) fn epoch(&self) -> u64 {
        self.0.context.round.epoch().get()
    }

    /// Its height as the ledger counts.
    pub(crate) fn number(&self) -> Height {
        self.0.header.height
    }

    /// The transactions, in order.
    pub(crate) fn transactions(&self) -> &Arc<Vec<Transaction>> {
        &self.0.transactions
    }

    /// Their identifiers, in the same order.
    pub(crate) fn ids(&self) -> &[TransactionId] {
        &self.0.ids
    }

    /// Bytes of the transactions and their lengths, as the block limit counts them.
    pub(crate) fn transactions_bytes(&self) -> usize {
        self.0.body
    }

    fn parse(bytes: Bytes, config: &BlockConfig) -> Option<Self> {
        let proposed = ProposedBlock::parse(&bytes, config.suite, limits::BLOCK_TRANSACTIONS_MAX).ok()?;
        let ProposedBlock { header, transactions, ids, body_bytes: body } = proposed;
        let context = ledger::vote_context(&header, &config.genesis_leader)?;
        if !state_in_order(&header) {
            return None;
        }
        let digest = ledger::commitment(header.digest());
        Some(Self(Arc::new(Whole { header, digest, context, bytes, body, transactions: Arc::new(transactions), ids })))
    }
}

/// Whether the header names the engine's databases with non-empty ranges; genesis names none.
fn state_in_order(header: &Header) -> bool {
    if header.height == Height::GENESIS {
        return header.state.is_empty();
    }
    header.state.len() == limits::DATABASES && header.state.iter().all(|root| root.start < root.end)
}

impl fmt::Debug for Block {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Block({} {})", self.0.header.height, ledger::header_digest(&self.0.digest))
    }
}

impl Write for Block {
    fn write(&self, buffer: &mut impl BufMut) {
        buffer.put_slice(&self.0.bytes);
    }
}

impl EncodeSize for Block {
    fn encode_size(&self) -> usize {
        self.0.bytes.len()
    }
}

impl Read for Block {
    type Cfg = BlockConfig;

    fn read_cfg(buffer: &mut impl Buf, config: &BlockConfig) -> Result<Self, CodecError> {
        const NAME: &str = "Block";
        if buffer.remaining() < 4 {
            return Err(CodecError::EndOfBuffer);
        }
        let mut prefix = [0; 4];
        buffer.copy_to_slice(&mut prefix);
        let rest = usize::try_from(u32::from_le_bytes(prefix)).unwrap_or(usize::MAX);
        if rest > Self::max_encode_size(config) {
            return Err(CodecError::Invalid(NAME, "larger than any block"));
        }
        let body: Bytes = buffer.try_take_owned(rest).map_err(|_| CodecError::EndOfBuffer)?;
        let mut bytes = BytesMut::with_capacity(rest.saturating_add(4));
        bytes.put_slice(&prefix);
        bytes.put_slice(&body);
        Self::parse(bytes.freeze(), config).ok_or(CodecError::Invalid(NAME, "not a whole block"))
    }
}

impl Digestible for Block {
    type Digest = Commitment;

    fn digest(&self) -> Commitment {
        self.0.digest
    }
}

impl Heightable for Block {
    fn height(&self) -> EngineHeight {
        EngineHeight::new(self.0.header.height.get())
    }
}

impl ConsensusBlock for Block {
    fn parent(&self) -> Commitment {
        ledger::commitment(self.0.header.parent)
    }
}

impl CertifiableBlock for Block {
    type Context = VoteContext;

    fn context(&self) -> VoteContext {
        self.0.context.clone()
    }
}

impl BoundedBlock for Block {
    fn max_encode_size(_: &BlockConfig) -> usize {
        ledger_limits::BLOCK_BYTES_MAX
            + ledger_limits::HEADER_BYTES_MAX
            + FRAME_BYTES
            + 4 * limits::BLOCK_TRANSACTIONS_MAX
    }
}
