//! A gateway's folder: its keys, what its configuration says, and what the ledger is to know of it.
//!
//! Of a network in the making, and for one that runs already: there its noun waits in a file until an operator registers it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gongxin_types::{Gateway, GatewayId, List, OrganizationId};

use super::genesis::first_key;
use super::keys::{KeyMaker, identifier, new_passphrase};
use crate::config::{self, GatewayConfig};
use crate::failure::Failure;
use crate::files;

/// What `gateway register` takes, beside the configuration.
const NOUN: &str = "gateway.json";

/// What its operator says.
pub(crate) struct Newcomer<'a> {
    /// Its folder, which must not be there.
    pub(crate) directory: &'a Path,
    /// Whom it will serve.
    pub(crate) organization: OrganizationId,
    /// The configuration of any gateway of the network: its genesis and its validators.
    pub(crate) like: &'a Path,
    /// Where it will listen.
    pub(crate) http: SocketAddr,
    /// Base URLs of its office's own validators: what these find out it raises as alerts.
    pub(crate) own_validators: &'a [String],
}

/// What was made.
pub(crate) struct Made {
    /// What is registered.
    pub(crate) gateway: Gateway,
    /// The file of it.
    pub(crate) noun: PathBuf,
    /// Its configuration.
    pub(crate) config: PathBuf,
}

/// Makes keys, passphrase, configuration and noun of a gateway for a network that runs.
pub(crate) fn make(newcomer: &Newcomer<'_>) -> Result<Made, Failure> {
    let known: GatewayConfig = config::read(newcomer.like)?;
    let genesis_path = config::beside(newcomer.like, &known.genesis);
    let genesis_path = genesis_path.canonicalize().map_err(|error| Failure::file(&genesis_path, error))?;
    let suite = files::genesis(&genesis_path)?.head.suite;
    let directory = newcomer.directory;
    if directory.exists() {
        return Err(Failure::file(directory, "stands there already; choose a new folder"));
    }
    fs::create_dir_all(directory).map_err(|error| Failure::file(directory, error))?;
    let passphrase = new_passphrase(&directory.join("passphrase"))?;
    let maker = KeyMaker::new(suite, &passphrase);
    let (gateway, mut own) = keys(directory, &newcomer.organization, newcomer.http, &maker)?;
    (own.genesis, own.passphrase_file, own.validators) = (genesis_path, "passphrase".into(), known.validators);
    own.own_validators = newcomer.own_validators.to_vec();
    let (config, noun) = (directory.join("gateway.toml"), directory.join(NOUN));
    files::write(&config, toml::to_string_pretty(&own).map_err(Failure::usage)?.as_bytes())?;
    files::write(&noun, &serde_json::to_vec_pretty(&gateway).map_err(Failure::usage)?)?;
    Ok(Made { gateway, noun, config })
}

/// Makes a gateway's keys in its folder: what the ledger is to know, and a configuration that does not yet say where genesis,
/// passphrase and validators are.
pub(super) fn keys(
    folder: &Path,
    organization: &OrganizationId,
    http: SocketAddr,
    maker: &KeyMaker<'_>,
) -> Result<(Gateway, GatewayConfig), Failure> {
    let key = maker.signing(&folder.join("signing.pem"))?;
    let sealing = maker.sealing(&folder.join("sealing.pem"))?;
    let gateway = Gateway {
        version: 1,
        id: GatewayId::new(identifier()?),
        organization: organization.clone(),
        address: http.to_string().parse().map_err(Failure::usage)?,
        tls: None,
        keys: List::new(vec![first_key(key.public())]).map_err(Failure::usage)?,
        sealing_key: sealing.public(),
        until: None,
        revoked: None,
    };
    let config = GatewayConfig {
        organization: organization.clone(),
        id: gateway.id,
        directory: "data".into(),
        genesis: PathBuf::new(),
        key: "signing.pem".into(),
        passphrase_file: PathBuf::new(),
        http,
        origins: Vec::new(),
        validators: Vec::new(),
        own_validators: Vec::new(),
    };
    Ok((gateway, config))
}
