//! The engine's votes and its evidence in the ledger's neutral form, which anyone can check ([`gongxin_verify::fault`]).
//!
//! The only public part of this room that names the engine: for tests, which compare both.

use commonware_codec::{Copying, DecodeExt as _, Encode as _};
use commonware_consensus::simplex::types::{Attributable as _, Finalize, Notarize, Nullify, Proposal};
use commonware_consensus::types::Round;
use commonware_cryptography::certificate::Attestation;
use gongxin_crypto::Digest;
use gongxin_types::fault::{ConsensusVote, Equivocation, Proposed, SignedProposal, SignedVote};
use gongxin_types::genesis::ConsensusKey;

use crate::ledger;
use crate::names::{Activity, Commitment, Scheme};

type Notarizes = Notarize<Scheme, Commitment>;
type Finalizes = Finalize<Scheme, Commitment>;

/// Two votes that contradict each other, as the engine reports them; nothing of any other activity, nor of validators that
/// are not known. `key_of` names a validator by its epoch and its place in the set. Signatures are not checked here.
pub fn of(
    activity: &Activity,
    network: Digest,
    key_of: impl Fn(u64, u32) -> Option<ConsensusKey>,
) -> Option<Equivocation> {
    // The engine keeps the two votes to itself; their encodings follow each other in its own.
    let (round, signer, one, other) = match activity {
        Activity::ConflictingNotarize(proof) => {
            let (one, other) = <(Notarizes, Notarizes)>::decode(Copying(&proof.encode())).ok()?;
            (one.proposal.round, one.signer(), notarize(&one)?, notarize(&other)?)
        }
        Activity::ConflictingFinalize(proof) => {
            let (one, other) = <(Finalizes, Finalizes)>::decode(Copying(&proof.encode())).ok()?;
            (one.proposal.round, one.signer(), finalize(&one)?, finalize(&other)?)
        }
        Activity::NullifyFinalize(proof) => {
            let (one, other) = <(Nullify<Scheme>, Finalizes)>::decode(Copying(&proof.encode())).ok()?;
            let nullify = signed(ConsensusVote::Nullify, &one.attestation)?;
            (one.round, one.signer(), nullify, finalize(&other)?)
        }
        _ => return None,
    };
    let (epoch, view) = (round.epoch().get(), round.view().get());
    let key = key_of(epoch, signer.get())?;
    Some(Equivocation::new(network, (epoch, view), key, one, other))
}

/// A vote to notarize, as the vote of a leader for its proposal, whoever cast it.
pub fn proposal(
    vote: &Notarizes,
    network: Digest,
    key_of: impl Fn(u64, u32) -> Option<ConsensusKey>,
) -> Option<SignedProposal> {
    let round: Round = vote.proposal.round;
    let (epoch, view) = (round.epoch().get(), round.view().get());
    let SignedVote { signature, .. } = notarize(vote)?;
    let validator = key_of(epoch, vote.signer().get())?;
    Some(SignedProposal { version: 1, network, epoch, view, validator, proposed: proposed(&vote.proposal), signature })
}

fn notarize(vote: &Notarizes) -> Option<SignedVote> {
    signed(ConsensusVote::Notarize(proposed(&vote.proposal)), &vote.attestation)
}

fn finalize(vote: &Finalizes) -> Option<SignedVote> {
    signed(ConsensusVote::Finalize(proposed(&vote.proposal)), &vote.attestation)
}

fn proposed(proposal: &Proposal<Commitment>) -> Proposed {
    Proposed { parent_view: proposal.parent.get(), header: ledger::header_digest(&proposal.payload) }
}

fn signed(vote: ConsensusVote, attestation: &Attestation<Scheme>) -> Option<SignedVote> {
    let signature = attestation.signature.get()?.as_ref().try_into().ok()?;
    Some(SignedVote { vote, signature })
}
