//! Reading the configuration files: what stands in them is said by [`gongxin_config`], paths are relative to the file.

use std::path::{Path, PathBuf};

pub(crate) use gongxin_config::{GatewayConfig, NodeConfig, PeerConfig, Sync};

use crate::failure::Failure;
use crate::files;

/// Reads a configuration file.
///
/// # Errors
/// When it cannot be read, or holds anything unknown: the message names file, line and key.
pub(crate) fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let bytes = files::read(path, gongxin_config::FILE_BYTES_MAX)?;
    gongxin_config::parse(&bytes).map_err(|error| Failure::file(path, error))
}

/// A configuration of either kind.
pub(crate) enum Either {
    /// `node.toml`.
    Node(Box<NodeConfig>),
    /// `gateway.toml`.
    Gateway(Box<GatewayConfig>),
}

/// Reads a configuration of either kind: who serves an organization is a gateway.
///
/// # Errors
/// As [`read`], in the words of the kind that it is.
pub(crate) fn read_either(path: &Path) -> Result<Either, Failure> {
    let bytes = files::read(path, gongxin_config::FILE_BYTES_MAX)?;
    let table: Option<toml::Table> = std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
    let is_gateway = table.is_some_and(|table| table.contains_key("organization"));
    Ok(if is_gateway { Either::Gateway(Box::new(read(path)?)) } else { Either::Node(Box::new(read(path)?)) })
}

/// A path of a configuration, relative to its file.
pub(crate) fn beside(config: &Path, path: &Path) -> PathBuf {
    config.parent().unwrap_or(Path::new(".")).join(path)
}
