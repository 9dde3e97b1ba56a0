//! Organization 机构: a member of the network; owns duties, resources, keys and gateways.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{
    OrganizationId, Slug, Time, limits,
    text::{Bilingual, Title},
};

/// What an organization is, by law.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum OrganizationKind {
    /// A government department 政府部门.
    Department,
    /// An organization that manages public affairs under authorization 法律、法规授权的组织.
    AuthorisedBody,
    /// A public utility 公用企业.
    Utility,
    /// Any other firm.
    Firm,
    /// The competent authority for data sharing 主管部门.
    CompetentAuthority,
    /// A supervisor or auditor 监督、审计机关.
    Supervisor,
}

impl OrganizationKind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 6] =
        [Self::Department, Self::AuthorisedBody, Self::Utility, Self::Firm, Self::CompetentAuthority, Self::Supervisor];

    /// The code, as in JSON and in policies.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::AuthorisedBody => "authorised-body",
            Self::Utility => "utility",
            Self::Firm => "firm",
            Self::CompetentAuthority => "competent-authority",
            Self::Supervisor => "supervisor",
        }
    }

    /// Whether it rules on others or watches them: such members come by genesis or by vote.
    pub const fn oversees(self) -> bool {
        matches!(self, Self::CompetentAuthority | Self::Supervisor)
    }
}

/// Administrative level, from the state down.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// 国家级.
    State,
    /// 省级.
    Province,
    /// 地市级.
    Prefecture,
    /// 县级.
    County,
    /// 乡级.
    Township,
}

/// A member of the network.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// Encoding version: 1.
    pub version: u8,
    /// Its identifier.
    pub id: OrganizationId,
    /// Its official name.
    pub name: Bilingual<{ limits::TITLE_BYTES_MAX }>,
    /// What it is.
    pub kind: OrganizationKind,
    /// The organization it belongs to.
    pub parent: Option<OrganizationId>,
    /// Its level.
    pub level: Level,
    /// The administrative division it serves: six digits of GB/T 2260, as in `310000`.
    pub division: Slug,
    /// When a vote shut it out; never set by whoever enters or amends it.
    pub expelled: Option<Time>,
}

/// The official name alone, where only that changes.
pub type OrganizationName = Title;
