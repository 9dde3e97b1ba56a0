//! Backups that are not what they should be, and folders that are not empty: refused with words, and nothing is lost.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::command::{complained, gongxin, json};
use crate::node::{Made, contents};

/// A network that nobody runs, and the key of its backups, kept elsewhere.
pub(crate) struct Kept {
    pub(crate) folder: tempfile::TempDir,
    to: String,
}

impl Kept {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = |name: &str| folder.path().join(name).display().to_string();
        assert!(gongxin(folder.path(), &["key", "passphrase", &place("passphrase")]).status.success());
        let key = place("backup.pem");
        let passphrase = place("passphrase");
        let made = ["--output", "json", "key", "new", &key, "--sealing", "--passphrase-file", &passphrase];
        let to = json(&gongxin(folder.path(), &made))["public_key"].as_str().expect("a key").to_owned();
        Self { folder, to }
    }

    /// A file beside the key.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a backup.
    pub(crate) fn backup(&self, config: &Path, file: &Path) -> std::process::Output {
        let (config, file) = (config.display().to_string(), file.display().to_string());
        gongxin(self.folder.path(), &["--output", "json", "backup", &file, "--config", &config, "--to", &self.to])
    }

    /// Puts one back.
    pub(crate) fn restore(&self, file: &Path, network: &Path, directory: &Path) -> std::process::Output {
        let (key, passphrase) = (self.file("backup.pem"), self.file("passphrase"));
        let paths = [file, network, directory, &key, &passphrase].map(|path| path.display().to_string());
        let [file, network, directory, key, passphrase] = &paths;
        let to = ["--network", network, "--dir", directory, "--key", key, "--passphrase-file", passphrase];
        gongxin(self.folder.path(), &[&["--output", "json", "restore", file], &to[..]].concat())
    }
}

/// That a restore is refused: as usage, in these words, without a trace in the folder that was named.
fn refused(kept: &Kept, file: &Path, network: &Path, words: &[&str]) {
    let target = kept.file("target");
    let output = kept.restore(file, network, &target);
    let said = complained(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(words.iter().all(|word| said.contains(word)), "{words:?} in: {said}");
    assert!(!target.exists() || contents(&target).is_empty(), "{:?}", contents(&target).keys());
}

/// What is in a backup of a validator, and what is not: its votes. What comes back are its files, for its owner alone, with the
/// configuration's comments; started, it votes only once that is safe.
#[test]
fn a_validator_is_restored_as_a_wiped_one() {
    let (made, kept) = (Made::new(), Kept::new());
    let config = made.node("node.toml");
    let text = fs::read_to_string(&config).expect("text");
    fs::write(&config, format!("# Rack 7, call 4711 first.\n{text}")).expect("written");
    let node = made.run_node();
    node.says("node starts");
    assert!(node.said().contains("\"voting\":true"), "{}", node.said());
    let file = kept.file("node.backup");
    let told = json(&kept.backup(&config, &file));
    assert_eq!(told["parts"], serde_json::json!(["config", "genesis", "key", "passphrase"]), "while it runs");
    drop(node);
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);

    let target = kept.file("restored");
    let told = json(&kept.restore(&file, &made.path().join("network.json"), &target));
    assert!(told["next"].as_str().is_some_and(|next| next.contains("no other process runs with its key")), "{told}");
    let files = contents(&target);
    let names: Vec<_> =
        files.keys().map(|path| path.strip_prefix(&target).expect("below").display().to_string()).collect();
    assert_eq!(names, ["consensus.pem", "genesis.borsh", "node.toml", "passphrase"]);
    for path in files.keys() {
        assert_eq!(fs::metadata(path).expect("a file").permissions().mode() & 0o077, 0, "{}", path.display());
    }
    let restored = fs::read_to_string(target.join("node.toml")).expect("text");
    assert!(
        restored.starts_with("# Rack 7, call 4711 first.") && restored.contains("genesis = \"genesis.borsh\""),
        "{restored}"
    );
    let again = made.run_node_of(&target.join("node.toml"));
    again.says("node starts");
    assert!(again.said().contains("\"voting\":false"), "{}", again.said());
}

