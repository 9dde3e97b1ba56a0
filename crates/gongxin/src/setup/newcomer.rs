//! A validator for a network that runs already: its folder, with a key that has never voted.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gongxin_crypto::Suite;
use gongxin_types::genesis::{ConsensusKey, Validator};
use gongxin_types::{OrganizationId, Slug};

use super::keys::{KeyMaker, new_passphrase};
use crate::config::{self, NodeConfig, PeerConfig, Sync};
use crate::failure::{self, Failure};
use crate::files;

/// What its operator says.
pub(crate) struct Newcomer<'a> {
    /// Its folder, which must not be there.
    pub(crate) directory: &'a Path,
    /// Its name.
    pub(crate) name: Slug,
    /// Whose it is.
    pub(crate) organization: OrganizationId,
    /// The configuration of any node of the network: its genesis and its peers.
    pub(crate) like: &'a Path,
    /// Where it will listen for its peers.
    pub(crate) p2p: SocketAddr,
    /// Where it will listen for clients.
    pub(crate) http: SocketAddr,
}

/// What was made.
pub(crate) struct Made {
    /// What members vote on.
    pub(crate) validator: Validator,
    /// What the others put into their configurations, to let it in.
    pub(crate) peer: PeerConfig,
    /// Its own configuration.
    pub(crate) config: PathBuf,
}

/// Makes key, passphrase, configuration and data directory.
pub(crate) fn make(newcomer: &Newcomer<'_>) -> Result<Made, Failure> {
    let known: NodeConfig = config::read(newcomer.like)?;
    let genesis_path = config::beside(newcomer.like, &known.genesis);
    let genesis_path = genesis_path.canonicalize().map_err(|error| Failure::file(&genesis_path, error))?;
    let genesis = files::genesis(&genesis_path)?;
    let directory = newcomer.directory;
    if directory.exists() {
        return Err(Failure::file(directory, "stands there already; choose a new folder"));
    }
    fs::create_dir_all(directory).map_err(|error| Failure::file(directory, error))?;
    let passphrase = new_passphrase(&directory.join("passphrase"))?;
    // The engine votes with Ed25519 whatever the network's suite (PROTOCOL 4).
    let secret = KeyMaker::new(Suite::Intl, &passphrase).signing(&directory.join("consensus.pem"))?;
    let key = ConsensusKey(gongxin_chain::consensus_public_key(&secret.expose_seed()));
    let peer = PeerConfig { name: newcomer.name.clone(), key, address: newcomer.p2p };
    let node = NodeConfig {
        name: newcomer.name.clone(),
        directory: "data".into(),
        genesis: genesis_path,
        key: "consensus.pem".into(),
        passphrase_file: "passphrase".into(),
        p2p: newcomer.p2p,
        http: newcomer.http,
        follower: false,
        sync: Sync::State,
        disk_free_bytes_min: None,
        archive_days: None,
        snapshot_hours: None,
        peers: known.peers.iter().chain([&peer]).cloned().collect(),
        followers: known.followers,
    };
    let config = directory.join("node.toml");
    let text = toml::to_string_pretty(&node).map_err(Failure::usage)?;
    files::write(&config, text.as_bytes())?;
    let data = directory.join("data");
    gongxin_chain::init(&data, &genesis).map_err(|error| Failure::usage(failure::chain(&error)))?;
    let validator = Validator { name: newcomer.name.clone(), organization: newcomer.organization.clone(), key };
    Ok(Made { validator, peer, config })
}
