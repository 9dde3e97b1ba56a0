//! Genesis: what a network begins with. The network's identity is the digest of its head, and the head names the rest
//! by digest, so that a verifier needs the head alone.

use std::fmt;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{Digest, Suite, merkle};
use serde::{Deserialize, Serialize};

use crate::{
    Calendar, Duty, Gateway, Grant, List, Officer, Organization, OrganizationId, Parameters, PolicySet, Resource, Slug,
    Time, codec, codec::text_serde, json, limits,
};

/// Ed25519 key with which a validator votes, 32 bytes; the engine's, whatever the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct ConsensusKey(pub [u8; 32]);

impl fmt::Display for ConsensusKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl FromStr for ConsensusKey {
    type Err = json::HexError;
    fn from_str(text: &str) -> Result<Self, json::HexError> {
        json::from_hex(text).map(Self)
    }
}

text_serde!(ConsensusKey);

/// A member that orders and executes.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validator {
    /// Its name, unique in the network.
    pub name: Slug,
    /// Whose it is.
    pub organization: OrganizationId,
    /// The key it votes with.
    pub key: ConsensusKey,
}

/// What names the network and checks its certificates.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkHead {
    /// Encoding version: 1.
    pub version: u8,
    /// Its name.
    pub name: Slug,
    /// Its suite of cryptography.
    pub suite: Suite,
    /// Version of the rules it begins with.
    pub protocol_version: u16,
    /// Consensus time of genesis.
    pub time: Time,
    /// How many seconds pass on the ledger's calendar in one real second; 1 except in test networks.
    pub time_scale: u32,
    /// The first validators, ascending by key.
    pub validators: List<Validator, { limits::VALIDATORS_MAX }>,
    /// Digest of [`GenesisObjects`].
    pub objects: Digest,
}

impl NetworkHead {
    /// The network's identity.
    pub fn id(&self) -> Digest {
        codec::digest(self.suite, "gongxin-network-1", self)
    }

    /// RFC 6962 root over the canonical bytes of the validators, as in headers.
    pub fn validators_root(&self) -> Digest {
        validators_root(self.suite, &self.validators)
    }
}

/// RFC 6962 root over the canonical bytes of these validators, in order.
pub fn validators_root(suite: Suite, validators: &[Validator]) -> Digest {
    let leaves: Vec<Digest> =
        validators.iter().map(|validator| merkle::leaf_hash(suite, &codec::encode(validator))).collect();
    merkle::root_of_hashes(suite, &leaves)
}

/// The nouns a network begins with.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisObjects {
    /// Parameters and code lists.
    pub parameters: Parameters,
    /// Rules of access.
    pub policy_set: PolicySet,
    /// Organizations.
    pub organizations: List<Organization, { limits::GENESIS_NOUNS_MAX }>,
    /// Officers.
    pub officers: List<Officer, { limits::GENESIS_NOUNS_MAX }>,
    /// Gateways.
    pub gateways: List<Gateway, { limits::GENESIS_NOUNS_MAX }>,
    /// Duties.
    pub duties: List<Duty, { limits::GENESIS_NOUNS_MAX }>,
    /// Resources.
    pub resources: List<Resource, { limits::GENESIS_NOUNS_MAX }>,
    /// Grants.
    pub grants: List<Grant, { limits::GENESIS_NOUNS_MAX }>,
    /// Working days.
    pub calendar: Calendar,
}

impl GenesisObjects {
    /// What the head names them by.
    pub fn digest(&self, suite: Suite) -> Digest {
        codec::digest(suite, "gongxin-genesis-objects-1", self)
    }
}

/// Head and objects: what every node of the network is given.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// What names the network.
    pub head: NetworkHead,
    /// What it begins with.
    pub objects: GenesisObjects,
}

/// A genesis that contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// The head names other objects.
    #[error("the objects of this genesis are not those its head names")]
    Objects,
    /// Validators out of order, twice, or none.
    #[error("the validators of this genesis are not in ascending order of their keys, or there are none")]
    Validators,
    /// A calendar that stands still, or runs faster than blocks can follow.
    #[error("a time scale of `{0}` is not one from 1 to {max}", max = limits::TIME_SCALE_MAX)]
    TimeScale(u32),
    /// Only test networks scale time.
    #[error("a network named `{0}` serves people: its time scale is 1")]
    Production(Slug),
}

/// Words in the name of a network that serves people.
const PRODUCTION: [&str; 3] = ["prod", "production", "live"];

impl Genesis {
    /// Checks that head and objects belong together.
    ///
    /// # Errors
    /// See [`GenesisError`].
    pub fn check(&self) -> Result<(), GenesisError> {
        let validators = &self.head.validators;
        let ascending = validators.is_sorted_by(|one, next| one.key < next.key);
        if validators.is_empty() || !ascending {
            return Err(GenesisError::Validators);
        }
        self.check_scale()?;
        if self.objects.digest(self.head.suite) != self.head.objects { Err(GenesisError::Objects) } else { Ok(()) }
    }

    fn check_scale(&self) -> Result<(), GenesisError> {
        let head = &self.head;
        if !(1..=limits::TIME_SCALE_MAX).contains(&head.time_scale) {
            return Err(GenesisError::TimeScale(head.time_scale));
        }
        let serves = head.name.as_str().split(['-', '_']).any(|word| PRODUCTION.contains(&word));
        if serves && head.time_scale != 1 { Err(GenesisError::Production(head.name.clone())) } else { Ok(()) }
    }
}
