//! Why a backup cannot be written, or is not believed.

use std::io;

use gongxin_crypto::{RandomError, SealingPublic, seal::SealError};

use crate::PartName;

/// Why a backup cannot be written, or is not believed. The file's path is the caller's to add.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file failed.
    #[error("cannot {action}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// Something else.
    #[error("this is not a backup of this program")]
    NotABackup,
    /// A newer program's.
    #[error("this backup is of a newer format (`{found}`): use the program that made it, or a later one")]
    Newer {
        /// The first line.
        found: String,
    },
    /// Cut short, or changed.
    #[error("this backup was cut short or changed since it was made: take another copy of it, or an earlier one")]
    Damaged,
    /// Another key is needed.
    #[error("this backup is sealed to `{sealed_to}`, and the key given is `{given}`")]
    OtherKey {
        /// Whose secret half opens it.
        sealed_to: Box<SealingPublic>,
        /// The key that was given.
        given: Box<SealingPublic>,
    },
    /// Forged: its digest is right, and its ciphertext is not.
    #[error("this backup does not open though its digest is right: somebody changed it on purpose")]
    Forged,
    /// The parts are not those that such a backup has.
    #[error("the contents of this backup are not those of a {of}: {what}")]
    Contents {
        /// What it says it is of.
        of: &'static str,
        /// What is wrong.
        what: &'static str,
    },
    /// A part is not what the contents say.
    #[error("`{}` in this backup is not what its contents say", part.as_str())]
    Part {
        /// Which.
        part: PartName,
    },
    /// The public key cannot be sealed to.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The operating system gave no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl BackupError {
    /// A failed read; the end of a file that should go on is damage, and what a decryption said is passed on.
    pub(crate) fn reading(source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::UnexpectedEof => Self::Damaged,
            io::ErrorKind::InvalidData => Self::Forged,
            _ => Self::Io { action: "read this backup", source },
        }
    }

    /// A failed write.
    pub(crate) fn writing(source: io::Error) -> Self {
        Self::Io { action: "write the backup", source }
    }
}
