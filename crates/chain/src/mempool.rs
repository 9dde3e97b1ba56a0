//! Transactions that wait for a block: bounded, fair between organizations, nothing lost silently.
//!
//! **Promise.** A transaction stays until it is final or can no longer become so; a proposal only borrows it, so one
//! whose proposal came to nothing is offered again without anyone's doing. What does not fit is refused with a word
//! (`Busy`), never dropped. No organization may fill more than its share while others could want the rest, and a
//! proposal takes from the organizations in turn (PROTOCOL 5).
//!
//! **Leaves to others.** Signatures were checked before ([`crate::admission`]); replay windows are `state`'s. Only two
//! bodies under one sequence are told apart here, because both could wait at once.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gongxin_crypto::PublicKey;
use gongxin_types::{OrganizationId, Time, Transaction, TransactionId};

use crate::limits;

/// A transaction with what was computed for it once.
#[derive(Debug)]
pub(crate) struct Checked {
    /// Its identifier.
    pub(crate) id: TransactionId,
    /// Its canonical bytes.
    pub(crate) bytes: Bytes,
    /// Itself.
    pub(crate) transaction: Transaction,
    /// Its weight, as blocks count it.
    pub(crate) weight: u64,
    /// When it came, by the steady clock.
    pub(crate) arrived: Duration,
    /// Whether this node was the first to accept it, and so answers for its spreading.
    pub(crate) origin: bool,
}

/// What may be used once: a key's sequence number in a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    key: PublicKey,
    lane: u16,
    sequence: u64,
}

impl Slot {
    /// The slot a transaction uses.
    pub(crate) fn of(transaction: &Transaction) -> Self {
        let body = &transaction.body;
        Self { key: body.sender.key, lane: body.lane, sequence: body.sequence }
    }
}

/// What came of an insertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inserted {
    /// It waits now.
    New,
    /// It was waiting already.
    Known,
    /// Another body waits under the same sequence.
    Conflict,
    /// No room for anyone.
    Full,
    /// No room for this organization, which has its share.
    OverShare,
}

/// How much waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Load {
    /// Transactions.
    pub(crate) transactions: usize,
    /// Their bytes.
    pub(crate) bytes: usize,
}

#[derive(Default)]
struct Queue {
    order: VecDeque<TransactionId>,
    load: Load,
}

/// The waiting transactions of one node.
pub(crate) struct Mempool {
    most: Load,
    load: Load,
    waiting: HashMap<TransactionId, Arc<Checked>>,
    slots: HashMap<Slot, TransactionId>,
    queues: HashMap<OrganizationId, Queue>,
    turn: VecDeque<OrganizationId>,
    swept: Time,
}

/// What a proposal may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// Transactions.
    pub(crate) transactions: usize,
    /// Bytes.
    pub(crate) bytes: usize,
    /// Weight.
    pub(crate) weight: u64,
    /// Weight of one organization, if it is bounded; each has at least one transaction.
    pub(crate) share: Option<u64>,
}

impl Mempool {
    /// An empty one with these bounds.
    pub(crate) fn new(transactions: usize, bytes: usize) -> Self {
        Self {
            most: Load { transactions, bytes },
            load: Load::default(),
            waiting: HashMap::new(),
            slots: HashMap::new(),
            queues: HashMap::new(),
            turn: VecDeque::new(),
            swept: Time::default(),
        }
    }

    /// How much waits.
    pub(crate) fn load(&self) -> Load {
        self.load
    }

    /// A waiting transaction.
    pub(crate) fn get(&self, id: &TransactionId) -> Option<&Arc<Checked>> {
        self.waiting.get(id)
    }

    /// What waits under a slot.
    pub(crate) fn holder(&self, slot: &Slot) -> Option<TransactionId> {
        self.slots.get(slot).copied()
    }

    /// Takes a checked transaction in.
    pub(crate) fn insert(&mut self, checked: Arc<Checked>) -> Inserted {
        if self.waiting.contains_key(&checked.id) {
            return Inserted::Known;
        }
        let slot = Slot::of(&checked.transaction);
        if self.slots.contains_key(&slot) {
            return Inserted::Conflict;
        }
        let organization = &checked.transaction.body.sender.organization;
        if !self.queues.contains_key(organization) {
            self.queues.insert(organization.clone(), Queue::default());
        }
        let Some(queue) = self.queues.get_mut(organization) else {
            return Inserted::Full;
        };
        if !fits(self.load, self.most, checked.bytes.len(), 1) {
            return Inserted::Full;
        }
        if !fits(queue.load, self.most, checked.bytes.len(), limits::MEMPOOL_ORGANIZATION_SHARE) {
            return Inserted::OverShare;
        }
        if queue.order.is_empty() && !self.turn.contains(organization) {
            self.turn.push_back(organization.clone());
        }
        queue.order.push_back(checked.id);
        add(&mut queue.load, checked.bytes.len());
        add(&mut self.load, checked.bytes.len());
        self.slots.insert(slot, checked.id);
        self.waiting.insert(checked.id, checked);
        Inserted::New
    }

