//! Listens to all votes of a simulated network.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

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
}

/// What a validator voted for in one view.
#[derive(Debug, Default)]
struct Said {
    notarized: Option<Commitment>,
    finalized: Option<Commitment>,
    nullified: bool,
}

impl Votes {
    /// Who contradicted itself first: its key, the view, and how.
    pub fn contradiction(&self) -> Option<(NodeKey, u64, &'static str)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contradiction.clone()
    }

    /// A message on the channel of votes, with the number of the epoch's subchannel in front.
    pub(super) fn hear(&self, from: &NodeKey, message: IoBuf) {
        let Ok((_, message)) = mux::parse(message) else { return };
        let Ok(vote) = Vote::<Scheme, Commitment>::decode(Copying(message.as_ref())) else { return };
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = heard.of.entry((from.clone(), vote.epoch().get(), vote.view().get())).or_default();
        let another = |known: Option<Commitment>, now: Commitment| known.is_some_and(|known| known != now);
        let wrong = match &vote {
            Vote::Notarize(vote) => {
                let before = known.notarized.replace(vote.proposal.payload);
                another(before, vote.proposal.payload).then_some("notarized two blocks")
            }
            Vote::Finalize(vote) => {
                let before = known.finalized.replace(vote.proposal.payload);
                let twice = another(before, vote.proposal.payload).then_some("finalized two blocks");
                twice.or(known.nullified.then_some("finalized what it had nullified"))
            }
            Vote::Nullify(_) => {
                known.nullified = true;
                known.finalized.is_some().then_some("nullified what it had finalized")
            }
        };
        if let Some(how) = wrong {
            heard.contradiction.get_or_insert((from.clone(), vote.view().get(), how));
        }
    }
}
