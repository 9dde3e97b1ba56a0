//! Nothing half done is left behind: no marker for later, no stub.

use crate::finding::Finding;
use crate::workspace::SourceFile;

const RULE: &str = "leftover";

/// Written in halves, so that this file does not find itself.
const MARKERS: [&str; 6] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("to", "do!"),
    concat!("unimplemented", "!"),
    concat!("(being ", "written)"),
];

pub(crate) fn check(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for marker in MARKERS {
            if contains_word(line, marker) {
                let message = format!("`{marker}` is left behind: do it, or say in words what is so and why");
                findings.push(Finding::new(&file.path, index + 1, RULE, message));
            }
        }
    }
    findings
}

/// Whether `word` stands in `line` with no letter or digit right before or after it.
fn contains_word(line: &str, word: &str) -> bool {
    let in_a_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        let open_end = !word.ends_with(|c: char| c.is_alphanumeric());
        !before.is_some_and(in_a_word) && (open_end || !after.is_some_and(in_a_word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<usize> {
        let file = SourceFile { path: "a.rs".to_owned(), text: text.to_owned() };
        check(&file).into_iter().map(|finding| finding.line).collect()
    }

    /// Markers and stubs are found on their lines; words that merely contain them are not.
    #[test]
    fn markers_are_found_as_words() {
        let bad = [concat!("// TO", "DO: later"), concat!("let x = to", "do!();"), concat!("# FIX", "ME")].join("\n");
        assert_eq!(places(&bad), [1, 2, 3]);
        assert_eq!(places("let mastodon = TODOS;\nlet XXXL = 1;\n// a method to do it"), [0; 0]);
    }
}
