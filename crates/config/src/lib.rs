//! Config: the files an operator writes, of a validator, of a gateway, and of a network to be made.
//!
//! They are TOML, with nothing unknown in them: a misspelt key is an error that names its line, never a default. Paths are
//! relative to the file. What a file says is checked here as far as its types go; reading it from disk, and whether it
//! fits the ledger, is left to the program.

pub mod holidays;
pub mod plan;

use std::net::SocketAddr;
use std::path::PathBuf;

use gongxin_types::{GatewayId, OrganizationId, Slug, genesis::ConsensusKey};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use plan::Plan;

/// Largest configuration file that is read: 64 validators and as many followers at 200 bytes each, ten times over.
pub const FILE_BYTES_MAX: usize = 256 * 1_024;

/// A validator's address on the peer-to-peer network.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerConfig {
    /// Its name, for people.
    pub name: Slug,
    /// Its consensus key.
    pub key: ConsensusKey,
    /// Where it listens for its peers.
    pub address: SocketAddr,
}

/// `node.toml`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// Its name, for people and logs.
    pub name: Slug,
    /// Data directory.
    pub directory: PathBuf,
    /// The network's genesis.
    pub genesis: PathBuf,
    /// Encrypted key it votes with.
    pub key: PathBuf,
    /// File with the key's passphrase.
    pub passphrase_file: PathBuf,
    /// Where it listens for its peers.
    pub p2p: SocketAddr,
    /// Where it listens for clients.
    pub http: SocketAddr,
    /// Follows without voting.
    #[serde(default)]
    pub follower: bool,
    /// How an empty directory of a running network fills: `replay` every block, or sync the `state`.
    #[serde(default)]
    pub sync: Sync,
    /// Free bytes on the disk of the data directory below which it stops in order [default: 256 MiB].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_free_bytes_min: Option<u64>,
    /// Days for which final blocks are kept, at least 30; without it all of them are, always. Older ones are dropped only
    /// while enough other validators keep the full archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive_days: Option<u32>,
    /// Hours between two snapshots of the state that the node takes [default: none, and 24 where `archive_days` is set].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_hours: Option<u32>,
    /// All validators.
    pub peers: Vec<PeerConfig>,
    /// Nodes that follow without voting, or are not voted in yet, and are let in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub followers: Vec<PeerConfig>,
}

/// How an empty directory fills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sync {
    /// By executing every block again.
    #[default]
    Replay,
    /// By taking over the state at a recent block.
    State,
}

/// `gateway.toml`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// Whom it serves.
    pub organization: OrganizationId,
    /// Its identifier on the ledger.
    pub id: GatewayId,
    /// Data directory: projection and vault.
    pub directory: PathBuf,
    /// The network's genesis.
    pub genesis: PathBuf,
    /// Encrypted key it signs with.
    pub key: PathBuf,
    /// File with the passphrase of key and vault.
    pub passphrase_file: PathBuf,
    /// Where it listens for people and systems.
    pub http: SocketAddr,
    /// The base URLs under which it is called, such as `https://gateway.example.org`: calls signed for any other are refused.
    /// Where none is named, these are the address above and `localhost` with its port.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<String>,
    /// Base URLs of validators it follows and submits to.
    pub validators: Vec<String>,
    /// Base URLs of the organization's own validators: what these find out it raises as alerts, in the organization's name. No
    /// other's word is taken for that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_validators: Vec<String>,
}

/// Bytes that are not such a file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Longer than such a file can be.
    #[error("{bytes} bytes where a configuration has at most {FILE_BYTES_MAX}")]
    TooLong {
        /// Its length, or as much of it as was read.
        bytes: usize,
    },
    /// Not UTF-8.
    #[error("not UTF-8")]
    NotText,
    /// Not TOML, or with something missing, unknown or of another kind; the message names the line.
    #[error("{0}")]
    Content(String),
}

/// Reads a configuration from the bytes of its file.
///
/// # Errors
/// See [`ConfigError`].
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ConfigError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(ConfigError::TooLong { bytes: bytes.len() });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ConfigError::NotText)?;
    toml::from_str(text).map_err(|error| ConfigError::Content(error.to_string().trim_end().to_owned()))
}
