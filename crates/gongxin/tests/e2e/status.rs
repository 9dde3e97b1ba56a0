//! Status: what needs attention is named, by what validators say of themselves and of each other.

use std::fs::File;
use std::io::Read as _;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::{PROGRAM, complained, gongxin, said};
use crate::fake::{Fake, Report};
use crate::node::Made;

/// Four validators of a network: the first is changed, the others are well.
fn asked(made: &Made, change: impl FnOnce(&mut Report)) -> (Output, Value) {
    let keys = made.validator_keys();
    let mut change = Some(change);
    let fakes: Vec<Fake> = keys
        .iter()
        .map(|(name, key)| {
            Fake::validator(&made.network(), |report| {
                (report.name, report.key) = (name.clone(), key.clone());
                report.heard = keys.iter().map(|(_, other)| other.clone()).filter(|other| other != key).collect();
                if let Some(change) = change.take() {
                    change(report);
                }
            })
        })
        .collect();
    let mut arguments = vec!["--output", "json", "status"];
    fakes.iter().for_each(|fake| arguments.extend(["--validator", fake.url()]));
    let output = gongxin(&made.path(), &arguments);
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", complained(&output)));
    (output, document)
}

/// That exactly this needs attention: so grave, of the first validator or the network, in these words.
fn finds(made: &Made, weight: &str, words: &[&str], change: impl FnOnce(&mut Report)) {
    let (output, document) = asked(made, change);
    let attention = document["attention"].as_array().expect("a list");
    let found = attention.iter().any(|finding| {
        let text = finding.to_string();
        finding["weight"] == weight && finding["todo"] != "" && words.iter().all(|word| text.contains(word))
    });
    assert!(found, "{words:?} in {document:#}");
    assert_eq!(output.status.code(), Some(i32::from(weight == "wrong")), "{document:#}");
}

/// A network that is well: nothing needs attention, and the exit code says so.
#[test]
fn a_network_that_is_well() {
    let made = Made::new();
    let (output, document) = asked(&made, |_| {});
    assert_eq!(output.status.code(), Some(0), "{document:#}");
    assert_eq!(document["attention"], serde_json::json!([]));
    assert_eq!((&document["height"], &document["quorum"]), (&70.into(), &3.into()));
    let first = &document["validators"][0];
    assert_eq!((&first["answers"], &first["operator"]["program"]), (&true.into(), &env!("CARGO_PKG_VERSION").into()));
    assert!(first["lag_ms"].as_u64() < Some(1_000), "{first:#}");
}

/// One thing at a time: who lags, whose clock is off, whose disk fills, who does not vote and why, who is alone.
#[test]
fn one_validator_needs_attention() {
    let made = Made::new();
    let name = "civil-affairs";
    finds(&made, "wrong", &[name, "lags 30 blocks, 20 s behind"], |report| {
        (report.height, report.age_ms) = (40, 20_800)
    });
    finds(&made, "wrong", &[name, "lags 30 blocks"], |report| (report.height, report.syncing) = (40, true));
    finds(&made, "wrong", &[name, "ms ahead of the others", "timedatectl"], |report| report.clock_ahead_ms = 9_000);
    finds(&made, "wrong", &[name, "ms behind the others", "timedatectl"], |report| report.clock_ahead_ms = -9_000);
    finds(&made, "wrong", &[name, "300 MiB free; it stops at 256 MiB", "make room"], |report| {
        report.free_bytes = 300 << 20
    });
    finds(&made, "note", &[name, "5120 MiB free", "larger disk"], |report| report.free_bytes = 5 << 30);
    finds(&made, "wrong", &[name, "does not vote: it was wiped"], |report| {
        (report.voting, report.not_voting) = (false, Some("it was wiped or restored".into()));
    });
    finds(&made, "wrong", &[name, "hears none of its peers", "another process runs with its key"], |report| {
        report.heard.clear()
    });
    finds(&made, "wrong", &[name, "proof of 2 faults", "faults.log"], |report| report.faults = 2);
    finds(&made, "note", &[name, "40000 transactions wait"], |report| report.waiting = 40_000);
    finds(&made, "wrong", &[name, "belongs to network `555"], |report| report.network = "5".repeat(64));
}

