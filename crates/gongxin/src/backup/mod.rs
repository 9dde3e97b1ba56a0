//! `gongxin backup` and `gongxin restore`: what cannot be rebuilt from blocks, in one sealed file.
//!
//! Of a node: configuration, genesis, key, passphrase. Of a gateway: the same, the key that others seal to, and its vault with the
//! sequence numbers in it. Blocks, state and the copy of the ledger come again from the network. **Never the journal of votes**: a
//! validator that is restored may have forgotten votes, and follows until it cannot contradict any (PROTOCOL 11).

mod draft;
pub(crate) mod make;
pub(crate) mod restore;

use gongxin_backup::{Kind, PartName};

/// Where a part stands below the folder that it is restored to.
fn place(of: Kind, part: PartName) -> &'static str {
    match (of, part) {
        (Kind::Node, PartName::Config) => "node.toml",
        (Kind::Gateway, PartName::Config) => "gateway.toml",
        (_, PartName::Genesis) => "genesis.borsh",
        (Kind::Node, PartName::Key) => "consensus.pem",
        (Kind::Gateway, PartName::Key) => "signing.pem",
        (_, PartName::Passphrase) => "passphrase",
        (_, PartName::SealingKey) => SEALING_KEY,
        (_, PartName::VaultMaster) => "data/vault/vault-master.pem",
        (_, PartName::VaultDatabase) => "data/vault/vault.sqlite",
    }
}

/// The key that others seal to: no configuration names it, it stands beside the signing key.
const SEALING_KEY: &str = "sealing.pem";
/// Data directory in a restored configuration.
const DATA: &str = "data";

fn unusable(path: &std::path::Path, error: &dyn std::error::Error) -> crate::failure::Failure {
    crate::failure::Failure::file(path, crate::failure::chain(error))
}
