//! Where the story's network lives: a folder of its own, gone at the end, or one that was named and stays.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::output;
use crate::setup::keys;

/// A folder for one story.
pub(super) struct Place {
    path: PathBuf,
    stays: bool,
}

impl Place {
    /// The folder given, which must be new or empty; or a new one among the temporary files, which only we can open.
    pub(super) fn new(given: Option<&Path>) -> Result<Self, Failure> {
        let path = match given {
            Some(path) => path.to_owned(),
            None => std::env::temp_dir().join(format!("gongxin-governance-{}", hex::encode(keys::identifier()?))),
        };
        if fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Failure::file(&path, "is not empty; the story begins with a new network, in a new folder"));
        }
        let mut made = DirBuilder::new();
        made.mode(0o700).recursive(given.is_some());
        made.create(&path).map_err(|error| Failure::file(&path, error))?;
        // Paths in what is printed are absolute, wherever the reader stands.
        let path = path.canonicalize().map_err(|error| Failure::file(&path, error))?;
        Ok(Self { path, stays: given.is_some() })
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it stays.
    pub(super) fn stays(&self) -> bool {
        self.stays
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.stays {
            return;
        }
        if let Err(error) = fs::remove_dir_all(&self.path) {
            output::note(&format!("`{}` could not be removed: {error}", self.path.display()));
        }
    }
}
