//! Fault evidence 过错证据: what validators signed that no honest validator signs, in a neutral form.
//!
//! A validator votes at most once of each kind in a view, and not both to finalize a proposal and to nullify the view. Two
//! votes that break this convict the key that signed them, whoever shows them ([`Equivocation`]). Two certificates for one
//! height convict those who are in both ([`TwoCertificates`]). A vote of a leader for its own proposal proves what it
//! proposed, not that it was invalid ([`SignedProposal`]). docs/spec/fault.md gives the bytes; `verify` checks them.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, Suite};
use serde::{Deserialize, Serialize};

use crate::{Certificate, Header, HeaderDigest, codec, genesis::ConsensusKey};

/// A block as votes name it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Proposed {
    /// The view of its parent.
    #[serde(with = "crate::json::integer")]
    pub parent_view: u64,
    /// Its header.
    pub header: HeaderDigest,
}

/// What one vote says about its view.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum ConsensusVote {
    /// This block was proposed here, by the leader that votes so first.
    Notarize(Proposed),
    /// Nothing shall come of the view.
    Nullify,
    /// This block is final.
    Finalize(Proposed),
}

impl ConsensusVote {
    /// Whether no honest validator says both of the same view.
    pub fn contradicts(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Notarize(one), Self::Notarize(other)) | (Self::Finalize(one), Self::Finalize(other)) => one != other,
            (Self::Nullify, Self::Finalize(_)) | (Self::Finalize(_), Self::Nullify) => true,
            // Honest validators finalize what was notarized in the end, whatever they notarized first.
            _ => false,
        }
    }
}

/// A vote with its signature.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct SignedVote {
    /// What it says.
    pub vote: ConsensusVote,
    /// Ed25519 signature, 64 bytes.
    #[serde(with = "crate::certificate::signature_text")]
    pub signature: [u8; 64],
}

/// Two votes of one validator in one view that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equivocation {
    /// Encoding version: 1.
    pub version: u8,
    /// The network.
    pub network: Digest,
    /// Which validator set served.
    #[serde(with = "crate::json::integer")]
    pub epoch: u64,
    /// The view of both votes.
    #[serde(with = "crate::json::integer")]
    pub view: u64,
    /// Whose key signed both.
    pub validator: ConsensusKey,
    /// The lower of the two, by what it says and then by its signature.
    pub one: SignedVote,
    /// The higher.
    pub other: SignedVote,
}

impl Equivocation {
    /// Evidence of these two votes, in their order.
    pub fn new(
        network: Digest,
        (epoch, view): (u64, u64),
        validator: ConsensusKey,
        one: SignedVote,
        other: SignedVote,
    ) -> Self {
        let (one, other) = if other < one { (other, one) } else { (one, other) };
        Self { version: 1, network, epoch, view, validator, one, other }
    }
}

/// A header and votes that make it final.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedHeader {
    /// The header.
    pub header: Header,
    /// Its certificate.
    pub certificate: Certificate,
}

/// Two headers of one height, both certified.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwoCertificates {
    /// Encoding version: 1.
    pub version: u8,
    /// The one with the lower digest.
    pub one: CertifiedHeader,
    /// The one with the higher digest.
    pub other: CertifiedHeader,
}

impl TwoCertificates {
    /// Evidence of these two, in their order.
    pub fn new(one: CertifiedHeader, other: CertifiedHeader) -> Self {
        let (one, other) = if other.header.digest() < one.header.digest() { (other, one) } else { (one, other) };
        Self { version: 1, one, other }
    }
}

/// A leader's own vote for what it proposed.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedProposal {
    /// Encoding version: 1.
    pub version: u8,
    /// The network.
    pub network: Digest,
    /// Which validator set served.
    #[serde(with = "crate::json::integer")]
    pub epoch: u64,
    /// The view that the validator led.
    #[serde(with = "crate::json::integer")]
    pub view: u64,
    /// Whose key signed it.
    pub validator: ConsensusKey,
    /// What it proposed.
    pub proposed: Proposed,
    /// Ed25519 signature of the vote that notarizes it, 64 bytes.
    #[serde(with = "crate::certificate::signature_text")]
    pub signature: [u8; 64],
}

/// Anything that validators signed and should not have.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "evidence", content = "content", deny_unknown_fields)]
pub enum FaultEvidence {
    /// Two votes that contradict each other.
    Equivocation(Equivocation),
    /// Two certificates for one height.
    TwoCertificates(Box<TwoCertificates>),
    /// What a leader proposed.
    Proposal(SignedProposal),
}

impl FaultEvidence {
    /// The digest that an alert names it by.
    pub fn digest(&self, suite: Suite) -> Digest {
        codec::digest(suite, "gongxin-fault-evidence-1", self)
    }

    /// How many signatures it takes to check it.
    pub fn signatures(&self) -> usize {
        match self {
            Self::Equivocation(_) => 2,
            Self::TwoCertificates(two) => {
                two.one.certificate.votes.len().saturating_add(two.other.certificate.votes.len())
            }
            Self::Proposal(_) => 1,
        }
    }
}
