//! Build what must live in a browser: `types`, `crypto` and `verify` for `wasm32-unknown-unknown`.
//!
//! `crypto` is built without its default features, since keys are neither made nor read there.

use std::process::Command;

use crate::finding::Finding;
use crate::workspace::{Workspace, WorkspaceError};

const TARGET: &str = "wasm32-unknown-unknown";
/// One build each, so that the features of one do not hide what another lacks.
const BUILDS: [(&str, &[&str]); 3] = [
    ("gongxin-crypto", &["--no-default-features"]),
    ("gongxin-types", &["--no-default-features"]),
    ("gongxin-verify", &[]),
];

pub(crate) fn run(workspace: &Workspace) -> Result<Vec<Finding>, WorkspaceError> {
    let mut findings = Vec::new();
    for (package, features) in BUILDS {
        let status = Command::new("cargo")
            .args(["build", "--locked", "--lib", "--target", TARGET, "--package", package])
            .args(features)
            .current_dir(&workspace.root)
            .status()
            .map_err(|source| WorkspaceError::Spawn { command: "cargo build".to_owned(), source })?;
        if !status.success() {
            let folder = package.trim_start_matches("gongxin-");
            let path = format!("crates/{folder}/Cargo.toml");
            findings.push(Finding::new(&path, 1, "wasm", format!("`{package}` does not build for `{TARGET}`")));
        }
    }
    Ok(findings)
}
