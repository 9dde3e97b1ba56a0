//! What is done behind our back: what the connector sees, and what only a pass over the table finds.

use gongxin_connector_api::contract::{Department as _, Step, bound, drain, key, row, sample};
use gongxin_connector_api::{ChangeKind, Connector as _, ConnectorError, Key, Problem};
use gongxin_types::row::Row;

use crate::department::Housing;

/// What a pass finds of a register in which these rows should be: keys of rows that are not among them.
async fn pass(housing: &Housing, expected: &[Row]) -> Vec<Key> {
    let mut snapshot = housing.connector.snapshot(&bound().resource.id, None).await.unwrap();
    let page = snapshot.page().await.unwrap();
    assert!(page.last);
    let rows = page.rows.into_iter().map(|row| row.unwrap());
    rows.filter(|row| !expected.contains(&row.row)).map(|row| row.key).collect()
}

/// An UPDATE by hand comes as a change without a ticket.
#[tokio::test]
async fn an_update_by_hand_has_no_ticket() {
    let mut housing = Housing::new().await;
    housing.commit(vec![Step::Insert(row("a", 1, "one"))]).await;
    housing.application.execute("UPDATE estate SET name = 'mine now'", []).unwrap();
    let (batches, _) = drain(&housing.connector, None, 2).await;
    let change = batches.iter().flat_map(|batch| &batch.changes).next_back().unwrap();
    assert!(matches!(change.kind, ChangeKind::Updated { .. }) && change.ticket.is_none());
}

/// Whoever drops a trigger passes unseen: the check says that it is gone, and a pass finds the row.
#[tokio::test]
async fn without_triggers_only_a_pass_finds_it() {
    let mut housing = Housing::new().await;
    let before = row("a", 1, "one");
    housing.commit(vec![Step::Insert(before.clone())]).await;
    let (_, end) = drain(&housing.connector, None, 1).await;
    housing.application.execute_batch("DROP TRIGGER gongxin_0_update; UPDATE estate SET name = 'mine now'").unwrap();
    // Something else happens, and is the only thing that is seen.
    housing.commit(vec![Step::Insert(row("a", 2, "two"))]).await;
    let (batches, _) = drain(&housing.connector, Some(end), 1).await;
    let change = batches.iter().flat_map(|batch| &batch.changes).next().unwrap();
    assert!(matches!(&change.kind, ChangeKind::Created { key: created, .. } if *created == key(&row("a", 2, "two"))));
    let findings = housing.connector.check().await.unwrap();
    assert!(
        findings.iter().any(|finding| finding.problem == Problem::Outbox && finding.what.contains("gongxin_0_update"))
    );
    assert_eq!(pass(&housing, &[before.clone(), row("a", 2, "two")]).await, vec![key(&before)]);
}

/// A trigger that was made anew to say something else is told from the one that was installed.
#[tokio::test]
async fn a_changed_trigger_is_found() {
    let housing = Housing::new().await;
    let quiet =
        "DROP TRIGGER gongxin_0_delete; CREATE TRIGGER gongxin_0_delete AFTER DELETE ON estate BEGIN SELECT 1; END";
    housing.application.execute_batch(quiet).unwrap();
    let findings = housing.connector.health().await.unwrap().findings;
    assert!(findings.iter().any(|finding| finding.what.contains("is not as it was installed")), "{findings:?}");
}

/// Bytes edited in the file while nobody has it open: nothing comes by, and a pass finds the row.
#[tokio::test]
async fn an_edited_file_is_found_by_a_pass_alone() {
    let mut housing = Housing::new().await;
    let before = row("a", 1, "a name that is easily found");
    housing.commit(vec![Step::Insert(before.clone())]).await;
    let (_, end) = drain(&housing.connector, None, 1).await;
    housing.application.pragma_update(None, "journal_mode", "delete").unwrap();
    let application = std::mem::replace(&mut housing.application, rusqlite::Connection::open_in_memory().unwrap());
    application.close().unwrap();
    let mut bytes = std::fs::read(&housing.file).unwrap();
    let from = b"a name that is easily found";
    let places: Vec<usize> =
        bytes.windows(from.len()).enumerate().filter(|(_, window)| window == from).map(|(place, _)| place).collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place..place + from.len()].copy_from_slice(b"A NAME THAT IS EASILY FOUND");
    }
    std::fs::write(&housing.file, bytes).unwrap();
    housing.application = rusqlite::Connection::open(&housing.file).unwrap();
    housing.restart();
    housing.commit(vec![Step::Insert(row("a", 2, "two"))]).await;
    let (batches, _) = drain(&housing.connector, Some(end), 1).await;
    assert_eq!(batches.iter().map(|batch| batch.changes.len()).sum::<usize>(), 1);
    assert_eq!(pass(&housing, &[before.clone(), row("a", 2, "two")]).await, vec![key(&before)]);
}

