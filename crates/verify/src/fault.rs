//! Check what validators are said to have signed and should not have.
//!
//! **Promise.** Whoever is convicted has signed it: two votes that contradict each other, or votes in two certificates of one
//! height. Nothing else than the validators of the epochs in question is needed, and the answer is the same everywhere and
//! for ever. A proposal convicts nobody: it is proven that its leader signed it, and no more.
//!
//! Evidence has one form: what is not in order, or contains the same twice, is refused.

use gongxin_crypto::{ALGORITHM_ED25519, Digest, PublicKey, Signature, Suite};
use gongxin_types::fault::{
    CertifiedHeader, ConsensusVote, Equivocation, FaultEvidence, SignedProposal, SignedVote, TwoCertificates,
};
use gongxin_types::genesis::{ConsensusKey, Validator};

use crate::certificate::{self, CertificateError};
use crate::network::TrustedNetwork;
use crate::vote;

/// Why evidence proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// Evidence of an encoding that this version does not know.
    #[error("the evidence has encoding version {version}, this verifier knows 1")]
    Version {
        /// The version.
        version: u8,
    },
    /// Evidence of another network.
    #[error("the evidence is of network `{network}`")]
    OtherNetwork {
        /// The network it names.
        network: Box<Digest>,
    },
    /// Validators that are not known.
    #[error("the evidence is of epoch {epoch}, whose validators are not known: take a newer network file")]
    Epoch {
        /// The epoch it names.
        epoch: u64,
    },
    /// A key that was nobody's.
    #[error("no validator of epoch {epoch} has the key `{key}`")]
    Stranger {
        /// The epoch.
        epoch: u64,
        /// The key.
        key: ConsensusKey,
    },
    /// What an honest validator may say, or the two in another order.
    #[error("the two votes do not contradict each other, or are not in their order")]
    NoContradiction,
    /// A vote that the validator did not sign.
    #[error("a vote is not the signature of the key `{key}` over what it says")]
    Signature {
        /// The key.
        key: ConsensusKey,
    },
    /// One header, two heights, or the two in another order.
    #[error("the two headers are not two of one height, in their order")]
    NoFork,
    /// A header and a certificate that do not belong together.
    #[error("a certificate is not one of the header beside it, or of another epoch")]
    Mismatch,
    /// A certificate that makes nothing final.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

/// Checks evidence with the validators of a network that are known; the keys that it convicts, ascending.
///
/// # Errors
/// See [`FaultError`].
pub fn check(network: &TrustedNetwork, evidence: &FaultEvidence) -> Result<Vec<ConsensusKey>, FaultError> {
    let validators = |epoch: u64| network.set(epoch).map(|set| set.validators.as_slice());
    check_with(&network.network, &validators, evidence)
}

/// Checks evidence with the validators of the epochs that it names; the keys that it convicts, ascending.
///
/// # Errors
/// See [`FaultError`].
pub fn check_with<'a>(
    network: &Digest,
    validators: &impl Fn(u64) -> Option<&'a [Validator]>,
    evidence: &FaultEvidence,
) -> Result<Vec<ConsensusKey>, FaultError> {
    match evidence {
        FaultEvidence::Equivocation(fault) => equivocation(network, validators, fault).map(|()| vec![fault.validator]),
        FaultEvidence::TwoCertificates(two) => two_certificates(network, validators, two),
        FaultEvidence::Proposal(proposal) => signed_proposal(network, validators, proposal).map(|()| Vec::new()),
    }
}

/// The epochs whose validators evidence needs.
pub fn epochs(evidence: &FaultEvidence) -> Vec<u64> {
    match evidence {
        FaultEvidence::Equivocation(fault) => vec![fault.epoch],
        FaultEvidence::TwoCertificates(two) => vec![two.one.header.epoch, two.other.header.epoch],
        FaultEvidence::Proposal(proposal) => vec![proposal.epoch],
    }
}

