//! What is done behind our back: what the connector sees, what it says, and what only a pass over the table finds.

use std::fs;

use gongxin_connector_api::contract::{Department as _, Step, bound, drain, key, row};
use gongxin_connector_api::{Batch, Change, ChangeKind, Connector as _, ConnectorError, Key, Position, Problem};
use gongxin_types::row::Row;

use crate::department::{Housing, TABLE};
use crate::server::Server;

/// The only change after a position.
async fn only_change(housing: &Housing, from: Position) -> Change {
    let (batches, _): (Vec<Batch>, _) = drain(&housing.connector, Some(from), 1).await;
    let mut changes: Vec<Change> = batches.into_iter().flat_map(|batch| batch.changes).collect();
    assert_eq!(changes.len(), 1, "{changes:?}");
    changes.remove(0)
}

/// Keys of rows that a pass finds and that are not among these.
pub(crate) async fn pass(housing: &Housing, expected: &[Row]) -> Vec<Key> {
    let mut snapshot = housing.connector.snapshot(&bound().resource.id, None).await.unwrap();
    let page = snapshot.page().await.unwrap();
    assert!(page.last);
    let rows = page.rows.into_iter().map(|row| row.unwrap());
    rows.filter(|row| !expected.contains(&row.row)).map(|row| row.key).collect()
}

async fn with_one_row() -> (Housing, Row, Position) {
    let mut housing = Housing::new().await;
    let one = row("a", 1, "one");
    housing.commit(vec![Step::Insert(one.clone())]).await;
    let (_, end) = drain(&housing.connector, None, 1).await;
    (housing, one, end)
}

/// An UPDATE by hand, and one under `session_replication_role = replica`, which passes triggers by: changes without tickets.
#[tokio::test]
async fn updates_by_hand_and_as_replica_have_no_ticket() {
    let (housing, _, end) = with_one_row().await;
    housing.run("UPDATE estate SET name = 'by hand'").await;
    let change = only_change(&housing, end).await;
    assert!(matches!(change.kind, ChangeKind::Updated { .. }) && change.ticket.is_none());
    housing.run("BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM estate; COMMIT").await;
    let (batches, _) = drain(&housing.connector, Some(end), 2).await;
    let last = batches.into_iter().flat_map(|batch| batch.changes).next_back().unwrap();
    assert!(matches!(last.kind, ChangeKind::Deleted { .. }) && last.ticket.is_none());
}

/// TRUNCATE comes as what it is, and no ticket covers it.
#[tokio::test]
async fn truncate_is_told() {
    let (housing, _, end) = with_one_row().await;
    housing.run("TRUNCATE estate").await;
    assert_eq!(only_change(&housing, end).await.kind, ChangeKind::Truncated);
}

/// A table taken out of the publication, or changed while it is: the check says that changes pass unseen, and a pass finds them.
#[tokio::test]
async fn a_table_that_is_published_no_more_is_found() {
    let (mut housing, one, end) = with_one_row().await;
    housing.run("ALTER PUBLICATION gongxin_housing SET (publish = 'insert')").await;
    housing.run("UPDATE estate SET name = 'unseen'").await;
    housing.run("ALTER PUBLICATION gongxin_housing DROP TABLE estate").await;
    let findings = housing.connector.health().await.unwrap().findings;
    let published = findings.iter().filter(|finding| finding.problem == Problem::Publication).count();
    assert_eq!(published, 2, "{findings:?}");
    housing.run("ALTER PUBLICATION gongxin_housing SET (publish = 'insert, update, delete, truncate')").await;
    housing.run("ALTER PUBLICATION gongxin_housing ADD TABLE estate").await;
    housing.commit(vec![Step::Insert(row("a", 2, "two"))]).await;
    assert!(matches!(only_change(&housing, end).await.kind, ChangeKind::Created { .. }));
    assert_eq!(pass(&housing, &[one.clone(), row("a", 2, "two")]).await, vec![key(&one)]);
}

/// The publication is dropped under a running stream, and before one: both say its name.
#[tokio::test]
async fn a_dropped_publication_is_told() {
    let (housing, _, end) = with_one_row().await;
    let mut changes = housing.connector.changes(Some(end)).await.unwrap();
    housing.run("DROP PUBLICATION gongxin_housing").await;
    housing.run("UPDATE estate SET name = 'unseen'").await;
    let error = loop {
        match changes.next().await {
            Ok(gongxin_connector_api::Event::Idle { .. }) => {}
            Ok(event) => panic!("{event:?}"),
            Err(error) => break error,
        }
    };
    assert!(matches!(&error, ConnectorError::NotInstalled { name } if name == "gongxin_housing"), "{error:?}");
    drop(changes);
    let error = housing.connector.changes(Some(end)).await.map(|_| ()).unwrap_err();
    assert!(matches!(error, ConnectorError::NotInstalled { .. }), "{error:?}");
}

