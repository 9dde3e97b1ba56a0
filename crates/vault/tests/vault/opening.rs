//! Which vaults are opened, and what is said of the others.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use crate::support::{SUITE, body, divisions, network, office, passphrase, record, write};
use gongxin_crypto::{OperatingSystem, Passphrase, key_file::KeyFileError};
use gongxin_vault::{Vault, VaultError};
use rusqlite::Connection;

fn refusal(office: &crate::support::Office) -> VaultError {
    Vault::open(&office.path(), &network(), SUITE, &passphrase()).err().unwrap()
}

/// A wrong passphrase, another network's vault, a newer program's, another vault's key, a missing key: each is refused
/// with a sentence of its own, and nothing is changed.
#[test]
fn a_vault_that_is_not_the_one_meant_is_refused() {
    let office = office();
    write(&office, 1, body(1, 1, "310115", "name"));

    let wrong = Passphrase::from_bytes(b"wrong").unwrap();
    let refused = Vault::open(&office.path(), &network(), SUITE, &wrong).err().unwrap();
    assert!(matches!(refused, VaultError::KeyFile(KeyFileError::WrongPassphrase(_))), "{refused}");

    let elsewhere = SUITE.hash(&[b"another network"]);
    let refused = Vault::open(&office.path(), &elsewhere, SUITE, &passphrase()).err().unwrap();
    assert!(matches!(refused, VaultError::OtherNetwork { ref found, .. } if **found == network()), "{refused}");

    let again = Vault::create(&office.path(), &network(), SUITE, &passphrase()).err().unwrap();
    assert!(matches!(again, VaultError::Exists { .. }));

    let disk = Connection::open(office.path().join("vault.sqlite")).unwrap();
    disk.execute("UPDATE vault SET version = 9", []).unwrap();
    assert!(matches!(refusal(&office), VaultError::Newer { found: 9, known: 2, .. }));
    disk.execute("UPDATE vault SET version = 2, suite = 77", []).unwrap();
    assert!(matches!(refusal(&office), VaultError::OtherSuite { found: 77, .. }));
    disk.execute("UPDATE vault SET suite = 1", []).unwrap();

    let (master, kept) = (office.path().join("vault-master.pem"), office.path().join("kept.pem"));
    fs::rename(&master, &kept).unwrap();
    assert!(matches!(refusal(&office), VaultError::NoMasterKey { .. }));
    let stranger = crate::support::office();
    fs::copy(stranger.path().join("vault-master.pem"), &master).unwrap();
    assert!(matches!(refusal(&office), VaultError::OtherMasterKey { .. }));
    fs::rename(&kept, &master).unwrap();

    let office = office.restart();
    assert!(office.vault.body(&divisions(), &record(1), 1).unwrap().is_some());
}

/// A creation stopped after the key file, or after an empty database, is taken up; an empty directory is no vault.
#[test]
fn a_half_made_vault_is_finished() {
    let directory = tempfile::tempdir().unwrap();
    let absent = Vault::open(directory.path(), &network(), SUITE, &passphrase()).err().unwrap();
    assert!(matches!(absent, VaultError::Absent { .. }));
    drop(Vault::create(directory.path(), &network(), SUITE, &passphrase()).unwrap());
    let master = fs::read(directory.path().join("vault-master.pem")).unwrap();
    for name in ["vault.sqlite", "vault.sqlite-wal", "vault.sqlite-shm"] {
        let _ = fs::remove_file(directory.path().join(name));
    }
    fs::write(directory.path().join("vault.sqlite"), []).unwrap();
    assert!(matches!(Vault::open(directory.path(), &network(), SUITE, &passphrase()), Err(VaultError::Absent { .. })));
    drop(Vault::open_or_create(directory.path(), &network(), SUITE, &passphrase(), Arc::new(OperatingSystem)).unwrap());
    assert_eq!(fs::read(directory.path().join("vault-master.pem")).unwrap(), master, "the key is kept");
}

/// Nobody but the owner can read the files.
#[test]
fn the_files_are_the_owners_alone() {
    let office = office();
    for entry in fs::read_dir(office.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o077;
        assert_eq!(mode, 0, "{} is open to others", entry.path().display());
    }
}

/// A file that is no database, or a damaged one, is an error and not a panic.
#[test]
fn a_file_of_noise_is_refused() {
    let office = office();
    let path = office.path();
    drop(office.vault);
    for name in ["vault.sqlite-wal", "vault.sqlite-shm"] {
        let _ = fs::remove_file(path.join(name));
    }
    fs::write(path.join("vault.sqlite"), vec![0xA5; 8_192]).unwrap();
    let refused = Vault::open(&path, &network(), SUITE, &passphrase()).err().unwrap();
    assert!(matches!(refused, VaultError::Storage { .. }), "{refused}");
}

/// A vault of the first version is opened: its rows are there, and it does what the first version could not.
#[test]
fn a_vault_of_the_first_version_is_upgraded() {
    let office = office();
    write(&office, 1, body(1, 1, "310115", "name"));
    let disk = Connection::open(office.path().join("vault.sqlite")).unwrap();
    disk.execute_batch(
        "UPDATE vault SET version = 1;
         DROP INDEX bodies_staged_by_key;
         ALTER TABLE vault DROP COLUMN sequence;
         ALTER TABLE responses DROP COLUMN transaction_id;
         ALTER TABLE responses DROP COLUMN valid_until;",
    )
    .unwrap();
    drop(disk);
    let office = office.restart().restart();
    assert!(office.vault.body(&divisions(), &record(1), 1).unwrap().is_some());
    assert_eq!(office.vault.reserve_sequences(0, 4).unwrap(), 1);
}

/// Numbers are reserved on disk before they are used: neither a restart nor a clock that was set back gives one twice.
#[test]
fn no_sequence_number_is_reserved_twice() {
    let office = office();
    assert_eq!(office.vault.reserve_sequences(3_600_000, 128).unwrap(), 3_600_000);
    let office = office.restart();
    assert_eq!(office.vault.reserve_sequences(1_000, 128).unwrap(), 3_600_128, "the clock went back an hour");
    assert_eq!(office.vault.reserve_sequences(0, 128).unwrap(), 3_600_256);
    assert_eq!(office.vault.reserve_sequences(9_000_000, 1).unwrap(), 9_000_000);
}
