//! A validator that votes twice: what it sends has two faces, one for either half of its peers.
//!
//! The node behind it is like any other, and knows nothing of it. In each view the peers fall into two halves anew. As a
//! leader it makes two blocks, both of them right, and shows each half one: with a body of its own, a vote to notarize
//! it, a vote to finalize it. Of another's block it tells one half that it approves, and the other that it gave the view
//! up; and of a view that it gave up, one half, that it has finalized its block. So far no single peer can see that it
//! lies. After some time it becomes careless: now and then somebody is sent both faces, and holds the proof.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use commonware_codec::varint::UInt;
use commonware_codec::{Copying, Decode as _, DecodeExt as _, Encode as _};
use commonware_consensus::simplex::types::{Finalize, Notarize, Nullify, Proposal, Vote};
use commonware_consensus::types::{Round, View};
use commonware_consensus::{Epochable as _, Viewable as _};
use commonware_cryptography::{Digestible as _, Hasher as _, Sha256, ed25519};
use commonware_p2p::utils::mux;
use commonware_runtime::{Clock as _, IoBuf};

use super::votes::Votes;
use crate::block::{Block, BlockConfig};
use crate::epochs::Epochs;
use crate::execution::Rules;
use crate::names::{Commitment, NodeKey, Runtime, Scheme};
use crate::network;

/// So long after its start nobody is shown both faces.
const HIDES: Duration = Duration::from_secs(8);
/// Later, in one view of so many, somebody is.
const CARELESS: u8 = 12;
/// So many of its own votes to notarize are remembered.
const REMEMBERED: usize = 64;

/// One that votes twice.
pub(crate) struct Equivocator {
    pub(super) runtime: Runtime,
    pub(super) begun: SystemTime,
    pub(super) epochs: Epochs,
    pub(super) key: ed25519::PrivateKey,
    pub(super) rules: Arc<Rules>,
    pub(super) block: BlockConfig,
    pub(super) votes: Votes,
    /// What it voted to notarize, by epoch and view.
    pub(super) notarized: Mutex<BTreeMap<(u64, u64), Proposal<Commitment>>>,
}

impl fmt::Debug for Equivocator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Equivocator")
    }
}

impl Equivocator {
    /// Which peer is sent what in place of a message.
    pub(super) fn faces(&self, channel: u64, message: IoBuf, to: &[NodeKey]) -> Vec<(NodeKey, IoBuf)> {
        let faces = match channel {
            network::VOTES => self.votes_of(&message, to),
            network::BLOCKS => self.blocks_of(&message, to),
            _ => None,
        };
        faces.unwrap_or_else(|| to.iter().map(|peer| (peer.clone(), message.clone())).collect())
    }

    /// One block of two for each half.
    fn blocks_of(&self, message: &IoBuf, to: &[NodeKey]) -> Option<Vec<(NodeKey, IoBuf)>> {
        let block = Block::decode_cfg(Copying(message.as_ref()), &self.block).ok()?;
        let twin = IoBuf::from(self.rules.planted.twin_of(&block.digest())?.encode());
        let face = |peer: &NodeKey| {
            let second = self.is_second(block.epoch(), block.view(), peer);
            (peer.clone(), if second { twin.clone() } else { message.clone() })
        };
        Some(to.iter().map(face).collect())
    }

    /// One vote of two for each half, and sometimes both for one.
    fn votes_of(&self, message: &IoBuf, to: &[NodeKey]) -> Option<Vec<(NodeKey, IoBuf)>> {
        let (subchannel, payload) = mux::parse(message.clone()).ok()?;
        let vote = Vote::<Scheme, Commitment>::decode(Copying(payload.as_ref())).ok()?;
        let (epoch, view) = (vote.epoch().get(), vote.view().get());
        let scheme = self.epochs.scheme_of(epoch, Some(self.key.clone()))?;
        let wrap = |vote: &Vote<Scheme, Commitment>| {
            let prefix = UInt(subchannel).encode();
            IoBuf::from([prefix.as_ref(), vote.encode().as_ref()].concat())
        };
        let (second, proof) = self.others(&scheme, &vote)?;
        let witness = self.careless(&vote).and_then(|turn| to.get(turn.checked_rem(to.len())?));
        let mut faces = Vec::new();
        for peer in to {
            if witness == Some(peer) {
                faces.extend([(peer.clone(), message.clone()), (peer.clone(), wrap(&proof))]);
            } else if !self.is_second(epoch, view, peer) {
                faces.push((peer.clone(), message.clone()));
            } else if let Some(second) = &second {
                faces.push((peer.clone(), wrap(second)));
            }
        }
        self.votes.faced();
        Some(faces)
    }

