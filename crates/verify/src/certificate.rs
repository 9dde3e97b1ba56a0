//! Check that a quorum of validators voted for a header.
//!
//! What a vote signs says [`vote`]. Votes are Ed25519 by ZIP-215 rules whatever the network's suite.

use gongxin_crypto::{ALGORITHM_ED25519, Digest, KeyError, PublicKey, Signature, Suite};
use gongxin_types::certificate::Vote;
use gongxin_types::fault::{ConsensusVote, Proposed};
use gongxin_types::genesis::Validator;
use gongxin_types::validator_set::quorum;
use gongxin_types::{Certificate, HeaderDigest, Slug};

use crate::network::TrustedNetwork;
use crate::vote;

/// Why a certificate does not make a header final.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// A validator set voted that is not known.
    #[error("the votes are of epoch {epoch}, whose validators are not known: take a newer network file")]
    Epoch {
        /// The epoch.
        epoch: u64,
    },
    /// Votes out of order, or one validator twice.
    #[error("the votes are not in ascending order of their validators, each once")]
    Order,
    /// A vote of nobody.
    #[error("a vote names validator {index}, but there are {validators}")]
    UnknownValidator {
        /// Its place in the set, from 0.
        index: u16,
        /// How many validators there are.
        validators: usize,
    },
    /// Fewer votes than a quorum.
    #[error("{votes} of {validators} validators voted, {quorum} are needed")]
    TooFew {
        /// Votes.
        votes: usize,
        /// Validators.
        validators: usize,
        /// Votes needed.
        quorum: usize,
    },
    /// A signature that does not verify.
    #[error("the vote of validator `{validator}` is not its signature over this header")]
    Signature {
        /// Its name.
        validator: Slug,
    },
    /// A key or signature that is none of the algorithm's.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The bytes that a vote which makes `header` final signs ([`vote::message`]).
pub fn vote_message(network: &Digest, epoch: u64, view: u64, parent_view: u64, header: &HeaderDigest) -> Vec<u8> {
    vote::message(network, epoch, view, &ConsensusVote::Finalize(Proposed { parent_view, header: *header }))
}

/// Checks the votes of a certificate; whether its header is the right one is for the caller to compare.
///
/// # Errors
/// See [`CertificateError`].
pub fn check(network: &TrustedNetwork, certificate: &Certificate) -> Result<(), CertificateError> {
    let set = network.set(certificate.epoch).ok_or(CertificateError::Epoch { epoch: certificate.epoch })?;
    check_votes(&network.network, &set.validators, certificate)
}

/// Checks the votes of a certificate against the validators of its epoch, ascending by key.
///
/// # Errors
/// See [`CertificateError`].
pub fn check_votes(
    network: &Digest,
    validators: &[Validator],
    certificate: &Certificate,
) -> Result<(), CertificateError> {
    if !certificate.votes.is_sorted_by(|one, next| one.validator < next.validator) {
        return Err(CertificateError::Order);
    }
    let voters = certificate.votes.iter().map(|vote| voter(validators, vote)).collect::<Result<Vec<_>, _>>()?;
    let (votes, validators, quorum) = (voters.len(), validators.len(), quorum(validators.len()));
    if votes < quorum || votes == 0 {
        return Err(CertificateError::TooFew { votes, validators, quorum });
    }
    let Certificate { epoch, view, parent_view, header, .. } = certificate;
    let message = vote_message(network, *epoch, *view, *parent_view, header);
    let items: Vec<(&PublicKey, &[u8], &Signature)> =
        voters.iter().map(|voter| (&voter.key, message.as_slice(), &voter.signature)).collect();
    let verdicts = Suite::Intl.verify_each(&items);
    match voters.iter().zip(verdicts).find(|(_, stands)| !stands) {
        Some((voter, _)) => Err(CertificateError::Signature { validator: voter.validator.name.clone() }),
        None => Ok(()),
    }
}

struct Voter<'a> {
    validator: &'a Validator,
    key: PublicKey,
    signature: Signature,
}

fn voter<'a>(validators: &'a [Validator], vote: &Vote) -> Result<Voter<'a>, CertificateError> {
    let unknown = CertificateError::UnknownValidator { index: vote.validator, validators: validators.len() };
    let validator = validators.get(usize::from(vote.validator)).ok_or(unknown)?;
    Ok(Voter {
        validator,
        key: PublicKey::new(ALGORITHM_ED25519, &validator.key.0)?,
        signature: Signature::new(ALGORITHM_ED25519, &vote.signature)?,
    })
}
