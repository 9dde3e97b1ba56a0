//! Write a file that only its owner can read, and read it only while that is so.
//!
//! A new file never replaces another: it is created exclusively, mode 0600, and is on disk, with its name, when the call
//! returns. What could not be written whole is removed again.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// Permission bits of a new secret file: its owner reads and writes.
const MODE: u32 = 0o600;

/// Who besides its owner may have access to a file that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Nobody.
    OwnerOnly,
    /// The file's group may read, as with secrets that an orchestrator mounts.
    GroupMayRead,
}

impl Sharing {
    fn forbidden_bits(self) -> u32 {
        match self {
            Self::OwnerOnly => 0o077,
            Self::GroupMayRead => 0o037,
        }
    }
}

/// A secret file cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// Something of this name is there already; it was left alone.
    #[error("`{}` already exists and is left as it is", .0.display())]
    Exists(PathBuf),
    /// Nothing of this name is there.
    #[error("`{}` does not exist", .0.display())]
    NotFound(PathBuf),
    /// A directory, a pipe or a device.
    #[error("`{}` is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// Others than the owner can reach it.
    #[error("`{}` is open to others (mode {mode:04o}): run `chmod 600` on it, and replace the secret if others may have read it", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Longer than anything that belongs in such a file.
    #[error("`{}` is longer than {length_max} bytes", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Most bytes accepted.
        length_max: usize,
    },
    /// The operating system refused.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried, in words.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// Write `bytes` to a new file at `path`, readable by its owner alone, and bring file and name to disk.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), SecretFileError> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(MODE).open(path).map_err(|source| {
            match source.kind() {
                io::ErrorKind::AlreadyExists => SecretFileError::Exists(path.to_owned()),
                _ => failed("create", path, source),
            }
        })?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if let Err(source) = written {
        // The first failure is the one to report; a leftover that cannot be removed is unreadable to others anyway.
        let _ = std::fs::remove_file(path);
        return Err(failed("write", path, source));
    }
    sync_directory_of(path)
}

/// Read a file of at most `length_max` bytes, refusing one that is open to more than `sharing` allows.
pub fn read(path: &Path, length_max: usize, sharing: Sharing) -> Result<Zeroizing<Vec<u8>>, SecretFileError> {
    // Looked at before opening, because opening a pipe would wait for its other end; looked at again once open.
    check(path, &std::fs::metadata(path).map_err(|source| not_read(path, source))?, sharing)?;
    let file = File::open(path).map_err(|source| not_read(path, source))?;
    check(path, &file.metadata().map_err(|source| not_read(path, source))?, sharing)?;
    // Room for one byte too many from the start: a vector that grows would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length_max.saturating_add(1)));
    let limit = u64::try_from(length_max).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).map_err(|source| not_read(path, source))?;
    if bytes.len() > length_max {
        return Err(SecretFileError::TooLong { path: path.to_owned(), length_max });
    }
    Ok(bytes)
}

fn check(path: &Path, metadata: &std::fs::Metadata, sharing: Sharing) -> Result<(), SecretFileError> {
    if !metadata.is_file() {
        return Err(SecretFileError::NotAFile(path.to_owned()));
    }
    if metadata.mode() & sharing.forbidden_bits() != 0 {
        return Err(SecretFileError::TooOpen { path: path.to_owned(), mode: metadata.mode() & 0o7777 });
    }
    Ok(())
}

fn sync_directory_of(path: &Path) -> Result<(), SecretFileError> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    File::open(parent).and_then(|directory| directory.sync_all()).map_err(|source| failed("sync", parent, source))
}

fn not_read(path: &Path, source: io::Error) -> SecretFileError {
    match source.kind() {
        io::ErrorKind::NotFound => SecretFileError::NotFound(path.to_owned()),
        _ => failed("read", path, source),
    }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> SecretFileError {
    SecretFileError::Io { action, path: path.to_owned(), source }
}
