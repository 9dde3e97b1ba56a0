//! Files and directories that are not what they should be: the error names them and says what to do, the exit code is the
//! documented one, and nothing is written anywhere.

use std::fs;
use std::path::{Path, PathBuf};

use crate::node::{Made, contents};

type Start = fn(&Made) -> (Option<i32>, String);

/// A start that must be refused: as usage (2), in these words, without a trace in the network's folder.
fn refused(made: &Made, start: Start, words: &[&str]) {
    let before = contents(&made.path());
    let (code, said) = start(made);
    assert_eq!(code, Some(2), "{said}");
    assert!(words.iter().all(|word| said.contains(word)), "{words:?} in: {said}");
    let after = contents(&made.path());
    let names: Vec<_> = after.keys().filter(|path| before.get(*path) != after.get(*path)).collect();
    assert_eq!(before, after, "written: {names:?}");
}

/// Puts something else, or nothing, in the place of a file until it is dropped.
struct Broken {
    path: PathBuf,
    whole: PathBuf,
}

impl Broken {
    fn new(path: &Path, with: Option<&[u8]>) -> Self {
        // Beside the network's folder, as in it everything is compared.
        let whole = tempfile::tempdir().expect("a folder").keep().join("whole");
        fs::copy(path, &whole).expect("copied");
        match with {
            Some(bytes) => fs::write(path, bytes).expect("written"),
            None => fs::remove_file(path).expect("removed"),
        }
        Self { path: path.to_owned(), whole }
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        let _removed = fs::remove_file(&self.path);
        let _back = fs::copy(&self.whole, &self.path);
        let _gone = self.whole.parent().map(fs::remove_dir_all);
    }
}

/// Genesis, key, passphrase and configuration of a validator and of a gateway: cut in half, emptied, taken away.
#[test]
fn half_a_file_is_refused_by_its_name() {
    const BACKUP: &str = "put the file back from a backup";
    let made = Made::new();
    let (genesis, passphrase) = (made.path().join("genesis.borsh"), made.path().join("civil-affairs/passphrase"));
    let files: [(&Path, &str, Start); 7] = [
        (&genesis, BACKUP, Made::start_node),
        (&made.node("consensus.pem"), BACKUP, Made::start_node),
        (&made.node("node.toml"), "node.toml`", Made::start_node),
        (&passphrase, BACKUP, Made::start_node),
        (&genesis, BACKUP, Made::start_gateway),
        (&made.gateway("signing.pem"), BACKUP, Made::start_gateway),
        (&made.gateway("gateway.toml"), "gateway.toml`", Made::start_gateway),
    ];
    for (path, words, start) in files {
        let whole = fs::read(path).expect("a file");
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        for with in [Some(&whole[..whole.len() / 2]), Some(&[][..]), None] {
            let _broken = Broken::new(path, with);
            // Half a passphrase is a passphrase: it is the key that does not open with it.
            let half_passphrase = path == passphrase && with.is_some_and(|bytes| !bytes.is_empty());
            refused(&made, start, &[if half_passphrase { "consensus.pem" } else { name }, words]);
        }
    }
    let _broken = Broken::new(&made.gateway("gateway.toml"), Some(b"surprise = 1\n"));
    refused(&made, Made::start_gateway, &["gateway.toml", "unknown field `surprise`"]);
}

/// The data of one network under the configuration of another, and data that does not say whose it is.
#[test]
fn foreign_and_half_written_data_is_refused() {
    let (made, other) = (Made::new(), Made::new());
    let theirs = other.node("data").display().to_string();
    made.configure(|line| line.starts_with("directory =").then(|| format!("directory = \"{theirs}\"")));
    let before = contents(&other.path());
    refused(&made, Made::start_node, &[&theirs, "belongs to network", "choose another directory"]);
    assert_eq!(contents(&other.path()), before);

    let half = [("network", &b"5f"[..]), ("votes", b"")];
    for (name, bytes) in half {
        let path = other.node("data").join(name);
        let whole = fs::read(&path).ok();
        fs::write(&path, bytes).expect("written");
        if name == "votes" {
            fs::remove_file(other.node("data/network")).expect("removed");
        }
        let data = other.node("data").display().to_string();
        refused(&other, Made::start_node, &[&data, "half-written", "move this one away"]);
        if let Some(whole) = whole {
            fs::write(&path, whole).expect("written");
        }
    }
}

/// A disk with less room than the configuration asks for is refused before anything is written.
#[test]
fn a_full_disk_is_refused_before_anything_is_written() {
    let made = Made::new();
    let floor = "9000000000000000000";
    made.configure(|line| line.starts_with("follower =").then(|| format!("{line}\ndisk_free_bytes_min = {floor}")));
    let data = made.node("data").display().to_string();
    refused(&made, Made::start_node, &[&data, "is full", floor, "disk_free_bytes_min", "more and start again"]);
}

/// Two processes on one directory: the second is refused, the first goes on.
#[test]
fn a_second_process_is_refused() {
    let made = Made::new();
    let first = made.run_node();
    first.says("validator runs");
    // Another port, so that it is the directory that is refused.
    made.configure(|line| line.starts_with("http =").then(|| "http = \"127.0.0.1:1\"".to_owned()));
    let (code, said) = made.start_node_again();
    assert_eq!(code, Some(2), "{said}");
    let data = made.node("data").display().to_string();
    assert!(said.contains(&data) && said.contains("another process") && said.contains("stop it"), "{said}");
    assert!(!first.said().contains("validator stopped"));
}
