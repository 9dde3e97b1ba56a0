//! Which crate may use which: nothing looks up.
//!
//! The lines below are the drawing of the house, top to bottom. A crate may use crates on lines below its own; `types`
//! may use `crypto` beside it, a connector `connector-api`. Only the program and the simulation use `chain`, whose code is costly to build: fuzz
//! targets and `torture`, which drives the built program, use anything but these two.
//! Dev-dependencies may point anywhere but to `chain`.

use super::line_of_dependency;
use crate::finding::Finding;
use crate::workspace::Package;

const RULE: &str = "edge";

/// The lines of the house, top to bottom, with the crates that stand on them (`*` ends a prefix).
const HOUSE: [(&str, &[&str]); 9] = [
    ("program", &["gongxin"]),
    ("faces", &["api", "config", "portal", "verify-wasm"]),
    ("use cases", &["service", "service-simulated"]),
    ("reach", &["client", "exchange"]),
    ("copies", &["projection", "vault", "backup", "connector-*"]),
    ("agreement", &["chain", "chain-simulated"]),
    ("rules", &["state"]),
    ("decisions", &["policy", "decision", "contract", "privacy", "verify"]),
    ("words", &["types", "crypto"]),
];

/// Crates beside the lines.
const SIMULATION: &str = "simulation";
/// How packages end whose sources are another one's, with what only a simulation has.
const SIMULATED: &str = "-simulated";
const TEST_SUPPORT: &str = "test-support";
const FUZZ: &str = "fuzz";
const TORTURE: &str = "torture";
const XTASK: &str = "xtask";

/// The edges along a line.
const BESIDE: [(&str, &str); 2] = [("types", "crypto"), ("connector-*", "connector-api")];
/// Who may use `chain`.
const USERS_OF_CHAIN: [&str; 2] = ["gongxin", SIMULATION];
/// `test-support` uses crates of this line and below.
const SUPPORT_UP_TO: &str = "client";

pub(crate) fn check(member: &Package, manifest: &str, text: &str) -> Vec<Finding> {
    let from = short(&member.name);
    if !is_known(from) {
        return vec![Finding::new(manifest, 1, RULE, format!("`{from}` has no line in the house: draw it first"))];
    }
    let ours = member.dependencies.iter().filter(|dependency| dependency.path.is_some());
    ours.filter_map(|dependency| {
        let refusal = refusal(from, short(&dependency.name), dependency.is_dev())?;
        Some(Finding::new(manifest, line_of_dependency(text, &dependency.name), RULE, refusal))
    })
    .collect()
}

/// Why `from` may not use `to`, if it may not.
fn refusal(from: &str, to: &str, dev: bool) -> Option<String> {
    if to == "chain" && !USERS_OF_CHAIN.contains(&from) {
        return Some(format!("`{from}` uses `chain`: only the program and the simulation may"));
    }
    if to.ends_with(SIMULATED) && from != SIMULATION {
        return Some(format!("`{from}` uses `{to}`: what is simulated has no place outside the simulation"));
    }
    if dev || BESIDE.iter().any(|(user, used)| matches(user, from) && *used == to) {
        return None;
    }
    if to == TEST_SUPPORT && ![SIMULATION, TORTURE].contains(&from) {
        return Some(format!("`{from}` uses `test-support` outside its tests: make it a dev-dependency"));
    }
    let allowed = match from {
        XTASK => false,
        SIMULATION => to != "gongxin",
        // `chain` was refused above: fuzz targets shall be quick to build.
        FUZZ => depth(to) > depth("gongxin"),
        TORTURE => to == TEST_SUPPORT || depth(to) > depth("gongxin"),
        TEST_SUPPORT => depth(to) >= depth(SUPPORT_UP_TO) && depth(to).is_some(),
        _ => matches!((depth(from), depth(to)), (Some(from), Some(to)) if from < to),
    };
    (!allowed).then(|| format!("`{from}` ({}) may not use `{to}` ({}): nothing looks up", line(from), line(to)))
}

fn short(package: &str) -> &str {
    package.strip_prefix("gongxin-").unwrap_or(package)
}

fn is_known(name: &str) -> bool {
    depth(name).is_some() || [FUZZ, SIMULATION, TEST_SUPPORT, TORTURE, XTASK].contains(&name)
}

/// 0 is the top line.
fn depth(name: &str) -> Option<usize> {
    HOUSE.iter().position(|(_, crates)| crates.iter().any(|pattern| matches(pattern, name)))
}

