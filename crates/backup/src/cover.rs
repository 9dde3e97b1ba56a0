//! What stands on the outside of a backup: readable without any key, and bound to what is inside.

use gongxin_crypto::{Digest, SealingPublic, Suite};
use gongxin_types::{Slug, Time};
use serde::{Deserialize, Serialize};

use crate::PartName;

/// What a backup is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A validator, or a node that follows.
    Node,
    /// A gateway with its vault.
    Gateway,
}

impl Kind {
    /// The parts that such a backup has, in their order. A gateway's sealing key and vault are there
    /// where its machine has them.
    pub const fn parts(self) -> &'static [PartName] {
        match self {
            Self::Node => &[PartName::Config, PartName::Genesis, PartName::Key, PartName::Passphrase],
            Self::Gateway => &[
                PartName::Config,
                PartName::Genesis,
                PartName::Key,
                PartName::Passphrase,
                PartName::SealingKey,
                PartName::VaultMaster,
                PartName::VaultDatabase,
            ],
        }
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Gateway => "gateway",
        }
    }
}

/// The outside of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cover {
    /// Of which network.
    pub network: Digest,
    /// The network's suite, by number: it ciphers the backup too.
    pub suite: u8,
    /// Of what.
    pub of: Kind,
    /// The node's name, or the gateway's organization.
    pub name: Slug,
    /// When it was begun: what was written later is not in it.
    pub made: Time,
    /// Version of the program that made it.
    pub program: String,
    /// Whose secret half opens it.
    pub sealed_to: SealingPublic,
    /// Period of the vault's keys. What was erased since is still in here: it is destroyed when a later period begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault_period: Option<u64>,
}

impl Cover {
    /// The suite.
    pub(crate) fn suite(&self) -> Option<Suite> {
        Suite::from_id(self.suite).ok()
    }
}
