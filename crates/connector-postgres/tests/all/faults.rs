//! Servers that stop, crash, and come back; slots that keep too much: nothing is lost, and what is wrong is said.

use gongxin_connector_api::contract::{Department as _, Step, drain, row};
use gongxin_connector_api::{Connector as _, ConnectorError, Event, Problem};
use gongxin_connector_postgres::PostgresConnector;

use crate::department::{Housing, settings};

/// The server is killed under a running stream and started again: the stream says that it is gone, and whoever begins anew where
/// it ended gets what was committed, once.
#[tokio::test]
async fn a_server_that_is_killed_and_started_again() {
    let mut housing = Housing::new().await;
    housing.commit(vec![Step::Insert(row("a", 1, "one"))]).await;
    let mut changes = housing.connector.changes(None).await.unwrap();
    let Event::Changes(batch) = changes.next().await.unwrap() else { panic!() };
    let end = batch.end.unwrap();
    changes.confirm(end).await.unwrap();
    let before = housing.connector.health().await.unwrap();
    housing.commit(vec![Step::Insert(row("a", 2, "two"))]).await;
    housing.server.crash();
    let error = loop {
        match changes.next().await {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(matches!(error, ConnectorError::Unreachable { .. } | ConnectorError::Refused { .. }), "{error:?}");
    let error = housing.connector.changes(Some(end)).await.map(|_| ()).unwrap_err();
    assert!(matches!(error, ConnectorError::Unreachable { .. }), "{error:?}");
    housing.server.run().await;
    housing.application = housing.server.admin("housing").await;
    housing.commit(vec![Step::Insert(row("a", 3, "three"))]).await;
    let (batches, _) = drain(&housing.connector, Some(end), 2).await;
    assert_eq!(batches.iter().map(|batch| batch.changes.len()).sum::<usize>(), 2);
    // It is the same database, in another run of the server.
    let after = housing.connector.health().await.unwrap();
    assert_eq!(before.identity, after.identity);
    assert_ne!(before.started, after.started);
}

/// A slot that keeps more than it may is found; dropped and made anew by an explicit act it keeps nothing.
#[tokio::test]
async fn a_slot_that_keeps_too_much_is_found() {
    let mut housing = Housing::new().await;
    housing.connector = PostgresConnector::new(
        settings(&housing.server, "slot_bytes_max = 1000000\n"),
        vec![gongxin_connector_api::contract::bound()],
    );
    assert!(housing.connector.health().await.unwrap().findings.is_empty());
    housing.run("INSERT INTO estate (district, number, name) SELECT 'a', n, repeat('x', 500) FROM generate_series(1, 5000) n").await;
    let health = housing.connector.health().await.unwrap();
    assert!(health.kept > health.kept_max && health.findings.iter().any(|finding| finding.problem == Problem::Backlog));
    housing.connector.drop_slot().await.unwrap();
    housing.connector.create_slot().await.unwrap();
    assert!(housing.connector.health().await.unwrap().findings.is_empty());
}

/// A slot that the server itself gave up (`max_slot_wal_keep_size`) is told as lost, not followed from somewhere else.
#[tokio::test]
async fn a_slot_that_the_server_gave_up_is_told() {
    let server =
        crate::server::Server::start_with("max_slot_wal_keep_size = 1MB\nmax_wal_size = 2MB\nmin_wal_size = 2MB\n")
            .await;
    let mut housing = Housing::installed(server, crate::department::TABLE).await;
    housing.commit(vec![Step::Insert(row("a", 1, "one"))]).await;
    let (_, end) = drain(&housing.connector, None, 1).await;
    for round in 0..20 {
        housing.run(&format!("INSERT INTO estate (district, number, name) SELECT 'r{round}', n, repeat('x', 1000) FROM generate_series(1, 1000) n")).await;
        housing.run("CHECKPOINT").await;
    }
    let lost = housing.connector.changes(Some(end)).await.map(|_| ());
    assert!(matches!(lost, Err(ConnectorError::NotInstalled { .. })), "{lost:?}");
    let findings = housing.connector.health().await.unwrap().findings;
    assert!(
        findings.iter().any(|finding| finding.problem == Problem::Slot && finding.what.contains("lost")),
        "{findings:?}"
    );
}

/// Other tables are busy and ours are not: the slot moves on with what we confirm, and does not keep their log.
#[tokio::test]
async fn an_idle_register_beside_a_busy_one() {
    let housing = Housing::new().await;
    housing
        .run("CREATE TABLE busy (x text); INSERT INTO busy SELECT repeat('x', 1000) FROM generate_series(1, 2000)")
        .await;
    let written = housing.connector.health().await.unwrap().position;
    let mut changes = housing.connector.changes(None).await.unwrap();
    let position = loop {
        match changes.next().await.unwrap() {
            Event::Idle { position } if position >= written => break position,
            Event::Idle { position } => changes.confirm(position).await.unwrap(),
            event => panic!("{event:?}"),
        }
    };
    changes.confirm(position).await.unwrap();
    while housing.connector.health().await.unwrap().confirmed < Some(written) {}
}
