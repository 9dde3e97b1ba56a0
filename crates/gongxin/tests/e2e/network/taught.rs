//! What the help teaches works, as it stands there: the command lines run, and the files it shows are taken.

use std::path::Path;
use std::process::Command;

use super::living::Living;
use crate::command::{PROGRAM, complained, said};

/// Beginnings of the lines that are tried, in this order: a duty before its resource, a receipt before its check.
const TRIED: &[&str] = &[
    "gongxin status",
    "gongxin org list",
    "gongxin org register",
    "gongxin officer register",
    "gongxin gateway register",
    "gongxin gateway list",
    "gongxin duty register",
    "gongxin duty list",
    "gongxin resource publish",
    "gongxin resource show",
    "gongxin record create",
    "gongxin record read",
    "gongxin verify receipt.json",
    "gongxin grant issue",
    "gongxin access list",
    "gongxin evidence notarise",
    "gongxin evidence digest",
    "gongxin policy list",
    "gongxin policy show",
    "gongxin proposal open",
    "gongxin proposal list",
    "gongxin validator list",
    "gongxin network show",
    "gongxin network save",
    "gongxin key passphrase",
    "gongxin key new",
];

/// Nouns whose help shows a file.
const WITH_FILES: &[&str] = &["org", "officer", "gateway", "duty", "resource"];

#[test]
fn what_the_help_teaches_works() {
    let living = Living::start();
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    std::fs::copy(living.network(), place("network.json")).expect("copied");
    std::fs::write(place("contract.pdf"), b"a contract").expect("written");
    for noun in WITH_FILES {
        std::fs::write(place(&format!("{noun}.json")), shown_file(noun)).expect("written");
    }
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let copied = Command::new("cp").arg("-r").arg(policies).arg(place("policies")).status().expect("cp runs");
    assert!(copied.success());
    for beginning in TRIED {
        let noun = beginning.split(' ').nth(1).expect("a noun");
        let page = help(&[noun]);
        let line = page.lines().map(str::trim).find(|line| line.starts_with(beginning));
        let line = line.unwrap_or_else(|| panic!("`{beginning} …` is not taught"));
        // A date that never lies behind us.
        let line = line.replace("--until 2027-08-01T00:00:00Z", "--until $(date -u -d '+1 year' +%Y-%m-%dT00:00:00Z)");
        let output = living.shell(&line, folder.path());
        assert!(output.status.success(), "{line}\n{}\n{}", said(&output), complained(&output));
    }
    a_file_that_does_not_continue_ours_is_refused(&living, folder.path());
}

/// `network save` took a file that says the same; beside another network's file it takes nothing, and leaves it as it is.
fn a_file_that_does_not_continue_ours_is_refused(living: &Living, folder: &Path) {
    let read = |name: &str| std::fs::read(folder.join(name)).expect("a file");
    assert_eq!(read("newest.json"), read("network.json"), "no validators have changed");
    let mut file: gongxin_types::Network = gongxin_verify::jcs::read(&read("network.json")).expect("a network file");
    file.head.name = "elsewhere".parse().expect("a name");
    let elsewhere = gongxin_verify::bundle::network_to_bytes(&gongxin_types::Network::of(&file.head));
    std::fs::write(folder.join("elsewhere.json"), &elsewhere).expect("written");
    let output = living.shell("gongxin network save --as housing/clerk --network elsewhere.json", folder);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(complained(&output).contains("the one at hand of"), "{}", complained(&output));
    assert_eq!(read("elsewhere.json"), elsewhere);
}

/// The file that a noun's help shows.
fn shown_file(noun: &str) -> String {
    let page = help(&[noun]);
    let shown = page.split(&format!("{noun}.json:\n")).nth(1).unwrap_or_else(|| panic!("no file for `{noun}`"));
    shown.to_owned()
}

/// A help page, lines unbroken.
fn help(path: &[&str]) -> String {
    let output = Command::new(PROGRAM).args(path).arg("--help").env("COLUMNS", "400").output().expect("starts");
    said(&output)
}

/// Every option that an example names is one of its verb's.
#[test]
fn options_of_the_examples_exist() {
    let mut lines = 0;
    for noun in help(&[]).split("Commands:\n").nth(1).expect("nouns").lines() {
        let Some(noun) = noun.split_whitespace().next().filter(|_| noun.starts_with("  ")) else {
            break;
        };
        for line in help(&[noun]).lines().filter_map(|line| line.trim().strip_prefix("gongxin ")) {
            let path: Vec<&str> = line
                .split(' ')
                .take(2)
                .filter(|word| word.chars().all(|one| one.is_ascii_lowercase() || one == '-') && !word.starts_with('-'))
                .collect();
            let page = help(&path);
            for option in line.split_whitespace().filter(|word| word.starts_with("--")) {
                assert!(page.contains(option), "`{line}`: there is no `{option}`");
            }
            lines += 1;
        }
    }
    assert!(lines > 30 && Path::new(PROGRAM).exists(), "{lines} examples");
}
