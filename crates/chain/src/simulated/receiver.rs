//! Receives messages of a simulated network, some of them twice.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use commonware_p2p::{Message, simulated};
use commonware_runtime::deterministic;
use rand_core::Rng as _;

use super::votes::Votes;
use crate::names::NodeKey;

/// The receiving end of a channel, where messages may arrive twice.
pub(crate) struct Receiver {
    pub(super) inner: simulated::Receiver<NodeKey>,
    pub(super) runtime: deterministic::Context,
    /// So many percent of the messages arrive twice.
    pub(super) repeats: Arc<AtomicU8>,
    /// Those that will arrive again.
    pub(super) again: VecDeque<Message<NodeKey>>,
    /// Whose receiver it is, and where votes are shown that arrive on this channel.
    pub(super) votes: Option<(NodeKey, Votes)>,
}

impl fmt::Debug for Receiver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(formatter)
    }
}

impl commonware_p2p::Receiver for Receiver {
    type Error = simulated::Error;
    type PublicKey = NodeKey;

    async fn recv(&mut self) -> Result<Message<NodeKey>, Self::Error> {
        if !self.again.is_empty()
            && self.runtime.next_u32().is_multiple_of(4)
            && let Some(message) = self.again.pop_front()
        {
            return Ok(message);
        }
        let message = self.inner.recv().await?;
        if let Some((me, votes)) = &self.votes {
            votes.hear(me, &message.0, message.1.clone());
        }
        if self.runtime.next_u32() % 100 < u32::from(self.repeats.load(Ordering::Relaxed)) {
            self.again.push_back(message.clone());
        }
        Ok(message)
    }

    fn capacity(&self) -> NonZeroUsize {
        self.inner.capacity()
    }
}
