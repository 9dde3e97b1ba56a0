//! Work that takes a while: a bulk load that is read slowly, and a minute's worth of ordinary traffic without a false finding.

use std::collections::BTreeMap;

use gongxin_connector_api::contract::{bound, drain};
use gongxin_connector_api::{ChangeKind, Connector as _, Event, NewRow};

use crate::department::Housing;

/// 60,000 rows in one transaction, while nobody reads: the server keeps them, its other work goes on, and none is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_load_waits_for_a_slow_reader() {
    let housing = Housing::new().await;
    let mut changes = housing.connector.changes(None).await.unwrap();
    housing.run("INSERT INTO estate (district, number, name) SELECT 'bulk', n, repeat('x', 100) FROM generate_series(1, 60000) n").await;
    // The stream is open and nobody reads: a write is answered all the same.
    housing.run("INSERT INTO estate (district, number) VALUES ('after', 1)").await;
    let (mut numbers, mut ends) = (Vec::new(), 0);
    while ends < 2 {
        if let Event::Changes(batch) = changes.next().await.unwrap() {
            ends += usize::from(batch.end.is_some());
            numbers.extend(batch.changes.iter().map(|change| match &change.kind {
                ChangeKind::Created { key, .. } => key.values()[1].clone(),
                other => panic!("{other:?}"),
            }));
        }
    }
    assert_eq!(numbers.len(), 60_001);
    let in_order = (1..=60_000).map(gongxin_types::row::Value::Integer).chain([gongxin_types::row::Value::Integer(1)]);
    assert!(numbers.into_iter().eq(in_order));
}

/// Eight clients insert, update and delete at random: what follows from the changes is what a pass reads, to the last row.
#[tokio::test(flavor = "multi_thread")]
async fn ordinary_traffic_makes_no_false_finding() {
    let housing = Housing::new().await;
    housing
        .run("INSERT INTO estate (district, number, name) SELECT 'a', n, 'begin' FROM generate_series(1, 500) n")
        .await;
    let mut clients = Vec::new();
    for client in 0..8 {
        let connection = housing.server.admin("housing").await;
        clients.push(tokio::spawn(async move {
            for step in 0..150 {
                let number = (client * 7_919 + step * 104_729) % 600 + 1;
                let statement = match step % 3 {
                    0 => format!("INSERT INTO estate (district, number, name) VALUES ('a', {number}, 'new {step}') ON CONFLICT DO NOTHING"),
                    1 => format!("UPDATE estate SET name = 'client {client} step {step}' WHERE number = {number}"),
                    _ => format!("DELETE FROM estate WHERE number = {number}"),
                };
                connection.batch_execute(&statement).await.unwrap();
            }
        }));
    }
    for client in clients {
        client.await.unwrap();
    }
    housing.run("INSERT INTO estate (district, number) VALUES ('end', 1)").await;
    let mut register = BTreeMap::new();
    let mut changes = housing.connector.changes(None).await.unwrap();
    let mut is_over = false;
    while !is_over {
        let Event::Changes(batch) = changes.next().await.unwrap() else { continue };
        for change in batch.changes {
            match change.kind {
                ChangeKind::Created { key, row: NewRow::Whole(row) } => {
                    is_over |= key.values()[0].key_text() == "end";
                    assert_eq!(register.insert(key, row), None, "created twice");
                }
                ChangeKind::Updated { key, row: NewRow::Whole(row) } => {
                    assert!(register.insert(key, row).is_some(), "updated, and never created");
                }
                ChangeKind::Deleted { key } => assert!(register.remove(&key).is_some(), "deleted, and never created"),
                other => panic!("{other:?}"),
            }
        }
    }
    let mut snapshot = housing.connector.snapshot(&bound().resource.id, None).await.unwrap();
    let page = snapshot.page().await.unwrap();
    assert!(page.last);
    let rows: Vec<_> = page.rows.into_iter().map(|row| row.unwrap()).map(|row| (row.key, row.row)).collect();
    assert_eq!(rows, register.into_iter().collect::<Vec<_>>());
}

/// A long value that did not change is not in the stream: the change says so, and the version before completes it. With
/// `REPLICA IDENTITY FULL` it is whole.
#[tokio::test]
async fn long_values_that_did_not_change() {
    let housing = Housing::new().await;
    housing.run("ALTER TABLE estate ALTER name SET STORAGE EXTERNAL").await;
    housing.run("INSERT INTO estate (district, number, name) VALUES ('a', 1, repeat('長', 5000))").await;
    let (first, end) = drain(&housing.connector, None, 1).await;
    let ChangeKind::Created { row: NewRow::Whole(before), .. } = &first[0].changes[0].kind else { panic!() };
    housing.run("UPDATE estate SET mortgaged = true").await;
    let (second, end) = drain(&housing.connector, Some(end), 1).await;
    let ChangeKind::Updated { row, .. } = &second[0].changes[0].kind else { panic!() };
    assert!(matches!(row, NewRow::Partial { .. }));
    assert!(row.clone().complete(None, &bound()).unwrap_err().to_string().contains("name"));
    let now = housing.connector.row(&bound().resource.id, &gongxin_connector_api::contract::key(before)).await.unwrap();
    assert_eq!(Some(row.clone().complete(Some(before), &bound()).unwrap()), now);
    housing.run("ALTER PUBLICATION gongxin_housing SET TABLE estate; ALTER TABLE estate REPLICA IDENTITY FULL").await;
    housing.run("UPDATE estate SET mortgaged = false").await;
    let (third, _) = drain(&housing.connector, Some(end), 1).await;
    assert!(matches!(&third[0].changes[0].kind, ChangeKind::Updated { row: NewRow::Whole(_), .. }));
}
