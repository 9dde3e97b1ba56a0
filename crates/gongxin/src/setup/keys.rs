//! The keys of a network in the making, each in an encrypted file that its owner alone can read.

use std::path::{Path, PathBuf};

use gongxin_crypto::{Passphrase, SealingSecret, SecretKey, Suite, key_file, random};
use gongxin_types::OfficerId;

use crate::failure::Failure;

/// Makes and writes keys under one passphrase.
pub(crate) struct KeyMaker<'a> {
    suite: Suite,
    passphrase: &'a Passphrase,
}

/// An officer in the making.
pub(crate) struct NewOfficer {
    /// The pseudonymous identifier.
    pub(crate) id: OfficerId,
    /// The signing key.
    pub(crate) key: SecretKey,
}

impl<'a> KeyMaker<'a> {
    /// A maker of keys of this suite, all under this passphrase.
    pub(crate) fn new(suite: Suite, passphrase: &'a Passphrase) -> Self {
        Self { suite, passphrase }
    }

    /// A new signing key, written to `path`.
    pub(crate) fn signing(&self, path: &Path) -> Result<SecretKey, Failure> {
        let key = self.suite.generate().map_err(Failure::usage)?;
        key_file::write_signing_key(path, &key, self.passphrase).map_err(Failure::usage)?;
        Ok(key)
    }

    /// A new sealing key, written to `path`.
    pub(crate) fn sealing(&self, path: &Path) -> Result<SealingSecret, Failure> {
        let key = SealingSecret::generate().map_err(Failure::usage)?;
        key_file::write_sealing_key(path, &key, self.passphrase).map_err(Failure::usage)?;
        Ok(key)
    }

    /// A new officer with a key at `path`.
    pub(crate) fn officer(&self, path: &Path) -> Result<NewOfficer, Failure> {
        Ok(NewOfficer { id: OfficerId::new(identifier()?), key: self.signing(path)? })
    }
}

/// 16 random bytes.
pub(crate) fn identifier() -> Result<[u8; 16], Failure> {
    random::array().map_err(Failure::usage)
}

/// A new random passphrase in a new file.
pub(crate) fn new_passphrase(path: &Path) -> Result<Passphrase, Failure> {
    let passphrase = Passphrase::generate().map_err(Failure::usage)?;
    passphrase.write_new(path).map_err(Failure::usage)?;
    Ok(passphrase)
}

/// The passphrase file named on the command line or in the environment.
pub(crate) fn passphrase(file: Option<&PathBuf>) -> Result<Passphrase, Failure> {
    match file {
        Some(path) => Passphrase::from_file(path).map_err(Failure::usage),
        None => Passphrase::from_env().map_err(Failure::usage),
    }
}
