//! Every module opens by saying what it is for: its first line is `//!`.

use crate::finding::Finding;
use crate::workspace::SourceFile;

const RULE: &str = "opening";

pub(crate) fn check(file: &SourceFile) -> Vec<Finding> {
    let first = file.text.lines().enumerate().find(|(_, line)| !line.trim().is_empty() && !line.starts_with("#!/"));
    match first {
        Some((_, line)) if line.strip_prefix("//!").is_some_and(|said| !said.trim().is_empty()) => Vec::new(),
        Some((index, _)) => vec![missing(file, index + 1)],
        None => vec![missing(file, 1)],
    }
}

fn missing(file: &SourceFile, line: usize) -> Finding {
    Finding::new(
        &file.path,
        line,
        RULE,
        "a module opens with `//!`: what it is for, what it promises, what it leaves to others",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> usize {
        check(&SourceFile { path: "crates/a/src/b.rs".to_owned(), text: text.to_owned() }).len()
    }

    /// Blank lines may come first; attributes, code, an empty `//!` and an empty file may not stand instead.
    #[test]
    fn a_module_says_what_it_is_for() {
        assert_eq!(findings("//! Grants.\nuse x;"), 0);
        assert_eq!(findings("\n//! Grants."), 0);
        assert_eq!(findings("#![allow(dead_code)]\n//! Grants."), 1);
        assert_eq!(findings("use x;"), 1);
        assert_eq!(findings("//!\nuse x;"), 1);
        assert_eq!(findings(""), 1);
    }
}
