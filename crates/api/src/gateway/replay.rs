//! Remember the nonces of the last two minutes: a signed call passes once.
//!
//! Only calls whose signature stands are remembered, so only officers can fill the memory, each a share of it. After a
//! restart the memory is empty: a call of the last minute would pass again, and does no harm, because acts and readings
//! carry their own identifiers and happen once.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::{Mutex, PoisonError},
};

use gongxin_types::{OfficerId, Time};
use http::StatusCode;

use crate::{error::ApiError, limits};

/// A call made a minute before the gateway's time may come again until a minute after it; and one second for rounding.
const REMEMBERED_MS: u64 = 2 * limits::CREATED_SKEW_MS + 1_000;

type Seen = (OfficerId, Box<str>);

#[derive(Default)]
pub(super) struct ReplayCache(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    seen: HashSet<Seen>,
    /// In the order of arrival, with the time when it may be forgotten.
    order: VecDeque<(Time, Seen)>,
    of_officer: BTreeMap<OfficerId, usize>,
}

impl ReplayCache {
    /// Remembers a nonce.
    ///
    /// # Errors
    /// 401 when it was seen before; 503 when too many are remembered already.
    pub(super) fn remember(&self, now: Time, officer: OfficerId, nonce: &str) -> Result<(), ApiError> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.forget(now);
        let seen = (officer, Box::from(nonce));
        if memory.seen.contains(&seen) {
            let message = "this call was made before: sign it anew with another `nonce`";
            return Err(ApiError::new(StatusCode::UNAUTHORIZED, "signature-replayed", message));
        }
        let own = memory.of_officer.get(&officer).copied().unwrap_or(0);
        if own >= limits::NONCES_PER_OFFICER_MAX || memory.seen.len() >= limits::NONCES_MAX {
            return Err(ApiError::later("busy", "too many calls within two minutes: try again later", 10_000));
        }
        memory.of_officer.insert(officer, own.saturating_add(1));
        memory.order.push_back((now.plus_millis(REMEMBERED_MS), seen.clone()));
        memory.seen.insert(seen);
        Ok(())
    }
}

impl Memory {
    fn forget(&mut self, now: Time) {
        while self.order.front().is_some_and(|(until, _)| *until < now) {
            let Some((_, seen)) = self.order.pop_front() else {
                return;
            };
            let left = self.of_officer.get(&seen.0).map_or(0, |count| count.saturating_sub(1));
            if left == 0 {
                self.of_officer.remove(&seen.0);
            } else {
                self.of_officer.insert(seen.0, left);
            }
            self.seen.remove(&seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_millis(1_000_000);

    /// A nonce passes once, is another officer's own, and is forgotten when no signature with it can be fresh any more.
    #[test]
    fn a_nonce_passes_once() {
        let cache = ReplayCache::default();
        let (one, two) = (OfficerId::new([1; 16]), OfficerId::new([2; 16]));
        cache.remember(NOW, one, "a").unwrap();
        cache.remember(NOW, one, "a").unwrap_err();
        cache.remember(NOW, two, "a").unwrap();
        cache.remember(NOW.plus_millis(REMEMBERED_MS), one, "a").unwrap_err();
        cache.remember(NOW.plus_millis(REMEMBERED_MS + 1), one, "a").unwrap();
        assert_eq!(cache.0.lock().unwrap().seen.len(), 1);
    }

    /// One officer cannot use up the memory of all.
    #[test]
    fn an_officer_has_a_share() {
        let cache = ReplayCache::default();
        let (greedy, modest) = (OfficerId::new([1; 16]), OfficerId::new([2; 16]));
        for number in 0..limits::NONCES_PER_OFFICER_MAX {
            cache.remember(NOW, greedy, &number.to_string()).unwrap();
        }
        cache.remember(NOW, greedy, "one more").unwrap_err();
        cache.remember(NOW, modest, "one more").unwrap();
    }
}
