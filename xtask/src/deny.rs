//! Licences, bans and sources of everything we link, by `deny.toml`.
//!
//! The file is cargo-deny's and means the same here as there; this command makes the same three checks where
//! cargo-deny is not installed, on the packages of this platform. Advisories need a database and are left to it.

mod policy;

use crate::finding::Finding;
use crate::workspace::{Dependency, Package, Workspace, WorkspaceError};
use policy::Policy;

const RULE: &str = "deny";
const LOCK: &str = "Cargo.lock";
/// How the index of the one allowed registry ends.
const INDEX: &str = "/crates.io-index";

pub(crate) fn run(workspace: &Workspace) -> Result<Vec<Finding>, WorkspaceError> {
    let policy: Policy = toml::from_str(&workspace.read("deny.toml")?)
        .map_err(|error| WorkspaceError::Parse { path: "deny.toml".to_owned(), message: error.to_string() })?;
    let lock = workspace.read(LOCK)?;
    let host = host(workspace)?;
    let metadata = workspace.metadata(&["--locked", "--filter-platform", &host])?;
    Ok(metadata.packages.iter().flat_map(|package| check(package, &policy, &lock)).collect())
}

/// The platform we build for.
pub(crate) fn host(workspace: &Workspace) -> Result<String, WorkspaceError> {
    let text = workspace.output("rustc", &["-vV"])?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| WorkspaceError::Parse { path: "rustc -vV".to_owned(), message: "it names no host".to_owned() })
}

fn check(package: &Package, policy: &Policy, lock: &str) -> Vec<Finding> {
    let line = line_of_package(lock, package);
    let found = |message: String| Finding::new(LOCK, line, RULE, message);
    let mut findings = Vec::new();
    findings.extend(source(package).map(found));
    findings.extend(policy.ban(&package.name).map(found));
    findings.extend(license(package, policy).map(found));
    if package.source.is_none() {
        findings.extend(package.dependencies.iter().filter_map(wildcard).map(found));
    }
    findings
}

/// Members have no source; all others come from the one registry.
fn source(package: &Package) -> Option<String> {
    let source = package.source.as_deref()?;
    let allowed = source.starts_with("registry+") && source.ends_with(INDEX);
    (!allowed).then(|| format!("`{}` comes from `{source}`: only the public registry is allowed", package.name))
}

fn wildcard(dependency: &Dependency) -> Option<String> {
    (dependency.path.is_none() && dependency.req == "*")
        .then(|| format!("`{}` is asked for in any version: name one", dependency.name))
}

fn license(package: &Package, policy: &Policy) -> Option<String> {
    let name = &package.name;
    let Some(expression) = policy.clarified(name).or(package.license.as_deref()) else {
        return Some(format!("`{name}` names no licence: read its files and clarify it in `deny.toml`"));
    };
    // Old manifests write `MIT/Apache-2.0`.
    let Ok(parsed) = spdx::Expression::parse_mode(expression, spdx::ParseMode::LAX) else {
        return Some(format!("`{name}` has the licence `{expression}`, which is no SPDX expression"));
    };
    let allowed = parsed.evaluate(|requirement| policy.allows(name, &requirement.to_string()));
    (!allowed).then(|| format!("`{name}` {} is under `{expression}`: not on the list of `deny.toml`", package.version))
}

/// The line of `Cargo.lock` that names this package at this version.
fn line_of_package(lock: &str, package: &Package) -> usize {
    let name = format!("name = \"{}\"", package.name);
    let version = format!("version = \"{}\"", package.version);
    let lines = || lock.lines().zip(lock.lines().skip(1));
    lines().position(|(line, next)| line == name && next == version).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use expect_test::expect;

    use super::*;
    use crate::finding::lines;

    const POLICY: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
        exceptions = [{ crate = "webpki-roots", allow = ["CDLA-Permissive-2.0"] }]
        [[licenses.clarify]]
        crate = "ring"
        expression = "Apache-2.0"
        [bans]
        deny = [{ crate = "openssl", reason = "one TLS is enough" }]
    "#;
    const LOCK_FILE: &str =
        "[[package]]\nname = \"a\"\nversion = \"0.9.0\"\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n";

    fn checked(name: &str, license: Option<&str>, source: Option<&str>) -> String {
        let policy = toml::from_str(POLICY).unwrap();
        let package = Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: license.map(str::to_owned),
            source: source.map(|source| format!("{source}/crates.io-index")),
            manifest_path: PathBuf::new(),
            dependencies: Vec::new(),
        };
        lines(&check(&package, &policy, LOCK_FILE))
    }

    /// Any allowed side of an `OR` will do, and exceptions hold for their crate.
    #[test]
    fn permissive_licences_pass() {
        for (name, license) in [
            ("a", Some("MIT OR GPL-3.0")),
            ("a", Some("MIT/Apache-2.0")),
            ("a", Some("Apache-2.0 WITH LLVM-exception")),
            ("webpki-roots", Some("CDLA-Permissive-2.0")),
            ("ring", None),
        ] {
            assert_eq!(checked(name, license, Some("registry+x")), "", "{name}");
        }
    }

    /// A licence off the list, none at all, a banned crate and a fork from elsewhere: each is named with its line.
    #[test]
    fn others_are_refused() {
        expect![[r#"
            Cargo.lock:6: deny: `a` 1.0.0 is under `MIT AND GPL-3.0`: not on the list of `deny.toml`
        "#]]
        .assert_eq(&checked("a", Some("MIT AND GPL-3.0"), Some("registry+x")));
        expect![[r#"
            Cargo.lock:6: deny: `a` comes from `git+x/crates.io-index`: only the public registry is allowed
            Cargo.lock:6: deny: `a` names no licence: read its files and clarify it in `deny.toml`
        "#]]
        .assert_eq(&checked("a", None, Some("git+x")));
        expect![[r#"
            Cargo.lock:1: deny: `openssl` is banned: one TLS is enough
        "#]]
        .assert_eq(&checked("openssl", Some("MIT"), Some("registry+x")));
    }
}
