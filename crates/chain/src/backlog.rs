//! What waits for admission, organization by organization: whoever throws thousands at a validator waits behind itself.
//!
//! Signatures cost more than anything before them, so they are checked in the order of turns, not of arrival: a reading that
//! comes behind a flood is admitted with the next batch. Whose a transaction is, is what it says: junk in somebody's name
//! stands before that one's own, and before nobody else's. Bounded by bytes and number, for all and for each; what does not fit is
//! given back, to be answered.

use std::collections::{BTreeMap, VecDeque};

use gongxin_types::OrganizationId;

use crate::limits;

/// Items in a queue for each organization, with their bytes.
pub(crate) struct Backlog<T> {
    queues: BTreeMap<OrganizationId, VecDeque<(usize, T)>>,
    /// Whose turn it is.
    turn: VecDeque<OrganizationId>,
    bytes: usize,
}

impl<T> Default for Backlog<T> {
    fn default() -> Self {
        Self { queues: BTreeMap::new(), turn: VecDeque::new(), bytes: 0 }
    }
}

impl<T> Backlog<T> {
    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.turn.is_empty()
    }

    /// Lets an item of so many bytes wait, or gives it back where there is no room.
    pub(crate) fn push(&mut self, organization: &OrganizationId, bytes: usize, item: T) -> Result<(), T> {
        let known = self.queues.get(organization).map_or(0, VecDeque::len);
        let after = self.bytes.saturating_add(bytes);
        if known >= limits::ADMISSION_QUEUE_MAX || after > limits::ADMISSION_BYTES_MAX {
            return Err(item);
        }
        if known == 0 {
            self.turn.push_back(organization.clone());
        }
        self.bytes = after;
        self.queues.entry(organization.clone()).or_default().push_back((bytes, item));
        Ok(())
    }

    /// At most so many, one of each organization in turn.
    pub(crate) fn take(&mut self, most: usize) -> Vec<T> {
        let mut taken = Vec::new();
        while taken.len() < most {
            let Some(organization) = self.turn.pop_front() else {
                break;
            };
            let Some(queue) = self.queues.get_mut(&organization) else {
                continue;
            };
            if let Some((bytes, item)) = queue.pop_front() {
                self.bytes = self.bytes.saturating_sub(bytes);
                taken.push(item);
            }
            if queue.is_empty() {
                self.queues.remove(&organization);
            } else {
                self.turn.push_back(organization);
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

    use super::*;

    fn named(name: &str) -> OrganizationId {
        name.parse().unwrap()
    }

    /// A reading that comes behind a flood is in the next batch; of the flood nothing is lost, and it keeps its order.
    #[test]
    fn nobody_waits_behind_the_flood_of_another() {
        let mut backlog = Backlog::default();
        (0..1_000).for_each(|number| backlog.push(&named("greedy"), 300, ("greedy", number)).unwrap());
        backlog.push(&named("housing"), 300, ("housing", 0)).unwrap();
        let first = backlog.take(8);
        assert!(first.contains(&("housing", 0)), "{first:?}");
        let rest = backlog.take(usize::MAX);
        let greedy: Vec<i32> = first.iter().chain(&rest).filter(|one| one.0 == "greedy").map(|one| one.1).collect();
        assert_eq!(greedy, (0..1_000).collect::<Vec<_>>());
        assert!(backlog.is_empty());
    }

    /// One that is full gives back what does not fit, and takes what others bring; bytes are bounded for all together.
    #[test]
    fn it_is_bounded() {
        let mut backlog = Backlog::default();
        (0..limits::ADMISSION_QUEUE_MAX).for_each(|number| backlog.push(&named("greedy"), 1, number).unwrap());
        assert_eq!(backlog.push(&named("greedy"), 1, 7), Err(7));
        backlog.push(&named("housing"), 1, 8).unwrap();
        assert_eq!(backlog.push(&named("housing"), limits::ADMISSION_BYTES_MAX, 9), Err(9));
        backlog.take(usize::MAX);
        backlog.push(&named("housing"), limits::ADMISSION_BYTES_MAX, 9).unwrap();
    }
}