fn equivocation<'a>(
    network: &Digest,
    validators: &impl Fn(u64) -> Option<&'a [Validator]>,
    fault: &Equivocation,
) -> Result<(), FaultError> {
    let Equivocation { version, epoch, view, validator, one, other, .. } = fault;
    check_network(*version, network, &fault.network)?;
    if !one.vote.contradicts(&other.vote) || one >= other {
        return Err(FaultError::NoContradiction);
    }
    let key = key_of(validators, *epoch, validator)?;
    [one, other].into_iter().try_for_each(|vote| check_vote(network, (*epoch, *view), validator, &key, vote))
}

fn signed_proposal<'a>(
    network: &Digest,
    validators: &impl Fn(u64) -> Option<&'a [Validator]>,
    proposal: &SignedProposal,
) -> Result<(), FaultError> {
    let SignedProposal { version, epoch, view, validator, proposed, signature, .. } = proposal;
    check_network(*version, network, &proposal.network)?;
    let key = key_of(validators, *epoch, validator)?;
    let vote = SignedVote { vote: ConsensusVote::Notarize(*proposed), signature: *signature };
    check_vote(network, (*epoch, *view), validator, &key, &vote)
}

fn two_certificates<'a>(
    network: &Digest,
    validators: &impl Fn(u64) -> Option<&'a [Validator]>,
    two: &TwoCertificates,
) -> Result<Vec<ConsensusKey>, FaultError> {
    check_version(two.version)?;
    let (one, other) = (&two.one.header, &two.other.header);
    if one.height != other.height || one.digest() >= other.digest() {
        return Err(FaultError::NoFork);
    }
    let first = signers(network, validators, &two.one)?;
    let second = signers(network, validators, &two.other)?;
    // Both ascend, as the validators of a set do.
    Ok(first.into_iter().filter(|key| second.contains(key)).collect())
}

/// Whose votes make a header final.
fn signers<'a>(
    network: &Digest,
    validators: &impl Fn(u64) -> Option<&'a [Validator]>,
    certified: &CertifiedHeader,
) -> Result<Vec<ConsensusKey>, FaultError> {
    let CertifiedHeader { header, certificate } = certified;
    check_network(header.version, network, &header.network)?;
    if certificate.header != header.digest() || certificate.epoch != header.epoch {
        return Err(FaultError::Mismatch);
    }
    let set = validators(header.epoch).ok_or(FaultError::Epoch { epoch: header.epoch })?;
    certificate::check_votes(network, set, certificate)?;
    let voters = certificate.votes.iter().filter_map(|vote| set.get(usize::from(vote.validator)));
    Ok(voters.map(|validator| validator.key).collect())
}

fn check_version(version: u8) -> Result<(), FaultError> {
    if version == 1 { Ok(()) } else { Err(FaultError::Version { version }) }
}

fn check_network(version: u8, network: &Digest, named: &Digest) -> Result<(), FaultError> {
    check_version(version)?;
    if named == network { Ok(()) } else { Err(FaultError::OtherNetwork { network: Box::new(*named) }) }
}

/// The key of a validator of that epoch, ready to verify.
fn key_of<'a>(
    validators: &impl Fn(u64) -> Option<&'a [Validator]>,
    epoch: u64,
    key: &ConsensusKey,
) -> Result<PublicKey, FaultError> {
    let set = validators(epoch).ok_or(FaultError::Epoch { epoch })?;
    let stranger = || FaultError::Stranger { epoch, key: *key };
    if !set.iter().any(|validator| validator.key == *key) {
        return Err(stranger());
    }
    PublicKey::new(ALGORITHM_ED25519, &key.0).map_err(|_| stranger())
}

fn check_vote(
    network: &Digest,
    (epoch, view): (u64, u64),
    validator: &ConsensusKey,
    key: &PublicKey,
    vote: &SignedVote,
) -> Result<(), FaultError> {
    let wrong = || FaultError::Signature { key: *validator };
    let signature = Signature::new(ALGORITHM_ED25519, &vote.signature).map_err(|_| wrong())?;
    let message = vote::message(network, epoch, view, &vote.vote);
    let stands = Suite::Intl.verify_each(&[(key, message.as_slice(), &signature)]);
    if stands == [true] { Ok(()) } else { Err(wrong()) }
}
