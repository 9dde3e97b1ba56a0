//! The plan of a network: who takes part, with how many officers, on which ports. `gongxin init --print-plan` shows one.

use std::net::SocketAddr;

use gongxin_types::{OrganizationId, OrganizationKind, Role, Slug, organization::Level};
use serde::{Deserialize, Serialize};

/// What `gongxin init` makes a network from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Name of the network.
    pub name: Slug,
    /// Seconds on the ledger's calendar per real second: 1, except in test networks.
    #[serde(default = "one")]
    pub time_scale: u32,
    /// Its members.
    pub organizations: Vec<OrganizationPlan>,
}

fn one() -> u32 {
    1
}

/// One member.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationPlan {
    /// Its identifier.
    pub id: OrganizationId,
    /// Official name in Chinese.
    pub zh: String,
    /// Official name in English.
    pub en: String,
    /// What it is.
    pub kind: OrganizationKind,
    /// Its level.
    pub level: Level,
    /// The division it serves, six digits.
    pub division: Slug,
    /// Its officers.
    #[serde(default)]
    pub officers: Vec<OfficerPlan>,
    /// Its validator, if it runs one.
    pub validator: Option<ValidatorPlan>,
    /// Its gateway, if it runs one.
    pub gateway: Option<GatewayPlan>,
}

/// One officer; the name is a label for files, never a person's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficerPlan {
    /// Names the key file.
    pub label: Slug,
    /// What the officer may be trusted with.
    pub roles: Vec<Role>,
}

/// Where a validator listens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidatorPlan {
    /// For its peers.
    pub p2p: SocketAddr,
    /// For clients.
    pub http: SocketAddr,
}

/// Where a gateway listens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayPlan {
    /// For people and systems.
    pub http: SocketAddr,
}
