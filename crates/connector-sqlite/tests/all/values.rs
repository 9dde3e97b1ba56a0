//! Rows that have no canonical form: each is named by column and reason, and the others are read.

use gongxin_connector_api::contract::{Department as _, Step, bound, drain, key, row};
use gongxin_connector_api::{ChangeKind, Connector as _, Reason};

use crate::department::Housing;

/// Whatever a column of SQLite can hold against its field: the row is named, its neighbours are read, in a pass and as changes.
#[tokio::test]
async fn each_fault_names_its_column() {
    let mut housing = Housing::new().await;
    let cases = [
        ("name", "CAST(X'FF41' AS TEXT)", Reason::NotUtf8),
        ("name", "X'00'", Reason::WrongType),
        ("name", "CAST(zeroblob(70000) AS TEXT)", Reason::TooLong),
        ("mortgaged", "2", Reason::OutOfRange),
        ("mortgaged", "'yes'", Reason::WrongType),
        ("built", "'2023-02-29'", Reason::Instant),
        ("built", "'0000-01-01'", Reason::Instant),
        ("area", "'1.005'", Reason::Decimal),
        ("area", "'NaN'", Reason::Decimal),
        ("area", "X'31'", Reason::WrongType),
        ("surveyed", "'2024-05-06T07:08:09Z'", Reason::Instant),
        ("registered", "'2024-05-06T07:08:09'", Reason::Instant),
        ("registered", "'9999-12-31T23:59:59-08:00'", Reason::Instant),
    ];
    for (number, (field, value, reason)) in cases.into_iter().enumerate() {
        let good = row("b", 1, "good");
        housing.commit(vec![Step::Insert(row("a", 7, "bad")), Step::Insert(good.clone())]).await;
        let column = bound().columns().iter().find(|column| column.field.as_str() == field).unwrap().column.clone();
        housing
            .application
            .execute_batch(&format!("UPDATE estate SET {column} = {value} WHERE district = 'a'"))
            .unwrap();
        let mut snapshot = housing.connector.snapshot(&bound().resource.id, None).await.unwrap();
        let rows = snapshot.page().await.unwrap().rows;
        let fault = rows[0].as_ref().unwrap_err();
        assert_eq!(fault.at.as_ref().map(|(field, _)| field.as_str()), Some(field), "case {number}");
        assert_eq!((fault.reason, fault.key.as_ref()), (reason, Some(&key(&row("a", 7, "bad")))), "case {number}");
        assert!(!fault.to_string().contains("bad") && fault.to_string().contains(column.as_str()));
        assert_eq!(rows[1].as_ref().unwrap().row, good);
        housing.application.execute("DELETE FROM estate", []).unwrap();
    }
    let (batches, _) = drain(&housing.connector, None, cases_seen()).await;
    let changes = batches.iter().flat_map(|batch| &batch.changes);
    let unreadable = changes.filter(|change| matches!(change.kind, ChangeKind::Unreadable(_))).count();
    assert_eq!(unreadable, 13);
}

/// Two rows, an update, and two deletions for each of the thirteen cases.
fn cases_seen() -> usize {
    13 * 5
}

/// A key that is NULL, and an integer beyond 64 bits, which SQLite makes a fraction of: the row before it says where it is.
#[tokio::test]
async fn a_key_that_cannot_be_read_is_named_by_its_place() {
    let table = "CREATE TABLE estate (district, number, name, mortgaged, built, area_m2, surveyed, registered)";
    let mut housing = Housing::bare(table);
    housing.connector.install().await.unwrap();
    housing.commit(vec![Step::Insert(row("a", 1, "one"))]).await;
    housing.application.execute_batch("INSERT INTO estate (district) VALUES ('b')").unwrap();
    housing
        .application
        .execute_batch("INSERT INTO estate (district, number) VALUES ('c', 9223372036854775808)")
        .unwrap();
    housing.commit(vec![Step::Insert(row("d", 1, "four"))]).await;
    let mut snapshot = housing.connector.snapshot(&bound().resource.id, None).await.unwrap();
    let rows = snapshot.page().await.unwrap().rows;
    let reasons: Vec<Option<Reason>> = rows.iter().map(|row| row.as_ref().err().map(|fault| fault.reason)).collect();
    assert_eq!(reasons, vec![None, Some(Reason::Missing), Some(Reason::WrongType), None]);
    let after: Vec<_> = rows.iter().filter_map(|row| row.as_ref().err()).map(|fault| fault.after.clone()).collect();
    assert_eq!(after, vec![Some(key(&row("a", 1, "one"))); 2]);
    let findings = housing.connector.check().await.unwrap();
    let problems: Vec<_> = findings.iter().map(|finding| finding.problem).collect();
    use gongxin_connector_api::Problem::{KeyNotUnique, KeyNullable};
    assert_eq!(problems, vec![KeyNullable, KeyNullable, KeyNotUnique]);
}