/// Cut short, with one byte changed, of another network, under another key, or no backup at all.
#[test]
fn what_is_no_backup_of_this_network_is_refused() {
    let (made, other, kept) = (Made::new(), Made::new(), Kept::new());
    let network = made.path().join("network.json");
    for config in [made.node("node.toml"), made.gateway("gateway.toml")] {
        let file = kept.file("whole.backup");
        json(&kept.backup(&config, &file));
        refused(
            &kept,
            &file,
            &other.path().join("network.json"),
            &["whole.backup", "is of network", "nothing was restored"],
        );
        let whole = fs::read(&file).expect("a backup");
        let damaged = kept.file("damaged.backup");
        for bytes in [&whole[..whole.len() / 2], &whole[..whole.len() - 1], &[&whole[..], b"x"].concat()[..]] {
            fs::write(&damaged, bytes).expect("written");
            refused(&kept, &damaged, &network, &["damaged.backup", "cut short or changed", "an earlier one"]);
        }
        let mut changed = whole.clone();
        changed[whole.len() - 1_000] ^= 1;
        fs::write(&damaged, changed).expect("written");
        refused(&kept, &damaged, &network, &["cut short or changed"]);
        let stranger = Kept::new();
        refused(&stranger, &file, &network, &["is sealed to", &kept.to]);
        let check = ["restore", &file.display().to_string(), "--check", "--network", &network.display().to_string()]
            .map(str::to_owned);
        let check: Vec<&str> = check.iter().map(String::as_str).collect();
        assert!(gongxin(kept.folder.path(), &check).status.success(), "whole, without its key");
        fs::remove_file(&file).expect("removed");
    }
    refused(&kept, &network, &network, &["network.json", "not a backup"]);
}

/// Nothing that stands somewhere is overwritten, by a backup or by a restore; in a folder, each backup has a name of its own.
#[test]
fn nothing_is_overwritten() {
    let (made, kept) = (Made::new(), Kept::new());
    let file = kept.file("precious");
    fs::write(&file, "precious").expect("written");
    let output = kept.backup(&made.node("node.toml"), &file);
    assert_eq!(output.status.code(), Some(2));
    assert!(complained(&output).contains("exists already"), "{}", complained(&output));
    assert_eq!(fs::read(&file).expect("there"), b"precious");

    let folder = kept.file("backups");
    fs::create_dir(&folder).expect("a folder");
    let told = json(&kept.backup(&made.gateway("gateway.toml"), &folder));
    let name = PathBuf::from(told["file"].as_str().expect("a path"));
    let text = name.file_name().and_then(|name| name.to_str()).expect("a name");
    assert!(text.starts_with("civil-affairs-gateway-20") && text.ends_with("Z.backup"), "{text}");
    assert_eq!(contents(&folder).len(), 1, "no draft is left");

    let target = kept.file("target");
    fs::create_dir(&target).expect("a folder");
    fs::write(target.join("gateway.toml"), "mine").expect("written");
    let before = contents(&target);
    let output = kept.restore(&name, &made.path().join("network.json"), &target);
    assert_eq!(output.status.code(), Some(2));
    assert!(complained(&output).contains("is not empty"), "{}", complained(&output));
    assert_eq!(contents(&target), before);
}

/// A key that does not open is no backup of it, and is found when the backup is made.
#[test]
fn a_key_that_does_not_open_is_not_backed_up() {
    let (made, kept) = (Made::new(), Kept::new());
    fs::copy(made.path().join("housing/passphrase"), made.path().join("civil-affairs/passphrase")).expect("copied");
    let output = kept.backup(&made.node("node.toml"), &kept.file("node.backup"));
    assert_eq!(output.status.code(), Some(2));
    assert!(complained(&output).contains("does not open with this passphrase"), "{}", complained(&output));
    assert!(!kept.file("node.backup").exists());
}
