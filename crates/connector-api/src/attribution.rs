//! Attribution: which change of a database transaction a ticket belongs to.
//!
//! A ticket stands **before** its change in the transaction. A change takes the earliest waiting ticket that names its
//! resource, act and key; so a transaction of any length is attributed while it passes, in bounded memory.

use std::collections::{HashMap, VecDeque};

use gongxin_types::{ResourceId, codec};

use crate::limits::WAITING_TICKETS_MAX;
use crate::ticket::TicketAct;
use crate::{ChangeKind, Ticket};

/// The tickets of one database transaction that wait for their change.
#[derive(Debug, Default)]
pub struct Tickets {
    // Never iterated but at the end, where what is left is put in order.
    waiting: HashMap<Vec<u8>, VecDeque<(u32, Ticket)>>,
    count: usize,
    order: u32,
    broken: u32,
}

impl Tickets {
    /// A ticket came by, in these bytes. One that cannot be read, and one for which there is no room, is counted as broken: its
    /// change will be without a ticket.
    pub fn add(&mut self, bytes: &[u8]) {
        match Ticket::from_bytes(bytes) {
            Ok(ticket) if self.count < WAITING_TICKETS_MAX => {
                let body = &ticket.body;
                let name = name(&body.resource, body.act, &body.row_key);
                self.order = self.order.saturating_add(1);
                self.count = self.count.saturating_add(1);
                self.waiting.entry(name).or_default().push_back((self.order, ticket));
            }
            _ => self.broken = self.broken.saturating_add(1),
        }
    }

    /// The ticket of this change, which no other gets.
    pub fn take(&mut self, resource: &ResourceId, kind: &ChangeKind) -> Option<Ticket> {
        if self.count == 0 {
            return None;
        }
        let (act, key) = kind.act()?;
        let (_, ticket) = self.waiting.get_mut(&name(resource, act, key))?.pop_front()?;
        self.count = self.count.saturating_sub(1);
        Some(ticket)
    }

    /// Whether a ticket waits for its change.
    pub fn is_waiting(&self) -> bool {
        self.count > 0
    }

    /// The transaction is over: the tickets without a change, in their order, and how many were broken.
    pub fn finish(&mut self) -> (Vec<Ticket>, u32) {
        let mut left: Vec<(u32, Ticket)> = std::mem::take(&mut self.waiting).into_values().flatten().collect();
        left.sort_by_key(|(order, _)| *order);
        let broken = std::mem::take(&mut self.broken);
        *self = Self::default();
        (left.into_iter().map(|(_, ticket)| ticket).collect(), broken)
    }
}

fn name(resource: &ResourceId, act: TicketAct, key: &crate::Key) -> Vec<u8> {
    codec::encode(&(resource, act, key))
}
