//! Rows that have no canonical form: each is named by column and reason, and the others are read, in a pass and as changes.

use gongxin_connector_api::contract::{Department as _, Step, bound, drain, key, row};
use gongxin_connector_api::{ChangeKind, Connector as _, Problem, Reason};

use crate::department::{Housing, TABLE};
use crate::server::Server;

/// Values that PostgreSQL holds and a canonical row does not.
#[tokio::test]
async fn each_fault_names_its_column() {
    let mut housing = Housing::new().await;
    let good = row("b", 1, "good");
    housing.commit(vec![Step::Insert(row("a", 7, "bad")), Step::Insert(good.clone())]).await;
    let (_, mut end) = drain(&housing.connector, None, 2).await;
    let cases = [
        ("name", "repeat('x', 65537)", Reason::TooLong),
        ("built", "'infinity'", Reason::OutOfRange),
        ("built", "'0044-03-15 BC'", Reason::OutOfRange),
        ("built", "'10000-01-01'", Reason::OutOfRange),
        ("area", "'NaN'", Reason::OutOfRange),
        ("area", "'Infinity'", Reason::OutOfRange),
        ("area", "1.005", Reason::Decimal),
        ("area", "1e80", Reason::OutOfRange),
        ("surveyed", "'-infinity'", Reason::OutOfRange),
        ("registered", "'infinity'", Reason::OutOfRange),
        ("registered", "'20000-01-01'", Reason::OutOfRange),
    ];
    for (field, value, reason) in cases {
        let column = bound().columns().iter().find(|column| column.field.as_str() == field).unwrap().column.clone();
        housing.run(&format!("UPDATE estate SET {column} = {value} WHERE district = 'a'")).await;
        let (batches, next) = drain(&housing.connector, Some(end), 1).await;
        end = next;
        let ChangeKind::Unreadable(told) = &batches[0].changes[0].kind else { panic!("{field} {value}") };
        let mut snapshot = housing.connector.snapshot(&bound().resource.id, None).await.unwrap();
        let rows = snapshot.page().await.unwrap().rows;
        let read = rows[0].as_ref().unwrap_err();
        for fault in [told, read] {
            assert_eq!(fault.at.as_ref().map(|(field, _)| field.as_str()), Some(field), "{value}");
            assert_eq!(
                (fault.reason, fault.key.as_ref()),
                (reason, Some(&key(&row("a", 7, "bad")))),
                "{field} {value}"
            );
            assert!(!format!("{fault} {fault:?}").contains("bad"));
        }
        assert_eq!(rows[1].as_ref().unwrap().row, good);
        housing.run(&format!("UPDATE estate SET {column} = NULL WHERE district = 'a'")).await;
        end = drain(&housing.connector, Some(end), 1).await.1;
    }
}

/// A session's zone and style change nothing: an instant is one text, whoever wrote and whoever reads it.
#[tokio::test]
async fn zones_and_styles_change_nothing() {
    let housing = Housing::new().await;
    housing.run("ALTER DATABASE housing SET TimeZone = 'America/New_York'; ALTER DATABASE housing SET DateStyle = 'SQL, DMY'").await;
    housing
        .run(
            "SET TimeZone = 'Asia/Shanghai'; INSERT INTO estate (district, number, built, surveyed, registered)
        VALUES ('a', 1, '2024-02-29', '2024-05-06 07:08:09.5', '2024-05-06 07:08:09.000001')",
        )
        .await;
    let (batches, _) = drain(&housing.connector, None, 1).await;
    let ChangeKind::Created { row: gongxin_connector_api::NewRow::Whole(told), key } = &batches[0].changes[0].kind
    else {
        panic!()
    };
    let texts: Vec<String> = told.0.iter().map(gongxin_types::row::Value::key_text).collect();
    assert_eq!(texts[4..], ["2024-02-29", "\0", "2024-05-06T07:08:09.500000", "2024-05-05T23:08:09.000001Z"]);
    let read = housing.connector.row(&bound().resource.id, key).await.unwrap();
    assert_eq!(read.as_ref(), Some(told));
}

