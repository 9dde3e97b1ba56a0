//! How far consensus is, as this node sees it and as its peers say.
//!
//! A validator that may have forgotten votes joins again only above what 2f+1 of its peers report (PROTOCOL 11). A peer
//! reports the highest view it has entered, and its first report after the start is the one that counts: what was forgotten
//! was voted before, and later reports run ahead of any finalization. Whoever voted in view `v` had seen a certificate of `v − 1`, signed by a
//! quorum; any 2f+1 peers include an honest one of that quorum, which had entered `v − 1`. So a finalization at a view
//! strictly above every report of 2f+1 peers lies at or above `v`, and votes above it contradict none of before.
//!
//! Views are counted anew in every epoch, so positions are compared by epoch, then view; peers are the validators of the
//! finalization's epoch. That nothing forgotten lies in a *later* epoch is shown by the finalization being of another block
//! than the epoch's last: who voted later had seen that one final, at a view that a quorum had entered, and above it the
//! old epoch makes no other block final.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use commonware_consensus::types::Round;
use commonware_utils::ordered::Set;

use crate::limits;
use crate::names::{Commitment, Finalization, NodeKey};

/// How long a message of a peer counts as being heard.
const HEARD: Duration = Duration::from_secs(5);
/// The journal holds the votes of some sixty views at most: it is read back within this.
const JOURNAL_READ_WITHIN: Duration = Duration::from_secs(2);

/// Finalizations that are remembered until their blocks are final here.
const FINALIZATIONS: usize = 64;

/// A view of an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) epoch: u64,
    pub(crate) view: u64,
}

impl Position {
    pub(crate) const fn new(epoch: u64, view: u64) -> Self {
        Self { epoch, view }
    }

    pub(crate) fn of(round: Round) -> Self {
        Self::new(round.epoch().get(), round.view().get())
    }

    /// The view after it.
    pub(crate) const fn next(self) -> Self {
        Self { view: self.view.saturating_add(1), ..self }
    }
}

/// Views of this node and its peers.
#[derive(Default)]
pub(crate) struct Views {
    current: Mutex<Position>,
    leader: Mutex<Option<NodeKey>>,
    peers: Mutex<HashMap<NodeKey, Report>>,
    /// The newest finalizations, oldest first.
    finalizations: Mutex<VecDeque<Finalization>>,
    /// When the present run began, by the steady clock.
    begun: Mutex<Duration>,
}

struct Report {
    /// The first position it reported since the start.
    position: Option<Position>,
    at: Duration,
}

impl Views {
    /// Consensus was seen here.
    pub(crate) fn seen(&self, position: Position) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        *current = position.max(*current);
    }

    /// Whether a view of this epoch lies so far above all that was seen here that this node cannot have voted in it.
    pub(crate) fn is_far_ahead(&self, position: Position) -> bool {
        let current = self.current();
        position.epoch == current.epoch && position.view > current.view.saturating_add(limits::VIEWS_AHEAD_MAX)
    }

    /// The position to report to peers at this time of the steady clock: none before a finalization was seen since the
    /// start, nor in the first seconds, while what this node entered before comes back from its journal.
    pub(crate) fn report(&self, now: Duration) -> Option<Position> {
        let known = !self.finalizations.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        let begun = *self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        (known && now.saturating_sub(begun) >= JOURNAL_READ_WITHIN).then(|| self.current())
    }

    /// The highest position seen.
    pub(crate) fn current(&self) -> Position {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner)
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
    pub(crate) fn heard(&self, peer: &NodeKey, position: Option<Position>, now: Duration) {
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        match peers.get_mut(peer) {
            Some(report) => {
                report.at = now;
                report.position = report.position.or(position);
            }
            None => {
                peers.insert(peer.clone(), Report { position, at: now });
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

    /// How long nothing was heard of a peer, as of this time of the steady clock, in the present run.
    pub(crate) fn silence(&self, peer: &NodeKey, now: Duration) -> Duration {
        let begun = *self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = self.peers.lock().unwrap_or_else(PoisonError::into_inner).get(peer).map(|report| report.at);
        now.saturating_sub(heard.unwrap_or(begun).max(begun))
    }

    /// Since when the present run lasts, as of this time of the steady clock.
    pub(crate) fn runs_for(&self, now: Duration) -> Duration {
        now.saturating_sub(*self.begun.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets what peers said: a new run, which begins now by the steady clock, asks anew.
    pub(crate) fn begin(&self, now: Duration) {
        *self.begun.lock().unwrap_or_else(PoisonError::into_inner) = now;
        self.peers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.finalizations.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// A finalization was seen.
    pub(crate) fn finalized(&self, finalization: &Finalization) {
        let mut known = self.finalizations.lock().unwrap_or_else(PoisonError::into_inner);
        let newer = known.back().is_none_or(|newest| newest.proposal.round < finalization.proposal.round);
        if newer {
            known.push_back(finalization.clone());
        }
        if known.len() > FINALIZATIONS {
            known.pop_front();
        }
    }

    /// The finalization above which this node may vote again: of a block within an epoch, strictly above the reports of
    /// 2f+1 of that epoch's validators, all of them given since the start.
    pub(crate) fn safe_floor(
        &self,
        validators: impl Fn(u64) -> Option<Set<NodeKey>>,
        within_epoch: impl Fn(&Commitment) -> bool,
    ) -> Option<Finalization> {
        let known = self.finalizations.lock().unwrap_or_else(PoisonError::into_inner);
        let finalization = known.iter().rev().find(|one| within_epoch(&one.proposal.payload))?;
        let position = Position::of(finalization.proposal.round);
        let validators = validators(position.epoch)?;
        let needed = (validators.len().saturating_sub(1) / 3).saturating_mul(2).saturating_add(1);
        let peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        let reports: Vec<Position> = validators.iter().filter_map(|key| peers.get(key)?.position).collect();
        if reports.len() < needed {
            return None;
        }
        // The highest of all reports, not of the lowest 2f+1: a liar can delay the return, not make it unsafe.
        let highest = reports.into_iter().max()?;
        (position > highest).then(|| finalization.clone())
    }
}
