//! What the engine calls things, in the ledger's words, and back.

#[cfg(not(feature = "simulated"))]
use commonware_codec::types::lazy::Lazy;
use commonware_codec::{Copying, Decode as _, DecodeExt as _, Encode as _};
#[cfg(not(feature = "simulated"))]
use commonware_consensus::simplex::types::Proposal;
use commonware_consensus::types::{Epoch, Round, View};
#[cfg(not(feature = "simulated"))]
use commonware_cryptography::certificate::Signers;
use commonware_cryptography::{Digest as _, Signer as _, ed25519, sha256};
#[cfg(not(feature = "simulated"))]
use commonware_utils::Participant;
use gongxin_crypto::{Digest, merkle};
use gongxin_types::certificate::Vote;
use gongxin_types::header::EngineContext;
use gongxin_types::receipt::BlockReceipts;
use gongxin_types::{Certificate, Genesis, Header, HeaderDigest, Height, List};

use crate::names::{Commitment, Finalization, NodeKey, VoteContext};

/// Prefix of every vote's namespace; the network's identity follows, so that no vote counts in another network.
const VOTES: &[u8] = b"gongxin-votes-1";

/// The network's identity.
pub(crate) fn network(genesis: &Genesis) -> Digest {
    genesis.head.id()
}

/// Namespace of consensus votes.
pub(crate) fn vote_namespace(genesis: &Genesis) -> Vec<u8> {
    [VOTES, network(genesis).as_bytes()].concat()
}

/// The block before the first: nothing has been executed yet; block 1 writes the genesis pages. Everyone derives it.
pub(crate) fn genesis_header(genesis: &Genesis) -> Header {
    let suite = genesis.head.suite;
    Header {
        version: 1,
        network: network(genesis),
        protocol_version: genesis.head.protocol_version,
        height: Height::GENESIS,
        parent: HeaderDigest([0; 32]),
        time: genesis.head.time,
        transactions_root: merkle::root_of_hashes(suite, &[]),
        receipts_root: BlockReceipts::default().root(suite),
        state: List::empty(),
        epoch: 0,
        validators_root: genesis.head.validators_root(),
        next_validators_root: genesis.head.validators_root(),
        engine: EngineContext(List::empty()),
    }
}

/// A header digest as the engine carries it.
pub(crate) fn commitment(digest: HeaderDigest) -> Commitment {
    sha256::Digest(digest.0)
}

/// The engine's digest as the ledger names it.
pub(crate) fn header_digest(commitment: &Commitment) -> HeaderDigest {
    HeaderDigest(commitment.0)
}

/// The consensus context inside a header; genesis has none of its own.
pub(crate) fn vote_context(header: &Header, genesis_leader: &NodeKey) -> Option<VoteContext> {
    if header.height == Height::GENESIS {
        return Some(VoteContext {
            round: Round::new(Epoch::zero(), View::zero()),
            leader: genesis_leader.clone(),
            parent: (View::zero(), sha256::Digest::EMPTY),
        });
    }
    VoteContext::decode(Copying(&header.engine.0)).ok()
}

/// A consensus context as a header holds it.
pub(crate) fn engine_context(context: &VoteContext) -> Option<EngineContext> {
    List::new(context.encode().to_vec()).ok().map(EngineContext)
}

/// The secret key of a node.
pub(crate) fn signer(seed: &[u8; 32]) -> Option<ed25519::PrivateKey> {
    ed25519::PrivateKey::decode(Copying(seed.as_slice())).ok()
}

/// The public key that belongs to a seed: what genesis and peers name a validator by.
pub fn consensus_public_key(seed: &[u8; 32]) -> [u8; 32] {
    signer(seed).map(|signer| key_bytes(&signer.public_key())).unwrap_or_default()
}

/// A node's key from its bytes, if they are one.
pub(crate) fn node_key(bytes: &[u8; 32]) -> Option<NodeKey> {
    NodeKey::decode(Copying(bytes.as_slice())).ok()
}

/// A node's key as bytes.
pub(crate) fn key_bytes(key: &NodeKey) -> [u8; 32] {
    key.as_ref().try_into().unwrap_or_default()
}

/// A certificate in the ledger's neutral form.
pub(crate) fn certificate(finalization: &Finalization) -> Option<Certificate> {
    let proposal = &finalization.proposal;
    let signers = finalization.certificate.signers.iter();
    let votes: Option<Vec<Vote>> = signers
        .zip(&finalization.certificate.signatures)
        .map(|(signer, signature)| {
            let validator = u16::try_from(signer.get()).ok()?;
            let signature = signature.get()?.as_ref().try_into().ok()?;
            Some(Vote { validator, signature })
        })
        .collect();
    Some(Certificate {
        epoch: proposal.round.epoch().get(),
        view: proposal.round.view().get(),
        parent_view: proposal.parent.get(),
        header: header_digest(&proposal.payload),
        votes: List::new(votes?).ok()?,
    })
}

/// A neutral certificate of one of so many validators' epochs in the engine's form, if the engine could have made it.
#[cfg(not(feature = "simulated"))]
pub(crate) fn finalization(certificate: &Certificate, validators: usize) -> Option<Finalization> {
    let proposal = Proposal {
        round: Round::new(Epoch::new(certificate.epoch), View::new(certificate.view)),
        parent: View::new(certificate.parent_view),
        payload: commitment(certificate.header),
    };
    let signers = certificate.votes.iter().map(|vote| Participant::new(u32::from(vote.validator)));
    let signers = Signers::new(u32::try_from(validators).ok()?, signers).ok()?;
    let signature = |vote: &Vote| ed25519::Signature::decode(Copying(vote.signature.as_slice())).ok().map(Lazy::from);
    let signatures: Option<Vec<_>> = certificate.votes.iter().map(signature).collect();
    let certificate = ed25519::certificate::Certificate { signers, signatures: signatures? };
    Some(Finalization { proposal, certificate })
}

/// A finalization as stored beside the right to vote.
pub(crate) fn finalization_bytes(finalization: &Finalization) -> Vec<u8> {
    finalization.encode().to_vec()
}

/// Reads a stored finalization.
pub(crate) fn read_finalization(bytes: &[u8]) -> Option<Finalization> {
    Finalization::decode_cfg(Copying(bytes), &gongxin_types::limits::VALIDATORS_MAX).ok()
}

/// The consensus view that proposed a header; 0 for genesis.
pub(crate) fn view(header: &Header) -> u64 {
    VoteContext::decode(Copying(&header.engine.0)).map_or(0, |context| context.round.view().get())
}
