//! Copies for a backup: whole, of one moment, of a vault that is in use.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{SUITE, body, divisions, network, office, passphrase, record, row, staging, transaction, write};
use gongxin_types::Height;
use gongxin_vault::{FILES, Vault, VaultError, copy, outside};
use rusqlite::Connection;

/// The vault is open and goes on being written while it is copied: the copy opens with the same master key, has what was
/// there before, and nothing of after. Its owner alone can read it.
#[test]
fn a_vault_in_use_is_copied() {
    let office = office();
    write(&office, 1, body(1, 1, "310115", "name"));
    office.vault.stage(&staging(7, vec![body(2, 1, "310116", "under way")])).unwrap();
    assert_eq!(office.vault.reserve_sequences(1_000, 128).unwrap(), 1_000);
    let place = office.directory.path().join("restored");
    fs::create_dir(&place).unwrap();
    let [master, database] = FILES;
    let told = copy(&office.path(), &place.join(database)).unwrap();
    assert_eq!((told.network.unwrap(), told.period, told.items, told.is_readable), (network(), 1, 3, true));
    assert_eq!(told, outside(&office.path()).unwrap());
    assert_eq!(fs::metadata(place.join(database)).unwrap().permissions().mode() & 0o777, 0o600);
    write(&office, 9, body(3, 1, "310117", "later"));

    fs::copy(office.path().join(master), place.join(master)).unwrap();
    let copied = Vault::open(&place, &network(), SUITE, &passphrase()).unwrap();
    assert_eq!(copied.body(&divisions(), &record(1), 1).unwrap().unwrap().row, row("310115", "name"));
    assert!(copied.body(&divisions(), &record(3), 1).unwrap().is_none());
    assert_eq!(copied.settle(&transaction(7), Height::new(12), 3, &[0]).unwrap().confirmed, 1);
    assert_eq!(copied.reserve_sequences(0, 1).unwrap(), 1_128);
    // And the original never noticed.
    assert!(office.vault.body(&divisions(), &record(3), 1).unwrap().is_some());
}

/// An existing file is left alone, a missing vault is said to be missing, and a damaged one is not copied in silence.
#[test]
fn what_cannot_be_copied_is_refused() {
    let office = office();
    write(&office, 1, body(1, 1, "310115", "name"));
    let target = office.directory.path().join("copy");
    fs::write(&target, b"precious").unwrap();
    assert!(matches!(copy(&office.path(), &target), Err(VaultError::Io { action: "create", .. })));
    assert_eq!(fs::read(&target).unwrap(), b"precious");
    let nowhere = office.directory.path().join("nowhere");
    assert!(matches!(copy(&nowhere, &nowhere.join("copy")), Err(VaultError::Absent { .. })));
    assert!(!nowhere.exists());

    let path = office.path().join(FILES[1]);
    Connection::open(&path).unwrap().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let crate::support::Office { directory: _kept, vault } = office;
    drop(vault);
    let mut bytes = fs::read(&path).unwrap();
    // All but the first page.
    bytes.iter_mut().skip(4_096).for_each(|byte| *byte ^= 0x5a);
    fs::write(&path, bytes).unwrap();
    assert!(copy(path.parent().unwrap(), &path.with_extension("copy")).is_err());
}

/// A rotation begins a period, and a copy says of which it is: what was erased before is only in copies of earlier ones.
#[test]
fn a_copy_names_its_period() {
    let office = office();
    write(&office, 1, body(1, 1, "310115", "name"));
    office.vault.rotate().unwrap();
    assert_eq!(copy(&office.path(), &office.directory.path().join("copy")).unwrap().period, 2);
}