/// A database without an encoding holds bytes that are no text: the row is named, in a pass and as a change, and the next is read.
#[tokio::test]
async fn bytes_that_are_not_utf8() {
    let mut housing = Housing::bare(Server::start().await, TABLE).await;
    housing.application = housing.server.admin("postgres").await;
    housing.run("DROP DATABASE housing WITH (FORCE)").await;
    housing.run("CREATE DATABASE housing TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'").await;
    housing.application = housing.server.admin("housing").await;
    housing.run(TABLE).await;
    housing.install(&[bound()]).await;
    housing.restart();
    housing.connector.create_slot().await.unwrap();
    housing
        .run("INSERT INTO estate (district, number, name) VALUES ('a', 1, E'\\xd6\\xd0'), ('b', 2, E'\\xe4\\xb8\\xad')")
        .await;
    let (batches, _) = drain(&housing.connector, None, 2).await;
    let kinds: Vec<_> = batches.iter().flat_map(|batch| &batch.changes).map(|change| &change.kind).collect();
    assert!(matches!(kinds[0], ChangeKind::Unreadable(fault) if fault.reason == Reason::NotUtf8), "{kinds:?}");
    assert!(matches!(kinds[1], ChangeKind::Created { .. }), "{kinds:?}");
    let mut snapshot = housing.connector.snapshot(&bound().resource.id, None).await.unwrap();
    let rows = snapshot.page().await.unwrap().rows;
    assert_eq!(rows[0].as_ref().unwrap_err().reason, Reason::NotUtf8);
    assert_eq!(rows[1].as_ref().unwrap().row.0[2].key_text(), "中");
    let findings = housing.connector.check().await.unwrap();
    assert!(findings.iter().any(|finding| finding.problem == Problem::Encoding), "{findings:?}");
}

/// Keys that are NULL or there twice, where no index forbids it: a pass names them, and reads what is around them.
#[tokio::test]
async fn keys_that_are_null_or_there_twice() {
    let table = TABLE.replace(", PRIMARY KEY (district, number)", "");
    let housing = Housing::bare(Server::start().await, &table).await;
    housing.run("GRANT SELECT ON estate TO gongxin; INSERT INTO estate (district, number) VALUES ('b', 1), ('b', 1), ('a', 1), (NULL, 4)").await;
    let mut snapshot = housing.connector.snapshot(&bound().resource.id, None).await.unwrap();
    let rows = snapshot.page().await.unwrap().rows;
    let keys: Vec<_> =
        rows.iter().filter_map(|row| row.as_ref().ok()).map(|row| row.key.values()[0].key_text()).collect();
    assert_eq!(keys, ["a", "b", "b"]);
    let fault = rows[3].as_ref().unwrap_err();
    assert_eq!((fault.reason, fault.key.as_ref()), (Reason::Missing, None));
    assert!(fault.after.is_some());
}

/// Decimals of every size and scale are read from their binary form as the server itself prints them.
#[tokio::test]
async fn decimals_are_read_as_the_server_prints_them() {
    let server = Server::start().await;
    let client = server.admin("postgres").await;
    let numbers = "SELECT x::text, numeric_send(x) FROM (
        SELECT (n * 7919 % 100003)::numeric * power(10::numeric, n % 23 - 12) * (CASE WHEN n % 2 = 0 THEN 1 ELSE -1 END) FROM generate_series(0, 3000) n
        UNION ALL SELECT round((n * 31)::numeric / 7, n % 12) FROM generate_series(0, 1000) n
        UNION ALL VALUES (0), (0.0), (0.000), (10000), (100000000), (0.0001), (0.00001), (1e40), (-1e-20)) AS t (x)";
    let rows = client.query(numbers, &[]).await.unwrap();
    assert_eq!(rows.len(), 4_011);
    for row in rows {
        let (printed, sent): (String, Vec<u8>) = (row.get(0), row.get(1));
        assert_eq!(gongxin_connector_postgres::numeric::to_text(&sent), Some(printed));
    }
    for odd in ["'NaN'", "'Infinity'", "'-Infinity'", "1e100", "1e-100"] {
        let sent: Vec<u8> =
            client.query_one(&format!("SELECT numeric_send({odd}::numeric)"), &[]).await.unwrap().get(0);
        assert_eq!(gongxin_connector_postgres::numeric::to_text(&sent), None, "{odd}");
    }
}
