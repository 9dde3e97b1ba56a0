//! What `--help` says is a promise: it is read before it is renewed.

use std::process::Command;

use expect_test::expect_file;

use crate::command::{PROGRAM, said};

/// Every command and verb, with its options, as a person reads it.
#[test]
fn help_of_every_command() {
    let mut pages = String::new();
    describe(&mut Vec::new(), &mut pages);
    expect_file!["./help.txt"].assert_eq(&pages);
}

fn describe(path: &mut Vec<String>, pages: &mut String) {
    // A fixed width, whatever the terminal that runs the tests.
    let output = Command::new(PROGRAM).args(path.iter()).arg("--help").env("COLUMNS", "110").output().expect("starts");
    assert!(output.status.success(), "`gongxin {} --help` fails", path.join(" "));
    let page = said(&output);
    pages.push_str(&format!("$ gongxin {} --help\n{}\n", path.join(" "), page.trim_end()));
    for verb in verbs(&page) {
        path.push(verb);
        describe(path, pages);
        path.pop();
    }
}

fn verbs(page: &str) -> Vec<String> {
    let commands = page.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = commands.lines().take_while(|line| line.starts_with("  "));
    let names = lines.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Completions and manual pages come from the same definitions.
#[test]
fn completions_and_manual_pages_are_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let man = Command::new(PROGRAM).arg("man").arg(folder.path()).status().expect("starts");
    assert!(man.success());
    let page = std::fs::read_to_string(folder.path().join("gongxin-record-read.1")).expect("a page per verb");
    assert!(page.contains("final on the ledger"));
    let bash = Command::new(PROGRAM).args(["completions", "bash"]).output().expect("starts");
    assert!(said(&bash).contains("gongxin"));
}
