//! The laws of the house that no other tool holds: one file per law, one list of them here.
//!
//! Every law is a pure function from a file (or from the members' manifests) to findings, with a sample that passes and
//! one that fails in its tests. A function's length is clippy's, the width of a line rustfmt's.

mod edges;
mod ledger;
mod leftovers;
mod length;
mod manifests;
mod openings;
mod planted;
mod rooms;
mod shown;

use crate::finding::Finding;
use crate::workspace::{Workspace, WorkspaceError};

/// All findings, ordered by place.
pub(crate) fn run(workspace: &Workspace) -> Result<Vec<Finding>, WorkspaceError> {
    let members = workspace.members()?;
    let files = workspace.files()?;
    let mut findings = Vec::new();

    for member in &members {
        let manifest = workspace.relative(&member.manifest_path);
        let text = workspace.read(&manifest)?;
        findings.extend(edges::check(member, &manifest, &text));
        findings.extend(rooms::check_manifest(member, &manifest, &text));
        findings.extend(manifests::check(&manifest, &text));
        findings.extend(planted::check(&manifest, &text));
    }
    for file in &files {
        findings.extend(leftovers::check(file));
        if file.is_rust() {
            findings.extend(openings::check(file));
            findings.extend(rooms::check_source(file));
        }
    }
    findings.extend(length::check(&files, &workspace.read(length::ALLOWED)?));
    findings.extend(ledger::check(&files, &workspace.read(ledger::ALLOWED)?));

    let house = shown::House {
        exists: &|path| workspace.root.join(path).exists(),
        files: &files,
        packages: members.iter().map(|member| member.name.clone()).collect(),
    };
    findings.extend(shown::check(&workspace.read(shown::PAGE)?, &house));

    findings.sort();
    findings.dedup();
    Ok(findings)
}

/// The line of a manifest that declares `dependency`, or the first line where it is inherited or renamed.
fn line_of_dependency(manifest: &str, dependency: &str) -> usize {
    let declares = |line: &str| {
        let name: String =
            line.trim_start().chars().take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect();
        name == dependency || line.contains(&format!("\"{dependency}\""))
    };
    manifest.lines().position(declares).map_or(1, |index| index + 1)
}