/// The slot is dropped: said so; made anew by an explicit act it begins later, and the position that we hold is a gap.
#[tokio::test]
async fn a_dropped_slot_is_told_and_then_a_gap() {
    let (housing, one, end) = with_one_row().await;
    housing.connector.drop_slot().await.unwrap();
    let missing = housing.connector.changes(Some(end)).await.map(|_| ());
    assert!(matches!(missing, Err(ConnectorError::NotInstalled { .. })), "{missing:?}");
    housing.run("UPDATE estate SET name = 'unseen'").await;
    assert!(housing.connector.health().await.unwrap().findings.iter().any(|finding| finding.problem == Problem::Slot));
    let made = housing.connector.create_slot().await.unwrap();
    let gap = housing.connector.changes(Some(end)).await.map(|_| ());
    assert!(matches!(gap, Err(ConnectorError::Gap { from, found }) if from == end && found == made), "{gap:?}");
    assert_eq!(pass(&housing, std::slice::from_ref(&one)).await, vec![key(&one)]);
}

/// Another client takes what the slot keeps for us: as long as it is there it is named, and afterwards there is a gap.
#[tokio::test]
async fn a_slot_taken_by_somebody_else_is_told() {
    let (housing, _, end) = with_one_row().await;
    housing.run("UPDATE estate SET name = 'stolen'").await;
    let taken = "SELECT count(*) FROM pg_logical_slot_get_binary_changes('gongxin_housing', NULL, NULL, 'proto_version', '1', 'publication_names', 'gongxin_housing')";
    housing.run(taken).await;
    let gap = housing.connector.changes(Some(end)).await.map(|_| ());
    assert!(matches!(gap, Err(ConnectorError::Gap { from, .. }) if from == end), "{gap:?}");
}

/// A page of the table's file is edited while the server is down (checksums off, as an administrator could): nothing comes by,
/// and a pass finds the row.
#[tokio::test]
async fn an_edited_file_is_found_by_a_pass_alone() {
    let server = Server::start_with("ignore_checksum_failure = on\n").await;
    let mut housing = Housing::installed(server, TABLE).await;
    let before = row("a", 1, "a name that is easily found");
    housing.commit(vec![Step::Insert(before.clone())]).await;
    let (_, end) = drain(&housing.connector, None, 1).await;
    housing.run("CHECKPOINT").await;
    let path = housing.application.query_one("SELECT pg_relation_filepath('estate')", &[]).await.unwrap();
    let path = housing.server.data().join(path.get::<_, String>(0));
    housing.server.stop();
    let mut page = fs::read(&path).unwrap();
    let from = b"a name that is easily found";
    let place = page.windows(from.len()).position(|window| window == from).unwrap();
    page[place..place + from.len()].copy_from_slice(b"A NAME THAT IS EASILY FOUND");
    fs::write(&path, page).unwrap();
    housing.server.run().await;
    housing.application = housing.server.admin("housing").await;
    housing.commit(vec![Step::Insert(row("a", 2, "two"))]).await;
    assert!(matches!(only_change(&housing, end).await.kind, ChangeKind::Created { .. }));
    assert_eq!(pass(&housing, &[before.clone(), row("a", 2, "two")]).await, vec![key(&before)]);
}

/// An older copy of the data directory is put in its place: its log is behind what we have seen.
#[tokio::test]
async fn an_older_backup_is_noticed() {
    let mut housing = Housing::new().await;
    housing.commit(vec![Step::Insert(row("a", 1, "one"))]).await;
    housing.server.stop();
    let older = housing.server.folder.join("older");
    let copy = |from: &std::path::Path, to: &std::path::Path| {
        assert!(std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
    };
    copy(&housing.server.data(), &older);
    housing.server.run().await;
    housing.application = housing.server.admin("housing").await;
    for number in 2..50 {
        housing.commit(vec![Step::Insert(row("a", number, "later"))]).await;
    }
    let (_, end) = drain(&housing.connector, None, 49).await;
    housing.server.stop();
    fs::remove_dir_all(housing.server.data()).unwrap();
    copy(&older, &housing.server.data());
    housing.server.run().await;
    let followed = housing.connector.changes(Some(end)).await.map(|_| ());
    assert!(matches!(followed, Err(ConnectorError::WentBack { from, .. }) if from == end), "{followed:?}");
}
