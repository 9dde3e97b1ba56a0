//! Rows on their way: staged, final, refused, found again, altered, erased.

use crate::support::{body, contains, divisions, key, office, record, row, salt, staging, transaction, write};
use gongxin_types::Height;
use gongxin_vault::{Item, Settled, VaultError};
use proptest::prelude::*;
use rusqlite::Connection;

/// The gateway dies between submission and finality: what it staged is there after the restart, bytes and all, and is
/// served only once the transaction is final.
#[test]
fn a_staged_row_survives_a_crash_and_is_served_only_when_final() {
    let office = office();
    office.vault.stage(&staging(7, vec![body(1, 1, "310115", "浦东新区")])).unwrap();
    let office = office.restart();

    let staged = office.vault.staged().unwrap();
    assert_eq!(staged.rows.iter().map(|row| row.transaction).collect::<Vec<_>>(), [transaction(7)]);
    assert_eq!(office.vault.staged_bytes(&transaction(7)).unwrap().unwrap(), b"bytes of transaction 7");
    assert!(office.vault.body(&divisions(), &record(1), 1).unwrap().is_none());
    assert!(office.vault.records_by_key(&divisions(), &key("310115")).unwrap().is_empty());

    let settled = office.vault.settle(&transaction(7), Height::new(12), 3, &[0]).unwrap();
    assert_eq!(settled, Settled { confirmed: 1, forgotten: 0 });
    let found = office.vault.body(&divisions(), &record(1), 1).unwrap().unwrap();
    assert_eq!((found.row, found.salt), (row("310115", "浦东新区"), salt(2)));
    assert_eq!(office.vault.records_by_key(&divisions(), &key("310115")).unwrap(), [record(1)]);
    assert!(office.vault.staged().unwrap().rows.is_empty());

    let again = office.vault.settle(&transaction(7), Height::new(12), 3, &[0]).unwrap();
    assert_eq!(again, Settled { confirmed: 0, forgotten: 0 }, "settling twice changes nothing");
}

/// One staged row was altered on disk beyond recognition: it is counted, and hides no other.
#[test]
fn a_staged_row_that_cannot_be_read_hides_no_other() {
    let office = office();
    for number in 1..=3 {
        office.vault.stage(&staging(number, vec![body(number as u8, 1, &number.to_string(), "name")])).unwrap();
    }
    let disk = Connection::open(office.path().join("vault.sqlite")).unwrap();
    disk.execute("UPDATE stages SET transaction_id = x'07' WHERE id = 2", []).unwrap();
    disk.execute("UPDATE stages SET sealed = zeroblob(40) WHERE id = 3", []).unwrap();
    let staged = office.vault.staged().unwrap();
    let readable: Vec<_> = staged.rows.iter().map(|row| row.transaction).collect();
    assert_eq!((readable, staged.unreadable), (vec![transaction(1), transaction(3)], vec![2]));
    let damaged = office.vault.staged_bytes(&transaction(3));
    assert!(matches!(damaged, Err(VaultError::Damaged { item: Item::Transaction { .. } })));
    // Its bytes cannot be sent again, but its rows are whole.
    assert_eq!(office.vault.settle(&transaction(3), Height::new(9), 0, &[0]).unwrap().confirmed, 1);
}

/// Who holds a key: those that have a final version with it, the latest first, and those under way, but for one's own.
#[test]
fn a_key_knows_its_holders() {
    let office = office();
    write(&office, 1, body(1, 1, "310115", "first life"));
    write(&office, 5, body(2, 1, "310115", "second life"));
    write(&office, 6, body(3, 1, "310116", "another"));
    office.vault.stage(&staging(7, vec![body(4, 1, "310115", "under way")])).unwrap();
    let holders = |except| office.vault.holders_of_key(&divisions(), &key("310115"), &transaction(except)).unwrap();
    let until = Some((transaction(7), gongxin_types::Time::from_millis(600_000)));
    let found: Vec<_> = holders(99).into_iter().map(|holder| (holder.record, holder.staged)).collect();
    assert_eq!(found, [(record(4), until), (record(2), None), (record(1), None)]);
    assert_eq!(holders(7).len(), 2);

    let has = |number, code| office.vault.has_key(&divisions(), &record(number), &key(code)).unwrap();
    assert_eq!((has(1, "310115"), has(1, "310116")), (Some(true), Some(false)));
    assert_eq!((has(4, "310115"), has(9, "310115")), (Some(true), None));
    office.vault.erase(&divisions(), &record(1)).unwrap();
    assert_eq!(has(1, "310115"), None, "the key of what was erased is forgotten");
}