    /// What the second half is told in place of a vote, if anything; and a vote that proves the lie beside it.
    fn others(&self, scheme: &Scheme, vote: &Vote<Scheme, Commitment>) -> Option<(Option<Other>, Other)> {
        let (epoch, view) = (vote.epoch().get(), vote.view().get());
        let round = Round::new(vote.epoch(), View::new(view));
        let nullify = || Nullify::sign::<Commitment>(scheme, round).map(Vote::Nullify);
        match vote {
            Vote::Notarize(vote) => {
                self.remember((epoch, view), &vote.proposal);
                let other = |payload| Notarize::sign(scheme, with(&vote.proposal, payload)).map(Vote::Notarize);
                let twin = self.rules.planted.twin_of(&vote.proposal.payload).map(|twin| twin.digest());
                let proof = other(twin.unwrap_or_else(|| invented(&vote.proposal.payload)))?;
                let second = if twin.is_some() { Some(proof.clone()) } else { nullify() };
                Some((second, proof))
            }
            Vote::Finalize(vote) => {
                let other = |payload| Finalize::sign(scheme, with(&vote.proposal, payload)).map(Vote::Finalize);
                let twin = self.rules.planted.twin_of(&vote.proposal.payload).map(|twin| twin.digest());
                let second = twin.and_then(other);
                let proof = match &second {
                    Some(second) if view.is_multiple_of(2) => second.clone(),
                    None if view.is_multiple_of(2) => other(invented(&vote.proposal.payload))?,
                    _ => nullify()?,
                };
                Some((second, proof))
            }
            Vote::Nullify(_) => {
                let proposal = self.remembered((epoch, view))?;
                let finalize = Finalize::sign(scheme, proposal).map(Vote::Finalize)?;
                Some((Some(finalize.clone()), finalize))
            }
        }
    }

    /// Whose turn it is to be sent both faces of this vote, if anyone's: of the votes of a view, either the first or those
    /// after it, so that there are proofs of all kinds.
    fn careless(&self, vote: &Other) -> Option<usize> {
        let hidden = self.runtime.current().duration_since(self.begun).unwrap_or_default() < HIDES;
        let [chance, early, turn, ..] = self.dice(vote.epoch().get(), vote.view().get(), None);
        let now = early.is_multiple_of(2) == matches!(vote, Vote::Notarize(_));
        (!hidden && now && chance.is_multiple_of(CARELESS)).then_some(usize::from(turn))
    }

    /// Whether a peer belongs to the second half in this view.
    fn is_second(&self, epoch: u64, view: u64, peer: &NodeKey) -> bool {
        self.dice(epoch, view, Some(peer)).first().is_some_and(|byte| byte % 2 == 1)
    }

    /// The same for the same, and else any.
    fn dice(&self, epoch: u64, view: u64, peer: Option<&NodeKey>) -> [u8; 32] {
        let peer: &[u8] = peer.map_or(&[], |peer| peer.as_ref());
        Sha256::hash(&[&epoch.to_le_bytes(), &view.to_le_bytes(), peer]).0
    }

    fn remember(&self, at: (u64, u64), proposal: &Proposal<Commitment>) {
        let mut notarized = self.notarized.lock().unwrap_or_else(PoisonError::into_inner);
        notarized.insert(at, proposal.clone());
        while notarized.len() > REMEMBERED {
            notarized.pop_first();
        }
    }

    fn remembered(&self, at: (u64, u64)) -> Option<Proposal<Commitment>> {
        self.notarized.lock().unwrap_or_else(PoisonError::into_inner).get(&at).cloned()
    }
}

type Other = Vote<Scheme, Commitment>;

/// The proposal with another block.
fn with(proposal: &Proposal<Commitment>, payload: Commitment) -> Proposal<Commitment> {
    Proposal::new(proposal.round, proposal.parent, payload)
}

/// The digest of a block that nobody has.
fn invented(payload: &Commitment) -> Commitment {
    Sha256::hash(&[&payload.0])
}
