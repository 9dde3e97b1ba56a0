//! Reading what the user names, with the file's path in every error.

use std::path::{Path, PathBuf};

use gongxin_types::{Genesis, NetworkHead, codec, limits};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::Failure;

/// Largest genesis: 4,096 nouns of 2 KiB each.
const GENESIS_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Largest noun in a JSON file: a resource of 128 fields with descriptions.
const NOUN_BYTES_MAX: usize = 1024 * 1024;

/// The bytes of a file of at most `max`.
pub(crate) fn read(path: &Path, max: usize) -> Result<Vec<u8>, Failure> {
    use std::io::Read as _;
    let file = std::fs::File::open(path).map_err(|error| Failure::file(path, error))?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).map_err(|error| Failure::file(path, error))?;
    if bytes.len() > max {
        return Err(Failure::file(path, format_args!("more than the {max} bytes that such a file has at most")));
    }
    Ok(bytes)
}

/// A noun from a JSON file; nothing unknown in it.
pub(crate) fn noun<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    serde_json::from_slice(&read(path, NOUN_BYTES_MAX)?).map_err(|error| Failure::file(path, error))
}

/// A genesis that is one.
pub(crate) fn genesis(path: &Path) -> Result<Genesis, Failure> {
    let bytes = read(path, GENESIS_BYTES_MAX)?;
    let genesis: Genesis = codec::decode("genesis", &bytes).map_err(|error| Failure::file(path, error))?;
    genesis.check().map_err(|error| Failure::file(path, error))?;
    Ok(genesis)
}

/// The head of the network that a network file describes.
pub(crate) fn network(path: &Path) -> Result<NetworkHead, Failure> {
    let bytes = read(path, limits::NETWORK_FILE_BYTES_MAX)?;
    gongxin_verify::network::parse(&bytes)
        .map(|network| network.head().clone())
        .map_err(|error| Failure::file(path, error))
}

/// Writes a receipt, in its canonical bytes, where one was asked for and there is one.
pub(crate) fn write_receipt(path: Option<&PathBuf>, receipt: Option<&Value>) -> Result<(), Failure> {
    match (path, receipt.filter(|receipt| !receipt.is_null())) {
        (Some(path), Some(receipt)) => write(path, &gongxin_verify::jcs::to_bytes(receipt).map_err(Failure::usage)?),
        _ => Ok(()),
    }
}

/// Writes a file in place of what stands there.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure::file(path, error))
}
