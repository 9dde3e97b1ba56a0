//! Alert 预警: what is wrong in the network, who says so, and what proves it.
//!
//! There is one alert of a kind about one thing on one occasion ([`AlertTopic`]); whoever sees the same adds a
//! confirmation, each organization once. What is proven needs no confirmation: the ledger itself has checked the evidence.
//! What is attested is what organizations say they have seen; more of them than validators may fail have at least one honest
//! among them. Absence is nobody's statement about anybody: each says that it does not hear (PROTOCOL 11). An alert ends
//! and is never deleted; what passes and comes again is a further alert, with the next number.
//!
//! Kinds are appended, never changed: later kinds are about resources, records and duties.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, Suite};
use serde::{Deserialize, Serialize};

use crate::{
    AlertId, HeaderDigest, Height, List, OrganizationId, Time, codec,
    fault::{Equivocation, FaultEvidence, SignedProposal, TwoCertificates},
    genesis::ConsensusKey,
    limits,
    obligation::codes,
    transaction::Actor,
};

codes! {
    /// What an alert is about.
    AlertKind {
        /// A validator contradicted itself 双重表决.
        Equivocation = "equivocation",
        /// Two blocks of one height were certified 账本分叉.
        TwoCertificates = "two-certificates",
        /// A leader signed a block that is invalid 无效提案.
        InvalidProposal = "invalid-proposal",
        /// A validator's clock is beyond what final blocks allow 时钟偏差.
        ClockFault = "clock-fault",
        /// A validator is not heard 节点失联.
        SilentValidator = "silent-validator",
        /// An organization is turned away because its quota is used up 超出配额.
        QuotaAbuse = "quota-abuse",
    }
}

codes! {
    /// What stands behind an alert.
    Assurance {
        /// Signatures that the ledger has checked.
        Proven = "proven",
        /// The word of those who raised it.
        Attested = "attested",
        /// That they do not hear: nobody is accused.
        Unattributed = "unattributed",
    }
}

impl AlertKind {
    /// What stands behind alerts of this kind.
    pub const fn assurance(self) -> Assurance {
        match self {
            Self::Equivocation | Self::TwoCertificates => Assurance::Proven,
            Self::InvalidProposal | Self::ClockFault | Self::QuotaAbuse => Assurance::Attested,
            Self::SilentValidator => Assurance::Unattributed,
        }
    }

    /// Whether it is a condition, which passes and may come again, and not something that happened.
    pub const fn passes(self) -> bool {
        matches!(self, Self::ClockFault | Self::SilentValidator | Self::QuotaAbuse)
    }
}

codes! {
    /// Why a validator holds a proposed block for invalid.
    RejectionCode {
        /// Its header does not follow its parent's.
        Header = "header",
        /// It is larger or heavier than a block may be.
        Limits = "limits",
        /// A transaction may not stand in it.
        Transaction = "transaction",
        /// A signature in it does not verify.
        Signature = "signature",
        /// Its receipts are others.
        Receipts = "receipts",
        /// Its state is another.
        State = "state",
        /// It announces other validators, or other rules, than are in force.
        Rules = "rules",
    }
}

/// What somebody found: the content of a raised alert. What is not proven names what it is about and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "finding", deny_unknown_fields)]
pub enum Finding {
    /// A validator contradicted itself.
    Equivocation(Equivocation),
    /// Two blocks of one height were certified.
    TwoCertificates(Box<TwoCertificates>),
    /// A leader signed a block that is invalid.
    InvalidProposal {
        /// That it signed it.
        proposal: SignedProposal,
        /// What is wrong with it, by who says so.
        reason: RejectionCode,
    },
    /// The clock of one of the sender's own validators is beyond bounds.
    ClockFault {
        /// Its key.
        validator: ConsensusKey,
    },
    /// A validator is not heard.
    SilentValidator {
        /// Its key.
        validator: ConsensusKey,
    },
    /// An organization is turned away.
    QuotaAbuse {
        /// Which.
        organization: OrganizationId,
    },
}

impl Finding {
    /// Of which kind it is.
    pub const fn kind(&self) -> AlertKind {
        match self {
            Self::Equivocation(_) => AlertKind::Equivocation,
            Self::TwoCertificates(_) => AlertKind::TwoCertificates,
            Self::InvalidProposal { .. } => AlertKind::InvalidProposal,
            Self::ClockFault { .. } => AlertKind::ClockFault,
            Self::SilentValidator { .. } => AlertKind::SilentValidator,
            Self::QuotaAbuse { .. } => AlertKind::QuotaAbuse,
        }
    }

    /// What tells its alert from others.
    pub fn topic(&self) -> AlertTopic {
        let (about, occasion) = match self {
            Self::Equivocation(fault) => {
                let Equivocation { epoch, view, validator, .. } = *fault;
                (About::Validator(validator), Occasion::View { epoch, view })
            }
            Self::TwoCertificates(two) => (About::Height(two.one.header.height), Occasion::Any),
            Self::InvalidProposal { proposal, .. } => {
                let SignedProposal { epoch, view, validator, proposed, .. } = *proposal;
                (About::Validator(validator), Occasion::Proposal { epoch, view, header: proposed.header })
            }
            Self::ClockFault { validator } | Self::SilentValidator { validator } => {
                (About::Validator(*validator), Occasion::Any)
            }
            Self::QuotaAbuse { organization } => (About::Organization(organization.clone()), Occasion::Any),
        };
        AlertTopic { kind: self.kind(), about, occasion }
    }

