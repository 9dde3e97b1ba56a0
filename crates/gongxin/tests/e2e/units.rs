//! The units that the program is run by under systemd: sound, hardened, and in step with the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{PROGRAM, complained, gongxin, said};

fn units() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/systemd");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("units").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// What a process of ours can do without is taken from it.
#[test]
fn services_are_hardened() {
    const ASKED: &[&str] = &[
        "User=gongxin",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
        "NoNewPrivileges=yes",
        "MemoryDenyWriteExecute=yes",
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
        "SystemCallFilter=@system-service",
        "CapabilityBoundingSet=",
        "UMask=0077",
    ];
    let services: Vec<PathBuf> =
        units().into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "service")).collect();
    assert_eq!(services.len(), 3, "{services:?}");
    for path in services {
        let text = fs::read_to_string(&path).expect("a unit");
        for line in ASKED {
            assert!(text.lines().any(|own| own == *line), "`{line}` in {}", path.display());
        }
    }
}

/// The command lines of the units are command lines of the program: verbs and options exist.
#[test]
fn command_lines_of_the_units_exist() {
    let mut lines = 0;
    for path in units() {
        let text = fs::read_to_string(&path).expect("a unit").replace("=-", "=");
        let commands = text
            .lines()
            .filter_map(|line| line.strip_prefix("Exec").and_then(|line| line.split_once("=/usr/bin/gongxin ")));
        for (_, line) in commands {
            let words: Vec<&str> = line.split_whitespace().collect();
            let help = said(&gongxin(Path::new("/nonexistent"), &[words[0], "--help"]));
            for option in words.iter().filter(|word| word.starts_with("--")) {
                assert!(help.contains(option), "`{option}` of `{line}` in {}", path.display());
            }
            lines += 1;
        }
    }
    assert!(lines >= 4, "{lines} command lines");
}

/// systemd itself finds nothing wrong with them, where it is installed.
#[test]
fn systemd_takes_the_units() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        return println!("skipped: `systemd-analyze` is not installed");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut arguments = vec!["verify".to_owned(), "--man=no".to_owned()];
    for path in units() {
        // The program is where it was built, and not where it will be installed.
        let text = fs::read_to_string(&path).expect("a unit").replace("/usr/bin/gongxin", PROGRAM);
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").replace('@', "@housing");
        let copy = folder.path().join(name);
        fs::write(&copy, text).expect("written");
        arguments.push(copy.display().to_string());
    }
    let output = Command::new("systemd-analyze").args(&arguments).output().expect("runs");
    // What it says of other units of this machine is none of our business.
    let ours: Vec<String> =
        complained(&output).lines().filter(|line| line.contains("gongxin-")).map(str::to_owned).collect();
    assert!(ours.is_empty(), "{ours:?}");
}