fn line(name: &str) -> &'static str {
    depth(name).and_then(|depth| HOUSE.get(depth)).map_or("apart", |(line, _)| line)
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use expect_test::expect;

    use super::*;
    use crate::finding::lines;
    use crate::workspace::Dependency;

    fn member(name: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        let dependency = |(name, kind): &(&str, Option<&str>)| Dependency {
            name: (*name).to_owned(),
            kind: kind.map(str::to_owned),
            req: "*".to_owned(),
            path: Some(PathBuf::from(name)),
        };
        Package {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            license: None,
            source: None,
            manifest_path: PathBuf::new(),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    }

    /// Down, beside from `types` to `crypto` and from a connector to what they share, and to test support in tests: all allowed.
    #[test]
    fn what_the_drawing_shows_passes() {
        let cases = [
            ("gongxin", vec![("gongxin-chain", None), ("gongxin-api", None), ("gongxin-crypto", None)]),
            ("gongxin-types", vec![("gongxin-crypto", None)]),
            ("gongxin-service", vec![("gongxin-projection", None), ("gongxin-test-support", Some("dev"))]),
            ("gongxin-connector-sqlite", vec![("gongxin-types", None), ("gongxin-connector-api", None)]),
            ("gongxin-test-support", vec![("gongxin-client", None), ("gongxin-state", None)]),
            ("gongxin-simulation", vec![("gongxin-chain-simulated", None), ("gongxin-service-simulated", None)]),
            ("gongxin-torture", vec![("gongxin-client", None), ("gongxin-test-support", None)]),
            ("gongxin-state", vec![("gongxin-projection", Some("dev"))]),
            (
                "gongxin-fuzz",
                vec![("gongxin-api", None), ("gongxin-types", None), ("gongxin-test-support", Some("dev"))],
            ),
        ];
        for (name, dependencies) in cases {
            assert_eq!(lines(&check(&member(name, &dependencies), "Cargo.toml", "")), "", "{name}");
        }
    }

    /// Up, beside, to `chain`, to test support in earnest, and from a crate nobody drew: each is refused at its line.
    #[test]
    fn what_it_does_not_show_is_refused() {
        let check = |name, dependencies: &[_]| {
            lines(&check(&member(name, dependencies), "Cargo.toml", "\nx = 1\ngongxin-api.workspace = true"))
        };
        expect![[r#"
            Cargo.toml:3: edge: `state` (rules) may not use `api` (faces): nothing looks up
        "#]]
        .assert_eq(&check("gongxin-state", &[("gongxin-api", None)]));
        expect![[r#"
            Cargo.toml:1: edge: `crypto` (words) may not use `types` (words): nothing looks up
            Cargo.toml:1: edge: `crypto` uses `test-support` outside its tests: make it a dev-dependency
        "#]]
        .assert_eq(&check("gongxin-crypto", &[("gongxin-types", None), ("gongxin-test-support", None)]));
        expect![[r#"
            Cargo.toml:1: edge: `connector-sqlite` (copies) may not use `connector-postgres` (copies): nothing looks up
        "#]]
        .assert_eq(&check("gongxin-connector-sqlite", &[("gongxin-connector-postgres", None)]));
        expect![[r#"
            Cargo.toml:1: edge: `api` uses `chain`: only the program and the simulation may
        "#]]
        .assert_eq(&check("gongxin-api", &[("gongxin-chain", Some("dev"))]));
        expect![[r#"
            Cargo.toml:1: edge: `test-support` (apart) may not use `service` (use cases): nothing looks up
        "#]]
        .assert_eq(&check("gongxin-test-support", &[("gongxin-service", None)]));
        expect![[r#"
            Cargo.toml:1: edge: `fuzz` uses `chain`: only the program and the simulation may
            Cargo.toml:1: edge: `fuzz` (apart) may not use `gongxin` (program): nothing looks up
        "#]]
        .assert_eq(&check("gongxin-fuzz", &[("gongxin-chain", None), ("gongxin", None)]));
        expect![[r#"
            Cargo.toml:1: edge: `torture` (apart) may not use `gongxin` (program): nothing looks up
        "#]]
        .assert_eq(&check("gongxin-torture", &[("gongxin", None)]));
        expect![[r#"
            Cargo.toml:1: edge: `gongxin` uses `chain-simulated`: what is simulated has no place outside the simulation
        "#]]
        .assert_eq(&check("gongxin", &[("gongxin-chain-simulated", Some("dev"))]));
        expect![[r#"
            Cargo.toml:1: edge: `api` uses `service-simulated`: what is simulated has no place outside the simulation
        "#]]
        .assert_eq(&check("gongxin-api", &[("gongxin-service-simulated", Some("dev"))]));
        expect![[r#"
            Cargo.toml:1: edge: `attic` has no line in the house: draw it first
        "#]]
        .assert_eq(&check("gongxin-attic", &[]));
    }
}