    /// What validators signed, where it rests on that.
    pub fn evidence(&self) -> Option<FaultEvidence> {
        match self {
            Self::Equivocation(fault) => Some(FaultEvidence::Equivocation(fault.clone())),
            Self::TwoCertificates(two) => Some(FaultEvidence::TwoCertificates(two.clone())),
            Self::InvalidProposal { proposal, .. } => Some(FaultEvidence::Proposal(proposal.clone())),
            Self::ClockFault { .. } | Self::SilentValidator { .. } | Self::QuotaAbuse { .. } => None,
        }
    }
}

/// An alert as it is raised, in the name of the sender's organization.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAlert {
    /// Encoding version: 1.
    pub version: u8,
    /// What was found.
    pub finding: Finding,
}

/// Who or what an alert is about.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// The validator that votes with this key.
    Validator(ConsensusKey),
    /// A member.
    Organization(OrganizationId),
    /// A height of the ledger.
    Height(Height),
}

impl std::fmt::Display for About {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Validator(key) => write!(formatter, "validator {key}"),
            Self::Organization(id) => write!(formatter, "organization {id}"),
            Self::Height(height) => write!(formatter, "height {height}"),
        }
    }
}

/// On which occasion, where one kind can happen to the same more than once.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case", tag = "at", deny_unknown_fields)]
pub enum Occasion {
    /// There is but one.
    Any,
    /// In a view.
    View {
        /// Which validator set served.
        #[serde(with = "crate::json::integer")]
        epoch: u64,
        /// The view.
        #[serde(with = "crate::json::integer")]
        view: u64,
    },
    /// With a proposed block.
    Proposal {
        /// Which validator set served.
        #[serde(with = "crate::json::integer")]
        epoch: u64,
        /// The view.
        #[serde(with = "crate::json::integer")]
        view: u64,
        /// The block.
        header: HeaderDigest,
    },
}

/// What tells an alert from others: kind, what it is about, occasion.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct AlertTopic {
    /// Of which kind.
    pub kind: AlertKind,
    /// Who or what it is about.
    pub about: About,
    /// On which occasion.
    pub occasion: Occasion,
}

impl AlertTopic {
    /// The identifier of the alert with this number, from 1: the first 16 bytes of a SHA-256, whatever the network's suite, so
    /// that everyone who finds the same names it the same.
    pub fn id(&self, number: u32) -> AlertId {
        let digest = codec::digest(Suite::Intl, "gongxin-alert-1", &(self, number));
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
        AlertId::new(bytes)
    }
}

/// That an organization says so too.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// Which.
    pub organization: OrganizationId,
    /// Its officer or gateway.
    pub actor: Actor,
    /// When.
    pub time: Time,
    /// Since when it says that it is over.
    pub over: Option<Time>,
}

/// How an alert ended.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "how", deny_unknown_fields)]
pub enum Ending {
    /// More than half of those who confirmed it said that it was over.
    Over,
    /// Somebody who oversees others has dealt with it.
    Settled {
        /// For whom.
        organization: OrganizationId,
        /// Who.
        officer: crate::OfficerId,
    },
}

/// Whether an alert stands.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state", deny_unknown_fields)]
pub enum AlertState {
    /// It does.
    Open,
    /// No longer.
    Ended {
        /// Since when.
        time: Time,
        /// How it ended.
        ending: Ending,
    },
}

impl AlertState {
    /// The code, as in JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ended { .. } => "ended",
        }
    }
}

/// An alert as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Encoding version: 1.
    pub version: u8,
    /// Its identifier: [`AlertTopic::id`] of the two that follow.
    pub id: AlertId,
    /// What tells it from others.
    pub topic: AlertTopic,
    /// Which time it is that this came, from 1.
    pub number: u32,
    /// Whether it stands.
    pub state: AlertState,
    /// The block in which it was raised first.
    #[serde(rename = "raised")]
    pub height: Height,
    /// When that was.
    pub time: Time,
    /// Who has said so, in the order in which they did, each organization once.
    pub confirmations: List<Confirmation, { limits::ALERT_CONFIRMATIONS_MAX }>,
    /// Since when it needs no more confirmations: it is proven, or more organizations with validators say so than validators may
    /// fail.
    pub confirmed: Option<Time>,
    /// Digest of the evidence that it was first raised with ([`FaultEvidence::digest`]); the bytes stand in that transaction.
    pub evidence: Option<Digest>,
    /// The keys that the evidence convicts, ascending.
    pub convicted: List<ConsensusKey, { limits::VALIDATORS_MAX }>,
}

impl Alert {
    /// Whether it stands.
    pub fn is_open(&self) -> bool {
        self.state == AlertState::Open
    }

    /// What an organization has said of it.
    pub fn said_by(&self, organization: &OrganizationId) -> Option<&Confirmation> {
        self.confirmations.iter().find(|one| one.organization == *organization)
    }
}