/// What is so of all together: two histories, different programs.
#[test]
fn the_network_needs_attention() {
    let made = Made::new();
    let words = ["show different blocks 70", "`civil-affairs`", "keep every data directory"];
    finds(&made, "wrong", &words, |report| report.header = "b".repeat(64));
    finds(&made, "note", &["programs `0.0.9`", "finish the upgrade"], |report| report.program = "0.0.9".into());
}

/// Two of four are away: both are named, also by their peers, and that nothing becomes final; a third sees no new block.
#[test]
fn without_a_quorum_the_network_stands() {
    let made = Made::new();
    let keys = made.validator_keys();
    let heard: Vec<String> = keys.iter().take(2).map(|(_, key)| key.clone()).collect();
    let fakes: Vec<Fake> = (0..2)
        .map(|at| {
            Fake::validator(&made.network(), |report| {
                (report.name, report.key, report.age_ms) = (keys[at].0.clone(), keys[at].1.clone(), 40_000);
                report.heard = heard.iter().filter(|key| **key != keys[at].1).cloned().collect();
            })
        })
        .collect();
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let away = format!("http://{nobody}");
    let arguments = [
        "status",
        "--validator",
        fakes[0].url(),
        "--validator",
        fakes[1].url(),
        "--validator",
        &away,
        "--validator",
        &away,
    ];
    let output = gongxin(&made.path(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    let text = said(&output);
    for words in [
        "no block is final since 4",
        "2 of 4 validators vote, 3 are needed",
        "nothing listens there",
        "is heard by none of its peers",
        "housing",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours where nobody sees them: {text:?}");
    let nobody = gongxin(&made.path(), &["status", "--validator", &away]);
    assert_eq!(nobody.status.code(), Some(3), "{}", complained(&nobody));
}

/// Live on a terminal: drawn again and again in place, without scrolling, until Ctrl-C, and the cursor is there again.
#[test]
fn it_is_live_on_a_terminal() {
    let made = Made::new();
    let fake = Fake::validator(&made.network(), |_| {});
    let (mut screen, terminal) = terminal();
    let program = |terminal: &OwnedFd, once: bool| {
        let mut command = Command::new(PROGRAM);
        command.args(["status", "--validator", fake.url()]).env("TERM", "xterm").env("GONGXIN_HOME", made.path());
        if once {
            command.arg("--once");
        }
        let out = Stdio::from(terminal.try_clone().expect("cloned"));
        command.stdin(Stdio::null()).stdout(out).stderr(Stdio::null()).spawn().expect("starts")
    };
    let mut live = program(&terminal, false);
    let (begun, mut shown) = (Instant::now(), String::new());
    while shown.matches("Ctrl-C ends").count() < 3 {
        assert!(begun.elapsed() < Duration::from_secs(30), "{shown:?}");
        shown.push_str(&piece(&mut screen));
    }
    let drawn = shown.matches("\u{1b}[1;1H").count();
    assert!(drawn >= 3 && shown.contains("civil-affairs") && shown.contains("block 70"), "{shown:?}");
    let id = live.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill runs").success());
    while !shown.contains("\u{1b}[?25h") {
        assert!(begun.elapsed() < Duration::from_secs(30), "the cursor stays away: {shown:?}");
        shown.push_str(&piece(&mut screen));
    }
    assert!(live.wait().expect("ended").success());
    let mut once = program(&terminal, true);
    let mut shown = String::new();
    while !shown.contains("vote") {
        shown.push_str(&piece(&mut screen));
    }
    assert!(once.wait().expect("ended").code().is_some() && !shown.contains("\u{1b}[1;1H"), "{shown:?}");
}

/// A terminal of 40 lines: what is written to its second end comes out of the first.
fn terminal() -> (File, OwnedFd) {
    let size = nix::pty::Winsize { ws_row: 40, ws_col: 160, ws_xpixel: 0, ws_ypixel: 0 };
    let pair = nix::pty::openpty(&size, None).expect("a terminal");
    (File::from(pair.master), pair.slave)
}

fn piece(screen: &mut File) -> String {
    let mut buffer = [0; 65_536];
    let count = screen.read(&mut buffer).expect("a terminal");
    String::from_utf8_lossy(&buffer[..count]).into_owned()
}
