//! The two configuration files, of a validator and of a gateway: TOML, nothing unknown, paths relative to the file.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gongxin_types::{GatewayId, OrganizationId, Slug, genesis::ConsensusKey};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Largest configuration file that is read.
const CONFIG_BYTES_MAX: u64 = 256 * 1024;

/// A validator's address on the peer-to-peer network.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeerConfig {
    /// Its name, for people.
    pub(crate) name: Slug,
    /// Its consensus key.
    pub(crate) key: ConsensusKey,
    /// Where it listens for its peers.
    pub(crate) address: SocketAddr,
}

/// `node.toml`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeConfig {
    /// Its name, for people and logs.
    pub(crate) name: Slug,
    /// Data directory.
    pub(crate) directory: PathBuf,
    /// The network's genesis.
    pub(crate) genesis: PathBuf,
    /// Encrypted key it votes with.
    pub(crate) key: PathBuf,
    /// File with the key's passphrase.
    pub(crate) passphrase_file: PathBuf,
    /// Where it listens for its peers.
    pub(crate) p2p: SocketAddr,
    /// Where it listens for clients.
    pub(crate) http: SocketAddr,
    /// Follows without voting.
    #[serde(default)]
    pub(crate) follower: bool,
    /// How an empty directory of a running network fills: `replay` every block, or sync the `state`.
    #[serde(default)]
    pub(crate) sync: Sync,
    /// All validators.
    pub(crate) peers: Vec<PeerConfig>,
    /// Nodes that follow without voting and are let in.
    #[serde(default)]
    pub(crate) followers: Vec<PeerConfig>,
}

/// How an empty directory fills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Sync {
    /// By executing every block again.
    #[default]
    Replay,
    /// By taking over the state at a recent block.
    State,
}

/// `gateway.toml`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GatewayConfig {
    /// Whom it serves.
    pub(crate) organization: OrganizationId,
    /// Its identifier on the ledger.
    pub(crate) id: GatewayId,
    /// Data directory: projection and vault.
    pub(crate) directory: PathBuf,
    /// The network's genesis.
    pub(crate) genesis: PathBuf,
    /// Encrypted key it signs with.
    pub(crate) key: PathBuf,
    /// File with the passphrase of key and vault.
    pub(crate) passphrase_file: PathBuf,
    /// Where it listens for people and systems.
    pub(crate) http: SocketAddr,
    /// Base URLs of validators it follows and submits to.
    pub(crate) validators: Vec<String>,
}

/// Reads a configuration file.
///
/// # Errors
/// When it cannot be read, or holds anything unknown: the message names file, line and key.
pub(crate) fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let size = std::fs::metadata(path).map_err(|error| Failure::file(path, error))?.len();
    if size > CONFIG_BYTES_MAX {
        return Err(Failure::file(
            path,
            format_args!("{size} bytes where a configuration has at most {CONFIG_BYTES_MAX}"),
        ));
    }
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
    toml::from_str(&text).map_err(|error| Failure::file(path, error.to_string().trim_end()))
}

/// A path of a configuration, relative to its file.
pub(crate) fn beside(config: &Path, path: &Path) -> PathBuf {
    config.parent().unwrap_or(Path::new(".")).join(path)
}
