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

/// A path of a configuration, relative to its file.
pub(crate) fn beside(config: &Path, path: &Path) -> PathBuf {
    config.parent().unwrap_or(Path::new(".")).join(path)
}
