//! How far consensus is, as this node sees it and as its peers say.
//!
//! A validator that may have forgotten votes joins again only above what 2f+1 of its peers report (PROTOCOL 11). A peer
//! reports the highest view it has entered, and its first report after the start is the one that counts: what was forgotten
//! was voted before, and later reports run ahead of any finalization. Whoever voted in view `v` had seen a certificate of `v − 1`, signed by a
//! quorum; any 2f+1 peers include an honest one of that quorum, which had entered `v − 1`. So a finalization at a view
//! strictly above every report of 2f+1 peers lies at or above `v`, and votes above it contradict none of before.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::names::{Finalization, NodeKey};

/// How long a message of a peer counts as being heard.
const HEARD: Duration = Duration::from_secs(5);
/// The journal holds the votes of some sixty views at most: it is read back within this.
const JOURNAL_READ_WITHIN: Duration = Duration::from_secs(2);

/// Views of this node and its peers.
#[derive(Default)]
pub(crate) struct Views {
    current: AtomicU64,
    leader: Mutex<Option<NodeKey>>,
    peers: Mutex<HashMap<NodeKey, Report>>,
    latest: Mutex<Option<Finalization>>,
    /// When the present run began, by the steady clock.
    begun: Mutex<Duration>,
}

struct Report {
    /// The first view it reported since the start.
    view: Option<u64>,
    at: Duration,
}

impl Views {
    /// Consensus was seen in this view.
    pub(crate) fn seen(&self, view: u64) {
        self.current.fetch_max(view, Ordering::Relaxed);
    }

    /// The view to report to peers at this time of the steady clock: none before a finalization was seen since the start,
    /// nor in the first seconds, while what this node entered before comes back from its journal.
    pub(crate) fn report(&self, now: Duration) -> Option<u64> {
        let known = self.latest.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let begun = *self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        (known && now.saturating_sub(begun) >= JOURNAL_READ_WITHIN).then(|| self.current())
    }

    /// The highest view seen.
    pub(crate) fn current(&self) -> u64 {
        self.current.load(Ordering::Relaxed)
    }

    /// A block of this leader was proposed.
    pub(crate) fn led_by(&self, leader: NodeKey) {
        *self.leader.lock().unwrap_or_else(PoisonError::into_inner) = Some(leader);
    }

    /// Who proposed last.
    pub(crate) fn leader(&self) -> Option<NodeKey> {
        self.leader.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A peer was heard at this time of the steady clock, and may have said how far it is.
    pub(crate) fn heard(&self, peer: &NodeKey, view: Option<u64>, now: Duration) {
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        match peers.get_mut(peer) {
            Some(report) => {
                report.at = now;
                report.view = report.view.or(view);
            }
            None => {
                peers.insert(peer.clone(), Report { view, at: now });
            }
        }
    }

    /// How many peers were heard lately, as of this time of the steady clock.
    pub(crate) fn heard_lately(&self, now: Duration) -> usize {
        self.heard_of(now).len()
    }

    /// Which peers were heard lately, as of this time of the steady clock, in the order of their keys.
    #[expect(clippy::disallowed_methods, reason = "they are sorted")]
    pub(crate) fn heard_of(&self, now: Duration) -> Vec<NodeKey> {
        let peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = peers.iter().filter(|(_, report)| now.saturating_sub(report.at) < HEARD);
        let mut keys: Vec<NodeKey> = lately.map(|(key, _)| key.clone()).collect();
        keys.sort();
        keys
    }

    /// Forgets what peers said: a new run, which begins now by the steady clock, asks anew.
    pub(crate) fn begin(&self, now: Duration) {
        *self.begun.lock().unwrap_or_else(PoisonError::into_inner) = now;
        self.peers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A finalization was seen.
    pub(crate) fn finalized(&self, finalization: &Finalization) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let newer = |known: &Finalization| known.proposal.round < finalization.proposal.round;
        if latest.as_ref().is_none_or(newer) {
            *latest = Some(finalization.clone());
        }
    }

    /// The finalization above which this node may vote again: strictly above the reports of so many peers among
    /// `validators`, all of them given since the start.
    pub(crate) fn safe_floor(&self, needed: usize, validators: &[NodeKey]) -> Option<Finalization> {
        let peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        let reports: Vec<u64> = validators.iter().filter_map(|key| peers.get(key)?.view).collect();
        if reports.len() < needed {
            return None;
        }
        // The highest of all reports, not of the lowest 2f+1: a liar can delay the return, not make it unsafe.
        let highest = reports.into_iter().max()?;
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.clone().filter(|finalization| finalization.proposal.round.view().get() > highest)
    }
}
