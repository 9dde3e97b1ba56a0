//! One process per data directory: a lock that ends with the process, however that ends.

use std::fs::{self, File, OpenOptions};
use std::path::Path;

use crate::failure::Failure;

/// Holds the directory until it is dropped or the process ends.
pub(crate) struct Locked {
    _file: fd_lock::RwLockWriteGuard<'static, File>,
}

/// Takes the directory for this process, creating it where it is missing.
///
/// # Errors
/// When another process has it, or it cannot be created.
pub(crate) fn take(directory: &Path) -> Result<Locked, Failure> {
    fs::create_dir_all(directory).map_err(|error| Failure::file(directory, error))?;
    let path = directory.join(".lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| Failure::file(&path, error))?;
    // The lock must live as long as the process, so its cell does too.
    let cell: &'static mut fd_lock::RwLock<File> = Box::leak(Box::new(fd_lock::RwLock::new(file)));
    match cell.try_write() {
        Ok(guard) => Ok(Locked { _file: guard }),
        Err(_) => Err(Failure::file(
            directory,
            "another process is using this data directory; stop it, or choose another directory",
        )),
    }
}

/// Whether another process has the directory now; nothing is created.
pub(crate) fn is_held(directory: &Path) -> bool {
    let file = OpenOptions::new().write(true).open(directory.join(".lock"));
    file.is_ok_and(|file| fd_lock::RwLock::new(file).try_write().is_err())
}