/// Of two batches in one transaction the second is refused: its rows are gone, those of the first are versions.
#[test]
fn a_refused_action_takes_its_rows_with_it() {
    let office = office();
    let refused = gongxin_vault::NewBody { action: 1, ..body(2, 1, "310116", "金山区") };
    office.vault.stage(&staging(1, vec![body(1, 1, "310115", "浦东新区"), refused])).unwrap();
    let settled = office.vault.settle(&transaction(1), Height::new(5), 0, &[0]).unwrap();
    assert_eq!(settled, Settled { confirmed: 1, forgotten: 1 });
    assert!(office.vault.body(&divisions(), &record(2), 1).unwrap().is_none());
    assert!(office.vault.records_by_key(&divisions(), &key("310116")).unwrap().is_empty());
}

/// Two clerks update the same version at once: one transaction wins on the ledger, and its row is the one kept.
#[test]
fn of_two_candidates_for_a_version_the_final_one_stays() {
    let office = office();
    office.vault.stage(&staging(1, vec![body(1, 1, "310115", "one clerk's name")])).unwrap();
    office.vault.stage(&staging(2, vec![body(1, 1, "310115", "the other's name")])).unwrap();
    office.vault.forget(&transaction(1)).unwrap();
    office.vault.settle(&transaction(2), Height::new(2), 0, &[0]).unwrap();
    let found = office.vault.body(&divisions(), &record(1), 1).unwrap().unwrap();
    assert_eq!(found.row, row("310115", "the other's name"));
    assert!(office.vault.staged().unwrap().rows.is_empty());

    office.vault.stage(&staging(3, vec![body(1, 1, "310115", "a third")])).unwrap();
    let second = office.vault.settle(&transaction(3), Height::new(3), 0, &[0]);
    assert!(matches!(second, Err(VaultError::Contradiction { .. })), "a final version is never replaced");
}

/// A code vanishes in 1990 and returns in 2001 as a new record: both lives are found, in the order of the ledger, though
/// the later one was settled first.
#[test]
fn lives_of_a_key_come_in_the_order_of_the_ledger() {
    let office = office();
    office.vault.stage(&staging(2001, vec![body(1, 1, "510200", "second life")])).unwrap();
    office.vault.stage(&staging(1990, vec![body(9, 1, "510200", "first life")])).unwrap();
    office.vault.settle(&transaction(2001), Height::new(20), 0, &[0]).unwrap();
    office.vault.settle(&transaction(1990), Height::new(19), 8_000, &[0]).unwrap();
    write(&office, 21, body(9, 2, "510200", "first life, renamed"));
    assert_eq!(office.vault.records_by_key(&divisions(), &key("510200")).unwrap(), [record(9), record(1)]);
    assert_eq!(office.vault.versions(&divisions(), &record(9)).unwrap(), [1, 2]);
    let elsewhere = "public-security/divisions".parse().unwrap();
    assert!(office.vault.records_by_key(&elsewhere, &key("510200")).unwrap().is_empty());
}

/// Someone with the disk and a hex editor finds neither the row, nor its key, nor the name, nor the transaction.
#[test]
fn the_files_hold_no_plain_text() {
    let office = office();
    write(&office, 1, body(1, 1, "310115-secret-code", "浦东新区"));
    office.vault.put_name(&gongxin_types::OfficerId::new([3; 16]), "Zhang San").unwrap();
    office.vault.stage(&staging(2, vec![])).unwrap();
    let bytes = office.bytes_on_disk();
    for plain in ["310115-secret-code", "浦东新区", "Zhang San", "bytes of transaction 2"] {
        assert!(!contains(&bytes, plain.as_bytes()), "`{plain}` stands in the files");
    }
    assert!(!contains(&bytes, &salt(2).0), "a salt stands in the files");
    assert!(contains(&bytes, b"civil-affairs/divisions"), "the search itself works: resource names are public");
}

/// An administrator changes a row on disk, or puts an older version in its place: the body is reported, not served.
#[test]
fn an_altered_body_is_named_and_not_served() {
    let office = office();
    write(&office, 1, body(1, 1, "310115", "old name"));
    write(&office, 2, body(1, 2, "310115", "new name"));
    write(&office, 3, body(2, 1, "310116", "untouched"));
    let disk = Connection::open(office.path().join("vault.sqlite")).unwrap();
    disk.execute(
        "UPDATE bodies SET sealed = (SELECT sealed FROM bodies WHERE version = 1 AND record = ?1),
                  wrap = (SELECT wrap FROM bodies WHERE version = 1 AND record = ?1) WHERE version = 2",
        [record(1).as_bytes()],
    )
    .unwrap();
    let replaced = office.vault.body(&divisions(), &record(1), 2).unwrap_err();
    assert_eq!(
        replaced.to_string(),
        format!(
            "version 2 of record `{}` of `civil-affairs/divisions` was altered on disk and is not served; \
                 restore the vault from a backup",
            record(1)
        ),
    );
    assert!(matches!(replaced, VaultError::Damaged { item: Item::Body { version: 2, .. } }));

    disk.execute(
        "UPDATE bodies SET sealed = zeroblob(length(sealed)) WHERE version = 1 AND record = ?1",
        [record(1).as_bytes()],
    )
    .unwrap();
    assert!(matches!(office.vault.body(&divisions(), &record(1), 1), Err(VaultError::Damaged { .. })));
    assert!(office.vault.body(&divisions(), &record(2), 1).unwrap().is_some());
}

