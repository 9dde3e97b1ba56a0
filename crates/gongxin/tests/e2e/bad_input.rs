//! Bad input: an error that says what, where and what to do; the documented exit code; nothing written.

use std::fs;
use std::process::Command;

use crate::command::{PROGRAM, complained, gongxin};

/// An unknown word on the command line is usage (2), and says so.
#[test]
fn an_unknown_command_is_usage() {
    let output = Command::new(PROGRAM).arg("conquer").output().expect("starts");
    assert_eq!(output.status.code(), Some(2));
}

/// A configuration with an unknown key names file and key, and nothing is started or written.
#[test]
fn an_unknown_key_in_a_configuration_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("node.toml");
    fs::write(&path, "name = \"a\"\nsurprise = true\n").expect("written");
    let output = Command::new(PROGRAM).arg("node").arg("--config").arg(&path).output().expect("starts");
    assert_eq!(output.status.code(), Some(2));
    let words = complained(&output);
    assert!(words.contains("node.toml") && words.contains("surprise"), "{words}");
    assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 1);
}

/// Ids with look-alike or bidirectional characters are no ids; the invisible is made visible in the error.
#[test]
fn look_alike_ids_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for id in ["civil-аffairs/divisions", "civil\u{202e}affairs/divisions", "Civil-Affairs/divisions", "civil-affairs"]
    {
        let output = gongxin(folder.path(), &["record", "read", id, "110101", "--as", "00"]);
        assert_eq!(output.status.code(), Some(2), "{id:?}");
        assert!(!complained(&output).contains('\u{202e}'));
    }
}

/// A file that is no receipt is unreadable (2), whatever it is.
#[test]
fn what_is_no_receipt_is_unreadable() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(
        gongxin(folder.path(), &["init", "--dir", &folder.path().join("n").display().to_string()]).status.success()
    );
    let network = folder.path().join("n/network.json").display().to_string();
    for bytes in [&b""[..], b"{}", b"not json", b"{\"format\":1}", &[0xff; 100]] {
        let path = folder.path().join("receipt.json");
        fs::write(&path, bytes).expect("written");
        let output = gongxin(folder.path(), &["verify", &path.display().to_string(), "--network", &network]);
        assert_eq!(output.status.code(), Some(2), "{bytes:?}: {}", complained(&output));
    }
}

/// A network is made once: a second one in its folder is refused, and the first stays as it was.
#[test]
fn a_network_is_not_made_over_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("n").display().to_string();
    assert!(gongxin(folder.path(), &["init", "--dir", &place]).status.success());
    let before = fs::read(folder.path().join("n/network.json")).expect("a network file");
    let output = gongxin(folder.path(), &["init", "--dir", &place]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complained(&output).contains("another directory"));
    assert_eq!(fs::read(folder.path().join("n/network.json")).expect("still there"), before);
}

/// Keys are encrypted files that their owner alone can read; a passphrase comes from a file and nowhere else.
#[test]
fn keys_stay_with_their_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let (pass, key) = (folder.path().join("pass"), folder.path().join("key.pem"));
    let (pass_text, key_text) = (pass.display().to_string(), key.display().to_string());
    assert!(gongxin(folder.path(), &["key", "passphrase", &pass_text]).status.success());
    assert!(gongxin(folder.path(), &["key", "new", &key_text, "--passphrase-file", &pass_text]).status.success());
    let text = fs::read_to_string(&key).expect("a key file");
    assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    assert_eq!(fs::metadata(&key).expect("metadata").permissions().mode() & 0o077, 0);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("changed");
    let output = gongxin(folder.path(), &["key", "show", &key_text, "--passphrase-file", &pass_text]);
    assert_eq!(output.status.code(), Some(2), "a key that others can read is not used");
}
