//! The making of a network is interrupted: the next `init` ends with a whole network, and never with parts of two.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::command::{PROGRAM, complained, gongxin, json};
use crate::node::{contents, free_ports};

fn init(place: &Path) -> std::process::Output {
    init_from(place, free_ports(14))
}

fn init_from(place: &Path, base: u16) -> std::process::Output {
    let base = base.to_string();
    gongxin(place, &["--output", "json", "init", "--dir", &place.display().to_string(), "--base-port", &base])
}

/// Every file that the layout names is there, and every configuration, key and genesis opens.
fn is_whole(place: &Path) {
    assert!(!place.join(".new").exists());
    let report = json(&gongxin(place, &["--output", "json", "doctor"]));
    let findings = report.as_array().expect("findings");
    for finding in findings.iter().filter(|finding| finding["check"] == "key" || finding["check"] == "genesis") {
        assert_eq!(finding["ok"], true, "{finding}");
    }
}

/// Killed while keys are made: nothing is in place yet, and the next attempt begins anew.
#[test]
fn killed_while_keys_are_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("net");
    let mut first = Command::new(PROGRAM)
        .args(["init", "--dir", &place.display().to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let begun = Instant::now();
    while !place.join(".new/public-security").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "no keys are made");
    }
    first.kill().expect("killed");
    first.wait().expect("ended");
    assert!(!place.join("layout.json").exists());
    let again = init(&place);
    assert!(again.status.success(), "{}", complained(&again));
    is_whole(&place);
}

/// Killed on the last step, with half of it in place: the next attempt finishes this very network, and refuses to finish it
/// as another one.
#[test]
fn killed_while_it_is_put_in_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("net");
    let base = free_ports(28);
    let made = json(&init_from(&place, base));
    let whole = contents(&place);
    fs::create_dir(place.join(".new")).expect("a folder");
    for name in ["layout.json", "genesis.borsh", "housing"] {
        fs::rename(place.join(name), place.join(".new").join(name)).expect("moved");
    }
    let half = contents(&place);
    let other = init_from(&place, base + 14);
    assert_eq!(other.status.code(), Some(2));
    assert!(complained(&other).contains("made another network here"), "{}", complained(&other));
    assert_eq!(contents(&place), half);
    let again = init_from(&place, base);
    assert_eq!(json(&again)["network"], made["network"]);
    assert!(complained(&again).contains("put in place"), "{}", complained(&again));
    assert_eq!(contents(&place), whole);
    is_whole(&place);
}

/// A member's folder that belongs to no network known here is nobody's to overwrite.
#[test]
fn what_stands_in_the_way_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("net");
    assert!(init(&place).status.success());
    fs::remove_file(place.join("layout.json")).expect("removed");
    let before = contents(&place);
    let again = init(&place);
    assert_eq!(again.status.code(), Some(2));
    let said = complained(&again);
    assert!(said.contains("net/civil-affairs") && said.contains("choose another directory"), "{said}");
    assert_eq!(contents(&place), before);
}
