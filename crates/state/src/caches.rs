//! Caches: parameters, policy sets and calendars, decoded once and named by their digests.
//!
//! A small head in the state says which set is in force; it is read in every block. What stands behind a digest never
//! changes, so that a hit and a miss lead to the same result; only the time differs.

use std::sync::{Arc, Mutex, PoisonError};

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, Suite};
use gongxin_types::{Calendar, Parameters, PolicySet, codec};

use crate::admission::BlockContext;
use crate::calendar::{CalendarHead, Today};
use crate::key::{Kind, of};
use crate::limits::CACHED_SETS_MAX;
use crate::policy::Rules;
use crate::stop::Halt;
use crate::view::View;

/// Decoded parameters and policies. Shared by all blocks a node executes.
#[derive(Debug, Default)]
pub struct Caches {
    parameters: Shelf<Parameters>,
    rules: Shelf<Rules>,
    calendar: Shelf<Calendar>,
}

/// What the state says is in force: the bytes stand in pages under the digest.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Head {
    pub(crate) revision: u32,
    pub(crate) digest: Digest,
    pub(crate) length: u32,
}

impl Caches {
    /// The parameters in force.
    pub(crate) fn parameters(&self, view: &mut View) -> Result<Arc<Parameters>, Halt> {
        let head = Head::of(view, Kind::Parameters)?;
        self.parameters.get(&head, view, |bytes| codec::decode("parameters", bytes).ok())
    }

    /// The calendar in force, and what the block's time is by it.
    pub(crate) fn today(&self, block: &BlockContext, view: &mut View) -> Result<Today, Halt> {
        let head = CalendarHead::of(view)?;
        let calendar = self.calendar.get(&head.set, view, |bytes| codec::decode("calendar", bytes).ok())?;
        Ok(Today::new(block, &head.clock, &calendar))
    }

    /// The policies in force.
    pub(crate) fn rules(&self, view: &mut View) -> Result<Arc<Rules>, Halt> {
        let head = Head::of(view, Kind::PolicySet)?;
        self.rules.get(&head, view, |bytes| {
            let set: PolicySet = codec::decode("policy set", bytes).ok()?;
            Rules::new(&set).ok()
        })
    }
}

impl Head {
    /// The head of what these bytes say.
    pub(crate) fn new(revision: u32, digest: Digest, bytes: &[u8]) -> Self {
        Self { revision, digest, length: u32::try_from(bytes.len()).unwrap_or(u32::MAX) }
    }

    /// What is in force.
    pub(crate) fn of(view: &mut View, kind: Kind) -> Result<Self, Halt> {
        view.slot(&of(kind, &(), 0))?.ok_or(Halt::Corrupt("head of parameters or policies"))
    }
}

/// What parameters are named by.
pub(crate) fn parameters_digest(suite: Suite, parameters: &Parameters) -> Digest {
    codec::digest(suite, "gongxin-parameters-1", parameters)
}

#[derive(Debug)]
struct Shelf<T>(Mutex<Vec<(Digest, Arc<T>)>>);

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<T> Shelf<T> {
    fn get(&self, head: &Head, view: &mut View, decode: impl FnOnce(&[u8]) -> Option<T>) -> Result<Arc<T>, Halt> {
        let known = {
            let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.iter().find(|(digest, _)| *digest == head.digest).map(|(_, set)| Arc::clone(set))
        };
        if let Some(set) = known {
            return Ok(set);
        }
        let bytes = view.blob(&head.digest, head.length)?;
        let set = Arc::new(decode(&bytes).ok_or(Halt::Corrupt("parameters, policies or calendar"))?);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push((head.digest, Arc::clone(&set)));
        if kept.len() > CACHED_SETS_MAX {
            kept.remove(0);
        }
        Ok(set)
    }
}
