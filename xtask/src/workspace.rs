//! What the checks look at: the members as Cargo sees them, and the files of the repository.
//!
//! Members come from `cargo metadata --no-deps`, so nothing is fetched and nothing is compiled. Files come from a walk
//! of the tree, so a file that is not yet committed is checked too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkspaceError {
    #[error("unknown command")]
    Usage,
    #[error("`{command}` could not be run: {source}")]
    Spawn { command: String, source: std::io::Error },
    #[error("`{command}` failed: {message}")]
    Failed { command: String, message: String },
    #[error("`{path}` cannot be read: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("`{path}` is not understood: {message}")]
    Parse { path: String, message: String },
}

/// The repository this xtask was built from.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
}

/// The parts of `cargo metadata` that the checks read.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    /// Where Cargo builds.
    pub(crate) target_directory: PathBuf,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    /// Absent for a member of this workspace.
    pub(crate) source: Option<String>,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None` for a normal one, else `dev` or `build`.
    pub(crate) kind: Option<String>,
    pub(crate) req: String,
    pub(crate) path: Option<PathBuf>,
}

impl Dependency {
    pub(crate) fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

/// A text file of the repository.
pub(crate) struct SourceFile {
    /// From the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// Extensions of the files that people write.
const TEXT: [&str; 12] = ["rs", "toml", "md", "sh", "py", "cedar", "cedarschema", "html", "css", "js", "sql", "allow"];
/// Scripts without an extension.
const SCRIPTS: [&str; 3] = ["run", "test", "check"];
/// Folders of bytes that are not ours, or not written by hand.
const SKIPPED: [&str; 5] = ["target", "data", "node_modules", "corpus", "__pycache__"];
/// Hidden folders that belong to the house.
const HIDDEN: [&str; 3] = [".ci", ".cargo", ".config"];

impl Workspace {
    pub(crate) fn locate() -> Result<Self, WorkspaceError> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().unwrap_or(here).to_path_buf();
        Ok(Self { root })
    }

    /// Members only, with the dependencies their manifests declare.
    pub(crate) fn members(&self) -> Result<Vec<Package>, WorkspaceError> {
        Ok(self.metadata(&["--no-deps"])?.packages)
    }

    pub(crate) fn metadata(&self, arguments: &[&str]) -> Result<Metadata, WorkspaceError> {
        let mut all = vec!["metadata", "--format-version", "1"];
        all.extend(arguments);
        let text = self.output("cargo", &all)?;
        serde_json::from_str(&text)
            .map_err(|error| WorkspaceError::Parse { path: "cargo metadata".to_owned(), message: error.to_string() })
    }

    /// Runs a program at the root and returns what it printed.
    pub(crate) fn output(&self, program: &str, arguments: &[&str]) -> Result<String, WorkspaceError> {
        let command = format!("{program} {}", arguments.join(" "));
        let output = Command::new(program)
            .args(arguments)
            .current_dir(&self.root)
            .output()
            .map_err(|source| WorkspaceError::Spawn { command: command.clone(), source })?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(WorkspaceError::Failed { command, message });
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    pub(crate) fn read(&self, path: &str) -> Result<String, WorkspaceError> {
        let path = self.root.join(path);
        fs::read_to_string(&path).map_err(|source| WorkspaceError::Read { path, source })
    }

    /// `path` from the root, with `/`.
    pub(crate) fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }

    /// Every file that people write, in bytewise order of its path.
    pub(crate) fn files(&self) -> Result<Vec<SourceFile>, WorkspaceError> {
        let mut files = Vec::new();
        self.walk(&self.root, &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    fn walk(&self, folder: &Path, files: &mut Vec<SourceFile>) -> Result<(), WorkspaceError> {
        let read = |source| WorkspaceError::Read { path: folder.to_path_buf(), source };
        for entry in fs::read_dir(folder).map_err(read)? {
            let entry = entry.map_err(read)?;
            let kind = entry.file_type().map_err(read)?;
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if kind.is_dir() {
                let hidden = name.starts_with('.') && !HIDDEN.contains(&name.as_str());
                if !hidden && !SKIPPED.contains(&name.as_str()) {
                    self.walk(&path, files)?;
                }
            } else if kind.is_file() && is_text(&name) {
                let relative = self.relative(&path);
                let text = self.read(&relative)?;
                files.push(SourceFile { path: relative, text });
            }
        }
        Ok(())
    }
}

fn is_text(name: &str) -> bool {
    match name.rsplit_once('.') {
        Some((_, extension)) => TEXT.contains(&extension),
        None => SCRIPTS.contains(&name),
    }
}
