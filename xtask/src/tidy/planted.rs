//! No build that anybody asks for can be given a defect: the feature `planted` is declared by `chain`, handed on by the
//! program, and switched on by no manifest. Only a command line can (`cargo xtask torture`).

use toml::{Table, Value};

use crate::finding::Finding;

const RULE: &str = "planted";
const FEATURE: &str = "planted";
/// The one manifest that hands it on, and to whom.
const HANDED_ON: (&str, &str) = ("crates/gongxin/Cargo.toml", "gongxin-chain/planted");

pub(crate) fn check(manifest: &str, text: &str) -> Vec<Finding> {
    let table: Table = text.parse().unwrap_or_default();
    let mut findings = Vec::new();
    let mut found = |words: String| findings.push(Finding::new(manifest, 1, RULE, words));
    for (name, items) in table.get("features").and_then(Value::as_table).into_iter().flatten() {
        let items = items.as_array().into_iter().flatten().filter_map(Value::as_str);
        for item in items.filter(|item| is_planted(item)) {
            if name != FEATURE || (manifest, item) != HANDED_ON {
                found(format!("feature `{name}` switches `{item}` on: defects are planted by command lines alone"));
            }
        }
    }
    for name in dependencies(&table) {
        found(format!(
            "`{name}` is asked for with the feature `{FEATURE}`: defects are planted by command lines alone"
        ));
    }
    findings
}

/// Dependencies of any kind that ask for the feature.
fn dependencies(table: &Table) -> Vec<&String> {
    let mut asking = Vec::new();
    for (key, value) in table {
        let Some(inner) = value.as_table() else { continue };
        if key.ends_with("dependencies") {
            let asks = |value: &Value| {
                let features = value.get("features").and_then(Value::as_array).into_iter().flatten();
                features.filter_map(Value::as_str).any(is_planted)
            };
            asking.extend(inner.iter().filter(|(_, value)| asks(value)).map(|(name, _)| name));
        } else {
            // `workspace.dependencies`, `target.….dependencies`.
            asking.extend(dependencies(inner));
        }
    }
    asking
}

fn is_planted(item: &str) -> bool {
    item.rsplit('/').next() == Some(FEATURE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::lines;

    /// Declared and handed on, it is off.
    #[test]
    fn a_feature_that_nobody_switches_on_passes() {
        assert_eq!(lines(&check("crates/chain/Cargo.toml", "[features]\nplanted = []\n")), "");
        let handed_on =
            "[features]\nplanted = [\"gongxin-chain/planted\"]\n[dependencies]\ngongxin-chain.workspace = true";
        assert_eq!(lines(&check("crates/gongxin/Cargo.toml", handed_on)), "");
    }

    /// By default, by another feature, by a dependency: each is refused.
    #[test]
    fn a_manifest_that_switches_it_on_is_refused() {
        for text in [
            "[features]\ndefault = [\"planted\"]",
            "[features]\nplanted = [\"gongxin-chain/planted\"]",
            "[dependencies]\ngongxin-chain = { workspace = true, features = [\"planted\"] }",
            "[target.'cfg(unix)'.dev-dependencies]\nx = { path = \"x\", features = [\"planted\"] }",
        ] {
            assert_eq!(check("crates/api/Cargo.toml", text).len(), 1, "{text}");
        }
    }
}
