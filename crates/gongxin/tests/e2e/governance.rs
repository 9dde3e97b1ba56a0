//! `gongxin demo governance`, as a sceptical institution watches it: every chapter holds, and nothing is left behind.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use expect_test::expect_file;
use serde_json::Value;

use crate::command::{PROGRAM, complained};
use crate::node::{contents, free_ports};

/// Ports that a story takes.
const PORTS: u16 = 17;

/// A story that is told among these temporary files, on these ports.
fn story(temporary: &Path, base: u16) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["demo", "governance", "--output", "json", "--base-port", &base.to_string()]).env("TMPDIR", temporary);
    command
}

/// No process listens any more, none that was told of is one of this story's, and no file is left.
fn nothing_is_left(events: &[Value], temporary: &Path, base: u16) {
    let started = events.iter().filter(|event| event["event"] == "ready" || event["event"] == "started");
    let nested = |event: &Value| {
        let of = |kind: &str| event[kind].as_array().cloned().unwrap_or_default();
        [vec![event.clone()], of("validators"), of("gateways")].concat()
    };
    let pids: Vec<u64> = started.flat_map(nested).filter_map(|child| child["pid"].as_u64()).collect();
    assert!(pids.len() >= 10, "{pids:?}");
    for pid in pids {
        let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        assert!(!line.contains(&temporary.display().to_string()), "process {pid} runs: {line}");
    }
    for port in base..base + PORTS {
        assert!(TcpListener::bind(("127.0.0.1", port)).is_ok(), "port {port} is taken");
    }
    assert_eq!(contents(temporary).keys().collect::<Vec<_>>(), Vec::<&std::path::PathBuf>::new());
}

fn read(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|_| panic!("one JSON object per line: {line}"))
}

/// Four institutions admit a fifth, change a rule, lose a key, expel a liar. What is said to hold is the golden file.
#[test]
fn the_story_holds_from_the_first_chapter_to_the_last() {
    let (temporary, base) = (tempfile::tempdir().expect("a folder"), free_ports(PORTS));
    let output = story(temporary.path(), base).arg("--auto").stdin(Stdio::null()).output().expect("starts");
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    let events: Vec<Value> = String::from_utf8(output.stdout).expect("text").lines().map(read).collect();
    let mut told = String::new();
    for event in &events {
        match event["event"].as_str() {
            Some("chapter") => told.push_str(&format!("{} {}\n", event["number"], event["en"].as_str().expect("text"))),
            Some("holds") => told.push_str(&format!("  {}\n", event["what"].as_str().expect("text"))),
            _ => {}
        }
    }
    expect_file!["./governance.txt"].assert_eq(&told);
    let count = |kind: &str| u64::try_from(events.iter().filter(|event| event["event"] == kind).count()).expect("few");
    let last = events.last().expect("events");
    assert_eq!(last["event"], "told", "{last}");
    assert_eq!((last["chapters"].as_u64(), last["checks"].as_u64()), (Some(5), Some(count("holds"))));
    assert_eq!(last["receipts"].as_u64(), Some(count("proven")));
    let refused =
        events.iter().filter(|event| event["event"] == "proven" && event["proves"]["decision"]["effect"] == "deny");
    assert!(refused.count() >= 10, "refusals are proven as well");
    nothing_is_left(&events, temporary.path(), base);
}

/// Reads events until one of this kind.
fn until(lines: &mut impl Iterator<Item = std::io::Result<String>>, kind: &str) -> Vec<Value> {
    let mut events = Vec::new();
    for line in lines {
        let event = read(&line.expect("text"));
        let is_it = event["event"] == kind;
        events.push(event);
        if is_it {
            return events;
        }
    }
    panic!("the story ended without `{kind}`: {events:?}");
}

fn signal(process: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &process.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

/// Without `--auto` it waits for Enter before each step; on Ctrl-C it stops what it started, removes its folder, and does not
/// end as if all had held.
#[test]
fn it_waits_for_enter_and_cleans_up_after_ctrl_c() {
    let (temporary, base) = (tempfile::tempdir().expect("a folder"), free_ports(PORTS));
    let mut process =
        story(temporary.path(), base).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts");
    let (mut keys, out) = (process.stdin.take().expect("piped"), process.stdout.take().expect("piped"));
    let mut lines = BufReader::new(out).lines();
    let mut events = until(&mut lines, "step");
    keys.write_all(b"\n").expect("pressed");
    events.extend(until(&mut lines, "ready"));
    events.extend(until(&mut lines, "step"));
    keys.write_all(b"\n").expect("pressed");
    events.extend(until(&mut lines, "proven"));
    signal(&process, "INT");
    assert_eq!(process.wait().expect("ended").code(), Some(3));
    nothing_is_left(&events, temporary.path(), base);
}

/// A port that is taken, a folder that is not empty, nobody at the keyboard: each is said, and nothing is left or touched.
#[test]
fn what_stands_in_the_way_is_named() {
    let (temporary, base) = (tempfile::tempdir().expect("a folder"), free_ports(PORTS));
    let taken = TcpListener::bind(("127.0.0.1", base)).expect("free");
    let output = story(temporary.path(), base).arg("--auto").output().expect("starts");
    assert_eq!(output.status.code(), Some(3));
    assert!(complained(&output).contains(&format!("port {base}")), "{}", complained(&output));
    assert!(contents(temporary.path()).is_empty());
    drop(taken);

    let output = story(temporary.path(), base).stdin(Stdio::null()).output().expect("starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(complained(&output).contains("`--auto` goes on by itself"), "{}", complained(&output));
    assert!(contents(temporary.path()).is_empty());

    fs::write(temporary.path().join("thesis"), "mine").expect("written");
    let output = story(temporary.path(), base).arg("--dir").arg(temporary.path()).output().expect("starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(complained(&output).contains("is not empty"), "{}", complained(&output));
    assert_eq!(contents(temporary.path()).len(), 1);
}
