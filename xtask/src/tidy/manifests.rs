//! Every crate takes the workspace's lints: one list, no crate with rules of its own.

use crate::finding::Finding;

const RULE: &str = "manifest";

pub(crate) fn check(manifest: &str, text: &str) -> Vec<Finding> {
    let inherits = text
        .parse::<toml::Table>()
        .ok()
        .and_then(|table| table.get("lints")?.get("workspace")?.as_bool())
        .unwrap_or(false);
    if inherits {
        return Vec::new();
    }
    vec![Finding::new(manifest, 1, RULE, "the workspace's lints are missing: add `[lints] workspace = true`")]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A crate that forgets the lints is told so.
    #[test]
    fn lints_are_inherited() {
        assert_eq!(check("a/Cargo.toml", "[lints]\nworkspace = true\n"), []);
        assert_eq!(check("a/Cargo.toml", "[package]\nname = \"a\"\n").len(), 1);
    }
}
