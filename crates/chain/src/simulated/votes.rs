//! Listens to all votes of a simulated network.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use commonware_codec::{Copying, DecodeExt as _};
use commonware_consensus::simplex::types::Vote;
use commonware_consensus::{Epochable as _, Viewable as _};
use commonware_p2p::utils::mux;
use commonware_runtime::IoBuf;

use crate::names::{Commitment, NodeKey, Scheme};

/// Every vote that anyone hears, and whether a validator contradicts itself in them.
#[derive(Clone, Debug, Default)]
pub struct Votes(Arc<Mutex<Heard>>);

#[derive(Debug, Default)]
struct Heard {
    /// By voter, epoch and view.
    of: BTreeMap<(NodeKey, u64, u64), Said>,
    contradiction: Option<(NodeKey, u64, &'static str)>,
    /// Who contradicts itself on purpose.
    equivocator: Option<NodeKey>,
    /// What that one told each single node, by hearer, epoch and view.
    told: BTreeMap<(NodeKey, u64, u64), Said>,
    /// How many votes it gave two faces.
    faced: u64,
    /// How often one and the same node heard both.
    caught: u64,
}

/// What a validator voted for in one view.
#[derive(Debug, Default)]
struct Said {
    notarized: Option<Commitment>,
    finalized: Option<Commitment>,
    nullified: bool,
}

impl Votes {
    /// None heard yet; one may contradict itself.
    pub fn but_of(equivocator: Option<NodeKey>) -> Self {
        Self(Arc::new(Mutex::new(Heard { equivocator, ..Heard::default() })))
    }

    /// How many votes the equivocator gave two faces, and how often one and the same node heard both.
    pub fn of_equivocator(&self) -> (u64, u64) {
        let heard = self.heard();
        (heard.faced, heard.caught)
    }

    /// The equivocator has given a vote two faces.
    pub(super) fn faced(&self) {
        let mut heard = self.heard();
        heard.faced = heard.faced.saturating_add(1);
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who contradicted itself first: its key, the view, and how.
    pub fn contradiction(&self) -> Option<(NodeKey, u64, &'static str)> {
        self.heard().contradiction.clone()
    }

    /// A message on the channel of votes, with the number of the epoch's subchannel in front.
    pub(super) fn hear(&self, me: &NodeKey, from: &NodeKey, message: IoBuf) {
        let Ok((_, message)) = mux::parse(message) else { return };
        let Ok(vote) = Vote::<Scheme, Commitment>::decode(Copying(message.as_ref())) else { return };
        let (epoch, view) = (vote.epoch().get(), vote.view().get());
        let mut heard = self.heard();
        if heard.equivocator.as_ref() == Some(from) {
            let told = heard.told.entry((me.clone(), epoch, view)).or_default();
            let both = told.hear(&vote).is_some();
            heard.caught = heard.caught.saturating_add(u64::from(both));
            return;
        }
        let known = heard.of.entry((from.clone(), epoch, view)).or_default();
        if let Some(how) = known.hear(&vote) {
            heard.contradiction.get_or_insert((from.clone(), view, how));
        }
    }
}

impl Said {
    /// Takes in one more vote; how it contradicts those before, if it does.
    fn hear(&mut self, vote: &Vote<Scheme, Commitment>) -> Option<&'static str> {
        let another = |known: Option<Commitment>, now: Commitment| known.is_some_and(|known| known != now);
        match vote {
            Vote::Notarize(vote) => {
                let before = self.notarized.replace(vote.proposal.payload);
                another(before, vote.proposal.payload).then_some("notarized two blocks")
            }
            Vote::Finalize(vote) => {
                let before = self.finalized.replace(vote.proposal.payload);
                let twice = another(before, vote.proposal.payload).then_some("finalized two blocks");
                twice.or(self.nullified.then_some("finalized what it had nullified"))
            }
            Vote::Nullify(_) => {
                self.nullified = true;
                self.finalized.is_some().then_some("nullified what it had finalized")
            }
        }
    }
}
