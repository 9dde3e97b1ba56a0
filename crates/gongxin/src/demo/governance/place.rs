//! Where the story's network lives: a folder of its own, gone at the end, or one that was named and stays.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::failure::Failure;
use crate::output;

/// Keys lie in it: only its owner opens it.
const MODE: u32 = 0o700;

/// A folder for one story.
pub(super) struct Place {
    path: PathBuf,
    /// What is removed at the end; nothing where the folder was named.
    temporary: Option<TempDir>,
}

impl Place {
    /// The folder given, which must be new or empty; or a new one among the temporary files.
    pub(super) fn new(given: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = given else {
            let mut made = tempfile::Builder::new();
            made.prefix("gongxin-governance-").permissions(Permissions::from_mode(MODE));
            let temporary = made.tempdir().map_err(Failure::usage)?;
            return Ok(Self { path: whole(temporary.path())?, temporary: Some(temporary) });
        };
        if fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Failure::file(path, "is not empty; the story begins with a new network, in a new folder"));
        }
        DirBuilder::new().mode(MODE).recursive(true).create(path).map_err(|error| Failure::file(path, error))?;
        Ok(Self { path: whole(path)?, temporary: None })
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it stays.
    pub(super) fn stays(&self) -> bool {
        self.temporary.is_none()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.temporary.take().map(TempDir::close) {
            output::note(&format!("`{}` could not be removed: {error}", self.path.display()));
        }
    }
}

/// Paths in what is printed are absolute, wherever the reader stands.
fn whole(path: &Path) -> Result<PathBuf, Failure> {
    path.canonicalize().map_err(|error| Failure::file(path, error))
}
