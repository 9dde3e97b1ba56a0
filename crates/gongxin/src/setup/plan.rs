//! The plan of a network: who takes part, with how many officers, on which ports. `gongxin init --print-plan` shows one.

use std::net::SocketAddr;

use gongxin_types::{OrganizationId, OrganizationKind, Role, Slug, organization::Level};
use serde::{Deserialize, Serialize};

/// What `gongxin init` makes a network from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// Name of the network.
    pub(crate) name: Slug,
    /// Seconds on the ledger's calendar per real second: 1, except in test networks.
    #[serde(default = "one")]
    pub(crate) time_scale: u32,
    /// Its members.
    pub(crate) organizations: Vec<OrganizationPlan>,
}

fn one() -> u32 {
    1
}

/// One member.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganizationPlan {
    /// Its identifier.
    pub(crate) id: OrganizationId,
    /// Official name in Chinese.
    pub(crate) zh: String,
    /// Official name in English.
    pub(crate) en: String,
    /// What it is.
    pub(crate) kind: OrganizationKind,
    /// Its level.
    pub(crate) level: Level,
    /// The division it serves, six digits.
    pub(crate) division: Slug,
    /// Its officers.
    #[serde(default)]
    pub(crate) officers: Vec<OfficerPlan>,
    /// Its validator, if it runs one.
    pub(crate) validator: Option<ValidatorPlan>,
    /// Its gateway, if it runs one.
    pub(crate) gateway: Option<GatewayPlan>,
}

/// One officer; the name is a label for files, never a person's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfficerPlan {
    /// Names the key file.
    pub(crate) label: Slug,
    /// What the officer may be trusted with.
    pub(crate) roles: Vec<Role>,
}

/// Where a validator listens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValidatorPlan {
    /// For its peers.
    pub(crate) p2p: SocketAddr,
    /// For clients.
    pub(crate) http: SocketAddr,
}

/// Where a gateway listens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GatewayPlan {
    /// For people and systems.
    pub(crate) http: SocketAddr,
}