/// An older copy of the file is put in its place: the outbox went back, and the connector says so.
#[tokio::test]
async fn an_older_backup_is_noticed() {
    let mut housing = Housing::new().await;
    housing.commit(vec![Step::Insert(row("a", 1, "one"))]).await;
    let older = housing.file.with_extension("backup");
    housing.application.execute("VACUUM INTO ?1", [older.to_str().unwrap()]).unwrap();
    housing.commit(vec![Step::Insert(row("a", 2, "two"))]).await;
    let (_, end) = drain(&housing.connector, None, 2).await;
    housing.application = rusqlite::Connection::open_in_memory().unwrap();
    std::fs::rename(&older, &housing.file).unwrap();
    housing.restart();
    let followed = housing.connector.changes(Some(end)).await.map(|_| ());
    assert!(matches!(followed, Err(ConnectorError::WentBack { from, .. }) if from == end), "{followed:?}");
}

/// Somebody clears the outbox: what was in it cannot be had, and the gap is told.
#[tokio::test]
async fn a_cleared_outbox_is_a_gap() {
    let mut housing = Housing::new().await;
    housing.commit(vec![Step::Insert(row("a", 1, "one"))]).await;
    let (_, end) = drain(&housing.connector, None, 1).await;
    housing.commit(vec![Step::Insert(row("a", 2, "two"))]).await;
    housing.application.execute("DELETE FROM gongxin_outbox", []).unwrap();
    let followed = housing.connector.changes(Some(end)).await.map(|_| ());
    assert!(matches!(followed, Err(ConnectorError::Gap { from, .. }) if from == end), "{followed:?}");
}

/// What is undone is not a change; what is installed can be taken out, and leaves the register as it was.
#[tokio::test]
async fn undone_work_is_no_change_and_uninstalling_leaves_the_register() {
    let mut housing = Housing::new().await;
    housing
        .application
        .execute_batch("BEGIN; INSERT INTO estate (district, number) VALUES ('a', 9); ROLLBACK")
        .unwrap();
    let rows = sample();
    housing.commit(rows.iter().cloned().map(Step::Insert).collect()).await;
    let (batches, _) = drain(&housing.connector, None, rows.len()).await;
    assert_eq!(batches.iter().map(|batch| batch.changes.len()).sum::<usize>(), rows.len());
    housing.connector.uninstall().await.unwrap();
    let left = "SELECT count(*) FROM sqlite_schema WHERE name GLOB 'gongxin*'";
    let left: i64 = housing.application.query_row(left, [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
    assert!(pass(&housing, &rows).await.is_empty());
    let followed = housing.connector.changes(None).await.map(|_| ());
    assert!(matches!(followed, Err(ConnectorError::NotInstalled { .. })), "{followed:?}");
}

/// A gateway that is killed between reading and confirming reads again; one killed after it reads on.
#[tokio::test]
async fn nothing_is_lost_between_reading_and_confirming() {
    let mut housing = Housing::new().await;
    housing.commit(vec![Step::Insert(row("a", 1, "one"))]).await;
    let (first, end) = drain(&housing.connector, None, 1).await;
    housing.restart();
    let (again, _) = drain(&housing.connector, None, 1).await;
    assert_eq!(first, again);
    let mut changes = housing.connector.changes(None).await.unwrap();
    changes.next().await.unwrap();
    changes.confirm(end).await.unwrap();
    drop(changes);
    housing.restart();
    housing.commit(vec![Step::Insert(row("a", 2, "two"))]).await;
    let (next, _) = drain(&housing.connector, Some(end), 1).await;
    assert_eq!(next.iter().flat_map(|batch| &batch.changes).count(), 1);
}
