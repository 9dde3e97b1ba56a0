//! docs/operations.md says what the program does: the names it logs under, the alerts it raises, the units it is run by.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::node::Made;

/// The page for operators.
pub(crate) fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    fs::read_to_string(path).expect("docs/operations.md")
}

/// The first cells of the table under this heading, without their backticks.
pub(crate) fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let part = page.split(&format!("## {heading}\n")).nth(1).unwrap_or_else(|| panic!("no `{heading}`"));
    let part = part.split("\n## ").next().expect("a part");
    let rows = part.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect())
        .collect()
}

/// Every target that a validator and a gateway log under is in the table, whatever the level.
#[test]
fn log_targets_are_documented() {
    let made = Made::new();
    let targets: Vec<String> = table(&page(), "Logs").into_iter().map(|row| row[0].clone()).collect();
    assert!(targets.len() > 5, "{targets:?}");
    let node = made.run_node();
    node.says("node starts");
    let gateway = made.gateway_log_of_a_moment();
    let lines = format!("{}{gateway}", node.said());
    let used: BTreeSet<String> = lines
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("a line that is no JSON: {line}"));
            for field in ["timestamp", "level", "fields", "target"] {
                assert!(!line[field].is_null(), "`{field}` in {line}");
            }
            line["target"].as_str().expect("text").to_owned()
        })
        .collect();
    assert!(used.len() > 2, "{used:?}");
    for target in used {
        let is_known = targets.iter().any(|known| {
            target == *known || target.starts_with(&format!("{known}::")) || target.starts_with(&format!("{known}_"))
        });
        assert!(is_known, "`{target}` is not documented");
    }
}

/// The lines that the page tells an operator to look for are lines that the program writes.
#[test]
fn log_lines_that_want_somebody_exist() {
    let rows = table(&page(), "What wants somebody");
    assert!(rows.len() > 10, "{rows:?}");
    let mut sources = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true if !path.ends_with("tests") => folders.push(path),
                false if path.extension().is_some_and(|kind| kind == "rs") => {
                    sources.push_str(&fs::read_to_string(path).expect("a source"));
                }
                _ => {}
            }
        }
    }
    for row in rows {
        assert!(sources.contains(&format!("\"{}\"", row[0])), "nobody says `{}`", row[0]);
        assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
    }
}

/// Commands that the page shows are commands of the program, with options that exist.
#[test]
fn commands_of_the_page_exist() {
    let page = page();
    let shown =
        page.split("```").skip(1).step_by(2).flat_map(|block| block.lines()).chain(page.split('`').skip(1).step_by(2));
    let mut count = 0;
    for line in shown.filter_map(|line| line.trim().strip_prefix("gongxin ")) {
        let line = line.split(" #").next().unwrap_or_default().split(" &&").next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        let path: Vec<&str> = words
            .iter()
            .take(2)
            .copied()
            .filter(|word| word.chars().all(|one| one.is_ascii_lowercase() || one == '-') && !word.starts_with('-'))
            .collect();
        let help = [&path[..], &path[..1]].into_iter().find_map(|path| {
            let output =
                std::process::Command::new(crate::command::PROGRAM).args(path).arg("--help").output().expect("starts");
            output.status.success().then(|| crate::command::said(&output))
        });
        let help = help.unwrap_or_else(|| panic!("there is no `gongxin {line}`"));
        for option in words.iter().filter(|word| word.starts_with("--")) {
            assert!(help.contains(option), "`gongxin {line}`: there is no `{option}`");
        }
        count += 1;
    }
    assert!(count > 10, "{count} commands");
}
