//! `cargo xtask sim …`: builds the simulation as the tests do and plays seeds; what follows is for it (`--help`).

use std::process::Command;

use crate::finding::Finding;
use crate::workspace::{Workspace, WorkspaceError};

const RULE: &str = "sim";
const PROGRAM: &str = "gongxin-simulation";

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<Vec<Finding>, WorkspaceError> {
    // The whole workspace with one program: what the tests have built is used as it is.
    workspace.output("cargo", &["build", "--quiet", "--locked", "--workspace", "--bin", PROGRAM])?;
    let program = workspace.metadata(&["--no-deps"])?.target_directory.join("debug").join(PROGRAM);
    let status = Command::new(program).args(arguments).current_dir(&workspace.root).status();
    let status = status.map_err(|source| WorkspaceError::Spawn { command: PROGRAM.to_owned(), source })?;
    let broken = || Finding::new("crates/simulation", 1, RULE, "a promise was broken; the lines above replay it");
    Ok(if status.success() { Vec::new() } else { vec![broken()] })
}
