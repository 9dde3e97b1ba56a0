//! Proposal 提案: how members change members, rules and parameters.
//!
//! Who may propose and vote, how many votes decide and what may be proposed at all are fixed rules of `state`; rules of
//! access can only narrow them (PROTOCOL 14). Electorate and threshold are those of the block that opened the proposal.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, Suite};
use serde::{Deserialize, Serialize};

use crate::action::OfficerChange;
use crate::calendar::CalendarChange;
use crate::officer::Recovery;
use crate::{
    BasisCode, Height, List, Officer, OfficerId, Organization, OrganizationId, Parameters, PolicySet, ProposalId,
    Refusal, Time, ValidatorSet, codec, limits,
};

/// What members vote on, in full.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "matter", content = "content", deny_unknown_fields)]
pub enum Matter {
    /// Other rules of access; the revision after the one in force.
    PolicySet(PolicySet),
    /// Other parameters.
    Parameters(ParametersChange),
    /// A new member, of any kind, with the officer who heads it.
    Admission(Admission),
    /// A member is shut out: its officers and gateways no longer act, and nobody reads for it.
    Expulsion(OrganizationId),
    /// Roles that no organization gives by itself (see [`crate::Role::is_critical`]), or a second head where there is one.
    Appointment(OfficerChange),
    /// Other days off, or weekends worked, among the days to come.
    Calendar(CalendarChange),
    /// A new key for an officer whom two of the organization may not be able to help: a head, or one with critical roles.
    Recovery(Recovery),
    /// Other validators; the epoch after the one that serves. The block in which it takes effect is the last of the old
    /// ones.
    ValidatorSet(ValidatorSet),
    /// The next version of the rules that execute blocks.
    ProtocolVersion(u16),
}

/// Other parameters.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParametersChange {
    /// The revision after the one in force; genesis is revision 1.
    pub revision: u32,
    /// The parameters, whole.
    pub parameters: Parameters,
}

/// A new member.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admission {
    /// Its entry.
    pub organization: Organization,
    /// Who heads it and appoints the others: role `authority` alone.
    pub head: Officer,
}

macro_rules! matters {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// What kind of matter a proposal is about.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
        )]
        pub enum MatterCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl MatterCode {
            /// Every code, in the order of their discriminants.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code, as in policies and JSON.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }

        impl Matter {
            /// Its kind.
            pub const fn code(&self) -> MatterCode {
                match self { $(Self::$name(_) => MatterCode::$name,)* }
            }
        }
    };
}

matters! {
    /// See [`Matter::PolicySet`].
    PolicySet = "policy-set";
    /// See [`Matter::Parameters`].
    Parameters = "parameters";
    /// See [`Matter::Admission`].
    Admission = "admission";
    /// See [`Matter::Expulsion`].
    Expulsion = "expulsion";
    /// See [`Matter::Appointment`].
    Appointment = "appointment";
    /// See [`Matter::Calendar`].
    Calendar = "calendar";
    /// See [`Matter::Recovery`].
    Recovery = "recovery";
    /// See [`Matter::ValidatorSet`].
    ValidatorSet = "validator-set";
    /// See [`Matter::ProtocolVersion`].
    ProtocolVersion = "protocol-version";
}

impl Matter {
    /// What votes name it by.
    pub fn digest(&self, suite: Suite) -> Digest {
        codec::digest(suite, "gongxin-matter-1", self)
    }
}

/// A proposal as it is opened.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewProposal {
    /// Encoding version: 1.
    pub version: u8,
    /// A new random identifier.
    pub id: ProposalId,
    /// Under which law.
    pub legal_basis: BasisCode,
    /// What is proposed.
    pub matter: Matter,
    /// Consensus time from which nobody votes any more.
    pub closes: Time,
    /// The block from which on it is in force; where it is accepted later, the one after that.
    pub effective: Height,
}

/// For or against.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// 赞成.
    For,
    /// 反对.
    Against,
}

/// A vote as it is cast, in the name of the sender's organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewVote {
    /// On which proposal.
    pub proposal: ProposalId,
    /// Digest of the matter that the voter has read.
    pub matter: Digest,
    /// For or against.
    pub choice: Choice,
}

/// A vote 表决 as the ledger keeps it; it is never changed.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vote {
    /// Whose.
    pub organization: OrganizationId,
    /// Who cast it.
    pub officer: OfficerId,
    /// For or against.
    pub choice: Choice,
    /// When.
    pub time: Time,
}

/// How far a proposal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "status", deny_unknown_fields)]
pub enum ProposalStatus {
    /// Members vote, until it closes; one that is open after that was not accepted.
    Open,
    /// Enough votes for it: it is in force from this height.
    Accepted {
        /// From which height.
        effective: Height,
    },
    /// It took effect.
    InForce {
        /// At which height.
        height: Height,
    },
    /// It was accepted, and what it is about had changed by the time it was to take effect.
    Void {
        /// At which height that showed.
        height: Height,
        /// Why.
        refusal: Refusal,
    },
    /// Too many votes against it.
    Rejected,
    /// Its proposer took it back.
    Withdrawn,
}

/// A proposal as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// Encoding version: 1.
    pub version: u8,
    /// Its identifier.
    pub id: ProposalId,
    /// Who proposes it.
    pub organization: OrganizationId,
    /// The officer who opened it.
    pub officer: OfficerId,
    /// When it was opened.
    pub opened: Time,
    /// Under which law.
    pub legal_basis: BasisCode,
    /// What kind of matter it is.
    pub kind: MatterCode,
    /// Digest of the matter; its bytes stand in the action that opened the proposal, and in the state under it.
    pub matter: Digest,
    /// Length of those bytes.
    pub length: u32,
    /// Consensus time from which nobody votes any more.
    pub closes: Time,
    /// The block from which on it is in force, at the earliest.
    pub effective: Height,
    /// Who votes, one vote each, ascending: the organizations whose validators served when it was opened.
    pub electorate: List<OrganizationId, { limits::VALIDATORS_MAX }>,
    /// Votes for it that make it accepted: more than two thirds.
    pub needed: u16,
    /// Votes, in the order they were cast.
    pub votes: List<Vote, { limits::VALIDATORS_MAX }>,
    /// How far it has come.
    pub status: ProposalStatus,
}

impl Proposal {
    /// Votes of one choice.
    pub fn count(&self, choice: Choice) -> usize {
        self.votes.iter().filter(|vote| vote.choice == choice).count()
    }

    /// Whether members may still vote at this time.
    pub fn is_open_at(&self, time: Time) -> bool {
        self.status == ProposalStatus::Open && time < self.closes
    }
}
