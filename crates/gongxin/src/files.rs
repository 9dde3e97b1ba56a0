//! Reading what the user names, with the file's path in every error.

use std::path::{Path, PathBuf};

use gongxin_crypto::{Passphrase, SecretKey, key_file};
use gongxin_types::{Genesis, Network, NetworkHead, codec, limits};
use gongxin_verify::TrustedNetwork;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::{self, Failure};

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
    let remedy = "put the file back from a backup, or copy it from another member of the network";
    let unusable = |error: String| Failure::file(path, format_args!("{error}; {remedy}"));
    let bytes = read(path, GENESIS_BYTES_MAX).map_err(|failure| failure.with(remedy))?;
    let genesis: Genesis = codec::decode("genesis", &bytes).map_err(|error| unusable(error.to_string()))?;
    genesis.check().map_err(|error| unusable(error.to_string()))?;
    Ok(genesis)
}

/// The key that a configuration names for its own node, opened with the passphrase that it names.
pub(crate) fn own_key(key: &Path, passphrase_file: &Path) -> Result<(SecretKey, Passphrase), Failure> {
    let unusable = |path: &Path, error: &dyn std::error::Error| {
        let words = failure::chain(error);
        let named = words.contains(&*path.display().to_string());
        let failure = if named { Failure::usage(words) } else { Failure::file(path, words) };
        failure.with("put the file back from a backup, or name the right one in the configuration")
    };
    let passphrase = Passphrase::from_file(passphrase_file).map_err(|error| unusable(passphrase_file, &error))?;
    let secret = key_file::read_signing_key(key, &passphrase).map_err(|error| unusable(key, &error))?;
    Ok((secret, passphrase))
}

/// The head of the network that a network file describes.
pub(crate) fn network(path: &Path) -> Result<NetworkHead, Failure> {
    network_file(path).map(|(file, _)| file.head)
}

/// A network file, and what is trusted by it.
pub(crate) fn network_file(path: &Path) -> Result<(Network, TrustedNetwork), Failure> {
    let bytes = read(path, limits::NETWORK_FILE_BYTES_MAX)?;
    let file: Network = gongxin_verify::jcs::read(&bytes).map_err(|error| Failure::file(path, error))?;
    let trusted = gongxin_verify::network::trust(&file).map_err(|error| Failure::file(path, error))?;
    Ok((file, trusted))
}

/// Writes a receipt, in its canonical bytes, where one was asked for and there is one.
pub(crate) fn write_receipt(path: Option<&PathBuf>, receipt: Option<&Value>) -> Result<(), Failure> {
    match (path, receipt.filter(|receipt| !receipt.is_null())) {
        (Some(path), Some(receipt)) => write(path, &gongxin_verify::jcs::to_bytes(receipt).map_err(Failure::usage)?),
        _ => Ok(()),
    }
}

/// Writes a file in place of what stands there: all of it or nothing.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    write(&beside, bytes)?;
    std::fs::rename(&beside, path).map_err(|error| Failure::file(path, error))
}

/// Writes a file in place of what stands there.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure::file(path, error))
}
