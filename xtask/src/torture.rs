//! `cargo xtask torture …`: builds the program and the one that beats it, as the tests do, and plays runs; what follows is
//! for it (`--help`).
//!
//! The build that can be given a defect costs minutes: it is made where a run needs it, under a name of its own, so that
//! the ordinary program stays what it is.

use std::path::PathBuf;
use std::process::Command;

use crate::finding::Finding;
use crate::workspace::{Workspace, WorkspaceError};

const RULE: &str = "torture";
const PROGRAM: &str = "gongxin-torture";
/// What every run is about.
const BEATEN: &str = "gongxin";
/// The same with a validator that can be given a defect.
const PLANTED: &str = "gongxin-planted";
/// The feature that makes the difference; no manifest switches it on.
const FEATURE: &str = "gongxin/planted";

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<Vec<Finding>, WorkspaceError> {
    // The whole workspace with two programs: what the tests have built is used as it is.
    workspace.output("cargo", &["build", "--quiet", "--locked", "--workspace", "--bin", PROGRAM, "--bin", BEATEN])?;
    let built = workspace.metadata(&["--no-deps"])?.target_directory.join("debug");
    let mut command = Command::new(built.join(PROGRAM));
    command.args(arguments).current_dir(&workspace.root);
    if needs_planted(arguments) {
        command.arg("--planted").arg(build_planted(workspace, built)?);
    }
    let status = command.status();
    let status = status.map_err(|source| WorkspaceError::Spawn { command: PROGRAM.to_owned(), source })?;
    let broken =
        || Finding::new("crates/torture", 1, RULE, "a promise was broken; the lines above say how to try again");
    Ok(if status.success() { Vec::new() } else { vec![broken()] })
}

fn build_planted(workspace: &Workspace, built: PathBuf) -> Result<PathBuf, WorkspaceError> {
    let arguments = ["build", "--quiet", "--locked", "--workspace", "--bin", PLANTED, "--features", FEATURE];
    workspace.output("cargo", &arguments)?;
    Ok(built.join(PLANTED))
}

/// Whether these runs want a validator with a defect: a forger among honest ones, or a defect of all.
fn needs_planted(arguments: &[String]) -> bool {
    let wants = |word: &String| matches!(&**word, "--plant" | "--every-fault" | "forger" | "--fault=forger");
    let names_one = arguments.iter().any(|word| word == "--planted" || word.starts_with("--planted="));
    !names_one && arguments.iter().any(|word| wants(word) || word.starts_with("--plant="))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The costly build is made for those runs alone that need it.
    #[test]
    fn the_second_build_is_made_on_demand() {
        let needs = |line: &str| needs_planted(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert!(!needs("--count 20") && !needs("--fault kill --count 3") && !needs("--plant lie --planted FILE"));
        assert!(needs("--every-fault") && needs("--fault forger") && needs("--fault=forger"));
        assert!(needs("--plant lost-acknowledgement") && needs("--plant=lie"));
    }
}
