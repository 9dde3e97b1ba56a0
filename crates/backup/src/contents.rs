//! What is inside: parts with fixed names, each with its length and digest.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use gongxin_crypto::{Digest, Suite};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{BackupError, Kind, limits};

/// Which part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartName {
    /// `node.toml` or `gateway.toml`.
    Config,
    /// The network's genesis.
    Genesis,
    /// The key it signs or votes with, encrypted under its passphrase.
    Key,
    /// That passphrase.
    Passphrase,
    /// The key that others seal to, encrypted likewise.
    SealingKey,
    /// The vault's master key, encrypted likewise.
    VaultMaster,
    /// The vault's database.
    VaultDatabase,
}

impl PartName {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Genesis => "genesis",
            Self::Key => "key",
            Self::Passphrase => "passphrase",
            Self::SealingKey => "sealing-key",
            Self::VaultMaster => "vault-master",
            Self::VaultDatabase => "vault-database",
        }
    }

    /// Whether a backup may be without it: a gateway that never ran has no vault yet.
    const fn is_optional(self) -> bool {
        matches!(self, Self::SealingKey | Self::VaultMaster | Self::VaultDatabase)
    }

    /// How long it may be.
    const fn bytes_max(self) -> u64 {
        match self {
            Self::VaultDatabase => limits::PART_BYTES_MAX,
            _ => limits::SMALL_PART_BYTES_MAX,
        }
    }
}

/// Where the bytes of a part come from.
pub enum Source {
    /// From memory.
    Bytes(Zeroizing<Vec<u8>>),
    /// From a file that nobody writes meanwhile.
    File(PathBuf),
}

/// A part to be written.
pub struct Part {
    /// Which.
    pub name: PartName,
    /// Its bytes.
    pub source: Source,
}

/// A part of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Which.
    pub name: PartName,
    /// Its length.
    pub bytes: u64,
    /// Its digest.
    pub digest: Digest,
}

impl Part {
    /// The bytes from their beginning.
    pub(crate) fn reader(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match &self.source {
            Source::Bytes(bytes) => Box::new(bytes.as_slice()),
            Source::File(path) => Box::new(File::open(path)?),
        })
    }

    /// Reads it once, for the contents.
    pub(crate) fn entry(&self, suite: Suite) -> io::Result<Entry> {
        let mut digesting = Digesting::new(suite, self.reader()?);
        io::copy(&mut digesting, &mut io::sink())?;
        let (bytes, digest) = digesting.finish();
        Ok(Entry { name: self.name, bytes, digest })
    }
}

/// Refuses contents that are not those of such a backup.
pub(crate) fn check(of: Kind, entries: &[Entry]) -> Result<(), BackupError> {
    let refused = |what| Err(BackupError::Contents { of: of.as_str(), what });
    let names: Vec<PartName> = entries.iter().map(|entry| entry.name).collect();
    let expected = of.parts().iter().filter(|part| !part.is_optional() || names.contains(part));
    if !expected.eq(&names) {
        return refused("parts are missing, or others are there");
    }
    if names.contains(&PartName::VaultMaster) != names.contains(&PartName::VaultDatabase) {
        return refused("half of a vault");
    }
    if entries.iter().any(|entry| entry.bytes > entry.name.bytes_max()) {
        return refused("a part is longer than it can be");
    }
    Ok(())
}

/// Counts and hashes what is read through it.
pub(crate) struct Digesting<R> {
    inner: R,
    bytes: u64,
    hasher: gongxin_crypto::Hasher,
}

impl<R: Read> Digesting<R> {
    pub(crate) fn new(suite: Suite, inner: R) -> Self {
        Self { inner, bytes: 0, hasher: suite.hasher() }
    }

    /// How much was read, and its digest.
    pub(crate) fn finish(self) -> (u64, Digest) {
        (self.bytes, self.hasher.finish())
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(buffer.get(..count).unwrap_or_default());
        self.bytes = self.bytes.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(count)
    }
}