/// A record is erased and the period rotated: no file holds a key to it any more, the others are still read.
#[test]
fn erasure_is_final_after_rotation() {
    let office = office();
    write(&office, 1, body(1, 1, "310115", "to be erased"));
    write(&office, 2, body(1, 2, "310115", "to be erased as well"));
    write(&office, 3, body(2, 1, "310116", "survivor"));
    let wraps = |query: &str| -> Vec<Vec<u8>> {
        let disk = Connection::open(office.path().join("vault.sqlite")).unwrap();
        let mut statement = disk.prepare(query).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let destroyed: Vec<Vec<u8>> = [wraps("SELECT wrap FROM bodies"), wraps("SELECT wrap FROM periods")].concat();
    assert_eq!(destroyed.len(), 4);

    assert_eq!(office.vault.erase(&divisions(), &record(1)).unwrap(), 2);
    let gone = office.vault.body(&divisions(), &record(1), 1);
    assert!(matches!(gone, Err(VaultError::Erased { .. })), "erased is told apart from never known");
    assert!(office.vault.records_by_key(&divisions(), &key("310115")).unwrap().is_empty());

    let rotated = office.vault.rotate().unwrap();
    assert_eq!((rotated.survivors, rotated.damaged), (1, 0));
    let bytes = office.bytes_on_disk();
    assert!(destroyed.iter().all(|wrap| !contains(&bytes, wrap)), "an old wrap is still on disk");
    let office = office.restart();
    assert_eq!(office.vault.body(&divisions(), &record(2), 1).unwrap().unwrap().row, row("310116", "survivor"));
}

/// Rotation is interrupted after half of the items: everything stays readable, and the next one finishes it.
#[test]
fn an_interrupted_rotation_is_finished_by_the_next() {
    let office = office();
    for number in 0..20_u8 {
        write(&office, number.into(), body(number, 1, &number.to_string(), "name"));
    }
    // What the crash left: a second period begun, and the items still under the first.
    let disk = Connection::open(office.path().join("vault.sqlite")).unwrap();
    disk.execute_batch("CREATE TRIGGER crash BEFORE DELETE ON periods BEGIN SELECT raise(ABORT, 'power cut'); END")
        .unwrap();
    assert!(office.vault.rotate().is_err());
    disk.execute_batch("DROP TRIGGER crash").unwrap();
    drop(disk);
    let office = office.restart();
    let readable = |number: u8| office.vault.body(&divisions(), &record(number), 1).unwrap().is_some();
    assert!((0..20).all(readable));
    assert_eq!(office.vault.rotate().unwrap().survivors, 20);
    assert!((0..20).all(readable));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    /// Whatever is staged, settled, forgotten and restarted in whatever order, the vault serves exactly what is final.
    #[test]
    fn the_vault_serves_exactly_what_is_final(steps in prop::collection::vec((0_u8..6, 0_u8..4), 1..40)) {
        let mut office = office();
        let mut version = [0_u32; 6];
        let mut names: std::collections::BTreeMap<(u8, u32), String> = Default::default();
        for (number, (who, step)) in steps.into_iter().enumerate() {
            let (number, next) = (number as u64, version[who as usize] + 1);
            let name = format!("name {number}");
            office.vault.stage(&staging(number, vec![body(who, next, &who.to_string(), &name)])).unwrap();
            match step {
                0 => { office.vault.forget(&transaction(number)).unwrap(); }
                1 => { office.vault.settle(&transaction(number), Height::new(number), 0, &[]).unwrap(); }
                2 => { office = office.restart(); }
                _ => {
                    office.vault.settle(&transaction(number), Height::new(number), 0, &[0]).unwrap();
                    version[who as usize] = next;
                    names.insert((who, next), name);
                }
            }
        }
        for who in 0..6_u8 {
            for at in 1..=version[who as usize] + 1 {
                let found = office.vault.body(&divisions(), &record(who), at).unwrap();
                let expected = names.get(&(who, at)).map(|name| row(&who.to_string(), name));
                prop_assert_eq!(found.map(|found| found.row), expected);
            }
        }
    }
}
