//! The newest final blocks in memory, and followers that read on from any height.
//!
//! A follower pulls: it holds a place, not a queue, so a slow one costs nothing and misses nothing; what has left memory
//! comes from the archive. What waits for it is bounded by what it asks for next.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use gongxin_types::{FinalizedBlock, Height, codec};

use crate::limits;

/// A final block as archived, decoded when first asked for.
pub(crate) struct Final {
    pub(crate) height: Height,
    pub(crate) bytes: Bytes,
    decoded: OnceLock<Option<Arc<FinalizedBlock>>>,
}

impl Final {
    /// A final block from its archived bytes.
    pub(crate) fn new(height: Height, bytes: Bytes) -> Self {
        Self { height, bytes, decoded: OnceLock::new() }
    }

    /// The block itself; nothing if the bytes are damaged.
    pub(crate) fn block(&self) -> Option<Arc<FinalizedBlock>> {
        self.decoded.get_or_init(|| codec::decode("finalized block", &self.bytes).ok().map(Arc::new)).clone()
    }
}

/// The newest final blocks.
#[derive(Default)]
pub(crate) struct Feed(Mutex<Ring>);

#[derive(Default)]
struct Ring {
    blocks: VecDeque<Arc<Final>>,
    bytes: usize,
}

impl Feed {
    /// Adds the newest block.
    pub(crate) fn push(&self, block: Final) {
        let mut ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ring.blocks.back().is_some_and(|last| last.height.next() != block.height) {
            *ring = Ring::default();
        }
        ring.bytes = ring.bytes.saturating_add(block.bytes.len());
        ring.blocks.push_back(Arc::new(block));
        while ring.blocks.len() > limits::FEED_BLOCKS_MAX
            || (ring.bytes > limits::FEED_BYTES_MAX && ring.blocks.len() > 1)
        {
            let Some(oldest) = ring.blocks.pop_front() else {
                break;
            };
            ring.bytes = ring.bytes.saturating_sub(oldest.bytes.len());
        }
    }

    /// A block that is still in memory.
    pub(crate) fn get(&self, height: Height) -> Option<Arc<Final>> {
        let ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = ring.blocks.front()?.height.get();
        let place = usize::try_from(height.get().checked_sub(first)?).ok()?;
        ring.blocks.get(place).cloned()
    }
}
