//! Files that are removed again unless they are kept: what an interrupted or failed command leaves is nothing.

use std::path::{Path, PathBuf};

/// A file or folder in the making.
pub(super) struct Draft {
    path: PathBuf,
    kept: bool,
}

impl Draft {
    /// At this path; what an earlier attempt left there is removed.
    pub(super) fn at(path: PathBuf) -> Self {
        remove(&path);
        Self { path, kept: false }
    }

    /// Where.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// It has become what it was made for.
    pub(super) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            remove(&self.path);
        }
    }
}

fn remove(path: &Path) {
    // Whatever it is; what cannot be removed shows when it is in the way.
    let _absent = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
}
