//! Replay windows: a sequence number counts once per key and lane (PROTOCOL 1, RFC 4303 §3.4.3).
//!
//! The window holds the highest number used and which of the 512 below and with it were used. Any order inside is fine,
//! so that parallel senders of one key never block each other; what lies below the window is too old.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::PublicKey;
use gongxin_types::receipt::{Key, Page};
use gongxin_types::{limits::REPLAY_WINDOW_BITS, transaction::Body};

use crate::{key, page};

const WORDS: usize = 8;

/// Whether a sequence number may still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It was not used yet.
    Fresh,
    /// It was used.
    Used,
    /// It lies below the window.
    TooOld,
}

/// The window of one key and lane. Bit `n` of the words, lowest first, stands for the number `highest − n`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ReplayWindow {
    highest: u64,
    used: [u64; WORDS],
}

impl ReplayWindow {
    /// The window after the first number of all.
    pub fn first(sequence: u64) -> Self {
        let mut used = [0; WORDS];
        used[0] = 1;
        Self { highest: sequence, used }
    }

    /// Reads a window from its page.
    pub fn decode(page: &Page) -> Option<Self> {
        page::decode_slot(page)
    }

    /// Whether this number may still be used.
    pub fn check(&self, sequence: u64) -> Freshness {
        match self.highest.checked_sub(sequence) {
            None => Freshness::Fresh,
            Some(age) if age >= REPLAY_WINDOW_BITS => Freshness::TooOld,
            Some(age) if self.bit(age) => Freshness::Used,
            Some(_) => Freshness::Fresh,
        }
    }

    /// Marks a fresh number as used.
    pub fn mark(&mut self, sequence: u64) {
        match self.highest.checked_sub(sequence) {
            Some(age) => self.set(age),
            None => {
                self.shift(sequence.saturating_sub(self.highest));
                self.highest = sequence;
                self.set(0);
            }
        }
    }

    fn bit(&self, age: u64) -> bool {
        self.used.get(word(age)).is_some_and(|bits| bits >> (age % 64) & 1 == 1)
    }

    fn set(&mut self, age: u64) {
        if let Some(bits) = self.used.get_mut(word(age)) {
            *bits |= 1 << (age % 64);
        }
    }

    /// Moves every mark `by` places towards the old end.
    fn shift(&mut self, by: u64) {
        let (words, bits) = (word(by), by % 64);
        let old = self.used;
        for (place, target) in self.used.iter_mut().enumerate() {
            let from = |back: usize| place.checked_sub(back).and_then(|source| old.get(source)).copied().unwrap_or(0);
            let low = from(words) << bits;
            let carried = if bits == 0 { 0 } else { from(words.saturating_add(1)) >> (64 - bits) };
            *target = low | carried;
        }
    }
}

/// Which word holds the mark of this age; far beyond the last for ages beyond the window.
fn word(age: u64) -> usize {
    usize::try_from(age / 64).unwrap_or(usize::MAX)
}

/// Where the window of a transaction's key and lane stands.
pub fn replay_key(body: &Body) -> Key {
    key_of(&body.sender.key, body.lane)
}

pub(crate) fn key_of(sender: &PublicKey, lane: u16) -> Key {
    key::of(key::Kind::Replay, &(sender, lane), 0)
}

/// Whether a number may still be used, by the window's page or its absence.
pub fn freshness(page: Option<&Page>, sequence: u64) -> Freshness {
    page.and_then(ReplayWindow::decode).map_or(Freshness::Fresh, |window| window.check(sequence))
}
