//! Decision cache: the same question is answered once.
//!
//! An answer is kept by the policy set's digest and by everything that a rule without context can see, and only for
//! acts whose policies read no context; so a hit is what [`CompiledSet::decide`] would say, which a property test
//! holds. Two generations bound it: when the young one is half the limit, it becomes the old one, and the old one is
//! forgotten; what is asked again moves back to the young.

use std::{
    cell::RefCell,
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{
    compiled::{CompiledSet, Verdict},
    limits,
    request::Request,
};

type Generation = HashMap<Box<[u8]>, Arc<Verdict>>;

#[derive(Default)]
struct Generations {
    young: Generation,
    old: Generation,
}

/// Answers of one process, shared between threads and policy sets.
pub struct DecisionCache {
    generations: RwLock<Generations>,
    generation_max: usize,
}

impl Default for DecisionCache {
    fn default() -> Self {
        Self::new(limits::CACHED_DECISIONS_MAX)
    }
}

impl fmt::Debug for DecisionCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DecisionCache({} decisions)", self.len())
    }
}

thread_local! {
    /// The key of the question at hand; kept so that a hit allocates nothing.
    static KEY: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl DecisionCache {
    /// A cache of at most so many decisions; 0 keeps none.
    pub fn new(decisions_max: usize) -> Self {
        Self { generations: RwLock::default(), generation_max: decisions_max.div_euclid(2) }
    }

    /// What `set.decide(request)` says, from memory where possible.
    pub fn decide(&self, set: &CompiledSet, request: &Request) -> Arc<Verdict> {
        if self.generation_max == 0 || set.reads_context(request.action) {
            return Arc::new(set.decide(request));
        }
        KEY.with_borrow_mut(|key| {
            key.clear();
            key.extend_from_slice(set.fingerprint().as_bytes());
            request.visible_bytes(key);
            self.young(key).unwrap_or_else(|| self.remember(key, || Arc::new(set.decide(request))))
        })
    }

    /// How many decisions it holds.
    pub fn len(&self) -> usize {
        let generations = self.generations.read().unwrap_or_else(PoisonError::into_inner);
        generations.young.len().saturating_add(generations.old.len())
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn young(&self, key: &[u8]) -> Option<Arc<Verdict>> {
        self.generations.read().unwrap_or_else(PoisonError::into_inner).young.get(key).cloned()
    }

    /// From the old generation or by asking; into the young one. No lock is held while the rules are asked.
    fn remember(&self, key: &[u8], ask: impl FnOnce() -> Arc<Verdict>) -> Arc<Verdict> {
        let known = self.generations.write().unwrap_or_else(PoisonError::into_inner).old.remove(key);
        let verdict = known.unwrap_or_else(ask);
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        if generations.young.len() >= self.generation_max {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key.into(), Arc::clone(&verdict));
        verdict
    }
}
