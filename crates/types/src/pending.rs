//! Pending 待复核: an act that waits for its second pair of eyes.
//!
//! Some acts would let one person put somebody of their own choice in another's place: giving the role whose holders approve,
//! and giving an officer a key that the officer did not ask for with an old one. They take two persons (PROTOCOL 15): one
//! proposes the act, another approves exactly that act, before its time is over. Which acts take two, and who may be the
//! second, are fixed rules of `state`; rules of access can only narrow them.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, PublicKey, Suite};
use serde::{Deserialize, Serialize};

use crate::action::OfficerChange;
use crate::officer::Recovery;
use crate::{ActionCode, Officer, OfficerId, OrganizationId, PendingId, Time, codec};

/// An act that two persons do together, in full.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "act", content = "content", deny_unknown_fields)]
pub enum PendingAct {
    /// Appoint an officer.
    RegisterOfficer(Officer),
    /// Change an officer's roles or term.
    AmendOfficer(OfficerChange),
    /// Give an officer a new key in place of all others, which are lost or stolen.
    RecoverOfficer(Recovery),
}

impl PendingAct {
    /// What approvals name it by.
    pub fn digest(&self, suite: Suite) -> Digest {
        codec::digest(suite, "gongxin-pending-act-1", self)
    }

    /// What the rules are asked about it.
    pub const fn code(&self) -> ActionCode {
        match self {
            Self::RegisterOfficer(_) => ActionCode::OfficerRegister,
            Self::AmendOfficer(_) => ActionCode::OfficerAmend,
            Self::RecoverOfficer(_) => ActionCode::OfficerRecover,
        }
    }

    /// Whom it is about.
    pub const fn officer(&self) -> OfficerId {
        match self {
            Self::RegisterOfficer(noun) => noun.id,
            Self::AmendOfficer(change) => change.id,
            Self::RecoverOfficer(recovery) => recovery.officer,
        }
    }
}

/// An act as the first of the two proposes it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPending {
    /// Encoding version: 1.
    pub version: u8,
    /// A new random identifier.
    pub id: PendingId,
    /// The act.
    pub act: PendingAct,
}

/// What the second of the two says to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Which pending act.
    pub pending: PendingId,
    /// Digest of the act that the approver has read.
    pub act: Digest,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "status", deny_unknown_fields)]
pub enum PendingStatus {
    /// It waits, until it expires.
    Open,
    /// It took effect.
    Approved {
        /// By whose approval.
        officer: OfficerId,
        /// Signed with this key.
        key: PublicKey,
        /// When.
        time: Time,
    },
    /// It was taken back, or turned down.
    Withdrawn {
        /// By whom.
        officer: OfficerId,
        /// When.
        time: Time,
    },
}

/// A pending act as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// Encoding version: 1.
    pub version: u8,
    /// Its identifier.
    pub id: PendingId,
    /// Whose officer the act is about.
    pub organization: OrganizationId,
    /// Whom the proposer acts for.
    pub proposed_for: OrganizationId,
    /// Who proposed it.
    pub proposer: OfficerId,
    /// The key it was proposed with; where that is revoked, nobody approves any more.
    pub key: PublicKey,
    /// The act.
    pub act: PendingAct,
    /// Digest of the act.
    pub digest: Digest,
    /// When it was proposed.
    pub opened: Time,
    /// Consensus time from which nobody approves it any more.
    pub expires: Time,
    /// How far it has come.
    pub status: PendingStatus,
}

impl Pending {
    /// Whether it may still be approved at this time.
    pub fn is_open_at(&self, time: Time) -> bool {
        self.status == PendingStatus::Open && time < self.expires
    }
}
