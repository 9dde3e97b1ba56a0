//! Secret files are new, whole and closed to others; passphrases come from such files.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use gongxin_crypto::Passphrase;
use gongxin_crypto::passphrase::PassphraseError;
use gongxin_crypto::secret_file::{self, SecretFileError, Sharing};

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// A new file is its owner's alone from its first byte; an existing one, even a dangling link, is left alone.
#[test]
fn writing_creates_and_never_replaces() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("secret");
    secret_file::write_new(&path, b"one").unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    assert!(matches!(secret_file::write_new(&path, b"two"), Err(SecretFileError::Exists(_))));
    assert_eq!(secret_file::read(&path, 3, Sharing::OwnerOnly).unwrap().as_slice(), b"one");

    let (link, target) = (directory.path().join("link"), directory.path().join("target"));
    std::os::unix::fs::symlink(&target, &link).unwrap();
    assert!(matches!(secret_file::write_new(&link, b"x"), Err(SecretFileError::Exists(_))));
    assert!(!target.exists());

    let nowhere = directory.path().join("no such directory").join("secret");
    assert!(secret_file::write_new(&nowhere, b"x").unwrap_err().to_string().starts_with("cannot create `"));
}

/// Each permission bit that lets others in is refused; what is longer than allowed is refused; so are pipes and directories.
#[test]
fn reading_refuses_open_long_and_strange_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("secret");
    secret_file::write_new(&path, b"four").unwrap();
    for bit in [0o040, 0o020, 0o010, 0o004, 0o002, 0o001] {
        set_mode(&path, 0o600 | bit);
        let strict = secret_file::read(&path, 10, Sharing::OwnerOnly);
        assert!(matches!(strict, Err(SecretFileError::TooOpen { .. })), "{bit:o}");
        assert_eq!(secret_file::read(&path, 10, Sharing::GroupMayRead).is_ok(), bit == 0o040, "{bit:o}");
    }
    set_mode(&path, 0o400);
    assert!(secret_file::read(&path, 4, Sharing::OwnerOnly).is_ok());
    assert!(matches!(secret_file::read(&path, 3, Sharing::OwnerOnly), Err(SecretFileError::TooLong { .. })));
    let refused = secret_file::read(directory.path(), 10, Sharing::OwnerOnly);
    assert!(matches!(refused, Err(SecretFileError::NotAFile(_))));
    let pipe = directory.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").args(["-m", "600"]).arg(&pipe).status().unwrap().success());
    assert!(matches!(secret_file::read(&pipe, 10, Sharing::OwnerOnly), Err(SecretFileError::NotAFile(_))));
}

/// One trailing newline is not part of a passphrase; everything `openssl` would read differently is refused.
#[test]
fn passphrases() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("passphrase");
    let from = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        set_mode(&path, 0o600);
        Passphrase::from_file(&path)
    };
    assert!(from(b"correct horse\n").is_ok());
    assert!(from(b"correct horse").is_ok());
    assert!(from(&[vec![b'x'; 1023], b"\n".to_vec()].concat()).is_ok());
    assert!(matches!(from(b""), Err(PassphraseError::Empty)));
    assert!(matches!(from(b"\n"), Err(PassphraseError::Empty)));
    for two_lines in [b"a\nb".as_slice(), b"a\n\n", b"a\r\n", b"a\0b"] {
        assert!(matches!(from(two_lines), Err(PassphraseError::NotOneLine)), "{two_lines:?}");
    }
    assert!(matches!(from(&[b'x'; 1024]), Err(PassphraseError::TooLong)));
    assert!(matches!(from(&[b'x'; 1025]), Err(PassphraseError::File(SecretFileError::TooLong { .. }))));
    assert!(from(b"ok").is_ok());
    set_mode(&path, 0o604);
    assert!(matches!(Passphrase::from_file(&path), Err(PassphraseError::File(SecretFileError::TooOpen { .. }))));
    assert_eq!(format!("{:?}", Passphrase::from_bytes(b"hidden").unwrap()), "Passphrase(…)");
}
