//! From which height on peers hold the archive, as they say, and which of them keep all of it on purpose.
//!
//! Nobody drops a block because others happen to have it now: they might drop it in the same moment. What counts is who is
//! set to keep everything, and does. One more than may lie or fail must say so (f+1 of the validators).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use commonware_utils::ordered::Set;

use crate::names::NodeKey;

/// How long what a peer says counts: it says it every second.
const FRESH: Duration = Duration::from_secs(60);

/// What peers said last.
#[derive(Default)]
pub(crate) struct Holdings(Mutex<HashMap<NodeKey, Held>>);

#[derive(Clone, Copy)]
struct Held {
    from: u64,
    all: bool,
    at: Duration,
}

impl Holdings {
    /// A peer said at this time of the steady clock from where on it holds blocks, and whether it keeps all for good.
    pub(crate) fn told(&self, peer: NodeKey, from: u64, all: bool, now: Duration) {
        self.held().insert(peer, Held { from, all, at: now });
    }

    /// How many of these nodes, but for one, hold every block and keep it, as of this time of the steady clock.
    pub(crate) fn full(&self, nodes: &Set<NodeKey>, but: &NodeKey, now: Duration) -> usize {
        let held = self.held();
        let keeps = |key: &&NodeKey| {
            let said = held.get(*key).filter(|said| now.saturating_sub(said.at) < FRESH);
            said.is_some_and(|said| said.all && said.from <= 1)
        };
        nodes.iter().filter(|key| *key != but).filter(keeps).count()
    }

    /// Whether a peer may have a block: it has not said otherwise.
    pub(crate) fn may_have(&self, peer: &NodeKey, height: u64) -> bool {
        self.held().get(peer).is_none_or(|said| said.from <= height)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<NodeKey, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
