//! Officer 工作人员: a person acting for an organization, on the ledger only as a pseudonymous identifier.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::PublicKey;
use serde::{Deserialize, Serialize};

use crate::{List, OfficerId, OrganizationId, OrganizationKind, Time, limits};

/// What an officer may be trusted with; the policies say what that means.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Takes up cases and reads what they need 经办人员.
    CaseOfficer,
    /// Keeps catalogue, register and grants 数据管理员.
    DataSteward,
    /// Sees every operation 监督/审计.
    Supervisor,
    /// Reviews and announces 主管部门.
    Authority,
    /// Runs the machines 运维.
    Operator,
}

impl Role {
    /// Every role, in the order of their codes.
    pub const ALL: [Self; 5] =
        [Self::CaseOfficer, Self::DataSteward, Self::Supervisor, Self::Authority, Self::Operator];

    /// The code, as in JSON and in policies.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CaseOfficer => "case-officer",
            Self::DataSteward => "data-steward",
            Self::Supervisor => "supervisor",
            Self::Authority => "authority",
            Self::Operator => "operator",
        }
    }

    /// Whether only a vote gives it, in an organization of this kind: who watches everybody, and who rules on everybody's
    /// catalogue, is chosen by all.
    pub const fn is_critical(self, kind: OrganizationKind) -> bool {
        matches!(self, Self::Supervisor) || (matches!(self, Self::Authority) && kind.oversees())
    }
}

/// The role whose holders appoint others and are the second pair of eyes (PROTOCOL 15): two give it, or a vote.
pub const APPROVES: Role = Role::Authority;

/// One key of an officer or a gateway. It signs from `from` until `until` or its revocation, whichever is first.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficerKey {
    /// The public key.
    pub key: PublicKey,
    /// Consensus time from which it counts.
    pub from: Time,
    /// Consensus time from which it no longer counts.
    pub until: Option<Time>,
    /// Consensus time of its revocation.
    pub revoked: Option<Time>,
}

impl OfficerKey {
    /// Whether it signs at this time.
    pub fn is_valid_at(&self, time: Time) -> bool {
        self.from <= time
            && self.until.is_none_or(|until| time < until)
            && self.revoked.is_none_or(|revoked| time < revoked)
    }
}

/// What somebody else gave an officer.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Gift {
    /// The appointment, with its first roles and keys.
    Admission,
    /// A role, or a longer term with it.
    Role(Role),
    /// A new key in place of lost ones.
    Key,
}

/// Who had a hand in what an officer is. What members gave by vote, or genesis, is nobody's gift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// What.
    pub gift: Gift,
    /// By whom; where it took two, who proposed it.
    pub by: OfficerId,
    /// Who approved it, where it took two.
    pub second: Option<OfficerId>,
    /// When.
    pub time: Time,
}

/// A new key for an officer whose keys are lost or stolen. It ends all of them.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// The officer.
    pub officer: OfficerId,
    /// The new key.
    pub key: OfficerKey,
}

/// A person acting for an organization.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// Encoding version: 1.
    pub version: u8,
    /// The pseudonymous identifier; the name stays in the organization's vault.
    pub id: OfficerId,
    /// Whom the officer acts for.
    pub organization: OrganizationId,
    /// Roles, ascending, each once.
    pub roles: List<Role, { limits::ROLES_MAX }>,
    /// Keys, oldest first.
    pub keys: List<OfficerKey, { limits::OFFICER_KEYS_MAX }>,
    /// When the appointment ends by itself.
    pub until: Option<Time>,
    /// When the officer was dismissed.
    pub dismissed: Option<Time>,
    /// Who admitted the officer; `None` for those of genesis.
    pub admitted_by: Option<OfficerId>,
    /// Who gave what the officer has, each once; never set by whoever appoints.
    #[serde(default)]
    pub given: List<Given, { limits::GIVEN_MAX }>,
}

impl Officer {
    /// Whether the appointment holds at this time.
    pub fn is_active_at(&self, time: Time) -> bool {
        self.until.is_none_or(|until| time < until) && self.dismissed.is_none_or(|dismissed| time < dismissed)
    }

    /// Whether some key of the officer's signs at this time.
    pub fn has_key_at(&self, time: Time) -> bool {
        self.keys.iter().any(|own| own.is_valid_at(time))
    }

    /// Whether this officer had a hand in what the other is, at some time after `since`.
    pub fn is_beholden_to(&self, other: &OfficerId, since: Time) -> bool {
        self.given.iter().any(|given| (given.by == *other || given.second == Some(*other)) && given.time > since)
    }

    /// The key, if it is the officer's and valid at this time.
    pub fn key_at(&self, key: &PublicKey, time: Time) -> Option<&OfficerKey> {
        self.keys.iter().find(|own| own.key == *key && own.is_valid_at(time))
    }
}
