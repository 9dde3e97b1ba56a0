//! The passphrase that opens key files. It comes from a file, never from a command line or an environment variable,
//! where other users and crash reports could see it.

use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::limits::{PASSPHRASE_FILE_LENGTH_MAX, PASSPHRASE_LENGTH_MAX};
use crate::random::{self, RandomError};
use crate::secret_file::{self, SecretFileError, Sharing};

/// The environment variable that names the passphrase file.
pub const FILE_VARIABLE: &str = "GONGXIN_PASSPHRASE_FILE";

/// A passphrase; wiped when dropped, never printed.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<Vec<u8>>);

/// There is no usable passphrase.
#[derive(Debug, thiserror::Error)]
pub enum PassphraseError {
    /// No file was named.
    #[error("no passphrase file: give `--passphrase-file` or set `{FILE_VARIABLE}`")]
    NoFileNamed,
    /// The file cannot be read, or others can read it.
    #[error(transparent)]
    File(#[from] SecretFileError),
    /// Nothing in it.
    #[error("passphrase is empty")]
    Empty,
    /// More than `openssl` would read.
    #[error("passphrase is longer than {PASSPHRASE_LENGTH_MAX} bytes")]
    TooLong,
    /// `openssl` would stop at the end of a line or at a zero.
    #[error("passphrase is not one line of text")]
    NotOneLine,
}

impl Passphrase {
    /// Take bytes as a passphrase: 1 to 1,023, without line ends and zeros.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PassphraseError> {
        if bytes.is_empty() {
            return Err(PassphraseError::Empty);
        }
        if bytes.len() > PASSPHRASE_LENGTH_MAX {
            return Err(PassphraseError::TooLong);
        }
        if bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0)) {
            return Err(PassphraseError::NotOneLine);
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// Read a passphrase file: one line, its newline not counted. A file that everybody can read is refused.
    pub fn from_file(path: &Path) -> Result<Self, PassphraseError> {
        let bytes = secret_file::read(path, PASSPHRASE_FILE_LENGTH_MAX, Sharing::GroupMayRead)?;
        Self::from_bytes(bytes.strip_suffix(b"\n").unwrap_or(&bytes))
    }

    /// Read the passphrase file that the environment variable `GONGXIN_PASSPHRASE_FILE` names.
    pub fn from_env() -> Result<Self, PassphraseError> {
        let path = std::env::var_os(FILE_VARIABLE).filter(|path| !path.is_empty());
        Self::from_file(&path.map(PathBuf::from).ok_or(PassphraseError::NoFileNamed)?)
    }

    /// A new random passphrase of 32 hexadecimal characters (128 bits).
    pub fn generate() -> Result<Self, RandomError> {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut bytes = Zeroizing::new([0_u8; 16]);
        random::fill(&mut *bytes)?;
        let characters = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let mut text = Zeroizing::new(Vec::with_capacity(2 * bytes.len()));
        text.extend(characters.filter_map(|digit| HEX.get(usize::from(digit)).copied()));
        Ok(Self(text))
    }

    /// Write the passphrase and a newline to a new file that only its owner can read.
    pub fn write_new(&self, path: &Path) -> Result<(), SecretFileError> {
        let mut line = Zeroizing::new(Vec::with_capacity(self.0.len() + 1));
        line.extend_from_slice(&self.0);
        line.push(b'\n');
        secret_file::write_new(path, &line)
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passphrase(…)")
    }
}