    /// Offers what fits into a proposal at this time, organizations in turn; nothing is removed. `taken` is already in
    /// the blocks that the proposal builds on.
    pub(crate) fn offer(&mut self, room: Room, time: Time, taken: &HashSet<TransactionId>) -> Vec<Arc<Checked>> {
        let mut offered = Vec::new();
        let (mut bytes, mut weight) = (0_usize, 0_u64);
        let mut cursors: Vec<(OrganizationId, usize, u64)> =
            self.turn.iter().map(|name| (name.clone(), 0, 0)).collect();
        // The next proposal begins with another organization.
        self.turn.rotate_left(usize::from(self.turn.len() > 1));
        while !cursors.is_empty() && offered.len() < room.transactions {
            cursors.retain_mut(|(organization, cursor, own)| {
                if offered.len() >= room.transactions {
                    return true;
                }
                let Some(next) = self.next_of(organization, cursor, time, taken) else {
                    return false;
                };
                let larger = (bytes.saturating_add(next.bytes.len() + 4), weight.saturating_add(next.weight));
                if larger.0 > room.bytes || larger.1 > room.weight {
                    // What is too large for the rest of the block takes no other organization's turn.
                    return false;
                }
                let of_own = own.saturating_add(next.weight);
                if *own > 0 && room.share.is_some_and(|share| of_own > share) {
                    return false;
                }
                *own = of_own;
                (bytes, weight) = larger;
                offered.push(next);
                true
            });
        }
        offered
    }

    fn next_of(
        &self,
        organization: &OrganizationId,
        cursor: &mut usize,
        time: Time,
        taken: &HashSet<TransactionId>,
    ) -> Option<Arc<Checked>> {
        let queue = self.queues.get(organization)?;
        while let Some(id) = queue.order.get(*cursor) {
            *cursor = cursor.saturating_add(1);
            let Some(checked) = self.waiting.get(id) else {
                continue;
            };
            if checked.transaction.body.valid_until > time && !taken.contains(id) {
                return Some(Arc::clone(checked));
            }
        }
        None
    }

    /// The organizations of which something waits that is not in `taken`.
    pub(crate) fn waiting(&self, taken: &HashSet<TransactionId>) -> Vec<OrganizationId> {
        let waits = |id: &TransactionId| self.waiting.contains_key(id) && !taken.contains(id);
        let has_more = |name: &&OrganizationId| {
            self.queues.get(*name).is_some_and(|queue| {
                // Most of a flood waits for no block yet: that is seen without looking at each.
                queue.load.transactions > taken.len() || queue.order.iter().any(waits)
            })
        };
        self.turn.iter().filter(has_more).cloned().collect()
    }

    /// Removes transactions that became final or can no longer become so.
    pub(crate) fn remove<'a>(&mut self, ids: impl IntoIterator<Item = &'a TransactionId>) {
        for id in ids {
            let Some(checked) = self.waiting.remove(id) else {
                continue;
            };
            self.slots.remove(&Slot::of(&checked.transaction));
            subtract(&mut self.load, checked.bytes.len());
            if let Some(queue) = self.queues.get_mut(&checked.transaction.body.sender.organization) {
                subtract(&mut queue.load, checked.bytes.len());
            }
        }
        self.compact();
    }

    /// Removes what waits under slots that final transactions have used, these themselves included.
    pub(crate) fn settle<'a>(&mut self, transactions: impl IntoIterator<Item = &'a Transaction>) {
        let holders: Vec<TransactionId> =
            transactions.into_iter().filter_map(|transaction| self.holder(&Slot::of(transaction))).collect();
        self.remove(&holders);
    }

    /// Removes what is past its time, and says what that was; looks once a second of consensus time.
    #[expect(clippy::disallowed_methods, reason = "what comes out is put in order")]
    pub(crate) fn expire(&mut self, time: Time) -> Vec<TransactionId> {
        if time < self.swept.plus_millis(1_000) {
            return Vec::new();
        }
        self.swept = time;
        let past = |checked: &&Arc<Checked>| checked.transaction.body.valid_until <= time;
        let mut expired: Vec<TransactionId> = self.waiting.values().filter(past).map(|checked| checked.id).collect();
        expired.sort_unstable();
        self.remove(&expired);
        expired
    }

    /// What this node accepted first and what still waits after `patience`, the oldest first.
    #[expect(clippy::disallowed_methods, reason = "what comes out is put in order")]
    pub(crate) fn overdue(&self, now: Duration, patience: Duration, most: usize) -> Vec<Arc<Checked>> {
        let late = |checked: &&Arc<Checked>| checked.origin && now.saturating_sub(checked.arrived) >= patience;
        let mut overdue: Vec<Arc<Checked>> = self.waiting.values().filter(late).cloned().collect();
        overdue.sort_unstable_by_key(|checked| (checked.arrived, checked.id));
        overdue.truncate(most);
        overdue
    }

    /// Lets removed transactions go from the fronts of their queues.
    fn compact(&mut self) {
        for queue in self.queues.values_mut() {
            while queue.order.front().is_some_and(|id| !self.waiting.contains_key(id)) {
                queue.order.pop_front();
            }
            if queue.order.len() > queue.load.transactions.saturating_mul(2).saturating_add(1_024) {
                queue.order.retain(|id| self.waiting.contains_key(id));
            }
        }
        self.queues.retain(|_, queue| !queue.order.is_empty());
        self.turn.retain(|organization| self.queues.contains_key(organization));
    }
}

fn fits(load: Load, most: Load, bytes: usize, share: usize) -> bool {
    load.transactions < most.transactions / share && load.bytes.saturating_add(bytes) <= most.bytes / share
}

fn add(load: &mut Load, bytes: usize) {
    load.transactions = load.transactions.saturating_add(1);
    load.bytes = load.bytes.saturating_add(bytes);
}

fn subtract(load: &mut Load, bytes: usize) {
    load.transactions = load.transactions.saturating_sub(1);
    load.bytes = load.bytes.saturating_sub(bytes);
}
